// codes: NN0205 NN0102
use nn_runtime::prelude::*;

macro_rules! define {
    ($(#[$meta:meta])* $vis:vis $name:ident { $($body:tt)* }) => {
        network! {
            $(#[$meta])*
            $vis network $name { $($body)* }
        }
    };
}

define! {
    /// One.
    pub Net {
        input image: [64];
        output digit = image
            -> dense(0)
            -> dense(10);
        output other = imgae -> dense(1);
    }
}

fn main() {
    Net::init(1);
}
