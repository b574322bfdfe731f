//! `weights: column;`: rows count as much as a column of the file says.

use crate::common::{Folder, assert_contains};

/// One number that is to be 2 by the rows that count, and -5 by those that do not.
const SPEC: &str = "network T {
    input x: [1];
    output y = x -> dense(1, bias: false, init: zeros);
    train { loss: mse; optimizer: sgd(lr: 0.5); metrics: [mae]; batch: all; epochs: 60; }
    data { csv: \"t.csv\"; target: t; weights: w; }
}
";

#[test]
fn rows_count_as_their_weights_say() {
    let folder = Folder::new("weighted_rows")
        .with("t.nn", SPEC)
        .with("t.csv", "w,a,t\n1,1,2\n0,1,-5\n")
        .with("other.csv", "t,a,w\n4,1,3\n2,1,0.25\n")
        .with("unweighted.csv", "t,a\n4,1\n")
        .with("inputs.csv", "a\n1\n10\n");
    assert_eq!(folder.nn(&["check", "t.nn"]).done(), "t.nn: T is valid\n");
    let explained = folder.nn(&["explain", "t.nn"]).done();
    assert_contains(&explained, &["  weights         w: each row's loss times its number, divided by the rows\n"]);

    let trained = folder.nn(&["train", "t.nn"]).done();
    assert_contains(&trained, &["T: 1 parameter; 2 rows to train on; weighted by `w`\n"]);
    assert_eq!(folder.nn(&["predict", "t.nn", "inputs.csv"]).done(), "t\n2\n20\n");
    let file = std::fs::read(folder.path("t.safetensors")).unwrap();
    assert!(String::from_utf8_lossy(&file).contains(r#""nn.weights":"[\"w\"]""#));

    // The metrics are means over the rows: |2 − 2| and |2 + 5|; the loss is weighted.
    assert_eq!(folder.nn(&["eval", "t.nn"]).done(), "all  loss 0.0000  mae 3.5000  (2 rows)\n");
    // 3·(2 − 4)²/2.
    let other = folder.nn(&["eval", "t.nn", "--data", "other.csv"]).done();
    assert_eq!(other, "all  loss 6.0000  mae 1.0000  (2 rows)\n");
    let refused = folder.nn(&["eval", "t.nn", "--data", "unweighted.csv"]).failed(1);
    assert_contains(&refused, &["unweighted.csv: there is no column `w`"]);
    let piped = folder.piped(&["eval", "t.nn", "--data", "-"], "t,a,w\n3,1,2\n").done();
    assert_eq!(piped, "all  loss 2.0000  mae 1.0000  (1 row)\n");
}

#[test]
fn weights_that_say_nothing_are_errors() {
    let halves = SPEC.replace("weights: w;", "weights: w; validation: 0.5;");
    let folder = Folder::new("weightless_rows")
        .with("t.nn", SPEC)
        .with("halves.nn", halves.replace("t.csv", "one.csv"))
        .with("t.csv", "w,a,t\n1,1,2\n-1,1,2\n,1,2\n")
        .with("one.csv", "w,a,t\n1,1,2\n0,1,2\n");
    let refused = folder.nn(&["train", "t.nn"]).failed(1);
    assert_contains(
        &refused,
        &[
            "t.csv: 2 mistakes",
            "line 3, column `w`: the number is -1, but the weight of a row is 0 or more",
            "line 4, column `w`: the cell is empty",
        ],
    );
    assert_contains(&folder.nn(&["check", "t.nn"]).failed(1), &["line 3, column `w`"]);
    let refused = folder.nn(&["train", "halves.nn"]).failed(1);
    assert_contains(&refused, &[" row has the weight 0, so its loss is 0 whatever the network predicts"]);
}
