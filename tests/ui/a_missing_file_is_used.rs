// codes: none
use nn_runtime::prelude::*;

network!(pub "specs/digits.nn");

fn main() {
    let digits = Digits::init(1);
    digits.predict(&[0.0; 64]);
}
