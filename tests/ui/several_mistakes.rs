// codes: NN0101 NN0205 NN0401
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        output y = x -> desne(8) -> dropout(1.5) -> dense(1);
        train {
            loss: mse;
            optimizer: sgd;
            batch_size: 32;
        }
    }
}

fn main() {}
