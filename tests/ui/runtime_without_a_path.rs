// codes: none
use nn_runtime::prelude::*;

network!(crate = , "digits.nn");

fn main() {}
