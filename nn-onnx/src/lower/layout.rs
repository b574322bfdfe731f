//! In which order the axes of an input are in the spec.
//!
//! The language has channels first. An input of the file keeps its order, unless the first layer that depends on the
//! order reads another: Keras's models take `[height, width, channels]` and transpose before their first convolution,
//! and sequences in PyTorch are often `[length, features]`.

use std::collections::{HashSet, VecDeque};

use super::view::View;
use crate::graph::uses::Uses;
use crate::graph::{Graph, Node, Operator, ValueId, shapes};
use crate::spec::StepId;

/// For each axis of the input in the spec, the axis of a row in the file; `None` for one of length 1.
pub fn of_input(graph: &Graph, uses: &Uses, input: ValueId) -> Vec<Option<usize>> {
    let row = shapes::row(graph, input).unwrap_or_default();
    let own = || (0..row.len()).map(Some).collect();
    if row.len() < 2 {
        return own();
    }
    let Some(mut axes) = first_reader(graph, uses, input, row) else { return own() };
    // Axes of length 1 that the file adds for the layer are not part of the input; the channel is.
    while axes.len() > row.len() {
        let Some(at) = axes.iter().skip(1).position(Option::is_none) else { break };
        axes.remove(at + 1);
    }
    axes
}

/// The axes that the first layer reads which depends on their order.
fn first_reader(graph: &Graph, uses: &Uses, input: ValueId, row: &[usize]) -> Option<Vec<Option<usize>>> {
    let mut waiting = VecDeque::from([(input, View::natural(StepId(0), row))]);
    let mut seen = HashSet::new();
    while let Some((id, view)) = waiting.pop_front() {
        for node in uses.readers(graph, id).filter(|node| node.input(0) == Some(id)) {
            match wanted(graph, node, &view) {
                Wanted::Axes(axes) => return Some(axes),
                Wanted::Nothing => {}
                Wanted::Through(view) => {
                    waiting.extend(node.output().filter(|output| seen.insert(*output)).map(|output| (output, view)));
                }
            }
        }
    }
    None
}

/// What a node says about the order of the axes of its input.
enum Wanted {
    /// They are these.
    Axes(Vec<Option<usize>>),
    /// It says nothing, and neither do its readers.
    Nothing,
    /// Its output is this view.
    Through(View),
}

fn wanted(graph: &Graph, node: &Node, view: &View) -> Wanted {
    use Operator as O;
    let apart = || view.axes.iter().skip(1).map(|axis| axis.atoms().first().copied()).collect();
    let through = |view: Option<View>| view.map_or(Wanted::Nothing, Wanted::Through);
    let dims = |id: Option<ValueId>| id.and_then(|id| graph.value(id).dims.clone());
    match &node.operator {
        O::Conv | O::MaxPool | O::AveragePool | O::GlobalAveragePool | O::GlobalMaxPool if view.is_apart() => {
            Wanted::Axes(apart())
        }
        O::BatchNormalization | O::InstanceNormalization | O::GroupNormalization if view.is_apart() => {
            Wanted::Axes(apart())
        }
        O::Dense if view.is_apart() && view.order().len() > 1 => {
            let mut axes: Vec<Option<usize>> = apart();
            axes.rotate_right(1);
            Wanted::Axes(axes)
        }
        O::Transpose => through(shapes::permutation(node, view.axes.len()).ok().map(|axes| view.transposed(&axes))),
        O::Reshape | O::Flatten | O::Squeeze | O::Unsqueeze => {
            let lengths = atom_lengths(graph, node, view);
            let new = dims(node.output());
            through(lengths.and_then(|lengths| view.reshaped(&lengths, graph.batch, &new?)))
        }
        O::Affine | O::Clip | O::Elu | O::Gelu | O::HardSigmoid | O::LeakyRelu | O::Pad | O::Relu | O::Sigmoid => {
            Wanted::Through(view.clone())
        }
        O::Softplus | O::Tanh => Wanted::Through(view.clone()),
        _ => Wanted::Nothing,
    }
}

/// The lengths of the atoms of a view that a node reads, by what the file says of its axes: a `Pad` changes them.
fn atom_lengths(graph: &Graph, node: &Node, view: &View) -> Option<Vec<usize>> {
    let dims = graph.value(node.input(0)?).dims.as_ref()?;
    let most = view.order().into_iter().max().map_or(0, |atom| atom + 1);
    let mut lengths = vec![1; most];
    for (axis, length) in view.axes.iter().zip(dims) {
        match axis.atoms() {
            [atom] => lengths[*atom] = *length,
            // Joined axes keep their lengths, of which only the product is known here.
            [first, ..] => lengths[*first] = *length,
            [] => {}
        }
    }
    Some(lengths)
}
