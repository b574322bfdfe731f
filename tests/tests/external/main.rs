//! `forward`, `backward` and `update` with the gradient of the spec's own loss are `step`.

// Networks of `network!` name the runtime `nn_runtime`: here they get its kernels for one instruction set.
extern crate nn_one_set as nn_runtime;

mod bits;
mod logits;
mod networks;
mod plans;
