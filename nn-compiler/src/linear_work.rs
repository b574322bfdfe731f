//! The work of all stages together.

use crate::compile;
use crate::plan::ops::work;

/// A network of `count` layers of each kind, one after the other.
fn deep(count: usize) -> String {
    let links = " -> dense(4) -> batch_norm -> relu -> dense(4, bias: false) -> tanh -> dropout(0.1)".repeat(count);
    text(&format!("output y = x{links} -> dense(2) -> softmax;"))
}

/// A network of `count` branches, each a statement.
fn wide(count: usize) -> String {
    let branches: String = (0..count).map(|at| format!("b{at} = x -> dense(4) -> sigmoid;\n")).collect();
    let names: Vec<String> = (0..count).map(|at| format!("b{at}")).collect();
    text(&format!("{branches} output y = concat({}) -> dense(2) -> softmax;", names.join(", ")))
}

fn text(graph: &str) -> String {
    let train = "train { loss: cross_entropy; optimizer: adam; metrics: [accuracy]; batch: 8; }";
    format!("network A {{ input x: [4]; {graph} {train} }}")
}

#[test]
fn work_is_linear_in_the_layers() {
    for network in [deep, wide] {
        let work = [40, 80]
            .map(|count| work::of(|| assert!(compile(&network(count)).compiled.is_some(), "{}", network(count))));
        assert!(work[1] < 2 * work[0] + 100, "{work:?}");
    }
}
