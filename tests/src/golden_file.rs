//! A file of reference numbers, and what is in it.

use std::path::PathBuf;

use serde_json::Value;

/// Single or double precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits.
    Single,
    /// 64 bits.
    Double,
}

/// A file, or a part of one.
#[derive(Clone, Debug)]
pub struct Golden {
    /// What to call it in messages.
    name: String,
    value: Value,
}

impl Golden {
    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads a file in single or double precision.
    pub fn open(name: &str, precision: Precision) -> Self {
        let tag = if precision == Precision::Single { "f32" } else { "f64" };
        Self::read(&format!("{name}.{tag}.json"))
    }

    /// Reads a file by its whole name.
    pub fn read(file: &str) -> Self {
        let folder = std::env::var_os("NN_GOLDEN").map_or_else(|| crate::project("tests/golden"), PathBuf::from);
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { name: file.to_owned(), value }
    }

    /// The part under a key.
    pub fn get(&self, key: &str) -> Self {
        self.find(key).unwrap_or_else(|| panic!("{} has no `{key}`", self.name))
    }

    /// The part under a key, if there is one that is not null.
    pub fn find(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Self { name: format!("{}: {key}", self.name), value: value.clone() })
    }

    /// The parts of a list.
    pub fn items(&self) -> Vec<Self> {
        let values = self.value.as_array().unwrap_or_else(|| panic!("{} is not a list", self.name));
        let named =
            |(index, value): (usize, &Value)| Self { name: format!("{}[{index}]", self.name), value: value.clone() };
        values.iter().enumerate().map(named).collect()
    }

    /// The keys of a table.
    pub fn keys(&self) -> Vec<String> {
        self.value.as_object().map(|table| table.keys().cloned().collect()).unwrap_or_default()
    }

    /// A word.
    pub fn text(&self) -> &str {
        self.value.as_str().unwrap_or_else(|| panic!("{} is not text", self.name))
    }

    /// A number; the infinities are written as words.
    pub fn number(&self) -> f64 {
        match self.value.as_str() {
            Some("inf") => f64::INFINITY,
            Some("-inf") => f64::NEG_INFINITY,
            _ => self.value.as_f64().unwrap_or_else(|| panic!("{} is not a number", self.name)),
        }
    }

    /// The numbers of a list, or of an array with its shape.
    pub fn numbers(&self) -> Vec<f64> {
        let list = self.find("data").unwrap_or_else(|| self.clone());
        list.items().iter().map(Self::number).collect()
    }

    /// The dimensions of an array.
    pub fn shape(&self) -> Vec<usize> {
        self.get("shape").numbers().into_iter().map(|size| size as usize).collect()
    }

    /// An array of `[rows, …]`, row by row.
    pub fn rows(&self) -> Vec<Vec<f64>> {
        let width = self.shape()[1..].iter().product();
        self.numbers().chunks(width).map(<[f64]>::to_vec).collect()
    }

    /// A dense weight as in the language, `[inputs, units]`; anything else, also a table, as in the
    /// file.
    pub fn tensor(&self) -> Vec<f64> {
        let numbers = self.numbers();
        if self.find("layout").is_some_and(|layout| layout.text() == "rows") {
            return numbers;
        }
        let [units, inputs] = self.shape()[..] else { return numbers };
        (0..inputs).flat_map(|input| (0..units).map(move |unit| unit * inputs + input)).map(|at| numbers[at]).collect()
    }

    /// Panics where `found` is not what the file has, up to a tolerance of
    /// `tolerance·(1 + |expected|)`.
    pub fn assert_close(&self, found: &[f64], tolerance: f64) {
        assert_close(&self.name, found, &self.tensor(), tolerance);
    }
}

/// Panics where two lists of numbers differ by more than `tolerance·(1 + |expected|)`.
pub fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}: as many numbers");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let close = (found - expected).abs() <= tolerance * (1.0 + expected.abs()) || found == expected;
        assert!(close, "{what}: number {index} is {found:?}, not {expected:?}");
    }
}
