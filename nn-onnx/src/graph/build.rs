//! Builds the graph of a decoded model.
//!
//! Reports what contradicts itself: a name that nothing computes or that two nodes compute, a cycle, tensors whose data
//! and dimensions differ.

use std::collections::HashMap;

use super::{ANY_BATCH, Array, Attribute, Attributes, Graph, Node, Operator, Output, Value, ValueId};
use crate::error::{Error, Reason};
use crate::proto::{self, Dim, External};

/// Reads a part of another file, which the model names.
pub type ReadFile<'a> = dyn Fn(&External) -> Result<Vec<u8>, String> + 'a;

/// Builds the graph of a model. `read` reads the files with its tensors.
///
/// # Errors
///
/// [`Error::Invalid`] if the model contradicts itself; [`Error::Refused`] for inputs of unknown shapes.
pub fn build(model: &proto::Model, read: &ReadFile) -> Result<Graph, Error> {
    let opset = |of: &str| model.opsets.iter().find(|(domain, _)| domain == of).map(|(_, version)| *version);
    let opset = opset("").or(opset("ai.onnx")).unwrap_or(1);
    let graph = Graph { producer: model.producer.clone(), opset, ..Graph::default() };
    let mut builder = Builder { graph, ids: HashMap::new(), read };
    builder.add_initializers(&model.graph).map_err(Error::Invalid)?;
    builder.add_inputs(&model.graph)?;
    builder.add_nodes(&model.graph).map_err(Error::Invalid)?;
    builder.add_outputs(&model.graph).map_err(Error::Invalid)?;
    let graph = builder.graph;
    let many = [("input", graph.inputs.len()), ("output", graph.outputs.len())];
    let many = many.into_iter().filter(|(_, count)| *count > MOST);
    let refused = |(what, count)| {
        let reason = format!("the model has {count} of them, but a spec has at most {MOST}");
        Reason::new(reason, "split the model").of(&format!("{what}s"), what)
    };
    let refusals: Vec<_> = many.map(refused).collect();
    if refusals.is_empty() { Ok(graph) } else { Err(Error::Refused(refusals)) }
}

/// The most inputs and the most outputs of a spec.
const MOST: usize = 8;

struct Builder<'a> {
    graph: Graph,
    ids: HashMap<String, ValueId>,
    read: &'a ReadFile<'a>,
}

impl Builder<'_> {
    fn add(&mut self, value: Value) -> Result<ValueId, String> {
        let id = ValueId(self.graph.values.len());
        if self.ids.insert(value.name.clone(), id).is_some() {
            return Err(format!("two values have the name `{}`", value.name));
        }
        self.graph.values.push(value);
        Ok(id)
    }

    fn array(&self, tensor: &proto::Tensor) -> Result<Array, String> {
        let elements = proto::elements(tensor, self.read).map_err(|reason| {
            let name = if tensor.name.is_empty() { "a constant" } else { &tensor.name };
            format!("tensor `{name}`: {reason}")
        })?;
        Ok(Array { dims: tensor.dims.iter().map(|dim| *dim as usize).collect(), elements })
    }

    fn add_initializers(&mut self, graph: &proto::Graph) -> Result<(), String> {
        for tensor in &graph.initializers {
            let array = self.array(tensor)?;
            let is_integer = array.ints().is_some();
            let dims = Some(array.dims.clone());
            self.add(Value { name: tensor.name.clone(), dims, constant: Some(array), is_integer })?;
        }
        Ok(())
    }

    fn add_inputs(&mut self, graph: &proto::Graph) -> Result<(), Error> {
        // Files of version 3 list initializers as inputs too.
        let inputs: Vec<_> = graph.inputs.iter().filter(|input| !self.ids.contains_key(&input.name)).collect();
        let first = |input: &&proto::ValueInfo| match input.tensor.as_ref()?.dims.as_ref()?.first()? {
            Dim::Known(length) if *length > 0 => usize::try_from(*length).ok(),
            Dim::Known(_) | Dim::Named(_) => None,
        };
        let lengths: Vec<Option<usize>> = inputs.iter().map(first).collect();
        let mut refusals = Vec::new();
        self.graph.batch = match &lengths[..] {
            [Some(length), rest @ ..] if rest.iter().all(|other| *other == Some(*length)) => *length,
            _ => ANY_BATCH,
        };
        for input in inputs {
            match row(input) {
                Ok(row) => {
                    let dims = std::iter::once(self.graph.batch).chain(row).collect();
                    let is_integer = input.tensor.as_ref().is_some_and(|tensor| matches!(tensor.data_type, 2..=7));
                    let value = Value { name: input.name.clone(), dims: Some(dims), constant: None, is_integer };
                    let id = self.add(value).map_err(Error::Invalid)?;
                    self.graph.inputs.push(id);
                }
                Err(reason) => refusals.push(reason.of(&input.name, "input")),
            }
        }
        if refusals.is_empty() { Ok(()) } else { Err(Error::Refused(refusals)) }
    }

    fn add_nodes(&mut self, graph: &proto::Graph) -> Result<(), String> {
        for name in graph.nodes.iter().flat_map(|node| &node.outputs).filter(|name| !name.is_empty()) {
            self.add(Value { name: name.clone(), ..Value::default() })?;
        }
        for at in ordered(graph, &self.ids)? {
            let node = self.node(&graph.nodes[at])?;
            self.graph.nodes.push(node);
        }
        Ok(())
    }

    fn node(&self, node: &proto::Node) -> Result<Node, String> {
        let name = match node.outputs.iter().find(|name| !name.is_empty()) {
            Some(output) if node.name.is_empty() => output,
            _ => &node.name,
        };
        let ids = |names: &[String], what: &str| {
            let id = |value: &String| match (value.as_str(), self.ids.get(value)) {
                ("", _) => Ok(None),
                (_, Some(id)) => Ok(Some(*id)),
                (value, None) => Err(format!("node `{name}` {what} `{value}`, which does not exist")),
            };
            names.iter().map(id).collect::<Result<Vec<_>, String>>()
        };
        let attribute = |(name, value): &(String, proto::Attribute)| Ok((name.clone(), self.attribute(value)?));
        Ok(Node {
            name: name.clone(),
            operator: Operator::new(&node.domain, &node.operator),
            inputs: ids(&node.inputs, "reads")?,
            outputs: ids(&node.outputs, "computes")?,
            attributes: Attributes(node.attributes.iter().map(attribute).collect::<Result<_, String>>()?),
        })
    }

    fn attribute(&self, value: &proto::Attribute) -> Result<Attribute, String> {
        Ok(match value {
            proto::Attribute::Float(number) => Attribute::Float(*number),
            proto::Attribute::Int(number) => Attribute::Int(*number),
            proto::Attribute::Text(text) => Attribute::Text(text.clone()),
            proto::Attribute::Tensor(tensor) => Attribute::Array(self.array(tensor)?),
            proto::Attribute::Floats(numbers) => Attribute::Floats(numbers.clone()),
            proto::Attribute::Ints(numbers) => Attribute::Ints(numbers.clone()),
            proto::Attribute::Texts(texts) => Attribute::Texts(texts.clone()),
            proto::Attribute::Other => Attribute::Other,
        })
    }

    fn add_outputs(&mut self, graph: &proto::Graph) -> Result<(), String> {
        for output in &graph.outputs {
            let id = self.ids.get(&output.name);
            let value = *id.ok_or_else(|| format!("the output `{}` does not exist", output.name))?;
            self.graph.outputs.push(Output { name: output.name.clone(), value, classes: None });
        }
        if self.graph.outputs.is_empty() { Err("it has no output".to_owned()) } else { Ok(()) }
    }
}

/// The dimensions of a value after the first, which is the batch.
fn row(input: &proto::ValueInfo) -> Result<Vec<usize>, Reason> {
    let tensor = input.tensor.as_ref().ok_or_else(|| Reason::new("it is not a tensor", ""))?;
    let fixed = "export the model with fixed sizes; only the batch may have any length";
    let [_, row @ ..] = tensor.dims.as_deref().unwrap_or_default() else {
        return Err(Reason::new("its shape is not known", fixed));
    };
    if row.is_empty() {
        return Err(Reason::new("it has one dimension; the first is taken for the batch", "export it with a batch"));
    }
    let size = |dim: &Dim| match dim {
        Dim::Known(length) if *length > 0 => Ok(*length as usize),
        Dim::Known(length) => Err(Reason::new(format!("a dimension has the length {length}"), fixed)),
        Dim::Named(name) => Err(Reason::new(format!("the length of its dimension `{name}` is not known"), fixed)),
    };
    row.iter().map(size).collect()
}

/// The places of nodes so that each comes after those that it reads.
fn ordered(graph: &proto::Graph, ids: &HashMap<String, ValueId>) -> Result<Vec<usize>, String> {
    let mut producer = HashMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        producer.extend(node.outputs.iter().map(|name| (name.as_str(), at)));
    }
    let mut waiting = vec![0usize; graph.nodes.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (at, node) in graph.nodes.iter().enumerate() {
        for name in node.inputs.iter().filter(|name| !name.is_empty() && ids.contains_key(*name)) {
            if let Some(&from) = producer.get(name.as_str()) {
                waiting[at] += 1;
                readers[from].push(at);
            }
        }
    }
    // The first of those that are ready, so that files in order keep their order.
    let mut ready: std::collections::BTreeSet<usize> = (0..waiting.len()).filter(|at| waiting[*at] == 0).collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(at) = ready.pop_first() {
        order.push(at);
        for reader in &readers[at] {
            waiting[*reader] -= 1;
            if waiting[*reader] == 0 {
                ready.insert(*reader);
            }
        }
    }
    if order.len() < waiting.len() {
        let stuck = waiting.iter().position(|count| *count > 0).unwrap_or_default();
        return Err(format!("node `{}` reads what depends on its own output", graph.nodes[stuck].name));
    }
    Ok(order)
}
