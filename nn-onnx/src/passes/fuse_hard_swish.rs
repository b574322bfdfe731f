//! `hard_swish`: x·clamp(x/6 + 1/2, 0, 1) (Howard et al. 2019), also written as x·clamp(x + 3, 0, 6)/6.

use super::product::{Search, close, replace_products};
use crate::graph::{Graph, Node, Operator, ValueId};

/// Replaces it by `HardSwish`.
pub fn run(graph: &mut Graph) {
    replace_products(graph, |search, node| Some((hard_swish(search, node)?, Operator::HardSwish)));
}

fn hard_swish(search: &Search, node: &Node) -> Option<ValueId> {
    let factors = search.factors(node)?;
    let [left, right] = factors.values[..] else { return None };
    let mut found = [(left, right), (right, left)].into_iter().filter(|(x, gate)| {
        let by_six = close(factors.number, 1.0 / 6.0) && clipped(search, *gate) == Some(*x);
        by_six || (factors.number == 1.0 && hard_sigmoid(search, *gate) == Some(*x))
    });
    found.next().map(|(x, _)| x)
}

/// x of clamp(x + 3, 0, 6).
fn clipped(search: &Search, id: ValueId) -> Option<ValueId> {
    let clip = search.made(id, &Operator::Clip)?;
    let bound = |attribute: &str, input: usize| match clip.input(input) {
        Some(id) => search.number(id),
        None => clip.attributes.float(attribute, f32::NAN).ok(),
    };
    let is_six = bound("min", 1) == Some(0.0) && bound("max", 2) == Some(6.0);
    search.plus(clip.input(0).filter(|_| is_six)?, 3.0)
}

/// x of clamp(x/6 + 1/2, 0, 1).
fn hard_sigmoid(search: &Search, id: ValueId) -> Option<ValueId> {
    let node = search.made(id, &Operator::HardSigmoid)?;
    let (alpha, beta) = (node.attributes.float("alpha", 0.2).ok()?, node.attributes.float("beta", 0.5).ok()?);
    node.input(0).filter(|_| close(alpha, 1.0 / 6.0) && close(beta, 0.5))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;

    #[test]
    fn a_clip_or_a_hard_sigmoid_is_the_gate() {
        let mut sample = Sample::new(&[3]);
        let (x, three, zero, six) = (sample.input(), sample.scalar(3.0), sample.scalar(0.0), sample.scalar(6.0));
        let sum = sample.add(Operator::Add, &[x, three]);
        let clip = sample.add(Operator::Clip, &[sum, zero, six]);
        let product = sample.add(Operator::Mul, &[x, clip]);
        let y = sample.add(Operator::Div, &[product, six]);
        assert_eq!(operators(&after(sample.returning(y), run)), ["HardSwish"]);
    }
}
