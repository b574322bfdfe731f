//! Offsets: subtracted before numbers are rounded, and kept with the encoding.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nn_data::{Encoding, Error, Limit, Limits, Request, TargetKind, Targets, load, load_with};

const CSV: &str = "time,kind,due\n1700000000,a,16777217\n1700000060,b,16777216\n1700000123.5,a,16777219\n";

/// A file in a folder that goes with the value returned.
fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn request(path: PathBuf, offsets: &[(&str, f64)]) -> Request {
    let mut request = Request::new(path, ["due"], TargetKind::Numbers);
    request.columns = Some(vec!["time".to_owned()]);
    request.offsets = offsets.iter().map(|(column, offset)| ((*column).to_owned(), *offset)).collect();
    request
}

fn numbers(targets: &Targets) -> Vec<f32> {
    match targets {
        Targets::Numbers(numbers) => numbers.iter().copied().collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_collapses_is_found_and_kept_apart_by_offsets() {
    let (_folder, path) = file(CSV);
    let table = load(&request(path.clone(), &[])).unwrap();
    let found: Vec<_> = table.collapsed.iter().map(|found| (&*found.column, found.is_target, found.offset)).collect();
    assert_eq!(found, [("time", false, Some(1.7e9)), ("due", true, Some(16_777_210.0))]);
    assert_eq!(table.collapsed[0].cells, [(2, "1700000000".to_owned()), (3, "1700000060".to_owned())]);

    let table = load(&request(path.clone(), &[("time", 1.7e9), ("due", 16_777_210.0)])).unwrap();
    assert_eq!(table.collapsed, []);
    assert_eq!(table.inputs.iter().copied().collect::<Vec<_>>(), [0.0, 60.0, 123.5]);
    assert_eq!(numbers(&table.targets), [7.0, 6.0, 9.0]);

    let kept = Encoding::from_metadata(&table.encoding.to_metadata()).unwrap();
    assert_eq!(kept, table.encoding);
    let again = load_with(&request(path, &[]), &kept).unwrap();
    assert_eq!((again.inputs, again.targets), (table.inputs, table.targets));
}

#[test]
fn an_offset_is_that_of_a_column_of_numbers() {
    let (_folder, path) = file(CSV);
    for column in ["kind", "tiem"] {
        let error = load(&request(path.clone(), &[(column, 1.0)])).unwrap_err();
        assert!(matches!(&error, Error::OffsetWithoutNumbers { column: found } if found == column), "{error}");
    }
    let mut categories = request(path.clone(), &[("kind", 1.0)]);
    categories.columns = None;
    categories.one_hot = vec!["kind".to_owned()];
    assert!(matches!(load(&categories), Err(Error::OffsetWithoutNumbers { .. })));
    let mut classes = request(path, &[("due", 1.0)]);
    classes.target_kind = TargetKind::Class { classes: None };
    assert!(matches!(load(&classes), Err(Error::OffsetWithoutNumbers { .. })));
    assert_eq!(Encoding::default().offsets, BTreeMap::new());
}

#[test]
fn a_number_that_is_outside_after_its_offset_is_not_taken_for_the_cell() {
    let (_folder, path) = file("time,due\n11,1\n13,3\n");
    let mut request = request(path, &[("time", 10.0)]);
    request.limits = Limits { inputs: vec![(0..1, Limit::Token { tokens: 3 })], targets: Vec::new() };
    let error = load(&request).unwrap_err().to_string();
    let told =
        "line 3, column `time`: the number is 3 after its `offset` of 10, but tokens of `embedding` are integers";
    assert!(error.contains(told), "{error}");
}
