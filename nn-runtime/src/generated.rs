//! What generated code names, and nothing else does: kernels, memory, the traits of a network.
//!
//! Code that `network!` or `nn expand` wrote refers to the runtime through this module alone, so
//! every other public item of the crate is there for users. What is in here may change with any
//! version: generate the code with the version of `nn` that it will be compiled with.
//!
//! Each module is that of the crate with the same name. Tests and benchmarks of kernels call them
//! through here too. [`scope`] is what generated code names without a path.

pub use core::clone::Clone;
pub use core::default::Default;
pub use core::include_bytes;
pub use core::marker::Copy;

pub use crate::plain;
#[cfg(feature = "macros")]
pub use nn_macros::define;

/// What [`scope`] calls by the names of local variables.
pub fn local() {}

/// The names that generated code uses without a path: it imports all of them.
///
/// A name that is imported into a block hides the same name outside. So generated code means the
/// same wherever a network is defined, even beside `struct Option`, `type f32 = f64;` or `fn run`.
///
/// A local variable can be hidden by a constant, a `static` or a unit struct of the same name:
/// `let n = 1;` does not compile where `const n: usize` is in scope. It does where `n` is a
/// function, so every local variable of generated code has the name of a function here.
/// `tests/tests/names/scope.rs` compares the names here with those in generated code.
pub mod scope {
    pub use core::clone::Clone;
    pub use core::iter::{Iterator, zip};
    pub use core::option::Option::{self, None, Some};
    pub use core::primitive::{bool, f32, f64, str, u8, u64, usize};

    pub use super::isa::{Isa, Kernel, run};
    pub use super::layers::{
        activation, avg_pool, batch_norm, conv, dense, dropout, embedding, group_norm, layer_norm, log_softmax,
        max_pool, merge, normalize, prelu, rescale, rms_norm, softmax,
    };
    pub use super::memory::{Flat, rows, rows_mut, split, vector, vector_mut};

    pub use super::{
        local as db, local as dbeta, local as deviation, local as dgamma, local as dw, local as factors,
        local as first, local as generator, local as gradients, local as input, local as input_gradients,
        local as inputs, local as kept0, local as kept1, local as kind, local as learning_rate, local as loss,
        local as mean, local as metrics, local as moments, local as n, local as output, local as output_gradient,
        local as output_gradients, local as outputs, local as own, local as p, local as panels, local as pass,
        local as penalty, local as row, local as rule, local as rules, local as running_mean,
        local as running_variance, local as scratch, local as seed, local as slot, local as state, local as step,
        local as t, local as target, local as targets, local as part, local as row_weights, local as wants_parameters,
        local as weight, local as workspace, local as x, local as y, local as s0, local as s1, local as s2,
        local as s3, local as s4, local as s5, local as s6, local as s7, local as s8, local as s9, local as s10,
        local as s11, local as s12, local as s13, local as s14, local as s15,
    };
}

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

pub mod learning_rates {
    pub use crate::learning_rates::*;
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
