// codes: NN0413
use nn_runtime::prelude::*;

network! {
    network Net {
        input image: [1, 28, 28];
        output y = image -> conv2d(6, kernel: 5) -> flatten -> dense(10);
    }
}

fn main() {}
