//! The messages of `onnx.proto`, field by field.

use std::borrow::Cow;

use super::wire::{Reader, Wire};
use super::{Attribute, Data, Dim, External, Graph, Model, Node, Tensor, TensorType, ValueInfo};

/// Reads a model.
///
/// # Errors
///
/// Why the bytes are not an ONNX model.
pub fn decode(bytes: &[u8]) -> Result<Model<'_>, String> {
    let (mut model, mut graph) = (Model::default(), None);
    each(Reader::new(bytes), |number, wire| {
        match number {
            2 => model.producer = wire.text()?,
            7 => graph = Some(read_graph(wire.message()?)?),
            8 => model.opsets.push(read_opset(wire.message()?)?),
            _ => {}
        }
        Ok(())
    })?;
    model.graph = graph.ok_or("it has no graph")?;
    Ok(model)
}

/// Reads a tensor that is a file of its own.
///
/// # Errors
///
/// Why the bytes are not a tensor.
pub fn decode_tensor(bytes: &[u8]) -> Result<Tensor<'_>, String> {
    read_tensor(Reader::new(bytes))
}

/// Calls a function for each field.
fn each<'a>(mut reader: Reader<'a>, mut read: impl FnMut(u64, Wire<'a>) -> Result<(), String>) -> Result<(), String> {
    while let Some((number, wire)) = reader.field()? {
        read(number, wire)?;
    }
    Ok(())
}

fn read_opset(reader: Reader) -> Result<(String, i64), String> {
    let mut opset = (String::new(), 0);
    each(reader, |number, wire| {
        match number {
            1 => opset.0 = wire.text()?,
            2 => opset.1 = wire.int()?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(opset)
}

fn read_graph(reader: Reader<'_>) -> Result<Graph<'_>, String> {
    let mut graph = Graph::default();
    each(reader, |number, wire| {
        match number {
            1 => graph.nodes.push(read_node(wire.message()?)?),
            5 => graph.initializers.push(read_tensor(wire.message()?)?),
            11 => graph.inputs.push(read_value(wire.message()?)?),
            12 => graph.outputs.push(read_value(wire.message()?)?),
            15 => return Err("it has sparse tensors".to_owned()),
            _ => {}
        }
        Ok(())
    })?;
    Ok(graph)
}

fn read_node(reader: Reader<'_>) -> Result<Node<'_>, String> {
    let mut node = Node::default();
    each(reader, |number, wire| {
        match number {
            1 => node.inputs.push(wire.text()?),
            2 => node.outputs.push(wire.text()?),
            3 => node.name = wire.text()?,
            4 => node.operator = wire.text()?,
            5 => node.attributes.push(read_attribute(wire.message()?)?),
            7 => node.domain = wire.text()?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(node)
}

/// The fields of an attribute, of which its type says which one counts.
#[derive(Default)]
struct Fields<'a> {
    name: String,
    kind: i64,
    float: f32,
    int: i64,
    text: Option<String>,
    tensor: Option<Tensor<'a>>,
    floats: Vec<f32>,
    ints: Vec<i64>,
    texts: Vec<String>,
}

fn read_attribute(reader: Reader<'_>) -> Result<(String, Attribute<'_>), String> {
    let mut fields = Fields::default();
    each(reader, |number, wire| {
        match number {
            1 => fields.name = wire.text()?,
            2 => fields.float = wire.float()?,
            3 => fields.int = wire.int()?,
            4 => fields.text = Some(lossy(wire.bytes()?)),
            5 => fields.tensor = Some(read_tensor(wire.message()?)?),
            7 => wire.push_floats(&mut fields.floats)?,
            8 => wire.push_ints(&mut fields.ints)?,
            9 => fields.texts.push(lossy(wire.bytes()?)),
            20 => fields.kind = wire.int()?,
            _ => {}
        }
        Ok(())
    })?;
    let value = match fields.kind {
        1 => Attribute::Float(fields.float),
        2 => Attribute::Int(fields.int),
        3 => Attribute::Text(fields.text.unwrap_or_default()),
        4 => Attribute::Tensor(fields.tensor.unwrap_or_default()),
        6 => Attribute::Floats(fields.floats),
        7 => Attribute::Ints(fields.ints),
        8 => Attribute::Texts(fields.texts),
        _ => Attribute::Other,
    };
    Ok((fields.name, value))
}

/// Texts in attributes and tensors may be any bytes.
fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The fields that may hold the numbers of a tensor.
#[derive(Default)]
struct Numbers<'a> {
    raw: Option<&'a [u8]>,
    floats: Vec<f32>,
    doubles: Vec<f64>,
    ints: Vec<i64>,
    texts: Vec<String>,
    external: Option<External>,
    is_external: bool,
}

fn read_tensor(reader: Reader<'_>) -> Result<Tensor<'_>, String> {
    let (mut tensor, mut numbers) = (Tensor::default(), Numbers::default());
    each(reader, |number, wire| {
        match number {
            1 => wire.push_ints(&mut tensor.dims)?,
            2 => tensor.data_type = wire.int()?,
            3 => return Err("a tensor is cut into segments".to_owned()),
            4 => wire.push_floats(&mut numbers.floats)?,
            5 | 7 | 11 => wire.push_ints(&mut numbers.ints)?,
            6 => numbers.texts.push(lossy(wire.bytes()?)),
            8 => tensor.name = wire.text()?,
            9 => numbers.raw = Some(wire.bytes()?),
            10 => wire.push_doubles(&mut numbers.doubles)?,
            13 => read_external(wire.message()?, numbers.external.get_or_insert_default())?,
            14 => numbers.is_external = wire.int()? == 1,
            _ => {}
        }
        Ok(())
    })?;
    tensor.data = numbers.data();
    Ok(tensor)
}

impl<'a> Numbers<'a> {
    fn data(self) -> Data<'a> {
        match self.raw {
            _ if self.is_external => Data::External(self.external.unwrap_or_default()),
            Some(raw) => Data::Raw(Cow::Borrowed(raw)),
            None if !self.floats.is_empty() => Data::Floats(self.floats),
            None if !self.doubles.is_empty() => Data::Doubles(self.doubles),
            None if !self.ints.is_empty() => Data::Ints(self.ints),
            None if !self.texts.is_empty() => Data::Texts(self.texts),
            None => Data::default(),
        }
    }
}

fn read_external(reader: Reader, external: &mut External) -> Result<(), String> {
    let (mut key, mut value) = (String::new(), String::new());
    each(reader, |number, wire| {
        match number {
            1 => key = wire.text()?,
            2 => value = wire.text()?,
            _ => {}
        }
        Ok(())
    })?;
    let number = || value.parse().map_err(|_| format!("the `{key}` of external data is `{value}`"));
    match key.as_str() {
        "location" => external.location = value,
        "offset" => external.offset = number()?,
        "length" => external.length = Some(number()?),
        _ => {}
    }
    Ok(())
}

fn read_value(reader: Reader) -> Result<ValueInfo, String> {
    let mut value = ValueInfo::default();
    each(reader, |number, wire| {
        match number {
            1 => value.name = wire.text()?,
            2 => value.tensor = read_type(wire.message()?)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(value)
}

/// The type of a value; `None` if it is not a tensor.
fn read_type(reader: Reader) -> Result<Option<TensorType>, String> {
    let mut tensor = None;
    each(reader, |number, wire| {
        if number == 1 {
            let read = tensor.get_or_insert_with(TensorType::default);
            each(wire.message()?, |number, wire| {
                match number {
                    1 => read.data_type = wire.int()?,
                    2 => read.dims = Some(read_dims(wire.message()?)?),
                    _ => {}
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(tensor)
}

fn read_dims(reader: Reader) -> Result<Vec<Dim>, String> {
    let mut dims = Vec::new();
    each(reader, |number, wire| {
        if number == 1 {
            let mut dim = Dim::Named(String::new());
            each(wire.message()?, |number, wire| {
                match number {
                    1 => dim = Dim::Known(wire.int()?),
                    2 => dim = Dim::Named(wire.text()?),
                    _ => {}
                }
                Ok(())
            })?;
            dims.push(dim);
        }
        Ok(())
    })?;
    Ok(dims)
}
