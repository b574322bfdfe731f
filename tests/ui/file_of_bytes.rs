// codes: NN0006
use nn_runtime::prelude::*;

network!("specs/bytes.nn");

fn main() {}
