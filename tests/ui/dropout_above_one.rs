// codes: NN0205
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        output y = x -> dense(8) -> dropout(1.5) -> dense(1);
    }
}

fn main() {}
