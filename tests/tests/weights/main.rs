//! Weights in the program.

// Networks of `network!` name the runtime `nn_runtime`: here they get its kernels for one instruction set.
extern crate nn_one_set as nn_runtime;

mod embedded;
