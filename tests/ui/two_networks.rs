// codes: NN0008
use nn_runtime::prelude::*;

network! {
    network First {
        input x: [4];
        output y = x -> dense(1);
    }

    network Second {
        input x: [4];
        output y = x -> dense(1);
    }
}

fn main() {}
