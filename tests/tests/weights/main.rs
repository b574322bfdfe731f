//! Weights: part of a program, and from other frameworks.

// Networks of `network!` name the runtime `nn_runtime`: here they get its kernels for one instruction set.
extern crate nn_one_set as nn_runtime;

mod embedded;
mod state_dict;
