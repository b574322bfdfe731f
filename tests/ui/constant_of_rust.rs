// codes: NN0105
use nn_runtime::prelude::*;

const HIDDEN: usize = 16;

network! {
    network Net {
        input x: [2];
        output y = x -> dense(HIDDEN) -> relu -> dense(1);
    }
}

fn main() {
    let _ = HIDDEN;
}
