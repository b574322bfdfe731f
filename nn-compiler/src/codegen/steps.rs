//! The steps of a plan as kernel calls: what the code of an operation may use.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::learning_rates;
use super::names::{flattened, slot};
use super::numbers::{float, size};
use super::panels::Panels;
use super::writer::Writer;
use crate::compiled::Compiled;
use crate::ids::{BufferId, TensorId};
use crate::labels::label;
use crate::plan::ops::{self, Derivative, Op, Plan, Step, operations};
use crate::plan::roles::{Accumulate, Read, Write};
use crate::plan::{Dispatch, Extent, Location, Operation, Tensor, TensorKind};
use crate::vocabulary::{Activation, Window};

/// The code of an operation: kernel calls on views of buffers and tensors.
pub trait Emit {
    /// Its code. The code of the steps before it has run.
    fn emit(&self, steps: &mut Steps) -> TokenStream;
}

macro_rules! dispatch {
    (forward: $($forward:ident),*; after: $($after:ident),*;) => {
        impl Emit for Op {
            fn emit(&self, steps: &mut Steps) -> TokenStream {
                match self {
                    $(Self::$forward(operation) => Emit::emit(operation as &ops::$forward, steps),)*
                    $(Self::$after(operation) => Emit::emit(operation as &ops::$after, steps),)*
                }
            }
        }
    };
}
operations!(dispatch);

/// Up to this many steps, the instruction set is chosen inline at each kernel; in longer plans
/// these calls would dominate the compile time. 200 `dense(16) -> relu` with Adam: 11 instead of 16
/// s of CPU.
const MOST_STEPS_INLINE: usize = 64;

/// Emits the steps of one plan inside one function.
pub struct Steps<'w, 'a> {
    writer: &'w mut Writer<'a>,
    plan: &'a Plan,
    dispatch: Dispatch,
    /// The weights that a predictor may have packed.
    panels: &'w [Panels<'a>],
    /// Whether threads share the step that is being written.
    shared: bool,
    /// The weights of the rows, `Option<&[f32]>`, where losses take them.
    row_weights: Option<TokenStream>,
}

impl<'w, 'a> Steps<'w, 'a> {
    /// For the steps of `plan`, in the body that it chose.
    pub fn new(writer: &'w mut Writer<'a>, plan: &'a Plan) -> Self {
        Self { writer, plan, dispatch: plan.dispatch, panels: &[], shared: false, row_weights: None }
    }

    /// For the steps of `plan` where speed does not matter: each kernel is entered separately.
    pub fn apart(writer: &'w mut Writer<'a>, plan: &'a Plan) -> Self {
        Self { dispatch: Dispatch::Kernels, ..Self::new(writer, plan) }
    }

    /// With the panels of some of its layers.
    pub fn with_panels(self, panels: &'w [Panels<'a>]) -> Self {
        Self { panels, ..self }
    }

    /// With the weights of the rows, if the losses take them.
    pub fn with_row_weights(self, row_weights: Option<TokenStream>) -> Self {
        Self { row_weights, ..self }
    }

    /// The weights of the rows, if the losses take them.
    pub fn row_weights(&self) -> Option<&TokenStream> {
        self.row_weights.as_ref()
    }

    /// `let n = …;`, the views of the caller's rows, and the slots.
    pub fn preamble(&mut self, scratch: TokenStream) -> TokenStream {
        let model = &self.writer.compiled.model;
        let input = match model.inputs[..] {
            [only] => {
                let dimensions = self.writer.compiled.shapes.of(only).0.len();
                let input = flattened(quote! { inputs }, dimensions, false);
                quote! { let input = #input; }
            }
            _ => quote! {},
        };
        let slots = self.slots(scratch);
        quote! {
            let n = inputs.len();
            #input
            #slots
        }
    }

    /// `let [s0, …] = …;`: the slots.
    pub fn slots(&mut self, scratch: TokenStream) -> TokenStream {
        let sizes = self.plan.slots();
        self.writer.slots = self.writer.slots.max(sizes.len());
        let names = (0..sizes.len()).map(slot);
        let lengths = sizes.iter().map(|slot| {
            let length = size(slot.per_row.max(slot.fixed));
            if slot.per_row > 0 {
                quote! { n * #length }
            } else {
                quote! { #length }
            }
        });
        if sizes.is_empty() {
            return quote! {};
        }
        quote! { let [#(#names),*] = split(#scratch, [#(#lengths),*]); }
    }

    /// Every step in order.
    pub fn all(&mut self) -> TokenStream {
        let plan = self.plan;
        plan.steps.iter().map(|step| self.step(step)).collect()
    }

    /// The forward steps in order; after each, a check of what it wrote.
    pub fn checked_forward(&mut self) -> TokenStream {
        let plan = self.plan;
        let steps = plan.steps[..plan.forward].iter().map(|step| {
            let code = self.step(step);
            let checks = step.op.writes().into_iter().filter(|write| self.is_rows(*write)).map(|write| {
                let (width, rows, label) = (size(self.plan.width(write)), self.view(Read(write)), self.label(step));
                quote! {
                    if let Some(_) = nn::row::first_non_finite::<[f32; #width]>(#rows) {
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

    /// The forward steps in order.
    pub fn forward(&mut self) -> TokenStream {
        let plan = self.plan;
        plan.steps[..plan.forward].iter().map(|step| self.step(step)).collect()
    }

    /// A step.
    pub fn step(&mut self, step: &Step) -> TokenStream {
        self.shared = step.shared;
        let code = step.op.emit(self);
        if self.writer.comments {
            let comment = format!("{}: {}", self.label(step), step.op.formula());
            return quote! { __comment!(#comment); #code };
        }
        code
    }

    fn label(&self, step: &Step) -> String {
        label(&self.writer.compiled.model, step.origin)
    }

    /// The network.
    pub fn compiled(&self) -> &'a Compiled {
        self.writer.compiled
    }

    /// The plan.
    pub fn plan(&self) -> &'a Plan {
        self.plan
    }

    /// The weights that a predictor may have packed.
    pub fn panels(&self) -> &'w [Panels<'a>] {
        self.panels
    }

    /// The memory that a buffer lies in.
    pub fn memory(&self, buffer: impl Into<BufferId>) -> TokenStream {
        match self.plan.buffer(buffer).location {
            Location::Input(_) => quote! { input },
            Location::Output(_) => quote! { output },
            Location::OutputGradient(_) => quote! { output_gradient },
            Location::Slot(index) => {
                let name = slot(index.unwrap_or_default());
                quote! { #name }
            }
        }
    }

    /// The rows of a buffer, or its numbers if their count is fixed.
    pub fn view(&self, buffer: Read) -> TokenStream {
        let memory = self.memory(buffer);
        if self.is_rows(buffer.0) {
            quote! { rows(#memory, n) }
        } else {
            quote! { vector(#memory) }
        }
    }

    /// Like [`view`](Self::view), to be written.
    pub fn view_mut(&self, buffer: Write) -> TokenStream {
        let memory = self.memory(buffer);
        if self.is_rows(buffer.0) {
            quote! { rows_mut(#memory, n) }
        } else {
            quote! { vector_mut(#memory) }
        }
    }

    /// The numbers that a buffer holds for each row.
    pub fn numbers(&self, buffer: impl Into<BufferId>) -> usize {
        self.plan.width(buffer)
    }

    /// The same as a literal.
    pub fn width(&self, buffer: impl Into<BufferId>) -> Literal {
        size(self.numbers(buffer))
    }

    /// A tensor.
    pub fn tensor(&self, tensor: impl Into<TensorId>) -> &'a Tensor {
        self.writer.tensor(tensor.into())
    }

    /// The name of the constant that holds a tensor's offset.
    pub fn offset(&self, tensor: impl Into<TensorId>) -> Ident {
        self.writer.offset(tensor.into())
    }

    /// The numbers of a tensor.
    pub fn vector(&self, tensor: impl Into<TensorId>) -> TokenStream {
        let tensor = tensor.into();
        let offset = self.offset(tensor);
        match self.tensor(tensor).kind {
            TensorKind::Parameter => quote! { Flat::vector(p, #offset) },
            TensorKind::Statistic => quote! { Flat::vector(t, #offset) },
        }
    }

    /// The numbers of a row, and the number of features: as many as a tensor has numbers.
    pub fn features(&self, x: impl Into<BufferId>, tensor: impl Into<TensorId>) -> TokenStream {
        let (width, features) = (self.width(x), size(self.tensor(tensor).len()));
        quote! { #width, #features }
    }

    /// The update of a tensor by `rule`. A tensor with a learning rate of its own has a rule of its own, or none
    /// while it is frozen.
    pub fn by_rule(&self, tensor: impl Into<TensorId>, update: TokenStream) -> TokenStream {
        match self.tensor(tensor).rate {
            None => update,
            Some(rate) => {
                let rule = learning_rates::rule(rate);
                quote! { if let Some(rule) = #rule { #update } }
            }
        }
    }

    /// The memory of a vector's gradient. If the vector is frozen, memory that nothing reads.
    pub fn gradient(&self, tensor: Accumulate) -> TokenStream {
        if self.tensor(tensor).learns() {
            let offset = self.offset(tensor);
            return quote! { Flat::vector_mut(gradients, #offset) };
        }
        let length = size(self.tensor(tensor).len());
        quote! { &mut [0.0; #length] }
    }

    /// `let [dgamma, dbeta] = …;`
    pub fn norm_gradients(&self, gamma: Accumulate, beta: Accumulate) -> TokenStream {
        if self.tensor(gamma).learns() {
            let parts = [self.offset(gamma), self.offset(beta)];
            return quote! { let [dgamma, dbeta] = Flat::vectors_mut(gradients, [#(#parts),*]); };
        }
        let (gamma, beta) = (self.gradient(gamma), self.gradient(beta));
        quote! { let [dgamma, dbeta] = [#gamma, #beta]; }
    }

    /// The type of a window.
    pub fn window(&mut self, window: &Window) -> Ident {
        self.writer.windows.name(window)
    }

    /// The inputs and outputs of a pool, for each row.
    pub fn pooled(&self, window: &Window) -> [Literal; 2] {
        let [height, width] = window.input;
        [size(window.channels * height * width), size(window.channels * window.positions())]
    }

    /// `a` and `b`, number by number.
    pub fn merge(&self, kernel: &str, a: Read, b: Read, y: Write) -> TokenStream {
        let (width, a, b, y) = (self.width(y), self.view(a), self.view(b), self.view_mut(y));
        self.call("merge", kernel, quote! { #width }, quote! { a: #a, b: #b, y: #y })
    }

    /// An activation whose derivative an input gradient takes, and what it saved.
    pub fn derivative(&self, derivative: Option<Derivative>) -> (TokenStream, TokenStream) {
        match derivative {
            Some(Derivative { activation, saved }) => {
                let saved = self.view(saved);
                (self.activation(activation), quote! { Some(#saved) })
            }
            None => (self.activation(Activation::Linear), quote! { None }),
        }
    }

    /// An activation as a value.
    pub fn activation(&self, activation: Activation) -> TokenStream {
        let value = match activation {
            Activation::Linear => quote! { Linear },
            Activation::Sigmoid => quote! { Sigmoid },
            Activation::Tanh => quote! { Tanh },
            Activation::Relu => quote! { Relu },
            Activation::LeakyRelu { slope } => {
                let slope = float(slope);
                quote! { LeakyRelu { slope: #slope } }
            }
            Activation::Elu { alpha } => {
                let alpha = float(alpha);
                quote! { Elu { alpha: #alpha } }
            }
            Activation::Selu => quote! { Selu },
            Activation::Gelu => quote! { Gelu },
            Activation::GeluTanh => quote! { GeluTanh },
            Activation::Silu => quote! { Silu },
            Activation::Softplus => quote! { Softplus },
            Activation::HardSigmoid => quote! { HardSigmoid },
            Activation::HardTanh => quote! { HardTanh },
            Activation::BoundedRelu { max } => {
                let max = float(max);
                quote! { BoundedRelu { max: #max } }
            }
            Activation::HardSwish => quote! { HardSwish },
            Activation::Mish => quote! { Mish },
            Activation::Step => quote! { Step },
        };
        quote! { activation::#value }
    }

    /// The code that enters a kernel.
    pub fn run(&self) -> TokenStream {
        match self.dispatch {
            Dispatch::Kernels if self.shared => quote! { nn::threads::run },
            Dispatch::Kernels if self.plan.steps.len() > MOST_STEPS_INLINE => quote! { nn::isa::run_apart },
            Dispatch::Kernels => quote! { run },
            Dispatch::Whole => quote! { nn::isa::run_part::<I, _> },
        }
    }

    /// `run(module::Kernel::<sizes> { fields });`
    pub fn call(&self, module: &str, kernel: &str, generics: TokenStream, fields: TokenStream) -> TokenStream {
        let (module, kernel) = (format_ident!("{module}"), format_ident!("{kernel}"));
        let run = self.run();
        quote! { #run(#module::#kernel::<#generics> { #fields }); }
    }
}
