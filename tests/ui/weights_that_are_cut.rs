// codes: none
use nn_runtime::prelude::*;

network!("specs/xor.nn", weights: "specs/cut.safetensors");

fn main() {}
