//! What a spec says about the columns of its examples, as text that is stored with weights.
//!
//! Only what the spec itself says: names of categories and classes are in the data files, and so are the columns if the
//! spec does not list them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::compiled::Compiled;
use crate::model::{DataSource, Offset};

/// The names of the input columns: a list, or their number if they are `x1`, `x2`, ….
pub const COLUMNS: &str = "nn.columns";
/// The columns that become one input for each category: a list.
pub const ONE_HOT: &str = "nn.one_hot";
/// The names of the target columns: a list.
pub const TARGETS: &str = "nn.targets";
/// The column of the weights of the rows: a list of one name; absent if there is none.
pub const WEIGHTS: &str = "nn.weights";
/// The offsets subtracted from numbers: a JSON object by column; absent if there are none.
pub const OFFSETS: &str = "nn.offsets";
/// The texts of missing cells: a list; absent if they are the default ones.
pub const MISSING_WORDS: &str = "nn.missing_words";

/// What is known about the columns, by key. Lists are JSON arrays of strings. A key is absent if the spec does not give
/// it; all are if the spec has no `data`.
pub fn metadata(compiled: &Compiled) -> BTreeMap<&'static str, String> {
    let mut known = BTreeMap::new();
    let Some(data) = &compiled.model.data else { return known };
    match &data.source {
        DataSource::Csv { target, weights, columns, one_hot, offsets, missing_words, .. } => {
            known.insert(TARGETS, list(target));
            known.extend(weights.as_ref().map(|(column, _)| (WEIGHTS, list(std::slice::from_ref(column)))));
            known.insert(ONE_HOT, list(one_hot));
            known.extend(columns.as_ref().map(|columns| (COLUMNS, list(columns))));
            known.extend((!offsets.is_empty()).then(|| (OFFSETS, object(offsets))));
            known.extend(missing_words.as_ref().map(|words| (MISSING_WORDS, list(words))));
        }
        DataSource::Inline(_) | DataSource::Arrays(_) | DataSource::Images(_) => {
            let (shapes, model) = (&compiled.shapes, &compiled.model);
            let width: usize = model.inputs.iter().map(|id| shapes.of(*id).len()).sum();
            known.insert(COLUMNS, width.to_string());
            known.insert(ONE_HOT, list(&[]));
            let targets = model.train.iter().flat_map(|train| &train.targets);
            let widths = targets.map(|target| if target.is_class { 1 } else { shapes.of(target.output).len() });
            let targets: Vec<String> = (1..=widths.sum()).map(|number| format!("y{number}")).collect();
            if !targets.is_empty() {
                known.insert(TARGETS, list(&targets));
            }
        }
    }
    known
}

/// A JSON array of strings.
fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!("[{}]", quoted.join(","))
}

/// A JSON object of numbers.
fn object(offsets: &[Offset]) -> String {
    let pair = |offset: &Offset| format!("{}:{:?}", quoted(&offset.column), offset.number);
    format!("{{{}}}", offsets.iter().map(pair).collect::<Vec<_>>().join(","))
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // Writing to a `String` cannot fail.
            control if control < ' ' => drop(write!(quoted, "\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(output: &str, data: &str) -> Vec<(&'static str, String)> {
        let (network, loss) = match output {
            "class" => ("x -> dense(3) -> softmax", "cross_entropy"),
            _ => ("x -> dense(3)", "mse"),
        };
        let spec = format!(
            "network N {{ input x: [2]; output y = {network}; train {{ loss: {loss}; optimizer: adam; }} {data} }}"
        );
        let compiled = crate::compile::compile(&spec).compiled;
        metadata(&compiled.unwrap_or_else(|| panic!("{spec}"))).into_iter().collect()
    }

    #[test]
    fn generated_code_holds_what_the_spec_says() {
        let spec = "network N { input x: [2]; output y = x -> dense(1); data { csv: \"a.csv\"; target: t; } }";
        let code = crate::codegen::rust(&crate::compile::compile(spec).compiled.unwrap());
        let code: String = code.split_whitespace().collect();
        assert!(code.contains(r#"("nn.one_hot","[]"),("nn.targets","[\"t\"]")"#), "{code}");
    }

    #[test]
    fn a_spec_says_what_its_columns_are() {
        let known = |columns: &str, one_hot: &str, targets: &str| {
            let pairs = [(COLUMNS, columns), (ONE_HOT, one_hot), (TARGETS, targets)];
            let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
            pairs.map(|(key, value)| (key, value.to_owned())).collect::<Vec<_>>()
        };
        let csv = "data { csv: \"a.csv\"; target: \"the \\\"kind\\\"\"; columns: [b, a]; }";
        assert_eq!(of("class", csv), known(r#"["b","a"]"#, "[]", r#"["the \"kind\""]"#));
        let csv = "data { csv: \"a.csv\"; target: kind; one_hot: [a]; }";
        assert_eq!(of("class", csv), known("", r#"["a"]"#, r#"["kind"]"#));
        let arrays = "data { npy: \"x.npy\"; target: \"y.npy\"; }";
        assert_eq!(of("class", arrays), known("2", "[]", r#"["y1"]"#));
        assert_eq!(of("numbers", arrays), known("2", "[]", r#"["y1","y2","y3"]"#));
        assert_eq!(of("class", ""), known("", "", ""));
        let csv = "data { csv: \"a.csv\"; target: kind; weights: trust; }";
        let said: BTreeMap<_, _> = of("class", csv).into_iter().collect();
        assert_eq!(said[WEIGHTS], r#"["trust"]"#);
        let csv = "data { csv: \"a.csv\"; target: kind; offset(a: 1_700_000_000, b: -0.5); missing_words: [\"-\"]; }";
        let said: BTreeMap<_, _> = of("class", csv).into_iter().collect();
        assert_eq!(said[OFFSETS], r#"{"a":1700000000.0,"b":-0.5}"#);
        assert_eq!(said[MISSING_WORDS], r#"["-"]"#);
    }
}
