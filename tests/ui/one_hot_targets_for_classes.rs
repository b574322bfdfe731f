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
    let mut trainer = Trainer::<Digits>::new(42);
    let _ = trainer.step(&[[0.0; 64]], &[[0.0; 10]]);
}
