//! The data sets of this project: exact sizes, names and values.

use std::path::PathBuf;

use nn_data::{ColumnKind, Error, Request, Role, Table, TargetKind, Targets, load, load_with, split, summarize};

fn data(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data").join(file)
}

fn classes(file: &str, target: &str, classes: usize) -> Request {
    let kind = TargetKind::Class { classes: Some(classes) };
    Request::new(data(file), [target], kind)
}

fn auto_mpg() -> Request {
    Request { one_hot: vec!["origin".to_owned()], ..Request::new(data("auto_mpg.csv"), ["mpg"], TargetKind::Numbers) }
}

/// How many rows each class has.
fn counts(table: &Table) -> Vec<usize> {
    let Targets::Classes(rows) = &table.targets else {
        panic!("the targets are classes");
    };
    let names = table.encoding.classes.first().expect("classes have names");
    (0..names.len()).map(|class| rows.iter().filter(|&&row| row == class).count()).collect()
}

#[test]
fn digits() {
    let table = load(&classes("digits.csv", "digit", 10)).unwrap();
    assert_eq!(table.inputs.dim(), (1797, 64));
    assert_eq!(table.encoding.width(), 64);
    assert_eq!(counts(&table), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    assert_eq!(table.encoding.classes, [names]);
    assert_eq!(table.encoding.columns[10].name, "p12");
    let first = [0., 0., 5., 13., 9., 1., 0., 0., 0., 0., 13., 15., 10., 15., 5., 0.];
    assert_eq!(table.inputs.row(0).as_slice().unwrap()[..16], first);
    assert_eq!((table.lines[0], table.lines[1796], table.dropped), (2, 1798, 0));
    let unknown_width =
        Request { target_kind: TargetKind::Class { classes: None }, ..classes("digits.csv", "digit", 10) };
    assert_eq!(load(&unknown_width).unwrap(), table);
}

#[test]
fn digits_of_nine_classes_are_refused() {
    let Err(Error::Cells { errors, .. }) = load(&classes("digits.csv", "digit", 9)) else {
        panic!("nines are outside nine classes");
    };
    assert_eq!((errors.listed.len(), errors.more), (25, 155));
    assert_eq!(errors.listed[0].line, 11);
}

#[test]
fn iris() {
    let table = load(&classes("iris.csv", "species", 3)).unwrap();
    assert_eq!(table.inputs.dim(), (150, 4));
    assert_eq!(counts(&table), [50, 50, 50]);
    let encoding = &table.encoding;
    assert_eq!(encoding.classes[0][..], ["setosa", "versicolor", "virginica"]);
    assert_eq!(encoding.targets, ["species"]);
    assert_eq!(table.inputs.row(0).to_vec(), [5.1, 3.5, 1.4, 0.2]);
}

#[test]
fn iris_split_in_shares() {
    let table = load(&classes("iris.csv", "species", 3)).unwrap();
    let rows = split(&table, 0.2, 42).unwrap();
    assert_eq!(counts(&table.take(&rows.train)), [40, 40, 40]);
    assert_eq!(counts(&table.take(&rows.validation)), [10, 10, 10]);
}

#[test]
fn iris_of_four_classes_is_refused() {
    let error = load(&classes("iris.csv", "species", 4)).unwrap_err().to_string();
    let expected = "column `species` has 3 labels, `setosa`, `versicolor`, `virginica`, \
                    but the network has 4 classes; for 3 classes, end it in `dense(3) -> softmax`";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn wine() {
    let table = load(&classes("wine.csv", "cultivar", 3)).unwrap();
    assert_eq!(table.inputs.dim(), (178, 13));
    assert_eq!(counts(&table), [59, 71, 48]);
    assert_eq!(table.encoding.classes, [["class_0", "class_1", "class_2"]]);
}

#[test]
fn auto_mpg_with_its_origin() {
    let table = load(&auto_mpg()).unwrap();
    assert_eq!(table.inputs.dim(), (392, 9));
    let names = table.encoding.input_names();
    assert_eq!(names[6..], ["origin=Europe", "origin=Japan", "origin=USA"]);
    let first = [8., 307., 130., 3504., 12., 70., 0., 0., 1.];
    assert_eq!(table.inputs.row(0).to_vec(), first);
    let origins: Vec<f32> = (6..9).map(|column| table.inputs.column(column).sum()).collect();
    assert_eq!(origins, [68., 79., 245.]);
    let Targets::Numbers(mpg) = &table.targets else {
        panic!("the targets are numbers");
    };
    assert_eq!((mpg.dim(), mpg[[0, 0]]), ((392, 1), 18.0));
    assert_eq!(load_with(&auto_mpg(), &table.encoding).unwrap(), table);
}

#[test]
fn auto_mpg_without_one_hot_names_the_remedy() {
    let request = Request::new(data("auto_mpg.csv"), ["mpg"], TargetKind::Numbers);
    let error = load(&request).unwrap_err().to_string();
    let expected = ": 392 mistakes\
                    \n  line 2, column `origin`: `USA` is not a number\
                    \n  line 3, column `origin`: `USA` is not a number\
                    \n  line 4, column `origin`: `USA` is not a number\
                    \n  and 389 more\
                    \n  help: write `one_hot: [origin];` to give each text a column of 0 and 1";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn auto_mpg_in_summary() {
    let summary = summarize(&auto_mpg()).unwrap();
    assert_eq!((summary.rows, summary.complete, summary.width()), (392, 392, 9));
    let weight = &summary.columns[3];
    assert_eq!((weight.name.as_str(), weight.role), ("weight", Role::Input));
    assert_eq!((weight.min, weight.max, weight.missing), (Some(1613.0), Some(5140.0), 0));
    let origin = &summary.columns[6];
    assert_eq!((origin.kind, origin.role, origin.distinct), (ColumnKind::Text, Role::OneHot, 3));
    assert_eq!((origin.min, origin.max), (None, None));
    assert_eq!((summary.columns[7].name.as_str(), summary.columns[7].role), ("mpg", Role::Number));
}

#[test]
fn spiral() {
    let table = load(&classes("spiral.csv", "arm", 2)).unwrap();
    assert_eq!(table.inputs.dim(), (400, 2));
    assert_eq!(counts(&table), [200, 200]);
    assert!(table.inputs.iter().all(|coordinate| coordinate.abs() <= 1.02));
}
