// codes: NN0703
#![deny(warnings)]

use nn_runtime::prelude::*;

network!(pub "specs/warned.nn");

fn main() {
    let _: [f32; 1] = Warned::init(1).predict(&[0.0; 4]);
}
