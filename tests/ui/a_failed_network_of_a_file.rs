// codes: NN0301
use nn_runtime::prelude::*;

network!("specs/shape.nn");

fn classify(shape: &Shape) -> [f32; 10] {
    shape.predict(&[[[0.0; 8]; 8]; 1])
}

fn main() {
    classify(&Shape::init(1));
}
