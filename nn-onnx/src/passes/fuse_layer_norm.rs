//! Layer norm (Ba et al. 2016) from its parts: d = x − mean(x), d/√(mean(d²) + ε), then γ and β if they follow.

use super::product::Search;
use crate::graph::{Array, Attribute, Graph, Node, Operator, ValueId};

/// Replaces the last of them by `LayerNormalization`.
pub fn run(graph: &mut Graph) {
    let found: Vec<Norm> = {
        let search = Search::new(graph);
        let norms = graph.nodes.iter().enumerate().filter_map(|(at, node)| norm(&search, at, node));
        norms.map(|norm| with_scale_and_shift(&search, norm)).collect()
    };
    for norm in found {
        let gamma = norm
            .gamma
            .unwrap_or_else(|| graph.add_constant("", Array::of_floats(&[norm.width], vec![1.0; norm.width])));
        let node = &mut graph.nodes[norm.at];
        node.operator = Operator::LayerNormalization;
        node.inputs = vec![Some(norm.x), Some(gamma), norm.beta];
        node.attributes.0 =
            vec![("axis".to_owned(), Attribute::Int(-1)), ("epsilon".to_owned(), Attribute::Float(norm.eps))];
    }
    super::drop_unused::run(graph);
}

struct Norm {
    /// The node that computes the result.
    at: usize,
    result: ValueId,
    x: ValueId,
    eps: f32,
    /// The length of the last axis.
    width: usize,
    gamma: Option<ValueId>,
    beta: Option<ValueId>,
}

/// The norm that a `Div` ends.
fn norm(search: &Search, at: usize, node: &Node) -> Option<Norm> {
    let [Some(difference), Some(deviation)] = node.inputs[..] else { return None };
    let root = search.argument(deviation, &Operator::Sqrt).filter(|_| node.operator == Operator::Div)?;
    let sum = search.made(root, &Operator::Add)?;
    let eps = search.number(sum.input(1)?).filter(|eps| *eps > 0.0)?;
    let squares = mean(search, sum.input(0)?)?;
    if !is_square(search, squares, difference) {
        return None;
    }
    let subtraction = search.made(difference, &Operator::Sub)?;
    let x = subtraction.input(0)?;
    let is_mean = mean(search, subtraction.input(1)?) == Some(x);
    let width = *search.graph.value(x).dims.as_ref()?.last()?;
    is_mean.then_some(Norm { at, result: node.output()?, x, eps, width, gamma: None, beta: None })
}

/// What a value is the mean of, over the last axis.
fn mean(search: &Search, id: ValueId) -> Option<ValueId> {
    let node = search.made(id, &Operator::ReduceMean)?;
    let x = node.input(0)?;
    let rank = search.graph.value(x).dims.as_ref()?.len();
    let axes = crate::graph::shapes::reduced_axes(search.graph, node, rank).ok()?;
    let keeps = node.attributes.int("keepdims", 1) == Ok(1);
    (keeps && axes == [rank - 1]).then_some(x)
}

fn is_square(search: &Search, id: ValueId, of: ValueId) -> bool {
    let power = search
        .made(id, &Operator::Pow)
        .filter(|node| node.input(0) == Some(of) && node.input(1).and_then(|id| search.number(id)) == Some(2.0));
    let product = search.made(id, &Operator::Mul).filter(|node| node.inputs == [Some(of), Some(of)]);
    power.or(product).is_some()
}

/// The same with the factors and the sum that follow.
fn with_scale_and_shift(search: &Search, mut norm: Norm) -> Norm {
    if let Some((at, gamma)) = next(search, &norm, &Operator::Mul) {
        norm = moved(search, Norm { gamma: Some(gamma), ..norm }, at);
        if let Some((at, beta)) = next(search, &norm, &Operator::Add) {
            norm = moved(search, Norm { beta: Some(beta), ..norm }, at);
        }
    }
    norm
}

fn moved(search: &Search, norm: Norm, at: usize) -> Norm {
    let result = search.graph.nodes[at].output().unwrap_or(norm.result);
    Norm { at, result, ..norm }
}

/// The only node that reads a norm, and its constant for each feature.
fn next(search: &Search, norm: &Norm, operator: &Operator) -> Option<(usize, ValueId)> {
    let (at, node) = search.uses.only_reader(search.graph, norm.result)?;
    let [Some(left), Some(right)] = node.inputs[..] else { return None };
    let constant = if left == norm.result { right } else { left };
    let array = search.graph.constant(constant).filter(|_| node.operator == *operator)?;
    (array.dims == [norm.width] && array.floats().is_some()).then_some((at, constant))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;

    #[test]
    fn its_parts_are_one() {
        let mut sample = Sample::new(&[3]);
        let (x, two, eps) = (sample.input(), sample.scalar(2.0), sample.scalar(1e-5));
        let (gamma, beta) = (sample.floats(&[3], &[1.0, 2.0, 3.0]), sample.floats(&[3], &[4.0, 5.0, 6.0]));
        let axes = [("axes", Attribute::Ints(vec![-1]))];
        let mean = sample.add_with(Operator::ReduceMean, &[x], &axes);
        let difference = sample.add(Operator::Sub, &[x, mean]);
        let square = sample.add(Operator::Pow, &[difference, two]);
        let variance = sample.add_with(Operator::ReduceMean, &[square], &axes);
        let sum = sample.add(Operator::Add, &[variance, eps]);
        let deviation = sample.add(Operator::Sqrt, &[sum]);
        let normal = sample.add(Operator::Div, &[difference, deviation]);
        let scaled = sample.add(Operator::Mul, &[normal, gamma]);
        let y = sample.add(Operator::Add, &[scaled, beta]);
        let graph = after(sample.returning(y), run);
        assert_eq!(operators(&graph), ["LayerNormalization"]);
        assert_eq!(graph.nodes[0].inputs, [Some(x), Some(gamma), Some(beta)]);
        assert_eq!(graph.nodes[0].attributes.float("epsilon", 0.0), Ok(1e-5));
    }
}
