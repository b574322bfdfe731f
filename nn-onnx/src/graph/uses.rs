//! Which node computes a value, and how often it is read.

use super::{Graph, Node, Operator, ValueId};

/// The connections of a graph, as they were when it was made.
pub struct Uses {
    producers: Vec<Option<usize>>,
    readers: Vec<Vec<usize>>,
    counts: Vec<usize>,
}

impl Uses {
    /// The connections of a graph.
    pub fn of(graph: &Graph) -> Self {
        let mut producers = vec![None; graph.values.len()];
        let mut readers = vec![Vec::new(); graph.values.len()];
        for (at, node) in graph.nodes.iter().enumerate() {
            node.outputs.iter().flatten().for_each(|id| producers[id.0] = Some(at));
            node.inputs.iter().flatten().for_each(|id| readers[id.0].push(at));
        }
        let mut counts: Vec<usize> = readers.iter().map(Vec::len).collect();
        graph.outputs.iter().for_each(|output| counts[output.value.0] += 1);
        Self { producers, readers, counts }
    }

    /// The node that computes a value, and its place; `None` for an input or a constant.
    pub fn producer<'a>(&self, graph: &'a Graph, id: ValueId) -> Option<(usize, &'a Node)> {
        let at = self.producers.get(id.0).copied().flatten()?;
        graph.nodes.get(at).map(|node| (at, node))
    }

    /// The node that computes a value, if it has this operator.
    pub fn made_by<'a>(&self, graph: &'a Graph, id: ValueId, operator: &Operator) -> Option<&'a Node> {
        self.producer(graph, id).map(|(_, node)| node).filter(|node| node.operator == *operator)
    }

    /// How often it is read, as an output of the graph included.
    pub fn count(&self, id: ValueId) -> usize {
        self.counts.get(id.0).copied().unwrap_or_default()
    }

    /// The only node that reads a value, and its place; `None` if it is read more than once, or is an output.
    pub fn only_reader<'a>(&self, graph: &'a Graph, id: ValueId) -> Option<(usize, &'a Node)> {
        let at = *self.readers.get(id.0)?.first().filter(|_| self.count(id) == 1)?;
        graph.nodes.get(at).map(|node| (at, node))
    }

    /// The nodes that read a value.
    pub fn readers<'a>(&self, graph: &'a Graph, id: ValueId) -> impl Iterator<Item = &'a Node> {
        self.readers.get(id.0).into_iter().flatten().filter_map(|at| graph.nodes.get(*at))
    }
}
