// codes: NN0101 E0308
use nn_runtime::prelude::*;

network! {
    network Wrong {
        input x: [4];
        output y = x -> desne(1);
    }
}

network! {
    network Right {
        input x: [4];
        output y = x -> dense(1);
    }
}

fn main() {
    Wrong::init(1).predict(&[0.0; 3]);
    // What does not depend on the mistake is checked as ever.
    Right::init(1).predict(&[0.0; 3]);
}
