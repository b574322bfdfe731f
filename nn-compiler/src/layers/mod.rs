//! Everything the language knows of its layers, one file a layer.
//!
//! [`Layer`] lists them; what a stage asks of a layer is a method of [`Rule`].

pub mod activation;
pub mod avg_pool;
pub mod batch_norm;
pub mod conv;
pub mod dense;
pub mod dropout;
pub mod embedding;
pub mod flatten;
pub mod global_pool;
pub mod layer_norm;
pub mod log_softmax;
pub mod max_pool;
pub mod normalize;
mod pool;
pub mod prelu;
pub mod rescale;
pub mod reshape;
pub mod softmax;
pub mod weights;
pub mod window;

use crate::lower::Lowering;
use crate::plan::BufferId;
use crate::resolve::arguments::{Bound, Parameter};
use crate::shape::{Shape, ShapeError};
pub use crate::vocabulary::Init;

/// A layer with its arguments.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant is the layer of its name")]
pub enum Layer {
    Dense(dense::Dense),
    Embedding(embedding::Embedding),
    Conv(conv::Conv),
    MaxPool(max_pool::MaxPool),
    AvgPool(avg_pool::AvgPool),
    GlobalPool(global_pool::GlobalPool),
    BatchNorm(batch_norm::BatchNorm),
    LayerNorm(layer_norm::LayerNorm),
    Dropout(dropout::Dropout),
    Rescale(rescale::Rescale),
    Normalize(normalize::Normalize),
    Flatten(flatten::Flatten),
    Reshape(reshape::Reshape),
    Activation(activation::Activation),
    Prelu(prelu::Prelu),
    Softmax(softmax::Softmax),
    LogSoftmax(log_softmax::LogSoftmax),
}

/// What is written to get a layer: its name, its arguments, and how to make it of them.
pub struct Signature {
    /// The word of the language.
    pub name: &'static str,
    /// The arguments in order.
    pub parameters: &'static [Parameter],
    /// The layer of checked arguments.
    pub make: fn(&Bound) -> Layer,
    /// One line for people.
    pub doc: &'static str,
}

/// Every layer that can be written.
pub fn signatures() -> impl Iterator<Item = &'static Signature> {
    const LAYERS: &[&Signature] = &[
        &dense::SIGNATURE,
        &embedding::SIGNATURE,
        &conv::SEQUENCE,
        &conv::IMAGE,
        &max_pool::OF_SEQUENCES,
        &max_pool::OF_IMAGES,
        &avg_pool::OF_SEQUENCES,
        &avg_pool::OF_IMAGES,
        &global_pool::AVG,
        &global_pool::MAX,
        &batch_norm::SIGNATURE,
        &layer_norm::SIGNATURE,
        &dropout::SIGNATURE,
        &rescale::SIGNATURE,
        &normalize::SIGNATURE,
        &flatten::SIGNATURE,
        &reshape::SIGNATURE,
        &prelu::SIGNATURE,
        &softmax::SIGNATURE,
        &log_softmax::SIGNATURE,
    ];
    LAYERS.iter().copied().chain(activation::SIGNATURES)
}

/// A tensor that a layer needs.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSpec {
    /// `weight`, `bias`, …
    pub name: &'static str,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Whether gradients change it.
    pub trainable: bool,
    /// How it starts.
    pub init: Init,
    /// The weight of Σ|w| in the loss.
    pub l1: f64,
    /// The weight of Σw² in the loss.
    pub l2: f64,
}

/// What the stages ask of a layer.
pub trait Rule {
    /// The word of the language.
    fn name(&self) -> &'static str;
    /// Every argument with its value, defaults resolved, as it would be written.
    fn arguments(&self) -> Vec<(&'static str, String)>;
    /// What decides the meaning of the layer's parameters and outputs; part of the weights' hash.
    /// `None` where the layer changes neither.
    fn identity(&self) -> Option<String> {
        let arguments: Vec<String> = self.arguments().iter().map(|(name, value)| format!("{name}:{value}")).collect();
        Some(format!("{}({})", self.name(), arguments.join(",")))
    }
    /// The shape of the output.
    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>>;
    /// The tensors it needs, in order.
    fn parameters(&self, _input: &Shape) -> Vec<ParameterSpec> {
        Vec::new()
    }
    /// Multiply-adds for one row.
    fn macs(&self, _input: &Shape) -> u64 {
        0
    }
    /// Floating-point operations for one row: two a multiply-add, and one an element elsewhere.
    fn flops(&self, input: &Shape) -> u64 {
        input.len() as u64
    }
    /// Adds its forward operations to a plan; gives the buffer of its output.
    fn lower(&self, lowering: &mut Lowering, x: BufferId) -> BufferId;
}

impl Layer {
    /// The rules of this layer.
    pub fn rule(&self) -> &dyn Rule {
        match self {
            Self::Dense(layer) => layer,
            Self::Embedding(layer) => layer,
            Self::Conv(layer) => layer,
            Self::MaxPool(layer) => layer,
            Self::AvgPool(layer) => layer,
            Self::GlobalPool(layer) => layer,
            Self::BatchNorm(layer) => layer,
            Self::LayerNorm(layer) => layer,
            Self::Dropout(layer) => layer,
            Self::Rescale(layer) => layer,
            Self::Normalize(layer) => layer,
            Self::Flatten(layer) => layer,
            Self::Reshape(layer) => layer,
            Self::Activation(layer) => layer,
            Self::Prelu(layer) => layer,
            Self::Softmax(layer) => layer,
            Self::LogSoftmax(layer) => layer,
        }
    }

    /// Its weights, where it multiplies by some.
    pub fn weights(&self) -> Option<&weights::Weights> {
        match self {
            Self::Dense(dense) => Some(&dense.weights),
            Self::Conv(conv) => Some(&conv.weights),
            Self::Embedding(_)
            | Self::MaxPool(_)
            | Self::AvgPool(_)
            | Self::GlobalPool(_)
            | Self::BatchNorm(_)
            | Self::LayerNorm(_)
            | Self::Dropout(_)
            | Self::Rescale(_)
            | Self::Normalize(_)
            | Self::Flatten(_)
            | Self::Reshape(_)
            | Self::Activation(_)
            | Self::Prelu(_)
            | Self::Softmax(_)
            | Self::LogSoftmax(_) => None,
        }
    }

    /// Changes its weights' arguments, where it has some.
    pub fn change_weights(&mut self, change: impl FnOnce(&mut weights::Weights)) {
        match self {
            Self::Dense(dense) => change(&mut dense.weights),
            Self::Conv(conv) => change(&mut conv.weights),
            Self::Embedding(_)
            | Self::MaxPool(_)
            | Self::AvgPool(_)
            | Self::GlobalPool(_)
            | Self::BatchNorm(_)
            | Self::LayerNorm(_)
            | Self::Dropout(_)
            | Self::Rescale(_)
            | Self::Normalize(_)
            | Self::Flatten(_)
            | Self::Reshape(_)
            | Self::Activation(_)
            | Self::Prelu(_)
            | Self::Softmax(_)
            | Self::LogSoftmax(_) => {}
        }
    }

    /// Whether gradients change something in it.
    pub fn learns(&self, input: &Shape) -> bool {
        self.rule().parameters(input).iter().any(|parameter| parameter.trainable)
    }
}
