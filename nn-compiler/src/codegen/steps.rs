//! The steps of a plan as kernel calls.

mod activation;
mod conv;
mod dense;
mod embedding;
mod layer_norm;
mod losses;
mod moves;
mod norms;
mod pools;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

pub use norms::moments_block;

use super::numbers::{float, size};
use super::panels::Panels;
use super::{Writer, comments, flattened};
use crate::plan::{BufferId, Dispatch, Extent, Op, Place, Plan, Step, TensorId};

/// Up to so many steps, the instruction set is chosen in line at each kernel; in longer plans the calls would be most of what
/// is compiled. 200 `dense(16) -> relu` with Adam: 11 instead of 16 s of CPU.
const MOST_STEPS_INLINE: usize = 64;

/// Emits the steps of one plan inside one function.
pub struct Steps<'w, 'a> {
    writer: &'w mut Writer<'a>,
    plan: &'a Plan,
    dispatch: Dispatch,
    /// Of weights that a predictor may have copied together.
    panels: &'w [Panels<'a>],
    /// Whether threads share the step that is being written.
    shared: bool,
}

impl<'w, 'a> Steps<'w, 'a> {
    /// For the steps of `plan`, in the body that it chose.
    pub fn new(writer: &'w mut Writer<'a>, plan: &'a Plan) -> Self {
        Self { writer, plan, dispatch: plan.dispatch, panels: &[], shared: false }
    }

    /// For the steps of `plan` where they are not in haste.
    pub fn apart(writer: &'w mut Writer<'a>, plan: &'a Plan) -> Self {
        Self { writer, plan, dispatch: Dispatch::Kernels, panels: &[], shared: false }
    }

    /// With the panels of some of its layers.
    pub fn with_panels(self, panels: &'w [Panels<'a>]) -> Self {
        Self { panels, ..self }
    }

    /// `let n = …;`, the views of the caller's rows, and the slots.
    pub fn preamble(&self, scratch: TokenStream) -> TokenStream {
        let model = &self.writer.compiled.model;
        let input = match model.inputs[..] {
            [only] => {
                let dimensions = self.writer.compiled.shapes.of(only).0.len();
                let input = flattened(quote! { inputs }, dimensions, false);
                quote! { let input = #input; }
            }
            _ => quote! {},
        };
        let sizes = self.plan.slots();
        let names = (0..sizes.len()).map(slot);
        let lengths = sizes.iter().map(|slot| {
            let length = size(slot.per_row.max(slot.fixed));
            if slot.per_row > 0 {
                quote! { n * #length }
            } else {
                quote! { #length }
            }
        });
        let slots = (!sizes.is_empty()).then(|| quote! { let [#(#names),*] = split(#scratch, [#(#lengths),*]); });
        quote! {
            let n = inputs.len();
            #input
            #slots
        }
    }

    /// Every step in order.
    pub fn all(&mut self) -> TokenStream {
        let plan = self.plan;
        plan.steps.iter().map(|step| self.step(step)).collect()
    }

    /// The forward steps in order; after each, a look at what it wrote.
    pub fn checked_forward(&mut self) -> TokenStream {
        let plan = self.plan;
        let steps = plan.steps[..plan.forward].iter().map(|step| {
            let code = self.step(step);
            let checks = step.op.writes().into_iter().filter(|write| self.is_rows(*write)).map(|write| {
                let (width, rows, label) = (size(self.plan.width(write)), self.view(write), &step.label);
                quote! {
                    if nn::row::first_non_finite::<[f32; #width]>(#rows).is_some() {
                        return Some(#label);
                    }
                }
            });
            quote! { #code #(#checks)* }
        });
        steps.collect()
    }

    fn is_rows(&self, buffer: BufferId) -> bool {
        matches!(self.plan.buffer(buffer).extent, Extent::Rows(_))
    }

    fn step(&mut self, step: &Step) -> TokenStream {
        self.shared = step.shared;
        let code = self.op(&step.op);
        if self.writer.comments {
            let comment = format!("{}: {}", step.label, comments::formula(&step.op));
            return quote! { __comment!(#comment); #code };
        }
        code
    }

    /// The memory that a buffer lies in.
    fn memory(&self, buffer: BufferId) -> TokenStream {
        match self.plan.buffer(buffer).place {
            Place::Input(_) => quote! { input },
            Place::Output(_) => quote! { output },
            Place::Slot(index) => {
                let name = slot(index.unwrap_or_default());
                quote! { #name }
            }
        }
    }

    fn view(&self, buffer: BufferId) -> TokenStream {
        let memory = self.memory(buffer);
        if self.is_rows(buffer) {
            quote! { rows(#memory, n) }
        } else {
            quote! { vector(#memory) }
        }
    }

    fn view_mut(&self, buffer: BufferId) -> TokenStream {
        let memory = self.memory(buffer);
        if self.is_rows(buffer) {
            quote! { rows_mut(#memory, n) }
        } else {
            quote! { vector_mut(#memory) }
        }
    }

    fn width(&self, buffer: BufferId) -> Literal {
        size(self.plan.width(buffer))
    }

    fn vector(&self, tensor: TensorId) -> TokenStream {
        let offset = self.writer.offset(tensor);
        match self.writer.tensor(tensor).kind {
            crate::plan::TensorKind::Parameter => quote! { p.vector(#offset) },
            crate::plan::TensorKind::Statistic => quote! { t.vector(#offset) },
        }
    }

    /// The numbers of a row, and how many features they are of: as many as a tensor has numbers.
    fn of_features(&self, x: BufferId, tensor: TensorId) -> TokenStream {
        let (width, features) = (self.width(x), size(self.writer.tensor(tensor).len()));
        quote! { #width, #features }
    }

    /// The memory of a vector's gradient; what nobody reads where the vector is frozen.
    fn gradient(&self, tensor: TensorId) -> TokenStream {
        if self.writer.tensor(tensor).learns() {
            let offset = self.writer.offset(tensor);
            return quote! { gradients.vector_mut(#offset) };
        }
        let length = size(self.writer.tensor(tensor).len());
        quote! { &mut [0.0; #length] }
    }

    /// `let [dgamma, dbeta] = …;`
    fn norm_gradients(&self, gamma: TensorId, beta: TensorId) -> TokenStream {
        if self.writer.tensor(gamma).learns() {
            let parts = [self.writer.offset(gamma), self.writer.offset(beta)];
            return quote! { let [dgamma, dbeta] = gradients.vectors_mut([#(#parts),*]); };
        }
        let (gamma, beta) = (self.gradient(gamma), self.gradient(beta));
        quote! { let [dgamma, dbeta] = [#gamma, #beta]; }
    }

    /// What enters a kernel.
    fn run(&self) -> TokenStream {
        match self.dispatch {
            Dispatch::Kernels if self.shared => quote! { nn::threads::run },
            Dispatch::Kernels if self.plan.steps.len() > MOST_STEPS_INLINE => quote! { nn::isa::run_apart },
            Dispatch::Kernels => quote! { run },
            Dispatch::Whole => quote! { Kernel::run::<I> },
        }
    }

    /// `run(module::Kernel::<sizes> { fields });`
    fn call(&mut self, module: &'static str, kernel: &str, generics: TokenStream, fields: TokenStream) -> TokenStream {
        let (module, kernel) = (self.writer.layer(module), format_ident!("{kernel}"));
        let run = self.run();
        quote! { #run(#module::#kernel::<#generics> { #fields }); }
    }

    fn op(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Gather { .. }
            | Op::GatherTarget { .. }
            | Op::Scatter { .. }
            | Op::Copy { .. }
            | Op::Concat { .. }
            | Op::Take { .. } => self.moves(op),
            Op::Dense { .. } | Op::DenseGradient { .. } | Op::DenseInputGradient { .. } => self.dense(op),
            Op::Conv { .. }
            | Op::ConvWeightGradient { .. }
            | Op::ConvBiasGradient { .. }
            | Op::ConvInputGradient { .. } => self.conv(op),
            Op::CheckLoss | Op::DenseWeightUpdate { .. } | Op::DenseBiasUpdate { .. } | Op::Update { .. } => {
                self.update(op)
            }
            Op::MaxPool { .. } | Op::AvgPool { .. } | Op::MaxPoolGradient { .. } | Op::AvgPoolGradient { .. } => {
                self.pool(op)
            }
            Op::Activate { .. } | Op::ActivateGradient { .. } => self.activation(op),
            Op::Prelu { .. } | Op::PreluGradient { .. } => self.prelu(op),
            Op::Softmax { x, y } => self.two("softmax", *x, *y),
            Op::LogSoftmax { x, y } => self.two("log_softmax", *x, *y),
            Op::SoftmaxGradient { y, dy, dx } => self.softmax_gradient("softmax", *y, *dy, *dx),
            Op::LogSoftmaxGradient { y, dy, dx } => self.softmax_gradient("log_softmax", *y, *dy, *dx),
            Op::BatchNormTrain { .. }
            | Op::BatchNormEvaluate { .. }
            | Op::BatchNormGradient { .. }
            | Op::BatchNormEvaluateGradient { .. } => self.batch_norm(op),
            Op::Embedding { .. } | Op::EmbeddingGradient { .. } => self.embedding(op),
            Op::LayerNorm { .. } | Op::LayerNormGradient { .. } => self.layer_norm(op),
            Op::Dropout { .. } | Op::DropoutGradient { .. } => self.dropout(op),
            Op::Rescale { .. } | Op::RescaleGradient { .. } => self.rescale(op),
            Op::Normalize { .. } | Op::NormalizeGradient { .. } | Op::Observe { .. } => self.normalize(op),
            Op::Add { a, b, y } => self.merge("Add", *a, *b, *y),
            Op::Multiply { a, b, y } => self.merge("Multiply", *a, *b, *y),
            Op::Loss { .. } => self.loss(op),
            Op::Metric { metric, index, y, t, threshold } => self.metric(*metric, *index, *y, *t, *threshold),
        }
    }
}

/// `s0`, `s1`, …
fn slot(index: usize) -> Ident {
    format_ident!("s{index}")
}

/// The classes of all rows: an iterator.
pub(super) fn classes(target: usize, of_several: bool) -> TokenStream {
    let index = syn::Index::from(target);
    if of_several {
        quote! { targets.iter().map(|row| row.#index) }
    } else {
        quote! { targets.iter().copied() }
    }
}

/// An array of numbers.
pub(super) fn list(numbers: &[f64]) -> TokenStream {
    let numbers = numbers.iter().map(|number| float(*number));
    quote! { [#(#numbers),*] }
}
