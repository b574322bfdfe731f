// codes: NN0205
mod networks {
    use nn_runtime::prelude::*;

    network! {
        pub network Line {
            input x: [0];
            output y = x -> dense(1);
        }
    }
}

mod training {
    use super::networks::Line;

    pub fn train() -> Line {
        Line::init(1)
    }
}

pub use networks::*;

fn main() {
    let line: networks::Line = training::train();
    let _: Line = line;
}
