//! The tails of classifiers: `ArgMax` and the look-up of its class, and `ZipMap`, which pairs classes with
//! probabilities.
//!
//! A network returns the probabilities. Which class has the largest is known without another operation.

use crate::graph::uses::Uses;
use crate::graph::{Graph, Node, Operator, Output, ValueId};

/// Makes each output that is a class refer to the numbers it is chosen by.
pub fn run(graph: &mut Graph) {
    let uses = Uses::of(graph);
    for at in 0..graph.outputs.len() {
        let output = &graph.outputs[at];
        if let Some(Output { name, value, classes }) =
            zip_map(graph, &uses, output).or_else(|| label(graph, &uses, output))
        {
            graph.outputs[at] = Output { name, value, classes };
        }
    }
}

/// The probabilities that a `ZipMap` pairs with classes.
fn zip_map(graph: &Graph, uses: &Uses, output: &Output) -> Option<Output> {
    let node = uses.made_by(graph, output.value, &Operator::ZipMap)?;
    Some(Output { value: node.input(0)?, ..output.clone() })
}

/// What an output is chosen by, if it is a class.
fn label(graph: &Graph, uses: &Uses, output: &Output) -> Option<Output> {
    let (mut value, mut classes) = (output.value, None);
    loop {
        let (_, node) = uses.producer(graph, value)?;
        match node.operator {
            Operator::Cast | Operator::Reshape | Operator::Squeeze | Operator::Unsqueeze | Operator::Identity => {
                value = node.input(0)?;
            }
            Operator::ArrayFeatureExtractor | Operator::Gather => {
                classes = Some(graph.constant_input(node, 0)?.texts());
                value = node.input(1)?;
            }
            Operator::ArgMax => {
                let (source, width) = chosen_by(graph, node)?;
                let numbered = || (0..width).map(|class| class.to_string()).collect();
                let classes = classes.unwrap_or_else(numbered);
                let is_complete = classes.len() == width;
                return is_complete.then(|| Output {
                    name: output.name.clone(),
                    value: source,
                    classes: Some(classes),
                });
            }
            _ => return None,
        }
    }
}

/// The value whose largest number an `ArgMax` finds, and how many numbers it has.
fn chosen_by(graph: &Graph, node: &Node) -> Option<(ValueId, usize)> {
    let source = node.input(0)?;
    let [_, width] = graph.value(source).dims.as_deref()? else { return None };
    let is_first = node.attributes.int("select_last_index", 0) == Ok(0);
    let is_row = matches!(node.attributes.int("axis", 0), Ok(1 | -1));
    (is_first && is_row).then_some((source, *width))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, after, operators};
    use super::*;
    use crate::graph::Attribute;

    #[test]
    fn a_label_is_chosen_by_probabilities() {
        let mut sample = Sample::new(&[3]);
        let (classes, shape) = (sample.ints(&[4, 5, 9]), sample.ints(&[-1]));
        let softmax = sample.add(Operator::Softmax, &[sample.input()]);
        let largest = sample.add_with(Operator::ArgMax, &[softmax], &[("axis", Attribute::Int(1))]);
        let class = sample.add(Operator::ArrayFeatureExtractor, &[classes, largest]);
        let flat = sample.add(Operator::Reshape, &[class, shape]);
        let label = sample.add_with(Operator::Cast, &[flat], &[("to", Attribute::Int(7))]);
        let graph = after(sample.returning(label), run);
        assert_eq!(operators(&graph), ["Softmax"]);
        let classes = Some(["4", "5", "9"].map(str::to_owned).to_vec());
        assert_eq!(graph.outputs, [Output { name: "y".to_owned(), value: softmax, classes }]);
    }

    #[test]
    fn a_map_of_probabilities_is_the_probabilities() {
        let mut sample = Sample::new(&[3]);
        let softmax = sample.add(Operator::Softmax, &[sample.input()]);
        let map = sample.add(Operator::ZipMap, &[softmax]);
        let graph = after(sample.returning(map), run);
        assert_eq!((graph.outputs[0].value, operators(&graph)), (softmax, vec!["Softmax".to_owned()]));
    }
}
