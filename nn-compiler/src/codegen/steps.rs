//! The steps of a plan as kernel calls.

mod embedding;
mod layer_norm;
mod pools;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::numbers::{double, float, size};
use super::{Writer, comments, flattened};
use crate::layers::activation::Activation;
use crate::layers::window::Window;
use crate::model::{Loss, Metric, ValueId};
use crate::plan::{BufferId, Dispatch, Expected, Extent, Op, Place, Plan, Step, TensorId};

/// Emits the steps of one plan inside one function.
pub struct Steps<'w, 'a> {
    writer: &'w mut Writer<'a>,
    plan: &'a Plan,
    dispatch: Dispatch,
    /// Whether threads share the step that is being written.
    shared: bool,
}

impl<'w, 'a> Steps<'w, 'a> {
    /// For the steps of `plan`, in the body that it chose.
    pub fn new(writer: &'w mut Writer<'a>, plan: &'a Plan) -> Self {
        Self { writer, plan, dispatch: plan.dispatch, shared: false }
    }

    /// For the steps of `plan` where they are not in haste.
    pub fn apart(writer: &'w mut Writer<'a>, plan: &'a Plan) -> Self {
        Self { writer, plan, dispatch: Dispatch::Kernels, shared: false }
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
            Op::Dense { .. }
            | Op::DenseWeightGradient { .. }
            | Op::DenseBiasGradient { .. }
            | Op::DenseInputGradient { .. } => self.dense(op),
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

    /// `Forward { x, y }`
    fn two(&mut self, module: &'static str, x: BufferId, y: BufferId) -> TokenStream {
        let (width, x, y) = (self.width(x), self.view(x), self.view_mut(y));
        self.call(module, "Forward", quote! { #width }, quote! { x: #x, y: #y })
    }

    fn softmax_gradient(&mut self, module: &'static str, y: BufferId, dy: BufferId, dx: BufferId) -> TokenStream {
        let (width, y, dy, dx) = (self.width(dx), self.view(y), self.view(dy), self.view_mut(dx));
        self.call(module, "Backward", quote! { #width }, quote! { y: #y, dy: #dy, dx: #dx })
    }

    fn merge(&mut self, kernel: &str, a: BufferId, b: BufferId, y: BufferId) -> TokenStream {
        let (width, a, b, y) = (self.width(y), self.view(a), self.view(b), self.view_mut(y));
        self.call("merge", kernel, quote! { #width }, quote! { a: #a, b: #b, y: #y })
    }

    fn moves(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Gather { input, y } => {
                let id = self.writer.compiled.model.inputs[*input];
                self.gather(quote! { inputs }, syn::Index::from(*input), id, *y)
            }
            Op::GatherTarget { target, y } => {
                let Some(train) = &self.writer.compiled.model.train else { return quote! {} };
                self.gather(quote! { targets }, syn::Index::from(*target), train.targets[*target].output, *y)
            }
            Op::Scatter { x, output } => {
                let (index, x) = (syn::Index::from(*output), self.memory(*x));
                let id = self.writer.compiled.model.outputs[*output];
                let dimensions = self.writer.compiled.shapes.of(id).0.len() - 1;
                let width = size(self.writer.compiled.shapes.of(id).len());
                let part = flattened(quote! { row.#index }, dimensions, true);
                quote! {
                    for (row, x) in outputs.iter_mut().zip(rows::<#width>(#x, n)) {
                        #part.copy_from_slice(x);
                    }
                }
            }
            Op::Copy { x, y } => {
                let (width, x, y) = (self.width(*x), self.memory(*x), self.memory(*y));
                quote! { rows_mut::<#width>(#y, n).copy_from_slice(rows(#x, n)); }
            }
            Op::Concat { xs, y } => {
                let mut at = 0;
                let parts: Vec<TokenStream> = xs
                    .iter()
                    .map(|x| {
                        let (from, to, start) = (self.width(*x), self.width(*y), size(at));
                        at += self.plan.width(*x);
                        let (x, y) = (self.view(*x), self.view_mut(*y));
                        self.call("merge", "Place", quote! { #from, #to }, quote! { x: #x, at: #start, y: #y })
                    })
                    .collect();
                quote! { #(#parts)* }
            }
            Op::Take { x, at, y } => {
                let (from, to, at) = (self.width(*x), self.width(*y), size(*at));
                let (x, y) = (self.view(*x), self.view_mut(*y));
                self.call("merge", "Take", quote! { #from, #to }, quote! { x: #x, at: #at, y: #y })
            }
            _ => quote! {},
        }
    }

    /// Copies a part of the caller's tuples, of the shape of a value, to a buffer.
    fn gather(&self, rows: TokenStream, index: syn::Index, of: ValueId, y: BufferId) -> TokenStream {
        let (shape, y) = (self.writer.compiled.shapes.of(of), self.memory(y));
        let (width, part) = (size(shape.len()), flattened(quote! { row.#index }, shape.0.len() - 1, false));
        quote! {
            for (row, y) in #rows.iter().zip(rows_mut::<#width>(#y, n)) {
                y.copy_from_slice(&#part);
            }
        }
    }

    fn dense(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Dense { x, weight, bias, activation, y } => {
                let (inputs, units, x, y) = (self.width(*x), self.width(*y), self.view(*x), self.view_mut(*y));
                let weight = self.writer.offset(*weight);
                let bias = match bias {
                    Some(bias) => {
                        let bias = self.vector(*bias);
                        quote! { Some(#bias) }
                    }
                    None => quote! { None },
                };
                let activation = self.activation_value(*activation);
                let fields = quote! { x: #x, weight: p.matrix(#weight), bias: #bias, activation: #activation, y: #y };
                self.call("dense", "Forward", quote! { #inputs, #units, _ }, fields)
            }
            Op::DenseWeightGradient { x, dy, weight } => {
                let (inputs, units, x, dy) = (self.width(*x), self.width(*dy), self.view(*x), self.view(*dy));
                let weight = self.writer.offset(*weight);
                let fields = quote! { x: #x, dy: #dy, dw: gradients.matrix_mut(#weight) };
                self.call("dense", "WeightGradient", quote! { #inputs, #units }, fields)
            }
            Op::DenseBiasGradient { dy, bias } => {
                let (units, dy, bias) = (self.width(*dy), self.view(*dy), self.writer.offset(*bias));
                self.call(
                    "dense",
                    "BiasGradient",
                    quote! { #units },
                    quote! { dy: #dy, db: gradients.vector_mut(#bias) },
                )
            }
            Op::DenseInputGradient { dy, weight, derivative, dx } => {
                let (inputs, units, dy, dx) = (self.width(*dx), self.width(*dy), self.view(*dy), self.view_mut(*dx));
                let weight = self.writer.offset(*weight);
                let (activation, saved) = self.derivative(*derivative);
                let fields = quote! {
                    dy: #dy, weight: p.matrix(#weight), activation: #activation, saved: #saved, dx: #dx
                };
                self.call("dense", "InputGradient", quote! { #inputs, #units, _ }, fields)
            }
            _ => quote! {},
        }
    }

    fn conv(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Conv { window, groups, x, weight, bias, activation, y } => {
                let (sizes, x, y) = (self.conv_sizes(window, *groups, *y, *x), self.view(*x), self.view_mut(*y));
                let (kind, weight) = (self.writer.windows.name(window), self.whole(*weight));
                let bias = match bias {
                    Some(bias) => {
                        let bias = self.whole(*bias);
                        quote! { Some(#bias) }
                    }
                    None => quote! { None },
                };
                let activation = self.activation_value(*activation);
                let fields = quote! {
                    window: #kind, x: #x, weight: #weight, bias: #bias, activation: #activation, y: #y
                };
                self.call("conv", "Forward", quote! { #sizes, _ }, fields)
            }
            Op::ConvWeightGradient { window, groups, x, dy, weight } => {
                let (sizes, x, dy) = (self.conv_sizes(window, *groups, *dy, *x), self.view(*x), self.view(*dy));
                let (kind, dw) = (self.writer.windows.name(window), self.whole_gradient(*weight));
                self.call("conv", "WeightGradient", sizes, quote! { window: #kind, x: #x, dy: #dy, dw: #dw })
            }
            Op::ConvBiasGradient { dy, bias } => {
                let (width, channels) = (self.width(*dy), size(self.writer.tensor(*bias).len()));
                let (dy, bias) = (self.view(*dy), self.writer.offset(*bias));
                let fields = quote! { dy: #dy, db: gradients.vector_mut(#bias) };
                self.call("conv", "BiasGradient", quote! { #channels, #width }, fields)
            }
            Op::ConvInputGradient { window, groups, dy, weight, derivative, dx } => {
                let sizes = self.conv_sizes(window, *groups, *dy, *dx);
                let (kind, weight) = (self.writer.windows.name(window), self.whole(*weight));
                let (activation, saved) = self.derivative(*derivative);
                let (dy, dx) = (self.view(*dy), self.view_mut(*dx));
                let fields = quote! {
                    window: #kind, dy: #dy, weight: #weight, activation: #activation, saved: #saved, dx: #dx
                };
                self.call("conv", "InputGradient", quote! { #sizes, _ }, fields)
            }
            _ => quote! {},
        }
    }

    /// The window, channels and outputs of a group, numbers of a row of x and of y.
    fn conv_sizes(&mut self, window: &Window, groups: usize, y: BufferId, x: BufferId) -> TokenStream {
        let (channels, outputs) = (window.channels / groups, self.plan.width(y) / window.positions() / groups);
        let (channels, outputs, x, y) = (size(channels), size(outputs), self.width(x), self.width(y));
        let kind = self.writer.windows.name(window);
        quote! { #kind, #channels, #outputs, #x, #y }
    }

    /// A parameter as one slice.
    fn whole(&self, tensor: TensorId) -> TokenStream {
        let (offset, length) = (self.writer.offset(tensor), size(self.writer.tensor(tensor).len()));
        quote! { p.vector::<#length>(#offset) }
    }

    /// A parameter's gradient as one slice.
    fn whole_gradient(&self, tensor: TensorId) -> TokenStream {
        let (offset, length) = (self.writer.offset(tensor), size(self.writer.tensor(tensor).len()));
        quote! { gradients.vector_mut::<#length>(#offset) }
    }

    /// An activation whose derivative an input gradient takes, and what it saved.
    fn derivative(&mut self, derivative: Option<(Activation, BufferId)>) -> (TokenStream, TokenStream) {
        match derivative {
            Some((activation, saved)) => {
                let saved = self.view(saved);
                (self.activation_value(activation), quote! { Some(#saved) })
            }
            None => (self.activation_value(Activation::Linear), quote! { None }),
        }
    }

    /// Steps of the optimizer, by the `rule` of this step.
    fn update(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::CheckLoss => quote! {
                if !f64::is_finite(loss) {
                    return (loss, metrics);
                }
            },
            Op::DenseWeightUpdate { x, dy, weight } => {
                let (inputs, units, x, dy) = (self.width(*x), self.width(*dy), self.view(*x), self.view(*dy));
                let tensor = self.writer.tensor(*weight);
                let (l1, l2, offset) = (float(tensor.l1), float(tensor.l2), self.writer.offset(*weight));
                let fields = quote! {
                    x: #x, dy: #dy, l1: #l1, l2: #l2, rule, weight: p.matrix_mut(#offset),
                    state: state.each_mut().map(|state| state.matrix_mut(#offset))
                };
                self.call("dense", "WeightUpdate", quote! { #inputs, #units, _, _ }, fields)
            }
            Op::DenseBiasUpdate { dy, bias } => {
                let (units, dy, offset) = (self.width(*dy), self.view(*dy), self.writer.offset(*bias));
                let fields = quote! {
                    dy: #dy, rule, bias: p.vector_mut(#offset),
                    state: state.each_mut().map(|state| state.vector_mut(#offset))
                };
                self.call("dense", "BiasUpdate", quote! { #units, _, _ }, fields)
            }
            Op::Update { tensor } => self.update_of(*tensor),
            _ => quote! {},
        }
    }

    /// A step for a tensor whose gradient is stored, penalties included.
    fn update_of(&self, id: TensorId) -> TokenStream {
        let (tensor, offset, run) = (self.writer.tensor(id), self.writer.offset(id), self.run());
        let length = size(tensor.len());
        let penalty = (tensor.l1 != 0.0 || tensor.l2 != 0.0).then(|| {
            let (l1, l2) = (float(tensor.l1), float(tensor.l2));
            quote! {
                let _ = #run(nn::regularizer::Penalty {
                    weights: &p.as_slice()[#offset..][..#length],
                    l1: #l1,
                    l2: #l2,
                    gradient: Some(&mut gradients.as_mut_slice()[#offset..][..#length]),
                });
            }
        });
        quote! {
            #penalty
            #run(nn::optimizers::Update {
                rule,
                weights: &mut p.as_mut_slice()[#offset..][..#length],
                gradients: &gradients.as_slice()[#offset..][..#length],
                state: &mut state.each_mut().map(|state| &mut state.as_mut_slice()[#offset..][..#length]),
            });
        }
    }

    fn activation_value(&mut self, activation: Activation) -> TokenStream {
        let module = self.writer.layer("activation");
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
            Activation::Step => quote! { Step },
        };
        quote! { #module::#value }
    }

    fn activation(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Activate { activation, x, y } => {
                let (width, x, y) = (self.width(*x), self.view(*x), self.view_mut(*y));
                let activation = self.activation_value(*activation);
                self.call(
                    "activation",
                    "Forward",
                    quote! { _, #width },
                    quote! { activation: #activation, x: #x, y: #y },
                )
            }
            Op::ActivateGradient { activation, saved, dy, dx } => {
                let (width, saved, dy, dx) = (self.width(*dx), self.view(*saved), self.view(*dy), self.view_mut(*dx));
                let activation = self.activation_value(*activation);
                let fields = quote! { activation: #activation, saved: #saved, dy: #dy, dx: #dx };
                self.call("activation", "Backward", quote! { _, #width }, fields)
            }
            _ => quote! {},
        }
    }

    fn prelu(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Prelu { x, slope, y } => {
                let (sizes, slope) = (self.of_features(*x, *slope), self.vector(*slope));
                let (x, y) = (self.view(*x), self.view_mut(*y));
                self.call("prelu", "Forward", sizes, quote! { x: #x, slope: #slope, y: #y })
            }
            Op::PreluGradient { x, slope, dy, dx } => {
                let (sizes, dslope) = (self.of_features(*x, *slope), self.gradient(*slope));
                let slope = self.vector(*slope);
                let (x, dy, dx) = (self.view(*x), self.view(*dy), self.view_mut(*dx));
                let fields = quote! { x: #x, slope: #slope, dy: #dy, dslope: #dslope, dx: #dx };
                self.call("prelu", "Backward", sizes, fields)
            }
            _ => quote! {},
        }
    }

    fn batch_norm(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::BatchNormTrain {
                x,
                gamma,
                beta,
                running_mean,
                running_variance,
                momentum,
                eps,
                mean,
                inverse_deviation,
                y,
            } => {
                let (sizes, x, y) = (self.of_features(*x, *gamma), self.view(*x), self.view_mut(*y));
                let (gamma, beta) = (self.vector(*gamma), self.vector(*beta));
                let running = [self.writer.offset(*running_mean), self.writer.offset(*running_variance)];
                let (mean, inverse) = (self.view_mut(*mean), self.view_mut(*inverse_deviation));
                let (momentum, eps) = (float(*momentum), float(*eps));
                let call = self.call(
                    "batch_norm",
                    "Train",
                    sizes,
                    quote! {
                        x: #x, gamma: #gamma, beta: #beta, momentum: #momentum, eps: #eps,
                        running_mean, running_variance, mean: #mean, inverse_deviation: #inverse, y: #y
                    },
                );
                quote! { let [running_mean, running_variance] = t.vectors_mut([#(#running),*]); #call }
            }
            Op::BatchNormEvaluate { x, gamma, beta, running_mean, running_variance, eps, y } => {
                let (sizes, x, y) = (self.of_features(*x, *gamma), self.view(*x), self.view_mut(*y));
                let eps = float(*eps);
                let (gamma, beta) = (self.vector(*gamma), self.vector(*beta));
                let (mean, variance) = (self.vector(*running_mean), self.vector(*running_variance));
                self.call("batch_norm", "Evaluate", sizes, quote! {
                    x: #x, gamma: #gamma, beta: #beta, running_mean: #mean, running_variance: #variance, eps: #eps, y: #y
                })
            }
            Op::BatchNormGradient { x, gamma, beta, mean, inverse_deviation, dy, dx } => {
                let parts = self.norm_gradients(*gamma, *beta);
                let (sizes, gamma) = (self.of_features(*x, *gamma), self.vector(*gamma));
                let (x, dy, dx) = (self.view(*x), self.view(*dy), self.view_mut(*dx));
                let (mean, inverse) = (self.view(*mean), self.view(*inverse_deviation));
                let call = self.call(
                    "batch_norm",
                    "Backward",
                    sizes,
                    quote! {
                        x: #x, dy: #dy, gamma: #gamma, mean: #mean, inverse_deviation: #inverse, dgamma, dbeta, dx: #dx
                    },
                );
                quote! { #parts #call }
            }
            Op::BatchNormEvaluateGradient { x, gamma, beta, running_mean, running_variance, eps, dy, dx } => {
                let parts = self.norm_gradients(*gamma, *beta);
                let (sizes, gamma, eps) = (self.of_features(*x, *gamma), self.vector(*gamma), float(*eps));
                let (x, dy, dx) = (self.view(*x), self.view(*dy), self.view_mut(*dx));
                let (mean, variance) = (self.vector(*running_mean), self.vector(*running_variance));
                let call = self.call(
                    "batch_norm",
                    "EvaluateBackward",
                    sizes,
                    quote! {
                        x: #x, dy: #dy, gamma: #gamma, running_mean: #mean, running_variance: #variance, eps: #eps,
                        dgamma, dbeta, dx: #dx
                    },
                );
                quote! { #parts #call }
            }
            _ => quote! {},
        }
    }

    fn dropout(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Dropout { x, rate, site, mask, y } => {
                let (width, x, y, mask) = (self.width(*x), self.view(*x), self.view_mut(*y), self.view_mut(*mask));
                let (rate, site) = (float(*rate), size(*site));
                let fields = quote! { x: #x, rate: #rate, seed: pass.layer_seed(#site), mask: #mask, y: #y };
                self.call("dropout", "Forward", quote! { #width }, fields)
            }
            Op::DropoutGradient { mask, dy, dx } => {
                let (width, mask, dy, dx) = (self.width(*dx), self.view(*mask), self.view(*dy), self.view_mut(*dx));
                self.call("dropout", "Backward", quote! { #width }, quote! { mask: #mask, dy: #dy, dx: #dx })
            }
            _ => quote! {},
        }
    }

    fn rescale(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Rescale { x, factor, offset, y } => {
                let (width, x, y) = (self.width(*x), self.view(*x), self.view_mut(*y));
                let (factor, offset) = (float(*factor), float(*offset));
                let fields = quote! { x: #x, factor: #factor, offset: #offset, y: #y };
                self.call("rescale", "Forward", quote! { #width }, fields)
            }
            Op::RescaleGradient { dy, factor, dx } => {
                let (width, dy, dx, factor) = (self.width(*dx), self.view(*dy), self.view_mut(*dx), float(*factor));
                self.call("rescale", "Backward", quote! { #width }, quote! { dy: #dy, factor: #factor, dx: #dx })
            }
            _ => quote! {},
        }
    }

    fn normalize(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Normalize { x, mean, deviation, y } => {
                let (width, x, y) = (self.width(*x), self.view(*x), self.view_mut(*y));
                let (mean, deviation) = (self.vector(*mean), self.vector(*deviation));
                let fields = quote! { x: #x, mean: #mean, deviation: #deviation, y: #y };
                self.call("normalize", "Forward", quote! { #width }, fields)
            }
            Op::NormalizeGradient { dy, deviation, dx } => {
                let (width, dy, dx) = (self.width(*dx), self.view(*dy), self.view_mut(*dx));
                let deviation = self.vector(*deviation);
                self.call(
                    "normalize",
                    "Backward",
                    quote! { #width },
                    quote! { dy: #dy, deviation: #deviation, dx: #dx },
                )
            }
            Op::Observe { x, mean, deviation } => {
                let (width, x) = (self.width(*x), self.view(*x));
                let offsets = [self.writer.offset(*mean), self.writer.offset(*deviation)];
                let call = self.call("normalize", "Observe", quote! { #width }, quote! { x: #x, seen, mean, squares });
                quote! { let [mean, squares] = t.vectors_mut([#(#offsets),*]); #call }
            }
            _ => quote! {},
        }
    }

    fn has_several_targets(&self) -> bool {
        self.writer.compiled.model.train.as_ref().is_some_and(|train| train.targets.len() > 1)
    }

    /// The rows that an output is compared with; of a class among several targets, an iterator.
    fn expected(&self, t: Expected) -> TokenStream {
        let index = syn::Index::from(t.target);
        match t.gathered {
            Some(gathered) => self.view(gathered),
            None if self.has_several_targets() => quote! { targets.iter().map(|row| row.#index) },
            None if t.is_class => quote! { targets },
            None => quote! { rows(target, n) },
        }
    }

    fn loss(&mut self, op: &Op) -> TokenStream {
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
    fn loss_kernel(
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

    fn metric(&mut self, metric: Metric, index: usize, y: BufferId, t: Expected, threshold: f64) -> TokenStream {
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

/// `s0`, `s1`, …
fn slot(index: usize) -> Ident {
    format_ident!("s{index}")
}

/// Whether the kernel of a loss calls what it takes logits.
fn loss_takes_logits(loss: Loss) -> bool {
    matches!(loss, Loss::CrossEntropy { .. } | Loss::BinaryCrossEntropy { .. })
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
