// codes: none
use nn_runtime::prelude::*;

network!("specs/xor.nn", weights: "specs/xor.safetensors");

fn main() {
    let y = Xor::TRAINED.predict(&[0.0; 2]);
    let trainable: &'static Xor = Xor::TRAINED;
}
