//! Lints that look at a csv file.

use crate::common::{Folder, assert_contains};

/// A network on the columns `age` and `income` of a file.
fn spec(chain: &str) -> String {
    format!(
        "network Loan {{
    input x: [2];
    output paid = x -> {chain} -> dense(1) -> sigmoid;
    train {{ loss: binary_cross_entropy; optimizer: adam; batch: all; epochs: 1; }}
    data {{ csv: \"loan.csv\"; target: paid; }}
}}
"
    )
}

const APART: &str = "age,income,paid\n20,900,0\n30,1000,0\n40,2500,1\n50,3000,1\n";
const MIXED: &str = "age,income,paid\n0,0,0\n\n0,1,1\n1,0,1\n1,1,0\n";
const TWICE: &str = "age,income,paid\n0,0,0\n0,1,1\n0,1.0,0\n1,1,0\n";

/// The warnings of a command.
fn warned(test: &str, command: &str, chain: &str, csv: &str) -> String {
    let folder = Folder::new(test).with("loan.nn", spec(chain)).with("loan.csv", csv);
    let ran = folder.nn(&[command, "loan.nn"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stderr
}

#[test]
fn a_column_far_from_zero_is_named_before_training() {
    let stderr = warned("far", "train", "dense(2) -> relu", APART);
    assert_contains(&stderr, &["warning[NN0708]", "loan.nn:3:", "`income` from 900 to 3000", "normalize -> "]);
    assert!(!stderr.contains("`age`"), "{stderr}");
}

#[test]
fn a_table_that_no_line_separates_is_reported_with_its_lines() {
    let stderr = warned("mixed", "check", "linear", MIXED);
    assert_contains(&stderr, &["warning[NN0709]", "lines 2 and 6", "lines 4 and 5", "dense(4) -> tanh -> "]);
}

#[test]
fn contradicting_rows_are_reported_with_their_lines() {
    assert_contains(
        &warned("twice", "check", "linear", TWICE),
        &["lines 3 and 4 have the same inputs and different targets"],
    );
}
