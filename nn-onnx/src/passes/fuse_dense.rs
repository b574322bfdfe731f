//! `Gemm`, and `MatMul` by a constant matrix, become `Dense`: x·W + b with W `[inputs, units]`.
//!
//! The factors of a `Gemm` become part of its weights, and a transposed W is transposed here. A `Gemm` whose input is
//! transposed, or whose matrices are computed, stays.

use crate::graph::array::{pick, transposed};
use crate::graph::{Array, Graph, Node, Operator};

/// Replaces them.
pub fn run(graph: &mut Graph) {
    for at in 0..graph.nodes.len() {
        let node = &graph.nodes[at];
        let Some((weight, bias)) = parts(graph, node) else { continue };
        let name = node.input(1).map(|id| graph.value(id).name.clone()).unwrap_or_default();
        let weight = graph.add_constant(&name, weight);
        let bias = bias.map(|bias| graph.add_constant(&name, bias));
        let node = &mut graph.nodes[at];
        node.operator = Operator::Dense;
        node.inputs = vec![node.inputs[0], Some(weight)];
        node.inputs.extend(bias.map(Some));
        node.attributes.0.clear();
    }
}

/// The weight and the bias of a node that is a dense layer.
fn parts(graph: &Graph, node: &Node) -> Option<(Array, Option<Array>)> {
    node.input(0).filter(|id| graph.constant(*id).is_none())?;
    let weight = graph.constant_input(node, 1)?;
    let ([_, _], Some(_)) = (&weight.dims[..], weight.floats()) else { return None };
    match node.operator {
        Operator::MatMul => Some((weight.clone(), None)),
        Operator::Gemm if node.attributes.int("transA", 0) == Ok(0) => {
            let weight = if node.attributes.int("transB", 0) == Ok(0) { weight.clone() } else { swapped(weight)? };
            let weight = scaled(&weight, node.attributes.float("alpha", 1.0).ok()?)?;
            let bias = match node.input(2) {
                None => None,
                Some(id) => Some(bias(graph.constant(id)?, weight.dims[1], node.attributes.float("beta", 1.0).ok()?)?),
            };
            Some((weight, bias))
        }
        _ => None,
    }
}

fn swapped(weight: &Array) -> Option<Array> {
    let elements = pick(&weight.elements, &transposed(&weight.dims, &[1, 0]))?;
    Some(Array { dims: vec![weight.dims[1], weight.dims[0]], elements })
}

fn scaled(array: &Array, factor: f32) -> Option<Array> {
    Some(Array::of_floats(&array.dims, array.floats()?.iter().map(|number| number * factor).collect()))
}

/// A bias of one number, or of one for each unit.
fn bias(array: &Array, units: usize, factor: f32) -> Option<Array> {
    let numbers = scaled(array, factor)?.floats()?.to_vec();
    let is_row = array.dims.iter().rev().skip(1).all(|dim| *dim == 1);
    match &numbers[..] {
        [number] => Some(Array::of_floats(&[units], vec![*number; units])),
        numbers if is_row && numbers.len() == units => Some(Array::of_floats(&[units], numbers.to_vec())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;
    use crate::graph::Attribute;

    #[test]
    fn either_transposition_and_both_factors() {
        let mut sample = Sample::new(&[2]);
        let (weight, bias) =
            (sample.floats(&[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), sample.floats(&[1, 3], &[1.0, 2.0, 3.0]));
        let settings =
            [("transB", Attribute::Int(1)), ("alpha", Attribute::Float(2.0)), ("beta", Attribute::Float(0.5))];
        let y = sample.add_with(Operator::Gemm, &[sample.input(), weight, bias], &settings);
        let graph = after(sample.returning(y), run);
        assert_eq!(operators(&graph), ["Dense"]);
        let constant = |at| graph.constant_input(&graph.nodes[0], at).unwrap();
        assert_eq!(*constant(1), Array::of_floats(&[2, 3], vec![2.0, 6.0, 10.0, 4.0, 8.0, 12.0]));
        assert_eq!(*constant(2), Array::of_floats(&[3], vec![0.5, 1.0, 1.5]));
    }

    #[test]
    fn a_product_of_two_values_stays() {
        let mut sample = Sample::new(&[2, 2]);
        let y = sample.add(Operator::MatMul, &[sample.input(), sample.input()]);
        assert_eq!(operators(&after(sample.returning(y), run)), ["MatMul"]);
    }
}
