// codes: NN0303
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        h = x -> dense(8) -> relu;
        output y = add(x, h) -> dense(1);
    }
}

fn main() {}
