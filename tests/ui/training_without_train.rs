// codes: E0277
use nn_runtime::prelude::*;

network! {
    network Line {
        input x: [1];
        output y = x -> dense(1);
    }
}

fn train<N: Trainable>() {}

fn main() {
    train::<Line>();
}
