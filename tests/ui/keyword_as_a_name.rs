// codes: NN0009 NN0009
use nn_runtime::prelude::*;

network! {
    network Net {
        input data: [4];
        output y = data -> dense(1);
    }
}

fn main() {}
