// codes: NN0205
use nn_runtime::prelude::*;

macro_rules! line {
    ($name:ident: $width:literal) => {
        network! {
            network $name {
                input x: [$width];
                output y = x -> dense(1);
            }
        }
    };
}

line!(One: 1);
line!(None: 0);

fn main() {}
