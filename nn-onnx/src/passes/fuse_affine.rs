//! Sums and products with constants: y = s·x + t, for each feature or for all alike.
//!
//! | nodes | become |
//! | --- | --- |
//! | `Add`, `Sub`, `Mul`, `Div` with a constant, `Neg`, `Scaler` | `Affine` |
//! | two of them in a row | one `Affine` |
//! | one for each feature, after a dense layer or a convolution that nothing else reads | part of its weights and bias |
//! | a sum after one without a bias | its bias |
//!
//! The inputs of an `Affine` are x, s and t, of one number or of one for each feature; its attribute `axis` is the axis
//! of the features.

use crate::graph::uses::Uses;
use crate::graph::{Array, Attribute, Graph, Node, Operator, ValueId};

/// Replaces them.
pub fn run(graph: &mut Graph) {
    let uses = Uses::of(graph);
    let mut producers: Vec<Option<usize>> = vec![None; graph.values.len()];
    for at in 0..graph.nodes.len() {
        if let Some(affine) = affine(graph, &graph.nodes[at]) {
            let before = producers[affine.x.0].filter(|_| uses.count(affine.x) == 1);
            match before {
                Some(before) if absorb(graph, before, &affine) => {
                    let outputs = std::mem::take(&mut graph.nodes[at].outputs);
                    graph.nodes[before].outputs = outputs;
                    // Its result is now that of the node before.
                    graph.nodes[before].outputs.iter().flatten().for_each(|id| producers[id.0] = Some(before));
                    continue;
                }
                Some(_) | None => write(graph, at, &affine),
            }
        }
        graph.nodes[at].outputs.iter().flatten().for_each(|id| producers[id.0] = Some(at));
    }
}

/// y = s·x + t.
struct Affine {
    x: ValueId,
    /// One number, or one for each feature.
    scale: Vec<f64>,
    /// One number, or one for each feature.
    shift: Vec<f64>,
    /// The axis of the features, if they differ.
    axis: Option<usize>,
}

fn affine(graph: &Graph, node: &Node) -> Option<Affine> {
    let x = node.input(0)?;
    let (alike, none) = (vec![1.0], vec![0.0]);
    match node.operator {
        Operator::Neg => Some(Affine { x, scale: vec![-1.0], shift: none, axis: None }),
        Operator::Scaler => scaler(graph, node, x),
        Operator::Add | Operator::Sub | Operator::Mul | Operator::Div => {
            let y = node.input(1)?;
            let (value, constant, is_swapped) = match (graph.constant(x), graph.constant(y)) {
                (None, Some(constant)) => (x, constant, false),
                (Some(constant), None) => (y, constant, true),
                _ => return None,
            };
            let (numbers, axis) = features(constant, graph.value(value).dims.as_deref()?)?;
            let negative = || numbers.iter().map(|number| -number).collect();
            let (scale, shift) = match (&node.operator, is_swapped) {
                (Operator::Add, _) => (alike, numbers),
                (Operator::Sub, false) => (alike, negative()),
                (Operator::Sub, true) => (vec![-1.0], numbers),
                (Operator::Mul, _) => (numbers, none),
                (Operator::Div, false) => (numbers.iter().map(|number| 1.0 / number).collect(), none),
                _ => return None,
            };
            Some(Affine { x: value, scale, shift, axis })
        }
        _ => None,
    }
}

/// `(x − offset)·scale`
fn scaler(graph: &Graph, node: &Node, x: ValueId) -> Option<Affine> {
    let numbers = |name: &str, default: f64| {
        let floats = node.attributes.floats(name).ok()?;
        Some(floats.map_or(vec![default], |floats| floats.iter().map(|number| f64::from(*number)).collect()))
    };
    let (offset, scale) = (numbers("offset", 0.0)?, numbers("scale", 1.0)?);
    let width = offset.len().max(scale.len());
    let dims = graph.value(x).dims.as_deref()?;
    let fits = |list: &[f64]| list.len() == 1 || Some(&list.len()) == dims.last();
    let at = |list: &[f64], at: usize| list[if list.len() == 1 { 0 } else { at }];
    if !fits(&offset) || !fits(&scale) {
        return None;
    }
    let shift = (0..width).map(|feature| -at(&offset, feature) * at(&scale, feature)).collect();
    Some(Affine { x, scale, shift, axis: (width > 1).then(|| dims.len() - 1) })
}

/// The numbers of a constant that is alike for all features, or that has one for each along one axis of x.
fn features(constant: &Array, x: &[usize]) -> Option<(Vec<f64>, Option<usize>)> {
    let numbers = constant.floats()?.iter().map(|number| f64::from(*number)).collect();
    let new = x.len().checked_sub(constant.dims.len())?;
    let wide: Vec<usize> = (0..constant.dims.len()).filter(|axis| constant.dims[*axis] != 1).collect();
    match wide[..] {
        [] => Some((numbers, None)),
        [axis] => (axis + new > 0 && x[axis + new] == constant.dims[axis]).then_some((numbers, Some(axis + new))),
        _ => None,
    }
}

/// Makes a node compute y = s·x + t instead.
fn write(graph: &mut Graph, at: usize, affine: &Affine) {
    let name = graph.nodes[at].name.clone();
    let [scale, shift] = [&affine.scale, &affine.shift].map(|numbers| {
        let numbers: Vec<f32> = numbers.iter().map(|number| *number as f32).collect();
        graph.add_constant(&name, Array::of_floats(&[numbers.len()], numbers))
    });
    let node = &mut graph.nodes[at];
    node.operator = Operator::Affine;
    node.inputs = vec![Some(affine.x), Some(scale), Some(shift)];
    node.attributes.0 = affine.axis.map(|axis| ("axis".to_owned(), Attribute::Int(axis as i64))).into_iter().collect();
}

/// Makes a node that computes x compute s·x + t; `false` if it cannot.
fn absorb(graph: &mut Graph, before: usize, affine: &Affine) -> bool {
    let node = &graph.nodes[before];
    let rank = node.output().and_then(|id| graph.value(id).dims.as_ref()).map_or(0, Vec::len);
    let axis = match node.operator {
        Operator::Dense => rank.checked_sub(1),
        Operator::Conv => Some(1),
        Operator::Affine => return compose(graph, before, affine),
        _ => None,
    };
    let is_bias = affine.scale == [1.0] && node.input(2).is_none();
    let fits = affine.axis == axis || (affine.axis.is_none() && is_bias);
    axis.is_some() && fits && into_weights(graph, before, affine).is_some()
}

fn compose(graph: &mut Graph, before: usize, affine: &Affine) -> bool {
    let node = &graph.nodes[before];
    let (Some(x), Ok(axis)) = (node.input(0), node.attributes.int("axis", -1)) else { return false };
    let numbers = |at: usize| -> Vec<f64> {
        let floats = graph.constant_input(node, at).and_then(|array| array.floats()).unwrap_or_default();
        floats.iter().map(|number| f64::from(*number)).collect()
    };
    let (scale, shift) = (numbers(1), numbers(2));
    let axis = usize::try_from(axis).ok();
    if axis.is_some() && affine.axis.is_some() && axis != affine.axis {
        return false;
    }
    let lists = [&scale, &shift, &affine.scale, &affine.shift];
    let width = lists.iter().map(|list| list.len()).max().unwrap_or(1);
    let at = |list: &[f64], at: usize| list[if list.len() == 1 { 0 } else { at }];
    let composed = Affine {
        x,
        scale: (0..width).map(|feature| at(&affine.scale, feature) * at(&scale, feature)).collect(),
        shift: (0..width)
            .map(|feature| at(&affine.scale, feature) * at(&shift, feature) + at(&affine.shift, feature))
            .collect(),
        axis: axis.or(affine.axis),
    };
    write(graph, before, &composed);
    true
}

/// Weights whose last axis (of a dense layer) or first (of a convolution) are the features.
fn into_weights(graph: &mut Graph, at: usize, affine: &Affine) -> Option<()> {
    let node = &graph.nodes[at];
    let weight = graph.constant_input(node, 1)?.clone();
    let is_dense = node.operator == Operator::Dense;
    let units = *if is_dense { weight.dims.last()? } else { weight.dims.first()? };
    let of = |list: &[f64], unit: usize| list.get(if list.len() == 1 { 0 } else { unit }).copied();
    let old = match node.input(2) {
        Some(id) => graph.constant(id)?.floats()?.to_vec(),
        None => vec![0.0; units],
    };
    let bias = (0..units)
        .map(|unit| Some((f64::from(*old.get(unit)?) * of(&affine.scale, unit)? + of(&affine.shift, unit)?) as f32))
        .collect::<Option<Vec<f32>>>()?;
    let numbers = weight.floats()?;
    let each = numbers.len() / units.max(1);
    let unit = |at: usize| if is_dense { at % units } else { at / each.max(1) };
    let scaled =
        numbers.iter().enumerate().map(|(at, number)| Some((f64::from(*number) * of(&affine.scale, unit(at))?) as f32));
    let scaled = Array::of_floats(&weight.dims, scaled.collect::<Option<_>>()?);
    let name = |input: usize| node.input(input).map(|id| graph.value(id).name.clone()).unwrap_or_default();
    let (weight_name, bias_name) = (name(1), name(2));
    let weight = graph.add_constant(&weight_name, scaled);
    let bias = graph.add_constant(&bias_name, Array::of_floats(&[units], bias));
    let node = &mut graph.nodes[at];
    node.inputs = vec![node.inputs[0], Some(weight), Some(bias)];
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;

    fn numbers(graph: &Graph, at: usize) -> &[f32] {
        graph.constant_input(&graph.nodes[0], at).unwrap().floats().unwrap()
    }

    fn dense(sample: &mut Sample) -> ValueId {
        let weight = sample.floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        sample.add(Operator::Dense, &[sample.input(), weight])
    }

    #[test]
    fn a_sum_after_a_dense_layer_is_its_bias() {
        let mut sample = Sample::new(&[2]);
        let (product, bias) = (dense(&mut sample), sample.floats(&[1, 2], &[5.0, 6.0]));
        let y = sample.add(Operator::Add, &[bias, product]);
        let graph = after(sample.returning(y), run);
        assert_eq!((operators(&graph), numbers(&graph, 2)), (vec!["Dense".to_owned()], &[5.0, 6.0][..]));
    }

    #[test]
    fn factors_of_features_are_part_of_the_weights() {
        let mut sample = Sample::new(&[2]);
        let (product, factor, bias) = (dense(&mut sample), sample.floats(&[2], &[10.0, 100.0]), sample.scalar(1.0));
        let sum = sample.add(Operator::Add, &[product, bias]);
        let y = sample.add(Operator::Mul, &[sum, factor]);
        let graph = after(sample.returning(y), run);
        assert_eq!((operators(&graph), numbers(&graph, 2)), (vec!["Dense".to_owned()], &[10.0, 100.0][..]));
        assert_eq!(numbers(&graph, 1), [10.0, 200.0, 30.0, 400.0]);
    }

    #[test]
    fn several_in_a_row_are_one() {
        let mut sample = Sample::new(&[2]);
        let (mean, deviation) = (sample.floats(&[2], &[1.0, 2.0]), sample.floats(&[2], &[2.0, 4.0]));
        let difference = sample.add(Operator::Sub, &[sample.input(), mean]);
        let y = sample.add(Operator::Div, &[difference, deviation]);
        let graph = after(sample.returning(y), run);
        assert_eq!(operators(&graph), ["Affine"]);
        assert_eq!((numbers(&graph, 1), numbers(&graph, 2)), (&[0.5, 0.25][..], &[-0.5, -0.5][..]));
    }

    #[test]
    fn a_layer_that_something_else_reads_stays() {
        let mut sample = Sample::new(&[2]);
        let (product, factor) = (dense(&mut sample), sample.floats(&[2], &[10.0, 100.0]));
        let scaled = sample.add(Operator::Mul, &[product, factor]);
        let y = sample.add(Operator::Add, &[scaled, product]);
        assert_eq!(operators(&after(sample.returning(y), run)), ["Dense", "Affine", "Add"]);
    }
}
