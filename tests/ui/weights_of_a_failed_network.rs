// codes: NN0301
use nn_runtime::prelude::*;

network!("specs/shape.nn", weights: "specs/another.safetensors");

fn main() {}
