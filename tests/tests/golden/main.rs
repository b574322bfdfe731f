//! Reference numbers from PyTorch: generated code in f32, and the oracle in f64.

// Networks of `network!` name the runtime `nn_runtime`: here they get its kernels for one instruction set.
extern crate nn_one_set as nn_runtime;

mod batch_norm;
mod classes;
mod conv;
mod dense;
mod embedding;
mod gates;
mod oracle;
mod pointwise;
mod training;

/// The reference files that have a spec beside them.
mod specs {
    include!(concat!(env!("OUT_DIR"), "/golden.rs"));
}
