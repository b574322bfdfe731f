// codes: NN0407
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        output y = x -> dense(3);
        train { loss: cross_entropy; optimizer: adam; }
    }
}

fn main() {}
