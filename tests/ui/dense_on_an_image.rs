// codes: NN0301
use nn_runtime::prelude::*;

network! {
    network Net {
        input image: [1, 8, 8];
        output digit = image -> rescale(0.0625)
            -> dense(10) -> softmax;
    }
}

fn main() {}
