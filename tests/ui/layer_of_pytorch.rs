// codes: NN0101
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        output y = x -> Linear(8) -> relu -> dense(1);
    }
}

fn main() {}
