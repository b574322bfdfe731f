// codes: NN0001
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4]
        output y = x -> dense(1);
    }
}

fn main() {}
