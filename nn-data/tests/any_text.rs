//! Whatever a file holds, it is read or refused: nothing panics, and a table keeps its promises.

use std::fs;

use nn_data::{Missing, Request, Table, TargetKind, Targets, load, load_with, summarize};
use proptest::prelude::*;

/// Reads the bytes as a file in every way.
fn read(bytes: &[u8], kind: TargetKind, missing: Missing) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, bytes).unwrap();
    let request = Request { missing, one_hot: vec!["a".to_owned()], ..Request::new(path, ["y"], kind) };
    let summary = summarize(&request);
    let Ok(table) = load(&request) else {
        return;
    };
    let summary = summary.expect("what can be loaded can be summed up");
    assert_eq!(summary.rows, table.rows() + table.dropped);
    assert_eq!(table.inputs.ncols(), table.encoding.width());
    assert!(table.inputs.iter().all(|number| number.is_finite()));
    assert_eq!(table.lines.len(), table.rows());
    assert!(table.lines.is_sorted_by(|a, b| a < b));
    let names = table.encoding.classes.first().map_or(0, Vec::len);
    match &table.targets {
        Targets::Classes(classes) => assert!(classes.iter().all(|&class| class < names)),
        Targets::Numbers(numbers) => assert!(numbers.iter().all(|number| number.is_finite())),
        Targets::Columns(_) => panic!("no columns were asked for"),
        Targets::None => panic!("the targets are required"),
    }
    // Notes are about categories that are found; here they are known.
    let again = load_with(&request, &table.encoding).unwrap();
    assert_eq!(Table { notes: table.notes.clone(), ..again }, table);
}

fn kinds() -> impl Strategy<Value = TargetKind> {
    prop_oneof![
        Just(TargetKind::Numbers),
        (1_usize..5).prop_map(|classes| TargetKind::Class { classes: Some(classes) }),
        Just(TargetKind::Class { classes: None }),
    ]
}

fn missing() -> impl Strategy<Value = Missing> {
    prop_oneof![Just(Missing::Error), Just(Missing::Drop)]
}

/// Cells, mostly of numbers, with what goes wrong between and in them.
fn tables() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        8 => "[0-3]",
        2 => "-?[0-9]{1,3}\\.[0-9]{1,2}",
        1 => prop::sample::select(vec!["", "NA", "?", "cat", "\"a\nb\"", "\"", "inf", "1e99", " 2 "]).prop_map(str::to_owned),
    ];
    let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just("\r")];
    let row = (prop::collection::vec(cell, 3), end).prop_map(|(cells, end)| format!("{}{end}", cells.join(",")));
    prop::collection::vec(row, 0..8).prop_map(|rows| format!("a,b,y\n{}", rows.concat()))
}

proptest! {
    #[test]
    fn tables_of_any_cells(text in tables(), kind in kinds(), missing in missing()) {
        read(text.as_bytes(), kind, missing);
    }

    #[test]
    fn any_bytes_below_a_header(
        bytes in prop::collection::vec(any::<u8>(), 0..60), kind in kinds(), missing in missing(),
    ) {
        read(&bytes, kind.clone(), missing);
        read(&[b"a,b,y\n".as_slice(), &bytes].concat(), kind, missing);
    }

    #[test]
    fn any_text_of_the_characters_that_matter(
        text in "[a,by0-2\"\r\n .;?]{0,60}", kind in kinds(), missing in missing(),
    ) {
        read(text.as_bytes(), kind.clone(), missing);
        read(format!("a,b,y\n{text}").as_bytes(), kind, missing);
    }
}
