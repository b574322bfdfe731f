//! A column of weights: no input, and held to finite numbers of 0 or more.

use std::fs;

use nn_data::{Missing, Request, Table, TargetKind, load, load_with};

/// Reads a file `t.csv` with a target `y` and weights `w`; the request may be changed before.
fn read_with(content: &str, change: impl FnOnce(&mut Request)) -> Result<Table, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, content).unwrap();
    let mut request = Request::new(path, ["y"], TargetKind::Numbers);
    request.weights = Some("w".to_owned());
    change(&mut request);
    load(&request).map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

#[track_caller]
fn refused(content: &str) -> String {
    read_with(content, |_| ()).expect_err("it should be refused")
}

#[test]
fn weights_are_beside_the_inputs() {
    let table = read_with("a,w,b,y\n1,0.5,2,3\n4,0,5,6\n7,-0,8,9\n", |_| ()).unwrap();
    assert_eq!(table.encoding.input_names(), ["a", "b"]);
    assert_eq!(table.inputs, ndarray::array![[1.0, 2.0], [4.0, 5.0], [7.0, 8.0]]);
    assert_eq!(table.weights, Some(vec![0.5, 0.0, 0.0]));
    assert_eq!(table.take(&[1, 0]).weights, Some(vec![0.0, 0.5]));
    let listed = read_with("a,w,b,y\n1,2,2,3\n", |request| request.columns = Some(vec!["b".to_owned()])).unwrap();
    assert_eq!((listed.inputs, listed.weights), (ndarray::array![[2.0]], Some(vec![2.0])));
}

#[test]
fn cells_that_are_no_weights_are_named() {
    let expected = [
        ("a,w,y\n1,-2,3\n1,1,1\n", "line 2, column `w`: the number is -2, but the weight of a row is 0 or more"),
        ("a,w,y\n1,1,3\n1,many,1\n", "line 3, column `w`: `many` is not a number"),
        ("a,w,y\n1,inf,3\n", "line 2, column `w`: `inf` is beyond the range of `f32`, ±3.4e38"),
        (
            "a,w,y\n1,1,3\n1,,1\n",
            "line 3, column `w`: the cell is empty; write `missing: drop;` to leave such rows out",
        ),
        (
            "a,w,y\n1,0,3\n1,0.0,1\n",
            "every row has the weight 0 in column `w`, so its loss is 0 whatever the network predicts",
        ),
    ];
    for (content, message) in expected {
        assert_eq!(refused(content), format!("t.csv: {message}"));
    }
    let message = refused("a,y\n1,3\n");
    assert!(message.starts_with("t.csv: there is no column `w`"), "{message}");
    let twice = read_with("a,w,y\n1,1,3\n", |request| request.columns = Some(vec!["w".to_owned()]));
    assert_eq!(twice.unwrap_err(), "column `w` holds the weights of the rows, and is an input or a target as well");
}

#[test]
fn a_row_without_a_weight_can_be_left_out() {
    let table = read_with("a,w,y\n1,1,3\n1,,1\n2,3,1\n", |request| request.missing = Missing::Drop).unwrap();
    assert_eq!((table.weights, table.dropped), (Some(vec![1.0, 3.0]), 1));
}

#[test]
fn other_files_have_weights_only_where_they_have_targets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, "a,w,y\n1,2,3\n").unwrap();
    let mut request = Request::new(&path, ["y"], TargetKind::Numbers);
    request.weights = Some("w".to_owned());
    let encoding = load(&request).unwrap().encoding;
    assert_eq!(load_with(&request, &encoding).unwrap().weights, Some(vec![2.0]));
    // Rows to predict need neither.
    fs::write(&path, "a\n5\n").unwrap();
    request.target_required = false;
    assert_eq!(load_with(&request, &encoding).unwrap().weights, None);
    // A column of weights is not an input there either.
    fs::write(&path, "a,w\n5,2\n").unwrap();
    let table = load(&request).unwrap();
    assert_eq!((table.inputs, table.weights), (ndarray::array![[5.0]], None));
}
