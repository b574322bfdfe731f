//! Leaves out what changes nothing at inference: `Identity`, `Dropout`, `Cast` between numbers, and joins of one value.

use std::collections::HashMap;

use crate::graph::{Graph, Node, Operator, ValueId};

/// Removes the nodes, and lets their readers read what they read.
pub fn run(graph: &mut Graph) {
    let nodes = std::mem::take(&mut graph.nodes);
    let (gone, kept): (Vec<Node>, Vec<Node>) = nodes.into_iter().partition(|node| changes_nothing(graph, node));
    graph.nodes = kept;
    let mut now: HashMap<ValueId, ValueId> = HashMap::new();
    // A node comes after those that it reads.
    for node in gone {
        if let (Some(output), Some(input)) = (node.output(), node.input(0)) {
            now.insert(output, now.get(&input).copied().unwrap_or(input));
        }
    }
    let inputs = graph.nodes.iter_mut().flat_map(|node| node.inputs.iter_mut().flatten());
    let outputs = graph.outputs.iter_mut().map(|output| &mut output.value);
    inputs.chain(outputs).for_each(|id| *id = now.get(id).copied().unwrap_or(*id));
}

fn changes_nothing(graph: &Graph, node: &Node) -> bool {
    let is_integer = |at: usize| node.input(at).is_some_and(|id| graph.value(id).is_integer);
    match node.operator {
        Operator::Identity => true,
        // The mask, its second output, is not a value of an inference.
        Operator::Dropout => node.outputs.iter().skip(1).all(Option::is_none),
        Operator::Cast => match node.attributes.int("to", 1) {
            Ok(1 | 10 | 11 | 16) => !is_integer(0),
            Ok(2..=7 | 12 | 13) => is_integer(0),
            Ok(_) | Err(_) => false,
        },
        Operator::CastLike => is_integer(0) == is_integer(1),
        Operator::Concat | Operator::Sum | Operator::Max | Operator::Min => node.inputs.len() == 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;
    use crate::graph::Attribute;

    #[test]
    fn readers_read_what_was_before() {
        let mut sample = Sample::new(&[3]);
        let one = sample.add(Operator::Identity, &[sample.input()]);
        let two = sample.add(Operator::Dropout, &[one]);
        let three = sample.add(Operator::Relu, &[two]);
        let four = sample.add_with(Operator::Cast, &[three], &[("to", Attribute::Int(1))]);
        let graph = after(sample.returning(four), run);
        assert_eq!(operators(&graph), ["Relu"]);
        assert_eq!((graph.nodes[0].input(0), graph.outputs[0].value), (Some(graph.inputs[0]), three));
    }

    #[test]
    fn a_cast_to_integers_stays() {
        let mut sample = Sample::new(&[3]);
        let cast = sample.add_with(Operator::Cast, &[sample.input()], &[("to", Attribute::Int(7))]);
        assert_eq!(operators(&after(sample.returning(cast), run)), ["Cast"]);
    }
}
