// codes: none
use nn_runtime::prelude::*;

network! {
    weights: "specs/nan.safetensors",
    /// Exclusive or, with a NaN.
    network Xor {
        input x: [2];
        output y = x -> dense(3) -> tanh -> dense(1) -> sigmoid;
    }
}

fn main() {
    Xor::TRAINED.predict(&[0.0; 2]);
}
