// codes: NN0501
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [2];
        output y = x -> dense(1);
        train { loss: mse; optimizer: sgd; }
        data {
            [0, 0] => [0];
            [0, 1, 1] => [1];
        }
    }
}

fn main() {}
