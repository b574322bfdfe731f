// codes: none
use nn_runtime::prelude::*;

network!("specs/xor.nn", weights: "specs/xor.safetensors");

fn main() {
    let trained: &'static Xor = Xor::TRAINED;
    trained.predict(&[0.0; 2]);
}
