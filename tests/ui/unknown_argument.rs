// codes: NN0201
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        output y = x -> dense(8, use_bias: false) -> relu -> dense(1);
    }
}

fn main() {}
