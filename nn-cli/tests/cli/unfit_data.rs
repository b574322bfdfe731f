//! Data that does not fit the network. Both `nn check` and `nn train` report each wrong number with
//! its file, line and column, before anything is compiled.

use serde_json::{Value, json};

use crate::common::{Folder, assert_contains};

/// A network on the columns `a`, `b` and the target `c` of `d.csv`.
fn spec(chain: &str, train: &str, data: &str) -> String {
    format!(
        "network Net {{
    input x: [2];
    output y = x -> {chain};
    train {{ {train} epochs: 2; seed: 1; }}
    data {{ csv: \"d.csv\"; target: c; {data} }}
}}
"
    )
}

/// One neuron for two classes.
fn binary(data: &str) -> String {
    spec("dense(1) -> sigmoid", "loss: binary_cross_entropy; optimizer: adam(lr: 0.05); batch: all;", data)
}

/// A network with `units` classes.
fn classes(units: usize, data: &str) -> String {
    spec(&format!("dense({units}) -> softmax"), "loss: cross_entropy; optimizer: adam;", data)
}

/// The error of `nn train` for data that it refuses.
fn refused(test: &str, spec: String, csv: &str) -> String {
    let folder = Folder::new(&format!("unfit-{test}")).with("net.nn", spec).with("d.csv", csv);
    folder.nn(&["train", "net.nn"]).failed(1)
}

#[test]
fn labels_outside_the_range_of_the_loss_are_reported() {
    for (test, labels, remedy) in [
        (
            "pm1",
            ["-1", "1"],
            "two labels, -1 and 1: write 0 for -1 and 1 for 1, or end the network in `dense(2) -> softmax`",
        ),
        ("one-two", ["1", "2"], "two labels, 1 and 2: write 0 for 1 and 1 for 2, or end"),
        ("255", ["0", "255"], "two labels, 0 and 255: write 1 for 255\n"),
    ] {
        let csv = format!("a,b,c\n1,2,{}\n3,4,{}\n", labels[0], labels[1]);
        let wrong = if labels[0] == "-1" { (2, "-1") } else { (3, labels[1]) };
        let place = format!("d.csv: line {}, column `c`: the number is {}, but ", wrong.0, wrong.1);
        let stderr = refused(test, binary(""), &csv);
        assert_contains(&stderr, &[&place, "`binary_cross_entropy` takes numbers from 0 to 1; ", remedy]);
        let rule = spec("dense(1) -> step", "rule: perceptron(lr: 0.1);", "");
        assert_contains(
            &refused(&format!("{test}-rule"), rule, &csv),
            &[&place, "`perceptron` takes 0 or 1; ", remedy],
        );
    }
}

#[test]
fn targets_of_a_validation_file_and_of_the_second_output_are_checked() {
    let folder = Folder::new("unfit-validation")
        .with("net.nn", binary("validation: \"v.csv\";"))
        .with("d.csv", "a,b,c\n1,2,0\n3,4,0.5\n")
        .with("v.csv", "a,b,c\n1,2,0\n3,4,7\n");
    assert_contains(&folder.nn(&["train", "net.nn"]).failed(1), &["v.csv: line 3, column `c`: the number is 7"]);
    let two = "network Two {
        input x: [1];
        output size = x -> dense(1);
        output is_large = x -> dense(1) -> sigmoid;
        train { loss: mse(size) + binary_cross_entropy(is_large); optimizer: adam; }
        data { csv: \"d.csv\"; target: [b, c]; }
    }";
    assert_contains(
        &refused("two", two.to_owned(), "a,b,c\n1,20,0\n3,40,40\n"),
        &["d.csv: line 3, column `c`: the number is 40, but `binary_cross_entropy` takes"],
    );
}

#[test]
fn an_invalid_token_is_reported_with_its_cell() {
    let spec =
        spec("embedding(5, 3) -> flatten -> dense(1)", "loss: mse; optimizer: sgd; batch: 2;", "validation: 0.25;");
    assert_contains(
        &refused("token", spec, "a,b,c\n0,1,1\n2,3,0\n4,5,1\n1,1,0\n"),
        &["d.csv: line 4, column `b`: the number is 5, but tokens of `embedding` are integers from 0 to 4"],
    );
}

#[test]
fn a_share_of_no_row_says_how_many_rows_it_needs() {
    let csv = "a,b,c\n1,2,0\n3,4,1\n5,6,1\n";
    let stderr = refused("no-row", binary("validation: 0.1;"), csv);
    assert_contains(
        &stderr,
        &["`validation: 0.1` of 3 rows rounds to 0 rows; at least 5 rows are needed to hold one back; "],
    );
    let stderr = refused("all-rows", binary("validation: 0.9;"), csv);
    assert_contains(
        &stderr,
        &["`validation: 0.9` of 3 rows rounds to all of them; at least 6 rows are needed to keep one to train with; "],
    );
    let folder = Folder::new("unfit-check-share").with("net.nn", binary("validation: 0.1;")).with("d.csv", csv);
    assert_contains(
        &folder.nn(&["check", "net.nn"]).failed(1),
        &["net.nn: `validation: 0.1` of 3 rows rounds to 0 rows"],
    );
}

/// One mistake of each kind.
const WRONG: &str = "a,b,c\n1,2,3\nx,4,1\n5,,0\n7,8\n9,10,1e99\n";

#[test]
fn check_lists_every_wrong_cell() {
    let folder = Folder::new("unfit-check").with("net.nn", binary("")).with("d.csv", WRONG);
    let ran = folder.nn(&["check", "net.nn"]);
    assert_eq!(ran.stdout, "");
    let lines = [
        "d.csv: line 2, column `c`: the number is 3, but `binary_cross_entropy` takes numbers from 0 to 1\n",
        "d.csv: line 3, column `a`: `x` is not a number\n",
        "d.csv: line 4, column `b`: the cell is empty\n",
        "d.csv: line 5: 2 cells where 3 should be\n",
        "d.csv: line 6, column `c`: `1e99` is beyond the range of `f32`, ±3.4e38\n",
        "help: write `missing: drop;` to leave such rows out\n",
        "error: net.nn: 5 mistakes in d.csv\n",
    ];
    assert_contains(&ran.failed(1), &lines);

    let many: String = (0..40).map(|row| format!("{row},{row},{}\n", 2 + row)).collect();
    let folder = folder.with("d.csv", format!("a,b,c\n{many}"));
    let stderr = folder.nn(&["check", "net.nn"]).failed(1);
    assert_eq!(stderr.matches("d.csv: line ").count(), 25);
    assert_contains(&stderr, &["… and 15 more\n", "error: net.nn: 40 mistakes in d.csv\n"]);

    let texts: String = (0..40).map(|row| format!("{},{row},1\n", if row % 2 == 0 { "red" } else { "blue" })).collect();
    let folder = folder.with("d.csv", format!("a,b,c\n{texts}"));
    let stderr = folder.nn(&["check", "net.nn"]).failed(1);
    assert_eq!(stderr.matches("d.csv: line ").count(), 3);
    assert_contains(&stderr, &["… and 37 more\nhelp: write `one_hot: [a];`", "error: net.nn: 40 mistakes in d.csv\n"]);
}

#[test]
fn check_prints_wrong_cells_as_json() {
    let folder = Folder::new("unfit-json").with("net.nn", binary("")).with("d.csv", "a,b,c\n1,2,3\n3,4,1\n5,6\n");
    let ran = folder.nn(&["check", "--json", "net.nn"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(ran.failed(1), "error: net.nn: 2 mistakes in d.csv\n");
    let file = &report["files"][0];
    assert_eq!((&file["compiles"], &file["hidden_data"]), (&json!(true), &json!(0)));
    let message = "the number is 3, but `binary_cross_entropy` takes numbers from 0 to 1";
    let expected = json!([
        { "file": "d.csv", "unit": "line", "number": 2, "column": "c", "message": message },
        { "file": "d.csv", "unit": "line", "number": 4, "column": null, "message": "2 cells where 3 should be" },
    ]);
    assert_eq!(file["data"], expected);
}

#[test]
fn check_refuses_what_train_would_refuse() {
    let csv = "a,b,c\n1,2,0\n3,4,1\n";
    for (test, spec, csv, expected) in [
        ("columns", binary("").replace("[2]", "[3]"), csv, "the data has 2 inputs (a, b), but `Net` takes 3 numbers"),
        ("target", binary("").replace("target: c", "target: d"), csv, "there is no column `d`"),
        ("labels", classes(2, ""), "a,b,c\n1,2,0\n3,4,2\n", "d.csv: line 3, column `c`: `2` is a label outside"),
        ("none", binary(""), "a,b,c\n", "there are no examples"),
    ] {
        let folder = Folder::new(&format!("unfit-check-{test}")).with("net.nn", spec).with("d.csv", csv);
        let ran = folder.nn(&["check", "net.nn"]);
        assert_eq!(ran.stdout, "");
        assert_contains(&ran.failed(1), &["net.nn: ", expected]);
    }
}

#[test]
fn missing_files_are_an_error_unless_the_spec_has_an_origin() {
    let folder = Folder::new("unfit-missing").with("net.nn", binary(""));
    let stderr = folder.nn(&["check", "net.nn"]).failed(1);
    assert_contains(&stderr, &["error: net.nn: cannot read d.csv: there is no such file"]);
    let folder = folder.with("net.nn", binary("origin: \"https://example.org/d\";"));
    let ran = folder.nn(&["check", "net.nn"]);
    assert_eq!(ran.stdout, "net.nn: Net is valid\n");
    let stderr = ran.failed(0);
    assert_contains(&stderr, &["note: net.nn: the data was not checked: there is no d.csv; get it from https://"]);
}

#[test]
fn classes_without_rows_are_named() {
    let rows: String = (0..5).map(|row| format!("{row},0,{}\n", ["red", "red", "red", "green", "blue"][row])).collect();
    let folder = Folder::new("unfit-classes")
        .with("net.nn", classes(3, "validation: 0.2;"))
        .with("d.csv", format!("a,b,c\n{rows}"));
    let ran = folder.nn(&["check", "net.nn"]);
    assert_eq!(ran.stdout, "net.nn: Net is valid\n");
    assert_contains(&ran.failed(0), &["note: net.nn: no validation row has any of the classes `blue`, `green`\n"]);

    let folder = folder.with("net.nn", classes(25, "")).with("d.csv", "a,b,c\n1,2,0\n1,3,1\n1,4,5\n");
    let stderr = folder.nn(&["check", "net.nn"]).failed(0);
    assert_contains(&stderr, &["no row has any of the classes `2`, `3`, `4`, `6`, ", "`22`, and 2 more\n"]);
}

#[test]
fn a_label_without_validation_rows_is_named() {
    let csv: String = (0..20).map(|row| format!("{row},{},{}\n", row % 3, u8::from(row == 7))).collect();
    let folder =
        Folder::new("unfit-labels").with("net.nn", binary("validation: 0.1;")).with("d.csv", format!("a,b,c\n{csv}"));
    let stderr = folder.nn(&["check", "net.nn"]).failed(0);
    assert_contains(&stderr, &["note: net.nn: no validation row has the label `1`\n"]);
}

#[test]
fn a_lint_names_targets_that_the_last_activation_cannot_reach() {
    let net = spec("dense(4) -> relu -> dense(1) -> tanh", "loss: mse; optimizer: adam; batch: all;", "");
    let folder = Folder::new("unfit-reach").with("net.nn", net).with("d.csv", "a,b,c\n1,2,10\n3,4,40\n");
    let stderr = folder.nn(&["check", "net.nn"]).failed(0);
    assert_contains(&stderr, &["warning[NN0715]: `y` is between -1 and 1, but its targets range from 10 to 40"]);
}

/// Files for `eval` and `predict` are checked by the same rules as the data.
#[test]
fn later_files_are_checked_too() {
    let chain = "embedding(5, 3) -> flatten -> dense(2) -> softmax";
    let net = spec(chain, "loss: cross_entropy(class_weights: [1, 2.5]); optimizer: sgd;", "");
    let folder = Folder::new("unfit-later")
        .with("net.nn", net)
        .with("d.csv", "a,b,c\n0,1,yes\n2,3,no\n")
        .with("bad.csv", "a,b,c\n0,1,no\n2.5,3,no\n");
    let trained = folder.nn(&["train", "net.nn"]).done();
    assert_contains(&trained, &["class_weights of `y`: no 1, yes 2.5\n"]);
    let place = "bad.csv: line 3, column `a`: the number is 2.5, but tokens of `embedding` are integers from 0 to 4";
    assert_contains(&folder.nn(&["eval", "net.nn", "--data", "bad.csv"]).failed(1), &[place]);
    assert_contains(&folder.nn(&["predict", "net.nn", "bad.csv"]).failed(1), &[place]);
    let stderr = folder.nn(&["predict", "net.nn", "--row", "1,7"]).failed(1);
    assert_contains(&stderr, &["--row", "column `b`: the number is 7, but tokens of `embedding`"]);
}
