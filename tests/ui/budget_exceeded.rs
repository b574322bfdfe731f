// codes: NN0602
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [64];
        output y = x -> dense(128) -> relu -> dense(10);
        assert params <= 9_000;
    }
}

fn main() {}
