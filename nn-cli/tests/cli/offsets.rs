//! Different numbers that are the same as `f32`: a warning, and the offset that helps.

use crate::common::{Folder, assert_contains};

/// Times one minute apart, with targets that grow by a quarter of a second.
fn table() -> String {
    (0..20).fold("time,due\n".to_owned(), |table, row| {
        table + &format!("{},{}\n", 1_700_000_000 + 60 * row, 1_700_000_000.0 + 0.25 * f64::from(row))
    })
}

fn spec(offset: &str) -> String {
    format!(
        "network T {{
            input x: [1];
            output y = x -> normalize -> dense(1);
            train {{
                loss: mse; optimizer: adam(lr: 0.05); metrics: [mae]; batch: all; epochs: 500; seed: 1;
            }}
            data {{ csv: \"t.csv\"; target: due; {offset} }}
            expect mae <= 0.05;
        }}"
    )
}

#[test]
fn an_offset_makes_numbers_with_many_digits_learnable() {
    let folder = Folder::new("offsets")
        .with("t.csv", table())
        .with("raw.nn", spec(""))
        .with("moved.nn", spec("offset(time: 1_700_000_000, due: 1_700_000_000);"))
        .with("wrong.nn", spec("offset(tiem: 5);"));
    let warned = folder.nn(&["check", "raw.nn"]);
    assert_eq!(warned.code, Some(0));
    assert_contains(
        &warned.stderr,
        &[
            "warning[NN0713]: different numbers of `time` become equal: 1700000000 (line 2) and 1700000060 (line 3) are \
             both 1700000000 as f32",
            "`offset(time: 1_700_000_000);` in `data`",
            "warning[NN0713]: different numbers of `due` become equal: 1700000000 (line 2) and 1700000000.25 (line 3)",
            "`offset(due: 1_700_000_000);` in `data`",
        ],
    );
    assert_contains(&folder.nn(&["train", "wrong.nn"]).failed(1), &["column `tiem` has an `offset`"]);

    assert_contains(&folder.nn(&["train", "moved.nn"]).done(), &["expect mae <= 0.05: met"]);
    let answer = folder.nn(&["predict", "moved.nn", "--row", "1700000600"]).done();
    let due: f64 = answer.lines().nth(1).unwrap().parse().unwrap();
    assert!((due - 1_700_000_002.5).abs() < 0.1, "{answer}");
    assert_contains(&folder.nn(&["eval", "moved.nn"]).done(), &["all  loss ", "(20 rows)"]);
}
