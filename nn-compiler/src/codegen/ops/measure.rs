//! Losses and metrics as kernel calls.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::codegen::names::classes;
use crate::codegen::numbers::{double, float, list, size};
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{AddLoss, AddMetric, Expected};
use crate::vocabulary::{Loss, Metric};

impl Emit for AddLoss {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let Self { loss, class_weights, weight, y, t, gradient, of: _, sum: _ } = *self;
        let rows = Rows { weighted: steps.row_weights().is_some() };
        let (width, predicted, targets) = (steps.width(y), rows.of(steps.view(y)), rows.expected(steps, t));
        // The factor that turns the mean over rows into a weighted mean.
        let factor = class_weights.map(|index| {
            let index = size(index);
            if gradient.is_some() {
                quote! { pass.factors[#index] }
            } else {
                quote! { factors[#index] }
            }
        });
        let row = rows.weighted.then(|| quote! { weight * });
        let (scale, gradient) = match gradient {
            None => (quote! { 1.0 }, quote! { None }),
            Some(gradient) => {
                let weight = (weight != 1.0).then(|| float(weight)).map(|weight| quote! { #weight * });
                let factor = factor.as_ref().map(|factor| quote! { #factor * });
                let gradient = rows.of_mut(steps.view_mut(gradient));
                (quote! { #row #weight #factor pass.scale }, quote! { Some(#gradient) })
            }
        };
        let (kernel, generics, fields) = kernel(steps, loss, class_weights, t, width, quote! { #targets });
        let first = if loss.takes_logits() {
            quote! { logits }
        } else {
            quote! { y }
        };
        let (kernel, run) = (format_ident!("{kernel}"), steps.run());
        let fields = quote! { #first: #predicted, #fields, scale: #scale, gradient: #gradient };
        let call = quote! { #run(nn::losses::#kernel::<#generics> { #fields }) };
        let weight = (weight != 1.0).then(|| double(weight)).map(|weight| quote! { #weight * });
        let factor = factor.map(|factor| quote! { (#factor as f64) * });
        let row = row.map(|_| quote! { (weight as f64) * });
        let sum = quote! { loss += #row #weight #factor #call; };
        match steps.row_weights() {
            None => sum,
            Some(weights) => {
                let of_part = t.is_class.then(|| quote! { let targets = &targets[Clone::clone(&part)]; });
                quote! {
                    for (part, weight) in nn::row_weights::parts(#weights, n) {
                        #of_part
                        #sum
                    }
                }
            }
        }
    }
}

/// The rows that a loss takes at once: all, or the neighbours of equal weight in `part`.
struct Rows {
    weighted: bool,
}

impl Rows {
    fn of(&self, view: TokenStream) -> TokenStream {
        if self.weighted {
            quote! { &#view[Clone::clone(&part)] }
        } else {
            view
        }
    }

    fn of_mut(&self, view: TokenStream) -> TokenStream {
        if self.weighted {
            quote! { &mut #view[Clone::clone(&part)] }
        } else {
            view
        }
    }

    /// Classes are cut before.
    fn expected(&self, steps: &Steps, t: Expected) -> TokenStream {
        if t.is_class { expected(steps, t) } else { self.of(expected(steps, t)) }
    }
}

impl Emit for AddMetric {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, predicted, index) = (steps.width(self.y), steps.view(self.y), size(self.sum.0));
        let targets = expected(steps, self.t);
        let value = match self.metric {
            Metric::Accuracy if self.t.is_class && has_several_targets(steps) => {
                quote! { class_accuracy_of::<#width>(#predicted, #targets) }
            }
            Metric::Accuracy if self.t.is_class => quote! { class_accuracy::<#width>(#predicted, #targets) },
            Metric::Accuracy => {
                let threshold = float(self.threshold);
                quote! { binary_accuracy::<#width>(#predicted, #targets, #threshold) }
            }
            Metric::Mae => quote! { mean_absolute_error::<#width>(#predicted, #targets) },
            Metric::Mse => quote! { mean_squared_error::<#width>(#predicted, #targets) },
        };
        quote! { metrics[#index] += nn::metrics::#value; }
    }
}

fn has_several_targets(steps: &Steps) -> bool {
    steps.compiled().model.train.as_ref().is_some_and(|train| train.targets.len() > 1)
}

/// The rows that an output is compared with; of a class among several targets, an iterator.
fn expected(steps: &Steps, t: Expected) -> TokenStream {
    match t.gathered {
        Some(gathered) => steps.view(gathered),
        None if has_several_targets(steps) => classes(t.target, true),
        None if t.is_class => quote! { targets },
        None => quote! { rows(target, n) },
    }
}

/// The kernel of a loss, its generics, and the fields that it has besides outputs, scale and gradient.
fn kernel(
    steps: &Steps,
    loss: Loss,
    class_weights: Option<usize>,
    t: Expected,
    width: Literal,
    targets: TokenStream,
) -> (&'static str, TokenStream, TokenStream) {
    let plain = |kernel, fields: TokenStream| (kernel, quote! { #width }, fields);
    match loss {
        Loss::CrossEntropy { label_smoothing: 0.0 } if class_weights.is_none() && has_several_targets(steps) => {
            ("CrossEntropyOf", quote! { #width, _ }, quote! { classes: #targets })
        }
        Loss::CrossEntropy { label_smoothing: 0.0 } if class_weights.is_none() => {
            plain("CrossEntropy", quote! { targets })
        }
        Loss::CrossEntropy { label_smoothing } => {
            let classes = classes(t.target, has_several_targets(steps));
            let smoothing = float(label_smoothing);
            let weights = match class_weights {
                Some(index) => list(&steps.plan().class_weights[index]),
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
