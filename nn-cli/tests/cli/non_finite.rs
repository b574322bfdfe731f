//! Infinities and NaNs: they are never a prediction, a best epoch, a result or a weight.

use std::fs;

use crate::common::{Folder, assert_contains};

/// Predicts NaN if both inputs overflow: ∞ − ∞.
const SPEC: &str = "network A {
    input x: [2];
    output y = x -> dense(1, init: constant(2)) -> sigmoid;
    train {
        loss: binary_cross_entropy; optimizer: sgd(lr: 0.1); metrics: [accuracy]; batch: all; epochs: 3; seed: 1;
        early_stopping(monitor: val_accuracy, patience: 2);
    }
    data { csv: \"few.csv\"; target: c; validation: \"large.csv\"; }
    expect accuracy <= 0.9;
}
";

#[test]
fn non_finite_results_are_reported_and_never_the_best() {
    let folder = Folder::new("non-finite")
        .with("a.nn", SPEC)
        .with("few.csv", "a,b,c\n1,2,0\n0,1,1\n3,3,0\n")
        .with("large.csv", "a,b,c\n1,1,1\n3e38,-3e38,0\n3e38,-3e38,0\n")
        .with("rows.csv", "a,b\n1,2\n3e38,-3e38\n0,1\n-3e38,3e38\n");

    let trained = folder.nn(&["train", "a.nn"]);
    assert_contains(
        &trained.stdout,
        &[
            "epoch 2/3  loss ",
            "| val_loss NaN  val_accuracy 0.3333\n",
            "stopped after epoch 2: val_accuracy did not improve for 2 epochs\n",
            "weights of epoch 2 are in a.safetensors\n",
            "expect accuracy <= 0.9: missed, 0.3333, with a loss that is not finite\n",
        ],
    );
    assert!(!trained.stdout.contains('*') && !trained.stdout.contains("best epoch"), "{}", trained.stdout);
    let expected = "warning: after epoch 1: validation row 2 (large.csv, line 3): the loss is not finite";
    let named = "error: validation row 2 (large.csv, line 3): output `y` is NaN";
    assert_contains(&trained.failed(1), &[expected, named, "1 of 1 expectation missed"]);

    let measured = folder.nn(&["eval", "a.nn"]);
    assert_contains(&measured.stdout, &["validation  loss NaN  accuracy 0.3333  (3 rows)\n", "train       loss "]);
    assert_contains(&measured.failed(1), &[named]);

    let answered = folder.nn(&["predict", "a.nn", "--row", "3e38,-3e38"]);
    assert_eq!(answered.stdout, "");
    assert_contains(&answered.failed(1), &["1 of 1 row without a finite prediction:\n  --row: output `y` is NaN\n"]);
    let answered = folder.nn(&["predict", "a.nn", "rows.csv"]);
    assert_eq!(answered.stdout, "");
    let named = "2 of 4 rows without a finite prediction:\n  line 3: output `y` is NaN\n  line 5: output `y` is NaN\n";
    assert_contains(&answered.failed(1), &[named]);
    assert_eq!(folder.nn(&["predict", "a.nn", "--row", "1,2"]).done().lines().count(), 2);

    let mut weights = fs::read(folder.path("a.safetensors")).unwrap();
    let last = weights.len() - 4;
    weights[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(folder.path("a.safetensors"), weights).unwrap();
    let trace: &[&str] = &["trace", "a.nn", "--weights", "a.safetensors"];
    for arguments in [&["predict", "a.nn", "--row", "1,2"], &["eval", "a.nn"][..], trace] {
        let ran = folder.nn(arguments);
        assert_eq!(ran.stdout, "");
        assert_contains(&ran.failed(1), &["a.safetensors", "not a valid weights file: y.0.bias[0] is NaN"]);
    }
}
