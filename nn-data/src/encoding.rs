//! How the cells of a file became numbers: stored with a trained network, so that other files are
//! read in the same way.

use std::collections::BTreeMap;

use crate::error::Error;

/// The columns of a table, and the categories and classes that were numbered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoding {
    /// The input columns in order.
    pub columns: Vec<Column>,
    /// The target columns in order.
    pub targets: Vec<String>,
    /// For each target column that holds classes, the name of each class by number.
    pub classes: Vec<Vec<String>>,
    /// The texts of cells that are missing, as
    /// [`Request::missing_words`](crate::Request::missing_words) has them.
    pub missing_words: Option<Vec<String>>,
    /// What is subtracted from the numbers of a column, input or target, before they are rounded to
    /// `f32`.
    pub offsets: BTreeMap<String, f64>,
}

/// An input column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name in the header.
    pub name: String,
    /// The categories in the order of their places, where the column is one-hot encoded.
    pub categories: Option<Vec<String>>,
}

const COLUMNS: &str = "nn.columns";
const CATEGORIES: &str = "nn.categories.";
/// More inputs than any network has.
const MOST_NUMBERED: usize = 1 << 24;
const TARGETS: &str = "nn.targets";
const CLASSES: &str = "nn.classes";
const MISSING_WORDS: &str = "nn.missing_words";
const OFFSETS: &str = "nn.offsets";

impl Encoding {
    /// Columns without names: inputs `x1`, `x2`, …, targets `y1`, `y2`, ….
    pub fn numbered(width: usize, targets: usize) -> Encoding {
        let column = |number| Column { name: format!("x{number}"), categories: None };
        Encoding {
            columns: (1..=width).map(column).collect(),
            targets: (1..=targets).map(|number| format!("y{number}")).collect(),
            ..Encoding::default()
        }
    }

    /// How many inputs a row has: one for a number, one for each category of a one-hot encoded
    /// column.
    pub fn width(&self) -> usize {
        self.columns.iter().map(Column::width).sum()
    }

    /// The name of each input: the column's, or `column=category`.
    pub fn input_names(&self) -> Vec<String> {
        let names = |column: &Column| match &column.categories {
            None => vec![column.name.clone()],
            Some(categories) => {
                let name = |category| format!("{}={category}", column.name);
                categories.iter().map(name).collect()
            }
        };
        self.columns.iter().flat_map(names).collect()
    }

    /// The encoding as text, to be kept in the metadata of a weight file.
    ///
    /// | key | value |
    /// | --- | --- |
    /// | `nn.columns` | the names of the input columns; their number if they are `x1`, `x2`, … |
    /// | `nn.categories.<column>` | the categories of that column; absent if it holds numbers |
    /// | `nn.targets` | the names of the target columns |
    /// | `nn.classes` | the names of the classes; absent if the targets are numbers |
    /// | `nn.classes.2`, … | those of the second target column that holds classes, and so on |
    /// | `nn.missing_words` | the texts of missing cells; absent if they are the default ones |
    /// | `nn.offsets` | what is subtracted from numbers, by column: a JSON object; absent if there are none |
    ///
    /// Each value but that number and `nn.offsets` is a JSON array of strings:
    /// `["setosa","versicolor","virginica"]`.
    pub fn to_metadata(&self) -> BTreeMap<String, String> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let numbered = names.iter().zip(1..).all(|(name, number)| name.strip_prefix('x') == Some(&format!("{number}")));
        let columns = if numbered { names.len().to_string() } else { write_list(&names) };
        let mut metadata =
            BTreeMap::from([(COLUMNS.to_owned(), columns), (TARGETS.to_owned(), write_list(&self.targets))]);
        for column in &self.columns {
            if let Some(categories) = &column.categories {
                metadata.insert(categories_key(&column.name), write_list(categories));
            }
        }
        for (index, classes) in self.classes.iter().enumerate() {
            metadata.insert(classes_key(index), write_list(classes));
        }
        if let Some(words) = &self.missing_words {
            metadata.insert(MISSING_WORDS.to_owned(), write_list(words));
        }
        if !self.offsets.is_empty() {
            let offsets = self.offsets.iter().map(|(column, offset)| (column.clone(), *offset));
            metadata.insert(OFFSETS.to_owned(), serde_json::Value::from_iter(offsets).to_string());
        }
        metadata
    }

    /// The encoding that [`Encoding::to_metadata`] wrote; other keys are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] where `nn.columns` or `nn.targets` is absent, or a value is not a list
    /// of strings.
    pub fn from_metadata(metadata: &BTreeMap<String, String>) -> Result<Encoding, Error> {
        let optional = |key: &str| metadata.get(key).map(|text| read_list(key, text)).transpose();
        let required = |key: &str| optional(key)?.ok_or_else(|| unreadable(key, "is absent"));
        let names = names_of(metadata, COLUMNS)?.ok_or_else(|| unreadable(COLUMNS, "is absent"))?;
        let column = |name: String| {
            let categories = optional(&categories_key(&name))?;
            Ok(Column { name, categories })
        };
        Ok(Encoding {
            columns: names.into_iter().map(column).collect::<Result<_, Error>>()?,
            targets: required(TARGETS)?,
            classes: (0..)
                .map_while(|index| optional(&classes_key(index)).transpose())
                .collect::<Result<_, Error>>()?,
            missing_words: optional(MISSING_WORDS)?,
            offsets: metadata.get(OFFSETS).map_or(Ok(BTreeMap::new()), |text| read_offsets(text))?,
        })
    }
}

/// The names that metadata holds by this key, if there are any: those of the list, or `x1`, `x2`, …
/// for a number.
///
/// # Errors
///
/// [`Error::Metadata`] where the value is neither.
pub fn names_of(metadata: &BTreeMap<String, String>, key: &str) -> Result<Option<Vec<String>>, Error> {
    let Some(text) = metadata.get(key) else { return Ok(None) };
    match text.parse().ok().filter(|width| *width <= MOST_NUMBERED) {
        Some(width) => Ok(Some((1..=width).map(|number| format!("x{number}")).collect())),
        None => read_list(key, text).map(Some),
    }
}

impl Column {
    /// How many inputs the column becomes.
    pub fn width(&self) -> usize {
        self.categories.as_ref().map_or(1, Vec::len)
    }
}

/// The key by which [`Encoding::to_metadata`] keeps the categories of a column.
pub fn categories_key(column: &str) -> String {
    format!("{CATEGORIES}{column}")
}

/// The key by which [`Encoding::to_metadata`] keeps the classes of a target column, counted from 0
/// among those that hold classes.
pub fn classes_key(index: usize) -> String {
    if index == 0 { CLASSES.to_owned() } else { format!("{CLASSES}.{}", index + 1) }
}

fn write_list<S: AsRef<str>>(names: &[S]) -> String {
    serde_json::Value::from_iter(names.iter().map(AsRef::as_ref)).to_string()
}

fn read_list(key: &str, text: &str) -> Result<Vec<String>, Error> {
    serde_json::from_str(text).map_err(|error| unreadable(key, &format!("is not a list of texts: {error}")))
}

fn read_offsets(text: &str) -> Result<BTreeMap<String, f64>, Error> {
    serde_json::from_str(text).map_err(|error| unreadable(OFFSETS, &format!("is not an object of numbers: {error}")))
}

fn unreadable(key: &str, reason: &str) -> Error {
    Error::Metadata { key: key.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn awkward() -> Encoding {
        let texts = ["a,b", "", "say \"hi\"", "back\\slash", "line\nend", "ü→😀", "[x]"];
        Encoding {
            columns: vec![
                Column { name: "plain".to_owned(), categories: None },
                Column { name: "kind, of \"thing\"".to_owned(), categories: Some(texts.map(str::to_owned).to_vec()) },
            ],
            targets: vec!["y".to_owned()],
            classes: vec![texts.map(str::to_owned).to_vec(), vec!["won".to_owned(), "lost".to_owned()]],
            missing_words: Some(texts.map(str::to_owned).to_vec()),
            offsets: BTreeMap::from([("plain".to_owned(), 1_700_000_000.25), ("y".to_owned(), -0.1)]),
        }
    }

    #[test]
    fn metadata_brings_back_any_names() {
        for encoding in [awkward(), Encoding::default()] {
            assert_eq!(Encoding::from_metadata(&encoding.to_metadata()).unwrap(), encoding);
        }
    }

    #[test]
    fn metadata_is_lists_in_json() {
        let encoding = Encoding {
            columns: vec![Column {
                name: "origin".to_owned(),
                categories: Some(vec!["Europe".to_owned(), "USA".to_owned()]),
            }],
            targets: vec!["mpg".to_owned()],
            ..Encoding::default()
        };
        let expected = [
            ("nn.categories.origin", r#"["Europe","USA"]"#),
            ("nn.columns", r#"["origin"]"#),
            ("nn.targets", r#"["mpg"]"#),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(encoding.to_metadata(), BTreeMap::from(expected));
        assert_eq!(encoding.input_names(), ["origin=Europe", "origin=USA"]);
    }

    #[test]
    fn numbered_columns_are_a_number() {
        let encoding = Encoding::numbered(784, 1);
        let metadata = encoding.to_metadata();
        assert_eq!(metadata["nn.columns"], "784");
        assert_eq!(Encoding::from_metadata(&metadata).unwrap(), encoding);
        let swapped = Encoding { columns: encoding.columns.iter().rev().cloned().collect(), ..encoding };
        assert_eq!(Encoding::from_metadata(&swapped.to_metadata()).unwrap(), swapped);
    }

    #[test]
    fn metadata_that_is_absent_or_no_list_is_refused() {
        let mut metadata = awkward().to_metadata();
        metadata.insert("nn.classes".to_owned(), "setosa".to_owned());
        let error = Encoding::from_metadata(&metadata).unwrap_err().to_string();
        assert!(error.starts_with("the metadata `nn.classes` is not a list of texts: "), "{error}");
        let error = Encoding::from_metadata(&BTreeMap::new()).unwrap_err();
        assert_eq!(error.to_string(), "the metadata `nn.columns` is absent");
    }
}
