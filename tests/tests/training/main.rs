//! Networks in use: what they cost, how they are trained, and what they refuse.

// Networks of `network!` name the runtime `nn_runtime`: here they get its kernels for one instruction set.
extern crate nn_one_set as nn_runtime;

mod agreement;
mod augment;
mod costs;
mod freeze;
mod images;
mod learning_rates;
mod row_weights;
mod targets;
mod threads;
mod tokens;
mod updates;
