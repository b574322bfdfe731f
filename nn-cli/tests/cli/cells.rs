//! How `nn check` reports cells. No network is compiled.

use crate::common::{FRUIT, FRUIT_CSV, Folder, assert_contains};

/// Runs `nn check` on the fruits, with another csv file and other settings of `data`.
fn checked(test: &str, settings: &str, csv: impl AsRef<[u8]>) -> crate::common::Ran {
    let spec = FRUIT.replace("csv: \"fruit.csv\";", &format!("csv: \"fruit.csv\"; {settings}"));
    Folder::new(test).with("fruit.nn", spec).with("fruit.csv", csv).nn(&["check", "fruit.nn"])
}

#[test]
fn a_missing_delimiter_is_suggested() {
    let semicolons = FRUIT_CSV.replace(',', ";");
    let asked = checked("semicolons", "", &semicolons).failed(1);
    assert_contains(&asked, &["the cells seem to be separated by semicolons: write `delimiter: \";\";`"]);
    checked("semicolons", "delimiter: \";\";", &semicolons).done();
    let tabs = FRUIT_CSV.replace(',', "\t");
    assert_contains(&checked("tabs", "", &tabs).failed(1), &["by tabs: write `delimiter: \"\\t\";`"]);
    checked("tabs", "delimiter: \"\\t\";", &tabs).done();
}

#[test]
fn labels_that_are_alike_or_read_like_missing_cells_are_noted() {
    let alike = FRUIT_CSV.replacen("red", "Red", 1).replacen("green", "red", 3);
    let ran = checked("alike", "", alike);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let note = "column `colour`: `Red` and `red` are different categories, but they differ only in case";
    assert_contains(&ran.stderr, &["note: fruit.nn: ", note]);

    // `NA` is missing, until the spec says otherwise.
    let marks = FRUIT_CSV.replace("green", "NA");
    assert_contains(&checked("marks", "", &marks).failed(1), &["column `colour`: the cell is `NA`, a missing value"]);
    checked("marks", "missing_words: [];", &marks).done();
    let marks = FRUIT_CSV.replace("green", "n/a");
    let ran = checked("marks", "", &marks);
    let words = "missing_words: [\"?\", \"NA\", \"NaN\", \"nan\", \"n/a\"];";
    assert_contains(&ran.stderr, &["`n/a` is among the categories; if it means a missing cell, write `", words]);
    assert_contains(&checked("marks", words, &marks).failed(1), &["the cell is `n/a`, a missing value"]);
}

#[test]
fn a_date_column_should_be_left_out() {
    let dates = FRUIT_CSV.lines().enumerate().map(|(at, line)| match at {
        0 => format!("picked on,{line}\n"),
        _ => format!("2024-05-{at:02},{line}\n"),
    });
    let ran = checked("dates", "", dates.collect::<String>()).failed(1);
    let date = "line 2, column `picked on`: `2024-05-01` is a date, not a number";
    assert_contains(&ran, &[date, "write `columns: [weight, colour, length];` to leave out `picked on`"]);
}
