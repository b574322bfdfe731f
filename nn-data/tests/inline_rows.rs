//! Examples that are handed over as rows of numbers.

use ndarray::array;
use nn_data::{Error, Table, TargetKind, Targets};

fn words(result: Result<Table, Error>) -> String {
    result.expect_err("the rows should be refused").to_string()
}

#[test]
fn rows_of_numbers() {
    let inputs = [vec![0.0, 1.0], vec![1.0, 0.5]];
    let table = Table::from_rows(&inputs, &[vec![1.0], vec![0.25]], &TargetKind::Numbers).unwrap();
    assert_eq!(table.inputs, array![[0.0, 1.0], [1.0, 0.5]]);
    assert_eq!(table.targets, Targets::Numbers(array![[1.0], [0.25]]));
    assert_eq!(table.encoding.input_names(), ["x1", "x2"]);
    assert_eq!(table.encoding.targets, ["y1"]);
    assert_eq!((table.lines, table.dropped), (vec![1, 2], 0));
}

#[test]
fn rows_of_classes() {
    let inputs = [vec![0.0], vec![1.0]];
    let kind = TargetKind::Class { classes: Some(4) };
    let table = Table::from_rows(&inputs, &[vec![3.0], vec![0.0]], &kind).unwrap();
    assert_eq!(table.targets, Targets::Classes(vec![3, 0]));
    assert_eq!(table.encoding.classes, [["0", "1", "2", "3"]]);
    assert_eq!(
        words(Table::from_rows(&inputs, &[vec![4.0], vec![0.0]], &kind)),
        "the inline examples: example 1, column `y1`: `4` is a label outside the classes: \
         the network has 4 classes, 0 to 3"
    );
    assert_eq!(
        words(Table::from_rows(&inputs, &[vec![0.0], vec![0.0, 1.0]], &kind)),
        "the inline examples: example 2: 2 cells where 1 should be"
    );
}

#[test]
fn rows_that_do_not_fit() {
    let numbers = TargetKind::Numbers;
    let one = [vec![1.0]];
    assert_eq!(words(Table::from_rows(&[], &[], &numbers)), "the inline examples: there are no examples");
    assert_eq!(
        words(Table::from_rows(&one, &[], &numbers)),
        "the inline examples: 1 row of inputs, but 0 rows of targets"
    );
    assert_eq!(
        words(Table::from_rows(&[vec![]], &one, &numbers)),
        "the inline examples: there are no inputs beside the targets"
    );
    assert_eq!(words(Table::from_rows(&one, &[vec![]], &numbers)), "no target column is named; write `target: …;`");
    assert_eq!(
        words(Table::from_rows(&[vec![f64::NAN, 1e300]], &one, &numbers)),
        format!(
            "the inline examples: 2 mistakes\
             \n  example 1, column `x1`: `NaN` is beyond the range of `f32`, ±3.4e38\
             \n  example 1, column `x2`: `1{}…` is beyond the range of `f32`, ±3.4e38",
            "0".repeat(39)
        )
    );
}
