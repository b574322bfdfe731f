// codes: none
use nn_runtime::prelude::*;

network!("specs/xor.nn", weights: xor.safetensors);

fn main() {}
