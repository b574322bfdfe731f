//! Losses and metrics as kernel calls.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::super::numbers::{double, float, size};
use super::{Steps, classes, list};
use crate::model::{Loss, Metric};
use crate::plan::{BufferId, Expected, Op};

impl Steps<'_, '_> {
    pub(super) fn has_several_targets(&self) -> bool {
        self.writer.compiled.model.train.as_ref().is_some_and(|train| train.targets.len() > 1)
    }

    /// The rows that an output is compared with; of a class among several targets, an iterator.
    pub(super) fn expected(&self, t: Expected) -> TokenStream {
        let index = syn::Index::from(t.target);
        match t.gathered {
            Some(gathered) => self.view(gathered),
            None if self.has_several_targets() => quote! { targets.iter().map(|row| row.#index) },
            None if t.is_class => quote! { targets },
            None => quote! { rows(target, n) },
        }
    }

    pub(super) fn loss(&mut self, op: &Op) -> TokenStream {
        let Op::Loss { loss, class_weights, weight, y, t, gradient, .. } = *op else { return quote! {} };
        let (width, predicted, targets) = (self.width(y), self.view(y), self.expected(t));
        // What the mean over rows is multiplied by to become one by their weights.
        let factor = class_weights.map(|index| {
            let index = size(index);
            if gradient.is_some() {
                quote! { pass.factors[#index] }
            } else {
                quote! { factors[#index] }
            }
        });
        let (scale, gradient) = match gradient {
            None => (quote! { 1.0 }, quote! { None }),
            Some(gradient) => {
                let weight = (weight != 1.0).then(|| float(weight)).map(|weight| quote! { #weight * });
                let factor = factor.as_ref().map(|factor| quote! { #factor * });
                let gradient = self.view_mut(gradient);
                (quote! { #weight #factor pass.scale }, quote! { Some(#gradient) })
            }
        };
        let (kernel, generics, fields) = self.loss_kernel(loss, class_weights, t, width, quote! { #targets });
        let first = if loss_takes_logits(loss) {
            quote! { logits }
        } else {
            quote! { y }
        };
        let (kernel, run) = (format_ident!("{kernel}"), self.run());
        let fields = quote! { #first: #predicted, #fields, scale: #scale, gradient: #gradient };
        let call = quote! { #run(nn::losses::#kernel::<#generics> { #fields }) };
        let weight = (weight != 1.0).then(|| double(weight)).map(|weight| quote! { #weight * });
        let factor = factor.map(|factor| quote! { f64::from(#factor) * });
        quote! { loss += #weight #factor #call; }
    }

    /// The kernel of a loss, its generics, and the fields that it has besides outputs, scale and gradient.
    pub(super) fn loss_kernel(
        &self,
        loss: Loss,
        class_weights: Option<usize>,
        t: Expected,
        width: Literal,
        targets: TokenStream,
    ) -> (&'static str, TokenStream, TokenStream) {
        let plain = |kernel, fields: TokenStream| (kernel, quote! { #width }, fields);
        match loss {
            Loss::CrossEntropy { label_smoothing: 0.0 } if class_weights.is_none() && self.has_several_targets() => {
                ("CrossEntropyOf", quote! { #width, _ }, quote! { classes: #targets })
            }
            Loss::CrossEntropy { label_smoothing: 0.0 } if class_weights.is_none() => {
                plain("CrossEntropy", quote! { targets })
            }
            Loss::CrossEntropy { label_smoothing } => {
                let classes = classes(t.target, self.has_several_targets());
                let smoothing = float(label_smoothing);
                let weights = match class_weights {
                    Some(index) => list(&self.plan.class_weights[index]),
                    None => quote! { [1.0; #width] },
                };
                let fields = quote! { classes: #classes, smoothing: #smoothing, weights: &#weights };
                ("SmoothedCrossEntropy", quote! { #width, _ }, fields)
            }
            Loss::BinaryCrossEntropy { label_smoothing: 0.0, positive_weight: 1.0 } => {
                plain("BinaryCrossEntropy", quote! { targets: #targets })
            }
            Loss::BinaryCrossEntropy { label_smoothing, positive_weight } => {
                let (smoothing, weight) = (float(label_smoothing), float(positive_weight));
                let fields = quote! { targets: #targets, smoothing: #smoothing, positive_weight: #weight };
                plain("SmoothedBinaryCrossEntropy", fields)
            }
            Loss::Mse => plain("MeanSquaredError", quote! { targets: #targets }),
            Loss::SquaredError => plain("SquaredError", quote! { targets: #targets }),
            Loss::Mae => plain("MeanAbsoluteError", quote! { targets: #targets }),
            Loss::Huber { delta } => {
                let delta = float(delta);
                plain("Huber", quote! { targets: #targets, delta: #delta })
            }
            Loss::Perceptron => plain("Perceptron", quote! { targets: #targets }),
        }
    }

    pub(super) fn metric(
        &mut self,
        metric: Metric,
        index: usize,
        y: BufferId,
        t: Expected,
        threshold: f64,
    ) -> TokenStream {
        let (width, predicted, index, targets) = (self.width(y), self.view(y), size(index), self.expected(t));
        let value = match metric {
            Metric::Accuracy if t.is_class && self.has_several_targets() => {
                quote! { class_accuracy_of::<#width>(#predicted, #targets) }
            }
            Metric::Accuracy if t.is_class => quote! { class_accuracy::<#width>(#predicted, #targets) },
            Metric::Accuracy => {
                let threshold = float(threshold);
                quote! { binary_accuracy::<#width>(#predicted, #targets, #threshold) }
            }
            Metric::Mae => quote! { mean_absolute_error::<#width>(#predicted, #targets) },
            Metric::Mse => quote! { mean_squared_error::<#width>(#predicted, #targets) },
        };
        quote! { metrics[#index] += nn::metrics::#value; }
    }
}

/// Whether the kernel of a loss calls what it takes logits.
fn loss_takes_logits(loss: Loss) -> bool {
    matches!(loss, Loss::CrossEntropy { .. } | Loss::BinaryCrossEntropy { .. })
}
