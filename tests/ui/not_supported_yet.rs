// codes: NN0413
use nn_runtime::prelude::*;

network! {
    network Net {
        input tokens: [8];
        output y = tokens -> embedding(100, 16) -> flatten -> dense(10);
    }
}

fn main() {}
