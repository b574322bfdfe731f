//! `softplus`: `Log(1 + Exp(x))`, and the `Where` by which PyTorch returns `x` itself where it is large.

use super::product::{Search, replace_products};
use crate::graph::{Graph, Node, Operator, ValueId};

/// Replaces both by `Softplus`.
pub fn run(graph: &mut Graph) {
    replace_products(graph, |search, node| Some((logarithm(search, node)?, Operator::Softplus)));
    replace_products(graph, |search, node| Some((threshold(search, node)?, Operator::Softplus)));
}

fn logarithm(search: &Search, node: &Node) -> Option<ValueId> {
    let sum = node.input(0).filter(|_| node.operator == Operator::Log)?;
    search.argument(search.plus(sum, 1.0)?, &Operator::Exp)
}

/// `Where(x > 20, x, softplus(x))`: beyond 20 both are the same f32.
fn threshold(search: &Search, node: &Node) -> Option<ValueId> {
    let [Some(condition), Some(large), Some(small)] = node.inputs[..] else { return None };
    let compared = search.made(condition, &Operator::Greater).filter(|_| node.operator == Operator::Where)?;
    let limit = search.number(compared.input(1)?)?;
    let is_same = compared.input(0)? == large && search.argument(small, &Operator::Softplus)? == large;
    (is_same && limit >= 16.0).then_some(large)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;

    #[test]
    fn both_forms_are_softplus() {
        let mut sample = Sample::new(&[3]);
        let (x, one, limit) = (sample.input(), sample.scalar(1.0), sample.scalar(20.0));
        let exp = sample.add(Operator::Exp, &[x]);
        let sum = sample.add(Operator::Add, &[one, exp]);
        let log = sample.add(Operator::Log, &[sum]);
        let greater = sample.add(Operator::Greater, &[x, limit]);
        let chosen = sample.add(Operator::Where, &[greater, x, log]);
        assert_eq!(operators(&after(sample.returning(chosen), run)), ["Softplus"]);
    }
}
