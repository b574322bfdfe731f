//! `silu`: x·sigmoid(x).

use super::product::{Search, replace_products};
use crate::graph::{Graph, Node, Operator, ValueId};

/// Replaces it by `Silu`.
pub fn run(graph: &mut Graph) {
    replace_products(graph, |search, node| Some((silu(search, node)?, Operator::Silu)));
}

fn silu(search: &Search, node: &Node) -> Option<ValueId> {
    let [Some(left), Some(right)] = node.inputs[..] else { return None };
    let pairs = [(left, right), (right, left)].into_iter().filter(|_| node.operator == Operator::Mul);
    let mut found = pairs.filter(|(x, gate)| search.argument(*gate, &Operator::Sigmoid) == Some(*x));
    found.next().map(|(x, _)| x)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;

    #[test]
    fn a_gate_of_the_value_itself_is_silu() {
        for is_first in [true, false] {
            let mut sample = Sample::new(&[3]);
            let x = sample.add(Operator::Relu, &[sample.input()]);
            let gate = sample.add(Operator::Sigmoid, &[x]);
            let y = sample.add(Operator::Mul, &if is_first { [gate, x] } else { [x, gate] });
            assert_eq!(operators(&after(sample.returning(y), run)), ["Relu", "Silu"]);
        }
    }

    #[test]
    fn a_gate_of_another_value_is_a_product() {
        let mut sample = Sample::new(&[3]);
        let x = sample.add(Operator::Relu, &[sample.input()]);
        let gate = sample.add(Operator::Sigmoid, &[sample.input()]);
        let y = sample.add(Operator::Mul, &[x, gate]);
        assert_eq!(operators(&after(sample.returning(y), run)), ["Relu", "Sigmoid", "Mul"]);
    }
}
