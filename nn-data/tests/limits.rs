//! Numbers that a column may not hold: each is named by its place, beside whatever else is wrong
//! with the file.

use std::fs;
use std::path::PathBuf;

use nn_data::{ArrayFile, ArrayFormat, ArrayRequest, Error, Limit, Limits, Request, TargetKind, load, load_arrays};
use npyz::WriterBuilder;
use tempfile::TempDir;

fn share() -> Limit {
    Limit::Share { loss: "binary_cross_entropy".to_owned() }
}

/// What is said of a csv file of two inputs, the second of which is a token of three, and a target.
fn said(csv: &str, limit: Limit, one_hot: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("d.csv");
    fs::write(&path, csv).unwrap();
    let mut request = Request::new(&path, ["c"], TargetKind::Numbers);
    request.one_hot = one_hot.iter().map(|column| (*column).to_owned()).collect();
    let width = if one_hot.is_empty() { 1 } else { 2 };
    request.limits =
        Limits { inputs: vec![(width..width + 1, Limit::Token { tokens: 3 })], targets: vec![(0..1, limit)] };
    match load(&request) {
        Ok(_) => String::new(),
        Err(error) => error.to_string().replace(&path.display().to_string(), "d.csv"),
    }
}

#[test]
fn targets_outside_are_named_with_a_way_to_write_them() {
    assert_eq!(said("a,b,c\n7,0,1\n8,2,0.5\n9,1,0\n", share(), &[]), "");
    assert_eq!(said("a,b,c\n7,0,1\n8,2,0\n9,1,-0\n", Limit::Binary { loss: "perceptron".to_owned() }, &[]), "");
    assert_eq!(
        said("a,b,c\n7,0,1\n\n8,2,-1\n9,1,1.0\n", share(), &[]),
        "d.csv: line 4, column `c`: the number is -1, but `binary_cross_entropy` takes numbers from 0 to 1; the targets \
         hold two labels, -1 and 1: write 0 for -1 and 1 for 1, or end the network in `dense(2) -> softmax` \
         and use `loss: cross_entropy;`"
    );
    assert_eq!(
        said("a,b,c\n7,0,0\n8,2,255\n9,1,0\n", share(), &[]),
        "d.csv: line 3, column `c`: the number is 255, but `binary_cross_entropy` takes numbers from 0 to 1; the targets \
         hold two labels, 0 and 255: write 1 for 255"
    );
    assert_eq!(
        said("a,b,c\n7,0,0\n8,2,0.5\n9,1,1\n", Limit::Binary { loss: "perceptron".to_owned() }, &[]),
        "d.csv: line 3, column `c`: the number is 0.5, but `perceptron` takes 0 or 1; labels of several classes are for \
         `loss: cross_entropy;` with `-> softmax` last, numbers of any size for a loss such as `mse`"
    );
}

#[test]
fn tokens_outside_are_named_where_they_stand_behind_categories_too() {
    let message = "d.csv: line 3, column `b`: the number is 3, but tokens of `embedding` are integers from 0 to 2";
    assert_eq!(said("a,b,c\n1,0,1\n2,3,0\n", share(), &[]), message);
    assert_eq!(said("a,b,c\nx,0,1\ny,3,0\n", share(), &["a"]), message);
    for token in ["-1", "0.5", "1e9"] {
        assert!(said(&format!("a,b,c\n1,{token},1\n"), share(), &[]).contains("line 2, column `b`"), "{token}");
    }
}

#[test]
fn all_kinds_of_mistakes_are_listed_in_the_order_of_their_lines() {
    assert_eq!(
        said("a,b,c\n1,0,2\n2,9,0\nx,1,1\n4,,0\n5,1\n6,2,yes\n", share(), &[]),
        "d.csv: 6 mistakes\n  \
         line 2, column `c`: the number is 2, but `binary_cross_entropy` takes numbers from 0 to 1\n  \
         line 3, column `b`: the number is 9, but tokens of `embedding` are integers from 0 to 2\n  \
         line 4, column `a`: `x` is not a number\n  \
         line 5, column `b`: the cell is empty\n  \
         line 6: 2 cells where 3 should be\n  \
         line 7, column `c`: `yes` is not a number\n  \
         help: labels of several classes are for `loss: cross_entropy;` with `-> softmax` last, numbers of any size \
         for a loss such as `mse`\n  \
         help: write `one_hot: [a];` to give each text a column of 0 and 1\n  \
         help: write `missing: drop;` to leave such rows out\n  \
         help: labels are for a network with `-> softmax` last and `loss: cross_entropy;`"
    );
}

#[test]
fn labels_are_numbered_though_other_cells_are_wrong() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("d.csv");
    fs::write(&path, "a,c\n1,0\nx,\n3,7\n4,1\n").unwrap();
    let Err(Error::Cells { errors, .. }) = load(&Request::new(&path, ["c"], TargetKind::Class { classes: Some(3) }))
    else {
        panic!("the file has mistakes");
    };
    let places: Vec<_> = errors.listed.iter().map(|error| (error.line, error.column.as_deref().unwrap())).collect();
    assert_eq!(places, [(3, "a"), (3, "c"), (4, "c")]);
}

#[test]
fn more_mistakes_are_kept_than_named() {
    let rows: String = (0..200).map(|row| format!("1,0,{}\n", 2 + row)).collect();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("d.csv");
    fs::write(&path, format!("a,b,c\n{rows}")).unwrap();
    let mut request = Request::new(&path, ["c"], TargetKind::Numbers);
    request.limits.targets = vec![(0..1, share())];
    let Err(Error::Cells { errors, .. }) = load(&request) else { panic!("the file has mistakes") };
    assert_eq!((errors.listed.len(), errors.more, errors.count()), (25, 175, 200));
}

/// An NPY file of `f32`.
fn npy(folder: &TempDir, name: &str, shape: &[u64], numbers: &[f32]) -> PathBuf {
    let path = folder.path().join(name);
    let file = fs::File::create(&path).unwrap();
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(file).begin_nd().unwrap();
    writer.extend(numbers.iter().copied()).unwrap();
    writer.finish().unwrap();
    path
}

/// What is said of two arrays.
fn said_of_arrays(inputs: &[f32], shape: &[u64], targets: &[f32]) -> String {
    let folder = TempDir::new().unwrap();
    let file = |path: PathBuf| ArrayFile { path, content: None, format: ArrayFormat::Npy };
    let request = ArrayRequest {
        inputs: file(npy(&folder, "x.npy", &[2, 2], inputs)),
        targets: Some(file(npy(&folder, "y.npy", shape, targets))),
        target_kind: TargetKind::Numbers,
        limits: Limits { inputs: vec![(1..2, Limit::Token { tokens: 3 })], targets: vec![(0..9, share())] },
    };
    match load_arrays(&request, None) {
        Ok(_) => String::new(),
        Err(error) => error.to_string().replace(&format!("{}/", folder.path().display()), ""),
    }
}

#[test]
fn rows_of_arrays_are_named_from_0() {
    assert_eq!(said_of_arrays(&[9.0, 2.0, 9.0, 0.0], &[2], &[0.0, 1.0]), "");
    assert_eq!(
        said_of_arrays(&[9.0, 2.0, 9.0, 3.0], &[2], &[0.0, 1.0]),
        "x.npy: row 1, column `x2`: the number is 3, but tokens of `embedding` are integers from 0 to 2"
    );
    assert_eq!(
        said_of_arrays(&[9.0, 2.0, 9.0, 0.0], &[2], &[2.0, 1.0]),
        "y.npy: row 0: the number is 2, but `binary_cross_entropy` takes numbers from 0 to 1; the targets hold two \
         labels, 1 and 2: write 0 for 1 and 1 for 2, or end the network in `dense(2) -> softmax` \
         and use `loss: cross_entropy;`"
    );
    let message = said_of_arrays(&[9.0, 2.0, 9.0, 0.0], &[2, 2], &[0.0, 1.0, 0.5, 7.0]);
    assert!(message.starts_with("y.npy: row 1, column `y2`: the number is 7, but"), "{message}");
}
