//! Every operation of a plan, one file each: its fields with their roles, its formula, its derivative.
//!
//! `operations!` is the one list of them. What other parts of the crate know about each operation are traits
//! without default bodies, so a missing piece is a compile error: [`Operation`], [`Fuse`] and [`Differentiate`] here,
//! `Emit` in `codegen`, `Interpret` in `interp`.

mod activate;
mod add;
mod avg_pool;
mod batch_norm;
mod concat;
mod conv;
mod copy;
mod dense;
mod dropout;
mod embedding;
mod gather;
mod group_norm;
mod layer_norm;
mod log_softmax;
mod max_pool;
mod measure;
mod multiply;
mod normalize;
mod prelu;
mod rescale;
mod rms_norm;
mod softmax;
mod update;

pub use activate::{Activate, ActivateGradient, Derivative};
pub use add::Add;
pub use avg_pool::{AvgPool, AvgPoolGradient};
pub use batch_norm::{BatchNormEvaluate, BatchNormEvaluateGradient, BatchNormGradient, BatchNormTrain};
pub use concat::{Concat, Take};
pub use conv::{Conv, ConvBiasGradient, ConvInputGradient, ConvWeightGradient};
pub use copy::Copy;
pub use dense::{Dense, DenseBiasUpdate, DenseGradient, DenseInputGradient, DenseWeightUpdate};
pub use dropout::{Dropout, DropoutGradient};
pub use embedding::{Embedding, EmbeddingGradient};
pub use gather::{Gather, GatherGradient, GatherTarget, Scatter, ScatterGradient};
pub use group_norm::{GroupNorm, GroupNormGradient};
pub use layer_norm::{LayerNorm, LayerNormGradient};
pub use log_softmax::{LogSoftmax, LogSoftmaxGradient};
pub use max_pool::{MaxPool, MaxPoolGradient};
pub use measure::{AddLoss, AddMetric, Expected};
pub use multiply::Multiply;
pub use normalize::{Normalize, NormalizeGradient, ObserveMoments};
pub use prelu::{Prelu, PreluGradient};
pub use rescale::{Rescale, RescaleGradient};
pub use rms_norm::{RmsNorm, RmsNormGradient};
pub use softmax::{Softmax, SoftmaxGradient};
pub use update::{CheckLoss, UpdateTensor};

use super::buffer::Buffer;
use super::fuse::{Fuse, Offer};
use super::operation::{AnyOperation, Operation, Work};
use super::program;
use super::roles::{Fields, Read, Roles, Write};
use super::tape::{Differentiate, Tape};
use crate::ids::{BufferId, TensorId};

/// A plan of the operations of the language.
pub type Plan = program::Program<Op>;

/// A step of such a plan.
pub type Step = program::Step<Op>;

/// Calls a macro with all operations: those of the forward pass, which have a derivative, and those after it.
macro_rules! operations {
    ($macro:ident) => {
        $macro! {
            forward:
            Gather, Dense, Conv, Embedding, MaxPool, AvgPool, Activate, Prelu, Softmax, LogSoftmax, BatchNormTrain,
            BatchNormEvaluate, LayerNorm, RmsNorm, GroupNorm, Dropout, Rescale, Normalize, Add, Multiply, Concat, Copy;
            after:
            Scatter, Take, GatherTarget, GatherGradient, ScatterGradient, AddLoss, AddMetric, DenseGradient, DenseInputGradient, ConvWeightGradient,
            ConvBiasGradient, ConvInputGradient, EmbeddingGradient, MaxPoolGradient, AvgPoolGradient,
            ActivateGradient, PreluGradient, SoftmaxGradient, LogSoftmaxGradient, BatchNormGradient,
            BatchNormEvaluateGradient, LayerNormGradient, RmsNormGradient, GroupNormGradient, DropoutGradient,
            RescaleGradient, NormalizeGradient, ObserveMoments, CheckLoss, DenseWeightUpdate, DenseBiasUpdate,
            UpdateTensor;
        }
    };
}
pub(crate) use operations;

macro_rules! define {
    (forward: $($forward:ident),*; after: $($after:ident),*;) => {
        /// What one step of a plan does. Shapes follow from the buffers and tensors.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each variant is the operation of its name")]
        pub enum Op {
            $($forward($forward),)*
            $($after($after),)*
        }

        $(impl From<$forward> for Op {
            fn from(operation: $forward) -> Self {
                Self::$forward(operation)
            }
        })*
        $(impl From<$after> for Op {
            fn from(operation: $after) -> Self {
                Self::$after(operation)
            }
        })*

        impl Fields for Op {
            fn roles(&self) -> Roles {
                #[cfg(test)]
                work::count();
                match self {
                    $(Self::$forward(operation) => operation.roles(),)*
                    $(Self::$after(operation) => operation.roles(),)*
                }
            }
        }

        impl Operation for Op {
            fn formula(&self) -> String {
                match self {
                    $(Self::$forward(operation) => operation.formula(),)*
                    $(Self::$after(operation) => operation.formula(),)*
                }
            }

            fn work(&self, buffers: &[Buffer]) -> Work {
                match self {
                    $(Self::$forward(operation) => operation.work(buffers),)*
                    $(Self::$after(operation) => operation.work(buffers),)*
                }
            }
        }

        impl Fuse<Op> for Op {
            fn offer(&self) -> Option<Offer> {
                match self {
                    $(Self::$forward(operation) => Fuse::<Op>::offer(operation),)*
                    $(Self::$after(operation) => Fuse::<Op>::offer(operation),)*
                }
            }

            fn take(&mut self, offer: &Offer) -> bool {
                match self {
                    $(Self::$forward(operation) => Fuse::<Op>::take(operation, offer),)*
                    $(Self::$after(operation) => Fuse::<Op>::take(operation, offer),)*
                }
            }

            fn updates(&self) -> Vec<Op> {
                match self {
                    $(Self::$forward(operation) => operation.updates(),)*
                    $(Self::$after(operation) => operation.updates(),)*
                }
            }
        }

        impl Differentiate<Op> for Op {
            fn differentiate(&self, tape: &mut Tape<Op>) {
                match self {
                    $(Self::$forward(operation) => operation.differentiate(tape),)*
                    $(Self::$after(_) => unreachable!("only the forward pass of layers is differentiated"),)*
                }
            }
        }
    };
}
operations!(define);

impl AnyOperation for Op {
    fn sum(a: Read, b: Read, y: Write) -> Self {
        Add { a, b, y }.into()
    }
}

impl Op {
    /// The buffers it reads.
    pub fn reads(&self) -> Vec<BufferId> {
        self.roles().reads
    }

    /// The buffers it writes.
    pub fn writes(&self) -> Vec<BufferId> {
        self.roles().writes
    }

    /// The parameters whose values it reads.
    pub fn parameters(&self) -> Vec<TensorId> {
        self.roles().parameters
    }

    /// The parameters to whose gradients it adds.
    pub fn gradients(&self) -> Vec<TensorId> {
        self.roles().gradients
    }
}

/// Counts how often passes look at operations: this shows work that is quadratic in the layers, on any machine.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::Cell;

    thread_local! {
        static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    pub fn count() {
        LOOKS.set(LOOKS.get() + 1);
    }

    /// How often `run` makes this thread look at an operation.
    pub fn of(run: impl FnOnce()) -> usize {
        let before = LOOKS.get();
        run();
        LOOKS.get() - before
    }
}
