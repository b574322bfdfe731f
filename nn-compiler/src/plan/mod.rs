//! Plans: operations on numbered buffers, and how they are added to a plan.

pub mod buffer;
pub mod builder;
pub mod fuse;
mod needs;
pub mod operation;
pub mod ops;
pub mod program;
pub mod roles;
pub mod tape;
mod tensor;
mod training;
mod uses;

pub use buffer::{Buffer, Extent, Location, SlotSize};
pub use builder::Lowering;
pub use fuse::{Fuse, Offer, Offered};
pub use needs::{Need, needs};
pub use operation::{Operation, Work};
pub use ops::{Op, Plan, Step};
pub use program::{Dispatch, Mode, Origin, Program};
pub use roles::Fields;
pub use tape::{Differentiate, Tape};
pub use tensor::{ALIGNMENT, Tensor, TensorKind, Tensors};
pub use training::TrainingPlans;
pub use uses::Uses;
