// codes: E0308
use nn_runtime::prelude::*;

network! {
    network Digits {
        input image: [64];
        output digit = image -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: sgd; }
    }
}

fn main() {
    let net = Digits::init(42);
    net.predict(&[0.0; 63]);
}
