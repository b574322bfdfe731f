// codes: none none none none none none
use nn_runtime::prelude::*;

network!(pub "specs/xor.nn", weights: "specs/another.safetensors");

fn main() {
    Xor::TRAINED.predict(&[0.0; 2]);
}
