// codes: NN0007
use nn_runtime::prelude::*;

network! {}

fn main() {}
