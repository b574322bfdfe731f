// codes: NN0102
use nn_runtime::prelude::*;

network! {
    network Net {
        input image: [4];
        output y = imgae -> dense(1);
    }
}

fn main() {}
