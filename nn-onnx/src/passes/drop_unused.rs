//! Leaves out nodes whose results nothing reads.

use crate::graph::Graph;

/// Removes them.
pub fn run(graph: &mut Graph) {
    let mut is_read = vec![false; graph.values.len()];
    graph.outputs.iter().for_each(|output| is_read[output.value.0] = true);
    let mut kept = Vec::new();
    for node in std::mem::take(&mut graph.nodes).into_iter().rev() {
        if node.outputs.iter().flatten().any(|id| is_read[id.0]) {
            node.inputs.iter().flatten().for_each(|id| is_read[id.0] = true);
            kept.push(node);
        }
    }
    kept.reverse();
    graph.nodes = kept;
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, operators};
    use super::*;
    use crate::graph::Operator;

    #[test]
    fn what_nothing_reads_goes() {
        let mut sample = Sample::new(&[3]);
        let kept = sample.add(Operator::Relu, &[sample.input()]);
        let unused = sample.add(Operator::Tanh, &[kept]);
        sample.add(Operator::Sigmoid, &[unused]);
        let mut graph = sample.returning(kept);
        run(&mut graph);
        assert_eq!(operators(&graph), ["Relu"]);
    }
}
