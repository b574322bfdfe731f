//! The oracle, and what is held against it: generated code, gradients, passes, and the paths of a step.

// Networks of `network!` name the runtime `nn_runtime`: here they get its kernels for one instruction set.
extern crate nn_one_set as nn_runtime;

mod gradients;
mod graphs;
mod images;
mod layers;
mod passes;
mod step_paths;

/// Networks are tested on the instruction set that a program takes on this machine.
#[test]
fn tests_take_the_best_instruction_set() {
    use nn_runtime::generated::isa::{ONLY, Path};
    assert_eq!(ONLY, Path::current());
}
