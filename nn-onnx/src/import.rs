//! Importing a model: the stages in order.

use nn_compiler::{Compiled, compile};

use crate::error::Error;
use crate::lower::Interface;
use crate::spec::Written;
use crate::{External, graph, lower, passes, proto, spec};

/// A model as a spec and weights.
pub struct Import {
    /// The spec, compiled.
    pub compiled: Compiled,
    /// The numbers of each tensor, in the order of `compiled.tensors.all`.
    pub values: Vec<Vec<f32>>,
    /// Its inputs.
    pub inputs: Vec<Interface>,
    /// Its outputs.
    pub outputs: Vec<Interface>,
    /// What wrote the model: `pytorch`, opset 20.
    pub origin: String,
    /// What was done that a reader should know.
    pub notes: Vec<String>,
}

/// Imports a model. The network is named after `name`, such as the stem of the file. `read` reads a part of another
/// file that the model names; it decides which files may be read.
///
/// # Errors
///
/// Why the bytes are not a model, or all that the language cannot express.
pub fn import(bytes: &[u8], name: &str, read: &dyn Fn(&External) -> Result<Vec<u8>, String>) -> Result<Import, Error> {
    let model = proto::decode(bytes).map_err(Error::Invalid)?;
    let mut graph = graph::build::build(&model, read)?;
    passes::run(&mut graph, bytes.len() + (1 << 16));
    let origin = origin(&graph);
    let mut lowered = lower::lower(&graph).map_err(Error::Refused)?;
    lowered.spec.name = spec::network(name);
    lowered.spec.docs.insert(0, format!("Imported from ONNX ({origin})."));
    let written = spec::write(&lowered.spec).map_err(|(text, reason)| Error::Spec { text, reason })?;
    let named = |interfaces: Vec<Interface>, names: &[String]| {
        let named = |mut interface: Interface| {
            interface.name = names[interface.at].clone();
            interface
        };
        interfaces.into_iter().map(named).collect()
    };
    let (inputs, outputs) = (named(lowered.inputs, &written.inputs), named(lowered.outputs, &written.outputs));
    let (compiled, values) = compiled(written)?;
    Ok(Import { compiled, values, inputs, outputs, origin, notes: lowered.notes })
}

fn origin(graph: &graph::Graph) -> String {
    let printable: String = graph.producer.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(40).collect();
    let producer = if printable.is_empty() { "unknown".to_owned() } else { printable };
    format!("{producer}, opset {}", graph.opset)
}

/// Compiles the spec, and compares its tensors with those that were meant.
fn compiled(written: Written) -> Result<(Compiled, Vec<Vec<f32>>), Error> {
    let Written { text, tensors, .. } = written;
    let outcome = compile::compile(&text);
    let Some(compiled) = outcome.compiled else {
        let reason = outcome.diagnostics.iter().map(|found| found.message.as_str()).collect::<Vec<_>>().join("; ");
        return Err(Error::Spec { text, reason });
    };
    let found: Vec<_> = compiled.tensors.all.iter().map(|tensor| (&tensor.name[..], &tensor.shape[..])).collect();
    let fits = found.len() == tensors.len()
        && found.iter().zip(&tensors).all(|((name, shape), tensor)| {
            let is_meant = name.rsplit('.').next() == Some(tensor.name) && *shape == tensor.dims;
            is_meant && tensor.numbers.len() == shape.iter().product::<usize>()
        });
    if !fits {
        let meant: Vec<_> = tensors.iter().map(|tensor| (tensor.name, &tensor.dims[..])).collect();
        return Err(Error::Spec { reason: format!("the tensors are {found:?} instead of {meant:?}"), text });
    }
    Ok((compiled, tensors.into_iter().map(|tensor| tensor.numbers).collect()))
}

/// A tensor that is a file of its own, such as the inputs and outputs that ONNX keeps with a model: its name, its
/// dimensions and its numbers.
///
/// # Errors
///
/// Why the bytes are not a tensor of numbers.
pub fn tensor(bytes: &[u8]) -> Result<(String, Vec<usize>, Vec<f32>), String> {
    let tensor = proto::decode_tensor(bytes)?;
    let elements = proto::elements(&tensor, &|_| Err("its numbers are in another file".to_owned()))?;
    let numbers = match elements {
        proto::Elements::Floats(numbers) => numbers,
        proto::Elements::Ints(numbers) => numbers.into_iter().map(|number| number as f32).collect(),
        proto::Elements::Texts(_) => return Err("it holds texts".to_owned()),
    };
    Ok((tensor.name.clone(), tensor.dims.iter().map(|dim| *dim as usize).collect(), numbers))
}
