//! What generated code names, and nothing else does: kernels, memory, the traits of a network.
//!
//! Code that `network!` or `nn expand` wrote refers to the runtime through this module alone, so
//! every other public item of the crate is there for users. What is in here may change with any
//! version: generate the code with the version of `nn` that it will be compiled with.
//!
//! Each module is that of the crate with the same name. Tests and benchmarks of kernels call them
//! through here too.

pub use crate::plain;

pub mod augment {
    pub use crate::augment::*;
}

pub mod early_stopping {
    pub use crate::early_stopping::*;
}

pub mod init {
    pub use crate::init::*;
}

pub mod isa {
    pub use crate::isa::*;
}

pub mod layers {
    pub use crate::layers::*;
}

pub mod losses {
    pub use crate::losses::*;
}

pub mod memory {
    pub use crate::memory::*;
}

pub mod metrics {
    pub use crate::metrics::*;
}

pub mod network {
    pub use crate::network::*;
}

pub mod optimizers {
    pub use crate::optimizers::*;
}

pub mod regularizer {
    pub use crate::regularizer::*;
}

pub mod row {
    pub use crate::row::*;
}

pub mod row_weights {
    pub use crate::row_weights::*;
}

pub mod schedule {
    pub use crate::schedule::*;
}

pub mod targets {
    pub use crate::targets::*;
}

pub mod threads {
    pub use crate::threads::*;
}

pub mod trainable {
    pub use crate::trainable::*;
}
