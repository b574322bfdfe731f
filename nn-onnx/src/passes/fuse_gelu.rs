//! `gelu` (Hendrycks & Gimpel 2016) from its parts: x/2·(1 + erf(x/√2)), or with
//! tanh(√(2/π)·(x + 0.044715·x³)) in place of the error function.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::product::{Search, close};
use crate::graph::{Attribute, Graph, Node, Operator, ValueId};

/// Replaces both by `Gelu`.
pub fn run(graph: &mut Graph) {
    let found: Vec<(usize, ValueId, &str)> = {
        let search = Search::new(graph);
        let found = graph.nodes.iter().enumerate().map(|(at, node)| {
            let (x, approximate) = gelu(&search, node)?;
            Some((at, x, approximate))
        });
        found.flatten().collect()
    };
    for (at, x, approximate) in found {
        let node = &mut graph.nodes[at];
        node.operator = Operator::Gelu;
        node.inputs = vec![Some(x)];
        node.attributes.0 = vec![("approximate".to_owned(), Attribute::Text(approximate.to_owned()))];
    }
    super::drop_unused::run(graph);
}

fn gelu(search: &Search, node: &Node) -> Option<(ValueId, &'static str)> {
    let factors = search.factors(node).filter(|factors| close(factors.number, 0.5))?;
    let [left, right] = factors.values[..] else { return None };
    [(left, right), (right, left)].into_iter().find_map(|(x, gate)| {
        let inner = search.plus(gate, 1.0)?;
        if search.argument(inner, &Operator::Erf).is_some_and(|id| is_multiple(search, id, x, FRAC_1_SQRT_2)) {
            return Some((x, "none"));
        }
        let is_tanh = search.argument(inner, &Operator::Tanh).is_some_and(|id| is_cubic(search, id, x));
        is_tanh.then_some((x, "tanh"))
    })
}

/// Whether a value is `number`·x.
fn is_multiple(search: &Search, id: ValueId, x: ValueId, number: f32) -> bool {
    let node = search.uses.producer(search.graph, id).map(|(_, node)| node);
    let factors = node.and_then(|node| search.factors(node));
    factors.is_some_and(|factors| factors.values == [x] && close(factors.number, number))
}

/// Whether a value is √(2/π)·(x + 0.044715·x³).
fn is_cubic(search: &Search, id: ValueId, x: ValueId) -> bool {
    let found = search.uses.producer(search.graph, id).and_then(|(_, node)| search.factors(node));
    let Some(factors) = found.filter(|factors| close(factors.number, FRAC_2_SQRT_PI * FRAC_1_SQRT_2)) else {
        return false;
    };
    let [sum] = factors.values[..] else { return false };
    let Some([Some(left), Some(right)]) = search.made(sum, &Operator::Add).map(|node| [node.input(0), node.input(1)])
    else {
        return false;
    };
    [(left, right), (right, left)].into_iter().any(|(first, cube)| {
        let node = search.uses.producer(search.graph, cube).map(|(_, node)| node);
        let factors = node.and_then(|node| search.factors(node));
        first == x
            && factors.is_some_and(|factors| close(factors.number, 0.044715) && is_cube(search, &factors.values, x))
    })
}

/// Whether factors are x³: `Pow(x, 3)`, or x three times.
fn is_cube(search: &Search, factors: &[ValueId], x: ValueId) -> bool {
    let power = |id: ValueId| {
        let node = search.made(id, &Operator::Pow)?;
        node.input(0).filter(|base| *base == x)?;
        search.number(node.input(1)?)
    };
    let exponent = |id: &ValueId| if *id == x { Some(1.0) } else { power(*id) };
    factors.iter().map(exponent).sum::<Option<f32>>() == Some(3.0)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after};
    use super::*;

    fn is_gelu(graph: &Graph, approximate: &str) -> bool {
        let [node] = &graph.nodes[..] else { return false };
        node.operator == Operator::Gelu && node.attributes.text("approximate", "") == Ok(approximate)
    }

    #[test]
    fn the_error_function_makes_the_exact_one() {
        let mut sample = Sample::new(&[3]);
        let (x, root, one, half) = (sample.input(), sample.scalar(2f32.sqrt()), sample.scalar(1.0), sample.scalar(0.5));
        let scaled = sample.add(Operator::Div, &[x, root]);
        let erf = sample.add(Operator::Erf, &[scaled]);
        let sum = sample.add(Operator::Add, &[erf, one]);
        let product = sample.add(Operator::Mul, &[x, sum]);
        let y = sample.add(Operator::Mul, &[product, half]);
        assert!(is_gelu(&after(sample.returning(y), run), "none"));
    }

    #[test]
    fn a_cube_in_tanh_makes_the_approximation() {
        let mut sample = Sample::new(&[3]);
        let (x, three, one, half) = (sample.input(), sample.scalar(3.0), sample.scalar(1.0), sample.scalar(0.5));
        let (small, root) = (sample.scalar(0.044715), sample.scalar(0.797_884_6));
        let cube = sample.add(Operator::Pow, &[x, three]);
        let scaled = sample.add(Operator::Mul, &[cube, small]);
        let sum = sample.add(Operator::Add, &[x, scaled]);
        let inner = sample.add(Operator::Mul, &[root, sum]);
        let tanh = sample.add(Operator::Tanh, &[inner]);
        let gate = sample.add(Operator::Add, &[one, tanh]);
        let first = sample.add(Operator::Mul, &[half, x]);
        let y = sample.add(Operator::Mul, &[first, gate]);
        assert!(is_gelu(&after(sample.returning(y), run), "tanh"));
    }

    #[test]
    fn another_factor_is_left_as_it_is() {
        let mut sample = Sample::new(&[3]);
        let (x, root, one, two) = (sample.input(), sample.scalar(2f32.sqrt()), sample.scalar(1.0), sample.scalar(2.0));
        let scaled = sample.add(Operator::Div, &[x, root]);
        let erf = sample.add(Operator::Erf, &[scaled]);
        let sum = sample.add(Operator::Add, &[erf, one]);
        let product = sample.add(Operator::Mul, &[x, sum]);
        let y = sample.add(Operator::Mul, &[product, two]);
        assert_eq!(after(sample.returning(y), run).nodes.len(), 5);
    }
}
