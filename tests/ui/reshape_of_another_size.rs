// codes: NN0302
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [64];
        output y = x -> reshape([8, 9]) -> flatten -> dense(1);
    }
}

fn main() {}
