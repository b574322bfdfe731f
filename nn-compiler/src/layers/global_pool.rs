//! `global_avg_pool`, `global_max_pool`: y = the mean, or the largest number, of each channel.
//!
//! | value | shape                                             |
//! | ----- | ------------------------------------------------- |
//! | x     | `[channels, length]`, `[channels, height, width]` |
//! | y     | `[channels]`                                      |
//!
//! They are pools whose window is the whole image.

use super::rule::Rule;
use super::{avg_pool, max_pool, pool};
use crate::plan::Lowering;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{LayerKind, Signature};

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
    kind: LayerKind::Pool,
    arguments: &[],
    make: |_| GlobalPool::Avg,
    doc: "the mean of each channel",
};

/// `global_max_pool`
pub const MAX: Signature<GlobalPool> = Signature {
    name: "global_max_pool",
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
        LayerKind::Pool
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        Ok(Shape(vec![pool::whole(self.name(), input)?.channels]))
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let window = pool::whole(self.name(), lowering.input).expect("shapes were checked");
        match self {
            Self::Avg => avg_pool::lower(lowering, window, x),
            Self::Max => max_pool::lower(lowering, window, x),
        }
    }
}
