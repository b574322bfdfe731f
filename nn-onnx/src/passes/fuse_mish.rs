//! `mish`: x·tanh(softplus(x)) (Misra 2019).

use super::product::{Search, replace_products};
use crate::graph::{Graph, Node, Operator, ValueId};

/// Replaces it by `Mish`.
pub fn run(graph: &mut Graph) {
    replace_products(graph, |search, node| Some((mish(search, node)?, Operator::Mish)));
}

fn mish(search: &Search, node: &Node) -> Option<ValueId> {
    let [Some(left), Some(right)] = node.inputs[..] else { return None };
    let gated = |gate: ValueId| search.argument(search.argument(gate, &Operator::Tanh)?, &Operator::Softplus);
    let pairs = [(left, right), (right, left)].into_iter().filter(|_| node.operator == Operator::Mul);
    let mut found = pairs.filter(|(x, gate)| gated(*gate) == Some(*x));
    found.next().map(|(x, _)| x)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;

    #[test]
    fn its_three_steps_are_one() {
        let mut sample = Sample::new(&[3]);
        let x = sample.input();
        let softplus = sample.add(Operator::Softplus, &[x]);
        let gate = sample.add(Operator::Tanh, &[softplus]);
        let y = sample.add(Operator::Mul, &[x, gate]);
        assert_eq!(operators(&after(sample.returning(y), run)), ["Mish"]);
    }
}
