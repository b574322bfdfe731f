// codes: NN0701
#![deny(warnings)]

use nn_runtime::prelude::*;

network! {
    network Silent {
        allow(high_dropout);
        input x: [4];
        output y = x -> dense(8) -> relu -> dropout(0.7) -> dense(1);
    }
}

network! {
    network Loud {
        allow(high_dropout);
        input x: [4];
        output y = x -> dense(8) -> relu -> dropout(0.7) -> dense(2) -> dense(1);
    }
}

fn main() {
    Silent::init(1).predict(&[0.0; 4]);
    Loud::init(1).predict(&[0.0; 4]);
}
