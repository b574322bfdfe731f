// codes: NN0301
use nn_runtime::prelude::*;

network!("specs/shape.nn");

fn main() {}
