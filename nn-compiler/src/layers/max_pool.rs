//! `max_pool1d(size)`, `max_pool2d(size)`: y = the largest x in each window.
//!
//! | value | shape                                                            |
//! | ----- | ---------------------------------------------------------------- |
//! | x     | `[channels, length]`, `[channels, height, width]`                |
//! | y     | the same channels, sizes by the formula in `layers/sliding.rs`   |
//!
//! Padding is −∞. Backward: dx = dy at the first largest input of a window, row by row; windows that overlap add up.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::pool;
use super::rule::{Rule, written};
use super::sliding::{Over, Sliding};
use super::weights::Weights;
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{Bound, LayerKind, Signature};
use crate::vocabulary::{Init, Window};

/// The maximum of each window.
#[derive(Clone, Debug, PartialEq)]
pub struct MaxPool {
    /// How the window slides.
    pub sliding: Sliding,
}

/// `max_pool1d(size, stride: size, padding: 0)`
pub const OF_SEQUENCES: Signature<MaxPool> = Signature {
    name: "max_pool1d",
    elsewhere: &["maxpooling1d"],
    kind: LayerKind::Pool,
    arguments: pool::OF_SEQUENCES,
    make: |bound| make(Over::Sequence, bound),
    doc: "the maximum of each window over a sequence",
};

/// `max_pool2d(size, stride: size, padding: 0)`
pub const OF_IMAGES: Signature<MaxPool> = Signature {
    name: "max_pool2d",
    elsewhere: &["maxpooling2d"],
    kind: LayerKind::Pool,
    arguments: pool::OF_IMAGES,
    make: |bound| make(Over::Image, bound),
    doc: "the maximum of each window over an image",
};

fn make(over: Over, bound: &Bound) -> MaxPool {
    MaxPool { sliding: Sliding::bound(over, "size", bound) }
}

impl Rule for MaxPool {
    fn name(&self) -> &'static str {
        pool::name(&self.sliding, OF_SEQUENCES.name, OF_IMAGES.name)
    }

    fn kind(&self) -> LayerKind {
        OF_SEQUENCES.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        pool::arguments(&self.sliding)
    }

    fn identity(&self) -> Option<String> {
        Some(written(self))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        pool::shape(&self.sliding, self.name(), input)
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn learns(&self) -> bool {
        false
    }

    fn parameters(&self, _input: &Shape) -> Vec<ParameterSpec> {
        Vec::new()
    }

    fn macs(&self, _input: &Shape) -> u64 {
        0
    }

    fn flops(&self, input: &Shape) -> u64 {
        pool::window(&self.sliding, self.name(), input).map_or(0, |window| pool::flops(&window))
    }

    fn weights(&self) -> Option<&Weights> {
        None
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        None
    }

    fn auto_init(&self) -> Option<Init> {
        Some(Init::GlorotUniform)
    }

    fn needs_batch(&self) -> bool {
        false
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        Effect::Pools { counts_zeros: false }
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let window = pool::window(&self.sliding, self.name(), lowering.input);
        lower(lowering, window.expect("shapes were checked"), x)
    }
}

/// Adds the pool of a window to a plan.
pub fn lower(lowering: &mut Lowering, window: Window, x: Read) -> Read {
    let y = lowering.buffer("y", pool::extent(&window));
    lowering.push(ops::MaxPool { x, window, y });
    y.read()
}
