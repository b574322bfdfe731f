//! What a training reaches: which outputs a loss reads, and as what; which values gradients come to.

use nn_compiler::Compiled;
use nn_compiler::layers::Layer;
use nn_compiler::model::{LossTerm, Node, Train, ValueId};
use nn_compiler::plan::{Tensor, TensorKind};
use nn_compiler::vocabulary::{Activation, Loss};

/// The last activation of an output, which is left to the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// Softmax, before `cross_entropy`.
    Softmax,
    /// Sigmoid, before `binary_cross_entropy`.
    Sigmoid,
    /// Step, of the perceptron rule.
    Step,
}

/// Facts about a network that both frameworks need.
pub struct Reach<'a> {
    compiled: &'a Compiled,
    /// For each output, what the model returns: the output, or what is before its last activation.
    returned: Vec<(ValueId, Option<Last>)>,
    /// Whether training passes through each value.
    trained: Vec<bool>,
}

impl<'a> Reach<'a> {
    /// The facts about a network.
    pub fn new(compiled: &'a Compiled) -> Self {
        let model = &compiled.model;
        let returned: Vec<_> = model.outputs.iter().map(|output| returned(compiled, *output)).collect();
        let mut trained = vec![false; model.values.len()];
        if let Some(train) = &model.train {
            match train.has_loss() {
                true => train.losses.iter().for_each(|term| trained[term.output.0] = true),
                false => model.outputs.iter().for_each(|output| trained[output.0] = true),
            }
        }
        for id in model.ids().rev().filter(|id| model.value(*id).node.inputs().iter().next().is_some()) {
            if trained[id.0] {
                model.value(id).node.inputs().iter().for_each(|input| trained[input.0] = true);
            }
        }
        Self { compiled, returned, trained }
    }

    /// What the model returns for each output.
    pub fn returned(&self) -> &[(ValueId, Option<Last>)] {
        &self.returned
    }

    /// Whether the layer of a value works as at inference in a training, because it is frozen, or because no loss
    /// reaches it.
    pub fn rests(&self, id: ValueId) -> bool {
        self.compiled.model.train.is_some() && (self.compiled.model.value(id).is_frozen || !self.trained[id.0])
    }

    /// Whether a loss reaches a value.
    pub fn is_trained(&self, id: ValueId) -> bool {
        self.trained[id.0]
    }

    /// The settings of the training.
    pub fn train(&self) -> Option<&'a Train> {
        self.compiled.model.train.as_ref()
    }

    /// Whether there are parameters that learn and that no loss reaches.
    pub fn has_unreached(&self) -> bool {
        self.compiled.tensors.all.iter().any(|tensor| tensor.learns() && !self.trained[tensor.value.0])
    }

    /// Whether an update changes a tensor: it is not frozen, neither by `freeze` nor by a rate of 0.
    pub fn moves(&self, tensor: &Tensor) -> bool {
        let factor = match (tensor.rate, self.train()) {
            (Some(rate), Some(train)) => train.rates[rate].factor,
            _ => 1.0,
        };
        self.train().is_some() && tensor.kind == TensorKind::Parameter && tensor.learns() && factor != 0.0
    }

    /// The terms of the loss of an output.
    pub fn terms(&self, output: ValueId) -> impl Iterator<Item = &'a LossTerm> {
        self.train().into_iter().flat_map(|train| &train.losses).filter(move |term| term.output == output)
    }
}

/// What the model returns for an output.
fn returned(compiled: &Compiled, output: ValueId) -> (ValueId, Option<Last>) {
    let terms = compiled.model.train.iter().flat_map(|train| &train.losses);
    let takes_logits = |loss: Loss| loss.takes_logits() || loss == Loss::Perceptron;
    let has_logits = terms.filter(|term| term.output == output).any(|term| takes_logits(term.loss));
    match &compiled.model.value(output).node {
        Node::Layer { layer, input } if has_logits => match last(layer) {
            Some(last) => (*input, Some(last)),
            None => (output, None),
        },
        Node::Layer { .. } | Node::Input { .. } | Node::Merge { .. } => (output, None),
    }
}

fn last(layer: &Layer) -> Option<Last> {
    match layer {
        Layer::Softmax(_) => Some(Last::Softmax),
        Layer::Activation(Activation::Sigmoid) => Some(Last::Sigmoid),
        Layer::Activation(Activation::Step) => Some(Last::Step),
        Layer::Activation(
            Activation::Linear
            | Activation::Tanh
            | Activation::Relu
            | Activation::LeakyRelu { .. }
            | Activation::Elu { .. }
            | Activation::Selu
            | Activation::Gelu
            | Activation::GeluTanh
            | Activation::Silu
            | Activation::Softplus
            | Activation::HardSigmoid
            | Activation::HardTanh
            | Activation::BoundedRelu { .. }
            | Activation::HardSwish
            | Activation::Mish,
        )
        | Layer::Dense(_)
        | Layer::Embedding(_)
        | Layer::Conv(_)
        | Layer::MaxPool(_)
        | Layer::AvgPool(_)
        | Layer::GlobalPool(_)
        | Layer::BatchNorm(_)
        | Layer::LayerNorm(_)
        | Layer::RmsNorm(_)
        | Layer::GroupNorm(_)
        | Layer::Dropout(_)
        | Layer::Rescale(_)
        | Layer::Normalize(_)
        | Layer::Flatten(_)
        | Layer::Reshape(_)
        | Layer::Prelu(_)
        | Layer::LogSoftmax(_) => None,
    }
}
