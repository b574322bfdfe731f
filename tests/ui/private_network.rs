// codes: E0603
mod networks {
    use nn_runtime::prelude::*;

    network! {
        network Line {
            input x: [1];
            output y = x -> dense(1);
        }
    }
}

use networks::Line;

fn main() {}
