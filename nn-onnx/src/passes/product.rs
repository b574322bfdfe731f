//! Products as lists of factors, so that a pattern does not depend on their order.

use crate::graph::uses::Uses;
use crate::graph::{Graph, Node, Operator, ValueId};

/// How deep products are looked into.
const DEEPEST: usize = 4;

/// A graph in which patterns are looked for.
pub struct Search<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Its connections.
    pub uses: Uses,
}

/// The factors of a product.
#[derive(Debug, PartialEq)]
pub struct Factors {
    /// The product of the numbers.
    pub number: f32,
    /// The others.
    pub values: Vec<ValueId>,
}

impl<'a> Search<'a> {
    /// In a graph as it is.
    pub fn new(graph: &'a Graph) -> Self {
        Self { graph, uses: Uses::of(graph) }
    }

    /// The node that computes a value, if it has this operator.
    pub fn made(&self, id: ValueId, operator: &Operator) -> Option<&'a Node> {
        self.uses.made_by(self.graph, id, operator)
    }

    /// What a node of one input reads, if it computes this value.
    pub fn argument(&self, id: ValueId, operator: &Operator) -> Option<ValueId> {
        self.made(id, operator)?.input(0)
    }

    /// A constant of one number.
    pub fn number(&self, id: ValueId) -> Option<f32> {
        self.graph.constant(id)?.scalar()
    }

    /// `a + number`, in either order.
    pub fn plus(&self, id: ValueId, number: f32) -> Option<ValueId> {
        let node = self.made(id, &Operator::Add)?;
        let (left, right) = (node.input(0)?, node.input(1)?);
        let is = |id: ValueId| self.number(id).is_some_and(|found| close(found, number));
        if is(right) { Some(left) } else { is(left).then_some(right) }
    }

    /// The factors of what a node computes, if it is a product or a quotient by a number.
    pub fn factors(&self, node: &Node) -> Option<Factors> {
        let mut factors = Factors { number: 1.0, values: Vec::new() };
        self.add_factors(node, &mut factors, 0)?;
        Some(factors)
    }

    fn add_factors(&self, node: &Node, factors: &mut Factors, depth: usize) -> Option<()> {
        let (left, right) = (node.input(0)?, node.input(1)?);
        match node.operator {
            Operator::Mul => {
                self.add_factor(left, factors, depth);
                self.add_factor(right, factors, depth);
            }
            Operator::Div => {
                factors.number /= self.number(right)?;
                self.add_factor(left, factors, depth);
            }
            _ => return None,
        }
        Some(())
    }

    fn add_factor(&self, id: ValueId, factors: &mut Factors, depth: usize) {
        if let Some(number) = self.number(id) {
            factors.number *= number;
            return;
        }
        let producer = self.uses.producer(self.graph, id).filter(|_| depth < DEEPEST && self.uses.count(id) == 1);
        let mut inner = Factors { number: 1.0, values: Vec::new() };
        if let Some((_, node)) = producer
            && self.add_factors(node, &mut inner, depth + 1).is_some()
        {
            factors.number *= inner.number;
            factors.values.extend(inner.values);
        } else {
            factors.values.push(id);
        }
    }
}

/// Whether two numbers are the same but for rounding.
pub fn close(left: f32, right: f32) -> bool {
    (left - right).abs() <= 1e-4 * right.abs()
}

/// Replaces nodes that a function recognizes by a node of one input, `x`.
pub fn replace_products(graph: &mut Graph, find: impl Fn(&Search, &Node) -> Option<(ValueId, Operator)>) {
    let found: Vec<(usize, ValueId, Operator)> = {
        let search = Search::new(graph);
        let found = graph.nodes.iter().enumerate().map(|(at, node)| Some((at, find(&search, node)?)));
        found.flatten().map(|(at, (x, operator))| (at, x, operator)).collect()
    };
    for (at, x, operator) in found {
        let node = &mut graph.nodes[at];
        node.operator = operator;
        node.inputs = vec![Some(x)];
        node.attributes.0.clear();
    }
    super::drop_unused::run(graph);
}
