//! Small graphs for the tests of passes.

use crate::graph::{ANY_BATCH, Array, Attribute, Attributes, Graph, Node, Operator, Output, Value, ValueId};

/// A graph with one input, being built.
pub struct Sample(Graph);

impl Sample {
    /// With an input of this shape, without the batch.
    pub fn new(row: &[usize]) -> Self {
        let dims = [&[ANY_BATCH], row].concat();
        let input = Value { name: "x".to_owned(), dims: Some(dims), ..Value::default() };
        Self(Graph { batch: ANY_BATCH, values: vec![input], inputs: vec![ValueId(0)], ..Graph::default() })
    }

    /// The input.
    pub fn input(&self) -> ValueId {
        self.0.inputs[0]
    }

    /// A list of integers.
    pub fn ints(&mut self, ints: &[i64]) -> ValueId {
        self.0.add_constant("", Array::of_ints(&[ints.len()], ints.to_vec()))
    }

    /// A number.
    pub fn scalar(&mut self, number: f32) -> ValueId {
        self.0.add_constant("", Array::of_floats(&[], vec![number]))
    }

    /// Numbers.
    pub fn floats(&mut self, dims: &[usize], numbers: &[f32]) -> ValueId {
        self.0.add_constant("", Array::of_floats(dims, numbers.to_vec()))
    }

    /// A node without attributes.
    pub fn add(&mut self, operator: Operator, inputs: &[ValueId]) -> ValueId {
        self.add_with(operator, inputs, &[])
    }

    /// A node, named by its operator.
    pub fn add_with(&mut self, operator: Operator, inputs: &[ValueId], attributes: &[(&str, Attribute)]) -> ValueId {
        let output = ValueId(self.0.values.len());
        self.0.values.push(Value { name: format!("v{}", output.0), ..Value::default() });
        self.0.nodes.push(Node {
            name: operator.to_string(),
            operator,
            inputs: inputs.iter().map(|id| Some(*id)).collect(),
            outputs: vec![Some(output)],
            attributes: Attributes(
                attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            ),
        });
        output
    }

    /// The graph that returns a value.
    pub fn returning(mut self, value: ValueId) -> Graph {
        self.0.outputs = vec![Output { name: "y".to_owned(), value, classes: None }];
        self.0
    }
}

/// The operators of a graph after all passes that come before one, and it.
pub fn operators(graph: &Graph) -> Vec<String> {
    graph.nodes.iter().map(|node| node.operator.to_string()).collect()
}

/// A graph with its shapes, after a pass.
pub fn after(mut graph: Graph, pass: fn(&mut Graph)) -> Graph {
    super::evaluate::run(&mut graph, 1 << 16);
    pass(&mut graph);
    super::drop_unused::run(&mut graph);
    graph
}
