// codes: NN0101
use nn_runtime::prelude::*;

macro_rules! classifier {
    ($name:ident, $activation:ident, $units:expr) => {
        network! {
            network $name {
                input x: [4];
                output y = x -> dense($units) -> $activation -> dense(3) -> softmax;
            }
        }
    };
}

classifier!(Right, relu, 8);
classifier!(Wrong, rleu, 8);

fn main() {}
