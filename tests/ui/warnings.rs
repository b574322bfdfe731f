// codes: NN0703 NN0701
#![deny(warnings)]

use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        output y = x -> dense(8) -> relu -> dropout(0.7) -> dense(2) -> dense(1);
    }
}

fn main() {
    // A warning does not keep the network from being used.
    let _: [f32; 1] = Net::init(1).predict(&[0.0; 4]);
}
