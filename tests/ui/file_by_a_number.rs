// codes: none
use nn_runtime::prelude::*;

network!(42);

fn main() {}
