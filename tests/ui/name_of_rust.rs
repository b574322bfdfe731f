// codes: NN0009
use nn_runtime::prelude::*;

network! {
    network struct {
        input x: [4];
        output y = x -> dense(1);
    }
}

network! {
    network Self {
        input x: [4];
        output y = x -> dense(1);
    }
}

fn main() {
    r#struct::init(1).predict(&[0.0; 4]);
}
