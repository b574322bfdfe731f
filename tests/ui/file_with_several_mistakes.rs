// codes: NN0101 NN0404
use nn_runtime::prelude::*;

network!(pub "specs/several.nn");

fn main() {}
