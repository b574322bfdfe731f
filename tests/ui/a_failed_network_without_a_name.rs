// codes: NN0001
use nn_runtime::prelude::*;

network! {
    netwrok Line {
        input x: [1];
        output y = x -> dense(1);
    }
}

struct Lines {
    line: Line,
}

fn main() {
    let lines = Lines { line: Line::init(1) };
    lines.line.predict(&[0.0]);
}
