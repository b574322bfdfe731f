//! `global_avg_pool`, `global_max_pool`: y = the mean, or the largest number, of each channel.
//!
//! | value | shape                                             |
//! | ----- | ------------------------------------------------- |
//! | x     | `[channels, length]`, `[channels, height, width]` |
//! | y     | `[channels]`                                      |
//!
//! They are pools whose window is the whole image.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use super::{avg_pool, max_pool, pool};
use crate::plan::Lowering;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{LayerKind, Signature};
use crate::vocabulary::Init;

/// One number for each channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GlobalPool {
    /// Its mean.
    Avg,
    /// The largest.
    Max,
}

/// `global_avg_pool`
pub const AVG: Signature<GlobalPool> = Signature {
    name: "global_avg_pool",
    elsewhere: &[
        "globalaveragepooling1d",
        "globalaveragepooling2d",
        "globalaveragepool",
        "adaptiveavgpool1d",
        "adaptiveavgpool2d",
    ],
    kind: LayerKind::Pool,
    arguments: &[],
    make: |_| GlobalPool::Avg,
    doc: "the mean of each channel",
};

/// `global_max_pool`
pub const MAX: Signature<GlobalPool> = Signature {
    name: "global_max_pool",
    elsewhere: &["globalmaxpooling1d", "globalmaxpooling2d", "globalmaxpool", "adaptivemaxpool1d", "adaptivemaxpool2d"],
    kind: LayerKind::Pool,
    arguments: &[],
    make: |_| GlobalPool::Max,
    doc: "the maximum of each channel",
};

impl Rule for GlobalPool {
    fn name(&self) -> &'static str {
        match self {
            Self::Avg => AVG.name,
            Self::Max => MAX.name,
        }
    }

    fn kind(&self) -> LayerKind {
        AVG.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn identity(&self) -> Option<String> {
        Some(written(self))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        Ok(Shape(vec![pool::whole(self.name(), input)?.channels]))
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
        input.len() as u64
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
        let window = pool::whole(self.name(), lowering.input).expect("shapes were checked");
        match self {
            Self::Avg => avg_pool::lower(lowering, window, x),
            Self::Max => max_pool::lower(lowering, window, x),
        }
    }
}
