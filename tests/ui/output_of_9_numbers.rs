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
    let p: [f32; 9] = net.predict(&[0.0; 64]);
    println!("{p:?}");
}
