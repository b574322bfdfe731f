// codes: NN0404 NN0405
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        output y = x -> dense(3) -> softmax;
        train { loss: crossentropy; optimizer: adma(lr: 1e-3); }
    }
}

fn main() {
    Trainer::<Net>::new(1);
}
