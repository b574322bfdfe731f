//! Computes what does not depend on the inputs, and the shapes of what does.
//!
//! This folds the arithmetic with shapes: the length of the batch is a number too ([`Graph::batch`]).

use crate::error::Reason;
use crate::graph::{Array, Graph, Node, Operator};
use crate::graph::{fold, shapes};

/// Computes constants of up to `memory` elements in all, and shapes. Nodes that contradict themselves are refused.
pub fn run(graph: &mut Graph, memory: usize) {
    let mut left = memory;
    for node in std::mem::take(&mut graph.nodes) {
        match of(graph, &node, left) {
            Ok(Found::Constant(array)) => {
                left -= array.len().min(left);
                if let Some(output) = node.output() {
                    let value = &mut graph.values[output.0];
                    value.is_integer = array.ints().is_some();
                    value.dims = Some(array.dims.clone());
                    value.constant = Some(array);
                }
            }
            Ok(Found::Shapes(shapes)) => {
                for (output, dims) in node.outputs.iter().zip(shapes) {
                    if let Some(id) = output {
                        graph.values[id.0].dims = dims;
                    }
                }
                if let Some(output) = node.output() {
                    graph.values[output.0].is_integer = is_integer(graph, &node);
                }
                graph.nodes.push(node);
            }
            Err(reason) => graph.refusals.push(node.refused(reason)),
        }
    }
}

enum Found {
    Constant(Array),
    Shapes(Vec<Option<Vec<usize>>>),
}

fn of(graph: &Graph, node: &Node, memory: usize) -> Result<Found, Reason> {
    if let Some(array) = fold::fold(graph, node, memory)? {
        return Ok(Found::Constant(array));
    }
    let shapes = shapes::infer(graph, node)?;
    if shapes.iter().flatten().any(|dims| dims.contains(&0)) {
        return Err(Reason::new("its result has no elements", ""));
    }
    Ok(Found::Shapes(shapes))
}

fn is_integer(graph: &Graph, node: &Node) -> bool {
    let of_input = || node.input(0).is_some_and(|id| graph.value(id).is_integer);
    match node.operator {
        Operator::Cast => matches!(node.attributes.int("to", 1), Ok(2..=7 | 9 | 12 | 13)),
        Operator::ArgMax => true,
        Operator::Identity | Operator::Reshape | Operator::Squeeze | Operator::Unsqueeze | Operator::Transpose => {
            of_input()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;
    use crate::graph::Attribute;

    #[test]
    fn arithmetic_with_shapes_folds() {
        let mut sample = Sample::new(&[16, 5, 5]);
        let axis = sample.ints(&[0]);
        let zero = sample.ints(&[0]);
        let one = sample.ints(&[1]);
        let rest = sample.ints(&[400]);
        let shape = sample.add(Operator::Shape, &[sample.input()]);
        let batch = sample.add(Operator::Slice, &[shape, zero, one, axis]);
        let wanted = sample.add_with(Operator::Concat, &[batch, rest], &[("axis", Attribute::Int(0))]);
        let flat = sample.add(Operator::Reshape, &[sample.input(), wanted]);
        let graph = sample.returning(flat);
        let graph = &mut { graph };
        run(graph, 100);
        assert_eq!(graph.nodes.len(), 1);
        assert_eq!(graph.value(flat).dims, Some(vec![graph.batch, 400]));
    }

    #[test]
    fn constants_stay_within_the_memory() {
        let mut sample = Sample::new(&[2]);
        let mut list = sample.ints(&[1, 2, 3, 4]);
        for _ in 0..60 {
            list = sample.add_with(Operator::Concat, &[list, list], &[("axis", Attribute::Int(0))]);
        }
        let mut graph = sample.returning(list);
        run(&mut graph, 1000);
        let kept: usize = graph.values.iter().filter_map(|value| Some(value.constant.as_ref()?.len())).sum();
        assert!(kept <= 1004, "{kept}");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let mut sample = Sample::new(&[3]);
        let wanted = sample.ints(&[-1, 2]);
        let flat = sample.add(Operator::Reshape, &[sample.input(), wanted]);
        let mut graph = sample.returning(flat);
        graph.batch = 1;
        graph.values[0].dims = Some(vec![1, 3]);
        run(&mut graph, 100);
        let [refusal] = &graph.refusals[..] else { panic!("{:?}", graph.refusals) };
        assert_eq!(refusal.to_string(), "`Reshape` (Reshape, shape): [1, 3] cannot become [-1, 2]");
    }
}
