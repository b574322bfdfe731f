// codes: NN0301
use nn_runtime::prelude::*;

macro_rules! head {
    ($name:ident: $($shape:literal),+ => $($layers:tt)*) => {
        network! {
            network $name {
                input image: [$($shape),+];
                output y = image -> $($layers)* -> softmax;
            }
        }
    };
}

head!(Vector: 64 => dense(8) -> relu -> dense(10));
head!(Image: 1, 8, 8 => dense(8) -> relu -> dense(10));

fn main() {}
