// codes: none
use nn_runtime::prelude::*;

network!("specs/nowhere.nn");

fn main() {}
