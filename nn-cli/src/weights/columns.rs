//! The names of columns in weights and in specs: compared, and completed.
//!
//! `nn train` saves all names with the weights. `Net::save` in other programs saves only the names
//! in the spec, and files from elsewhere may have no names. Missing names are taken from the data
//! of the spec.

use std::collections::{BTreeMap, HashSet};

use nn_compiler::columns::{COLUMNS, MISSING_WORDS, OFFSETS, ONE_HOT, TARGETS, metadata};
use nn_data::{Encoding, categories_key, classes_key, names_of};

use crate::examples;
use crate::spec::Spec;
use crate::weights::metadata::Metadata;
use crate::wording::{counted, few, few_quoted};

/// Classes, as a phrase.
const CLASSES: &str = "its classes";

/// The names of columns, categories and classes.
pub enum Names {
    /// All of them are known.
    Known(Encoding),
    /// Some are missing.
    Incomplete {
        /// Which ones, as a phrase.
        what: String,
        /// How inputs become numbers, if only the names of classes are missing.
        without_classes: Option<Encoding>,
    },
}

/// The names in the file and in the spec. Contradictions are added to `differences`.
pub fn names(spec: &Spec, file: &Metadata, differences: &mut Vec<String>) -> Names {
    let from_spec: Metadata =
        metadata(&spec.compiled).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    match compared(file, &from_spec) {
        Ok(found) => differences.extend(found),
        Err(error) => differences.push(error.to_string()),
    }
    let mut known = match spec.compiled.model.data {
        Some(_) => from_spec,
        None => examples::unnamed(spec).to_metadata(),
    };
    if file.contains_key(COLUMNS) {
        // The file says how cells were read. If it has no missing words, the default ones were
        // used.
        known.remove(MISSING_WORDS);
        known.remove(OFFSETS);
    }
    known.extend(file.clone());
    let missing = missing(spec, &known);
    let what = missing.join(" and ");
    if !missing.is_empty() && what != CLASSES {
        return Names::Incomplete { what, without_classes: None };
    }
    match Encoding::from_metadata(&known) {
        Ok(encoding) => {
            differences.extend(misfits(spec, &encoding));
            match missing.is_empty() {
                true => Names::Known(encoding),
                false => Names::Incomplete { what, without_classes: Some(encoding) },
            }
        }
        Err(error) => {
            let difference = error.to_string();
            // The comparison may have found the same error.
            if !differences.contains(&difference) {
                differences.push(difference);
            }
            Names::Known(examples::unnamed(spec))
        }
    }
}

/// How the columns of a file differ from those of the spec. The order of inputs matters, because
/// rows have it too.
fn compared(file: &Metadata, spec: &Metadata) -> Result<Vec<String>, nn_data::Error> {
    let mut differences = Vec::new();
    for (what, key) in [("input columns", COLUMNS), ("one-hot columns", ONE_HOT), ("target columns", TARGETS)] {
        let found = if key == ONE_HOT { one_hot(file)? } else { names_of(file, key)? };
        let (Some(mut found), Some(mut expected)) = (found, names_of(spec, key)?) else { continue };
        if key == ONE_HOT {
            found.sort();
            expected.sort();
        }
        if found != expected {
            differences.push(format!("{what}: {} in the file, {} in the spec", shown(&found), shown(&expected)));
        }
    }
    if file.contains_key(COLUMNS) || file.contains_key(OFFSETS) {
        let (found, expected) = (offsets(file), offsets(spec));
        if found != expected {
            differences.push(format!("offsets: {} in the file, {} in the spec", numbers(&found), numbers(&expected)));
        }
    }
    Ok(differences)
}

/// The offsets by column. The encoding reports offsets that cannot be read.
fn offsets(metadata: &Metadata) -> BTreeMap<String, f64> {
    metadata.get(OFFSETS).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The numbers by column, or `none`.
fn numbers(offsets: &BTreeMap<String, f64>) -> String {
    let pairs: Vec<String> = offsets.iter().map(|(column, number)| format!("`{column}`: {number}")).collect();
    if pairs.is_empty() { "none".to_owned() } else { few(&pairs) }
}

/// The one-hot columns of a file, if it names them.
fn one_hot(file: &Metadata) -> Result<Option<Vec<String>>, nn_data::Error> {
    if file.contains_key(ONE_HOT) {
        return names_of(file, ONE_HOT);
    }
    let has_categories = |column: &String| file.contains_key(&categories_key(column));
    Ok(names_of(file, COLUMNS)?.map(|columns| columns.into_iter().filter(has_categories).collect()))
}

/// The columns, or `none`.
fn shown(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { few_quoted(names) }
}

/// The missing names, as phrases.
fn missing(spec: &Spec, known: &Metadata) -> Vec<String> {
    let mut missing = Vec::new();
    if !known.contains_key(COLUMNS) || !known.contains_key(TARGETS) {
        missing.push("its columns".to_owned());
    }
    let encoded = names_of(known, ONE_HOT).ok().flatten().unwrap_or_default();
    let nameless = encoded.into_iter().filter(|column| !known.contains_key(&categories_key(column)));
    missing.extend(nameless.map(|column| format!("the categories of `{column}`")));
    if !known.contains_key(&classes_key(0)) && class_targets(spec) > 0 && spec.compiled.model.data.is_some() {
        missing.push(CLASSES.to_owned());
    }
    missing
}

fn class_targets(spec: &Spec) -> usize {
    spec.targets().filter(|(target, _)| target.is_class).count()
}

/// Classes without names in weights of a spec without data, as a phrase.
pub fn nameless_classes(spec: &Spec, encoding: &Encoding) -> Option<&'static str> {
    let is_nameless = encoding.classes.is_empty() && class_targets(spec) > 0;
    is_nameless.then_some("its classes, and the spec has no `data` with their names; classes are shown by number")
}

/// How the names do not fit the sizes of the network.
fn misfits(spec: &Spec, encoding: &Encoding) -> Vec<String> {
    let mut misfits = Vec::new();
    let width = spec.input_width();
    if encoding.width() != width {
        let found = counted(encoding.width(), "input");
        misfits.push(format!("columns: {found} in the file, {width} in the network"));
    }
    let columns = encoding.columns.iter().map(|column| &column.name).chain(&encoding.targets);
    misfits.extend(twice(columns).map(|name| format!("columns: the file names `{name}` twice")));
    let categories = encoding.columns.iter().flat_map(|column| &column.categories);
    for names in categories.chain(&encoding.classes) {
        misfits.extend(twice(names.iter()).map(|name| format!("names: the file has `{name}` twice in one list")));
    }
    let targets: Vec<_> = spec.targets().collect();
    let widths = targets.iter().map(|(target, width)| if target.is_class { 1 } else { *width });
    let expected: usize = widths.sum();
    if !targets.is_empty() && encoding.targets.len() != expected {
        let found = counted(encoding.targets.len(), "target column");
        misfits.push(format!("targets: {found} in the file, {expected} in the network"));
    }
    let outputs: Vec<usize> = targets.iter().filter(|(target, _)| target.is_class).map(|(_, width)| *width).collect();
    let found: Vec<usize> = encoding.classes.iter().map(Vec::len).collect();
    if !targets.is_empty() && !found.is_empty() && found != outputs {
        misfits.push(format!("classes: {found:?} in the file, {outputs:?} in the network"));
    }
    misfits
}

/// Names that occur more than once.
fn twice<'a>(names: impl Iterator<Item = &'a String>) -> impl Iterator<Item = &'a String> {
    let mut seen = HashSet::new();
    names.filter(move |name| !seen.insert(*name))
}

/// How a file contradicts the names in the data of the spec.
pub fn contradictions(file: &Metadata, data: &Encoding) -> Vec<String> {
    let mut contradictions = Vec::new();
    for key in data.to_metadata().keys() {
        let of_data = names_of(&data.to_metadata(), key);
        if let (Ok(Some(found)), Ok(Some(expected))) = (names_of(file, key), of_data)
            && found != expected
        {
            contradictions.push(format!("{key}: {} in the file, {} in the data", shown(&found), shown(&expected)));
        }
    }
    contradictions
}
