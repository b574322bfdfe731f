//! Arguments with their values.

use crate::span::Span;
use crate::vocabulary::Init;

/// The checked value of an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundValue {
    /// A number.
    Number(f64),
    /// An integer, 0 or more.
    Size(usize),
    /// A flag.
    Flag(bool),
    /// A word.
    Word(&'static str),
    /// An initialiser.
    Init(Init),
    /// Sizes.
    Shape(Vec<usize>),
    /// Weights and their place.
    Weights(Vec<f64>, Span),
    /// Height and width.
    Extent([usize; 2]),
}

/// Checked arguments: one value for each that is not absent.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    values: Vec<(&'static str, BoundValue)>,
}

impl Bound {
    /// Gives an argument its value.
    pub fn insert(&mut self, name: &'static str, value: BoundValue) {
        self.values.push((name, value));
    }

    fn get(&self, name: &str) -> Option<&BoundValue> {
        self.values.iter().find(|(bound, _)| *bound == name).map(|(_, value)| value)
    }

    /// A number, if it is given.
    pub fn optional_number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(BoundValue::Number(number)) => Some(*number),
            Some(BoundValue::Size(size)) => Some(*size as f64),
            _ => None,
        }
    }

    /// A number that has a default or is required.
    pub fn number(&self, name: &str) -> f64 {
        self.optional_number(name).unwrap_or_default()
    }

    /// A size that has a default or is required.
    pub fn size(&self, name: &str) -> usize {
        match self.get(name) {
            Some(BoundValue::Size(size)) => *size,
            Some(BoundValue::Number(number)) => *number as usize,
            _ => 0,
        }
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(BoundValue::Flag(true)))
    }

    /// A word.
    pub fn word(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(BoundValue::Word(word)) => word,
            _ => "",
        }
    }

    /// An initialiser.
    pub fn initialiser(&self, name: &str) -> Init {
        match self.get(name) {
            Some(BoundValue::Init(init)) => *init,
            _ => Init::Auto,
        }
    }

    /// Height and width, if they are not a word.
    pub fn extent(&self, name: &str) -> Option<[usize; 2]> {
        match self.get(name) {
            Some(BoundValue::Extent(extent)) => Some(*extent),
            Some(BoundValue::Number(both)) => Some([*both as usize; 2]),
            _ => None,
        }
    }

    /// A list of weights with its place, if it is given.
    pub fn weights(&self, name: &str) -> Option<(Vec<f64>, Span)> {
        match self.get(name) {
            Some(BoundValue::Weights(weights, span)) => Some((weights.clone(), *span)),
            _ => None,
        }
    }

    /// A list of sizes.
    pub fn sizes(&self, name: &str) -> Vec<usize> {
        match self.get(name) {
            Some(BoundValue::Shape(shape)) => shape.clone(),
            _ => Vec::new(),
        }
    }
}
