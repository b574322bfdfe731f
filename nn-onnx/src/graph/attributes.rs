//! The attributes of a node, by name and type.

use super::Array;
use crate::error::Reason;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// A number.
    Float(f32),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// A tensor.
    Array(Array),
    /// Numbers.
    Floats(Vec<f32>),
    /// Integers.
    Ints(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
    /// Something else, such as a graph.
    Other,
}

/// The attributes of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(pub Vec<(String, Attribute)>);

impl Attributes {
    fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The value of an attribute as `as_type` gives it; `None` if it is absent.
    fn read<'a, T>(
        &'a self,
        name: &str,
        kind: &str,
        as_type: impl Fn(&'a Attribute) -> Option<T>,
    ) -> Result<Option<T>, Reason> {
        let read = |value| as_type(value).ok_or_else(|| Reason::attribute(name, format!("it should be {kind}"), ""));
        self.get(name).map(read).transpose()
    }

    /// An integer.
    pub fn int(&self, name: &str, default: i64) -> Result<i64, Reason> {
        let int = |value: &Attribute| if let Attribute::Int(int) = value { Some(*int) } else { None };
        Ok(self.read(name, "an integer", int)?.unwrap_or(default))
    }

    /// A number.
    pub fn float(&self, name: &str, default: f32) -> Result<f32, Reason> {
        let float = |value: &Attribute| if let Attribute::Float(float) = value { Some(*float) } else { None };
        Ok(self.read(name, "a number", float)?.unwrap_or(default))
    }

    /// A text.
    pub fn text<'a>(&'a self, name: &str, default: &'a str) -> Result<&'a str, Reason> {
        let text = |value: &'a Attribute| if let Attribute::Text(text) = value { Some(text.as_str()) } else { None };
        Ok(self.read(name, "a text", text)?.unwrap_or(default))
    }

    /// Integers.
    pub fn ints(&self, name: &str) -> Result<Option<&[i64]>, Reason> {
        self.read(name, "a list of integers", |value| match value {
            Attribute::Ints(ints) => Some(&ints[..]),
            _ => None,
        })
    }

    /// Numbers.
    pub fn floats(&self, name: &str) -> Result<Option<&[f32]>, Reason> {
        self.read(name, "a list of numbers", |value| match value {
            Attribute::Floats(floats) => Some(&floats[..]),
            _ => None,
        })
    }

    /// A tensor.
    pub fn array(&self, name: &str) -> Result<Option<&Array>, Reason> {
        self.read(name, "a tensor", |value| if let Attribute::Array(array) = value { Some(array) } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_of_another_type_is_refused() {
        let attributes = Attributes(vec![("axis".to_owned(), Attribute::Float(1.0))]);
        assert_eq!(attributes.int("group", 1), Ok(1));
        assert_eq!(attributes.float("axis", 0.0), Ok(1.0));
        assert_eq!(attributes.int("axis", 1), Err(Reason::attribute("axis", "it should be an integer", "")));
    }
}
