//! Cells as people and programs write them: what is read, what is asked back, and the exact words
//! for what is refused.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::array;
use nn_data::{Encoding, Missing, Request, Table, TargetKind, Targets, load, load_with};

/// Reads a file `t.csv` with a target `y`; the request may be changed before.
fn read_with(content: impl AsRef<[u8]>, change: impl FnOnce(&mut Request)) -> Result<Table, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, content).unwrap();
    let mut request = Request::new(path, ["y"], TargetKind::Numbers);
    change(&mut request);
    let shown = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
    match load(&request) {
        Ok(table) => Ok(Table { notes: table.notes.into_iter().map(shown).collect(), ..table }),
        Err(error) => Err(shown(error.to_string())),
    }
}

fn read(content: impl AsRef<[u8]>) -> Result<Table, String> {
    read_with(content, |_| ())
}

#[track_caller]
fn refused(content: impl AsRef<[u8]>) -> String {
    read(content).expect_err("it should be refused")
}

/// With the column `a` one-hot encoded.
fn one_hot(content: &str) -> Table {
    read_with(content, |request| request.one_hot = vec!["a".to_owned()]).unwrap()
}

fn categories(table: &Table) -> Vec<String> {
    table.encoding.columns[0].categories.clone().unwrap()
}

#[test]
fn texts_are_categories_as_they_are() {
    let table = one_hot("a,y\n1.10,0\n1.1,0\n1.0,0\n");
    assert_eq!(categories(&table), ["1.0", "1.1", "1.10"]);
    assert_eq!(table.inputs, array![[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    assert_eq!(
        table.notes,
        ["t.csv: column `a`: `1.1` and `1.10` are different categories, but they are the same number"]
    );
    let whole = one_hot("a,y\n3.0,0\n3,0\n10,0\n");
    assert_eq!((categories(&whole), whole.notes.len()), (vec!["3".to_owned(), "10".to_owned()], 0));
    let texts = one_hot("a,y\nCat,0\n cat ,0\n\"cat\",0\n");
    assert_eq!(categories(&texts), ["Cat", "cat"]);
    assert_eq!(
        texts.notes,
        ["t.csv: column `a`: `Cat` and `cat` are different categories, but they differ only in case"]
    );
}

#[test]
fn classes_are_texts_as_they_are() {
    let classes = |content: &str| {
        let table = read_with(content, |request| request.target_kind = TargetKind::Class { classes: None }).unwrap();
        let Targets::Classes(rows) = table.targets else { panic!("the targets are classes") };
        (rows, table.encoding.classes.concat().join(" "), table.notes.concat())
    };
    assert_eq!(classes("x,y\n1,1.0\n1,0\n1,1\n"), (vec![1, 0, 1], "0 1".to_owned(), String::new()));
    let note = "t.csv: column `y`: `2.5` and `2.50` are different classes, but they are the same number";
    assert_eq!(classes("x,y\n1,2.50\n1,2.5\n"), (vec![1, 0], "2.5 2.50".to_owned(), note.to_owned()));
}

#[test]
fn an_unknown_label_is_asked_back_where_it_is_alike() {
    let encoding = one_hot("a,y\nCat,0\nDog,0\n").encoding;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, "a,y\ncat,0\nfox,0\n").unwrap();
    let error = load_with(&Request::new(path, ["y"], TargetKind::Numbers), &encoding).unwrap_err().to_string();
    let end = "t.csv: 2 mistakes\
               \n  line 2, column `a`: `cat` is not one of the categories `Cat`, `Dog`; did you mean `Cat`?\
               \n  line 3, column `a`: `fox` is not one of the categories `Cat`, `Dog`";
    assert!(error.ends_with(end), "{error}");
}

#[test]
fn the_words_of_missing_cells_can_be_set() {
    let content = "a,y\nNA,0\nb,0\n-999,0\n";
    let read = |words: Option<&[&str]>| {
        read_with(content, |request| {
            request.one_hot = vec!["a".to_owned()];
            request.missing = Missing::Drop;
            request.missing_words = words.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
        })
        .unwrap()
    };
    let usual = read(None);
    assert_eq!((categories(&usual).join(" "), usual.dropped), ("-999 b".to_owned(), 1));
    assert_eq!(usual.encoding.missing_words, None);
    let own = read(Some(&["-999"]));
    assert_eq!((categories(&own).join(" "), own.dropped), ("NA b".to_owned(), 1));
    let none = read(Some(&[]));
    assert_eq!((categories(&none).join(" "), none.dropped), ("-999 NA b".to_owned(), 0));

    // They are kept with the weights, and other files are read by them.
    let encoding = Encoding::from_metadata(&own.encoding.to_metadata()).unwrap();
    assert_eq!(encoding.missing_words, Some(vec!["-999".to_owned()]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.csv");
    fs::write(&path, "a,y\n-999,1\nNA,1\n,1\n").unwrap();
    let request = Request { missing: Missing::Drop, ..Request::new(path, ["y"], TargetKind::Numbers) };
    let table = load_with(&request, &encoding).unwrap();
    assert_eq!((table.inputs, table.dropped), (array![[1.0, 0.0]], 2));
}

#[test]
fn words_that_read_like_missing_cells_are_asked_back() {
    let table = one_hot("a,y\nf,0\nN/A,0\nnull,0\n");
    assert_eq!(
        table.notes,
        ["t.csv: column `a`: `N/A` and `null` are among the categories; if they mean a missing cell, write \
          `missing_words: [\"?\", \"NA\", \"NaN\", \"nan\", \"N/A\", \"null\"];`"]
    );
    assert_eq!(
        refused("x,y\n1,0\nN/A,0\n"),
        "t.csv: line 3, column `x`: `N/A` is not a number; if it means a missing cell, write \
         `missing_words: [\"?\", \"NA\", \"NaN\", \"nan\", \"N/A\"];`, and `missing: drop;` to leave such rows out"
    );
}

#[test]
fn quotes_after_blanks_are_quotes() {
    let table = one_hot("a,  y\n \"b, c\" ,1\n\t\"say \"\"hi\"\"\", \"2\"\n");
    assert_eq!(categories(&table), ["b, c", "say \"hi\""]);
    assert_eq!(table.targets, Targets::Numbers(array![[1.0], [2.0]]));
    assert_eq!(
        refused("x,y\n1,2\n\"5\" pipe\",6\n"),
        "t.csv: line 3: a quote closes a cell, and more text follows; a quote within a quoted cell is written twice, `\"\"`"
    );
    assert_eq!(refused("x,y\n1,2\n3, \"4\n5,6\n"), "t.csv: line 3: a quote opens here and is never closed");
    assert_eq!(refused("x,y\n1,\"2"), "t.csv: line 2: a quote opens here and is never closed");
}

#[test]
fn packed_files_are_read() {
    let packed = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let bytes = packed("\u{feff}x,y\n1,2\n".as_bytes());
    assert_eq!(read(&bytes).unwrap().inputs, array![[1.0]]);
    let error = refused(&bytes[..bytes.len() - 10]);
    assert!(error.starts_with("t.csv: "), "{error}");
    assert_eq!(refused(packed(b"")), "t.csv is empty");
    // It is found with or without its ending.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv.gz"), &bytes).unwrap();
    let request = Request::new(folder.path().join("t.csv"), ["y"], TargetKind::Numbers);
    assert_eq!(load(&request).unwrap().inputs, array![[1.0]]);
}

#[test]
fn files_that_are_no_csv_are_named() {
    for (bytes, words) in [
        (
            &b"PK\x03\x04 xl/workbook.xml"[..],
            "t.csv is not a csv file, but a zip archive, as Excel files (.xlsx) are; save the table as csv",
        ),
        (b"PAR1 parquet", "t.csv is not a csv file, but a Parquet file; save the table as csv"),
        (b"\xff\xfex\0,\0y\0", "t.csv is not a csv file, but text in UTF-16; save it in UTF-8"),
        (b"<!DOCTYPE html><html>404</html>", "t.csv is not a csv file, but a web page: download the file itself"),
        (b"\0\0\x08\x01\0\0\0\x01\x07", "t.csv is not a csv file, but an IDX file; write `idx: \"…\";` for it"),
        (b"\x89PNG\r\n", "t.csv is not a csv file, but an image; write `images: \"…\";` for a folder of images"),
        (
            b"x,y\n1,2\n\0,3\n",
            "t.csv: line 3 has a NUL byte, so it is not text; if the file is UTF-16, save it as UTF-8",
        ),
    ] {
        assert_eq!(refused(bytes), words);
    }
}

#[test]
fn a_delimiter_at_the_end_of_every_line_is_passed_over() {
    assert_eq!(read("x,y,,\n1,2,,\n3,4,,\n").unwrap().inputs, array![[1.0], [3.0]]);
    assert_eq!(
        refused("x,y,\n1,2,\n3,4,5\n"),
        "t.csv: column 3 has no name; name it in the header, or list the input columns with `columns: […];`"
    );
    assert_eq!(refused("x,y\n1,2,\n"), "t.csv: line 2: 3 cells where 2 should be");
}

#[test]
fn delimiters_of_other_countries() {
    let table = read_with("x;y\n1;2\n", |request| request.delimiter = ';').unwrap();
    assert_eq!(table.inputs, array![[1.0]]);
    let tabs = read_with("x\ty\n\"1\"\t2\n", |request| request.delimiter = '\t').unwrap();
    assert_eq!(tabs.inputs, array![[1.0]]);
    assert_eq!(
        read_with("x;y\n3,14;2\n", |request| request.delimiter = ';').unwrap_err(),
        "t.csv: line 2, column `x`: `3,14` is not a number; write a decimal point instead of the comma: `3.14`"
    );
    assert_eq!(
        refused("x\ty\n1\t2\n"),
        "t.csv: there is no column `y`; the only column is `x\\ty`; the cells seem to be separated by tabs: write `delimiter: \"\\t\";`"
    );
}

#[test]
fn numbers_in_other_notations_get_advice() {
    for (cell, advice) in [
        (
            "\"1,234\"",
            "`1,234` is not a number; write numbers without a thousands separator: `1234` (or `1.234`, if that is a decimal comma)",
        ),
        ("\"1,234.5\"", "`1,234.5` is not a number; write numbers without a thousands separator: `1234.5`"),
        ("1 234", "`1 234` is not a number; write numbers without a thousands separator: `1234`"),
        ("\"3,14\"", "`3,14` is not a number; write a decimal point instead of the comma: `3.14`"),
        ("45%", "`45%` is not a number; write numbers without the percent sign: `45`"),
        ("$12.50", "`$12.50` is not a number; write numbers without the currency: `12.50`"),
        ("\u{2212}5", "`\u{2212}5` is not a number; write the minus sign as `-`: `-5`"),
    ] {
        assert_eq!(refused(format!("x,y\n{cell},1\n")), format!("t.csv: line 2, column `x`: {advice}"));
        let end = advice.split_once("; ").unwrap().1;
        let target = refused(format!("x,y\n1,{cell}\n"));
        assert!(target.ends_with(end), "{target}");
    }
}

#[test]
fn columns_of_texts_that_all_differ_are_to_be_left_out() {
    let names = ["Ann", "Bob", "Cid", "Dan", "Eve", "Flo"];
    let rows: String = names.iter().map(|name| format!("{name},1,red,2\n")).collect();
    assert_eq!(
        refused(format!("full name,petal length,colour,y\n{rows}")),
        "t.csv: 12 mistakes\
         \n  line 2, column `full name`: `Ann` is not a number\
         \n  line 2, column `colour`: `red` is not a number\
         \n  line 3, column `full name`: `Bob` is not a number\
         \n  line 3, column `colour`: `red` is not a number\
         \n  line 4, column `full name`: `Cid` is not a number\
         \n  line 4, column `colour`: `red` is not a number\
         \n  and 6 more\
         \n  help: `full name` holds a different text in nearly every row, so a network cannot learn from it\
         \n  help: write `columns: [\"petal length\", colour];` to leave out `full name`\
         \n  help: write `one_hot: [colour];` to give each text a column of 0 and 1"
    );
    let names = refused("Name,y\nAnn,1\nBob,2\nCid,3\nDan,4\n");
    assert!(!names.contains("columns:") && !names.contains("one_hot"), "{names}");
    let columns = refused("my colour,y\nred,1\n");
    assert!(columns.ends_with("write `one_hot: [\"my colour\"];` to give each text a column of 0 and 1"), "{columns}");
    let reserved = refused("input,y\nred,1\n");
    assert!(reserved.contains("`one_hot: [\"input\"];`"), "{reserved}");
}

#[test]
fn texts_among_numbers_are_not_categories() {
    let squares = |row: fn(usize) -> String| (0..30).map(row).collect::<String>();
    let inputs = squares(|i| format!("{},{i}\n", i * i));
    let targets = squares(|i| format!("{i},{}\n", i * i));
    let marks = "if it means a missing cell, write `missing_words: [\"?\", \"NA\", \"NaN\", \"nan\", \"unknown\"];`, and \
                 `missing: drop;` to leave such rows out";
    let of_input = refused(format!("x,y\n{inputs}unknown,1\n"));
    assert_eq!(of_input, format!("t.csv: line 32, column `x`: `unknown` is not a number; {marks}"));
    let of_target = refused(format!("x,y\n{targets}1,unknown\n"));
    assert_eq!(of_target, format!("t.csv: line 32, column `y`: `unknown` is not a number; {marks}"));
    let own = read_with(format!("x,y\n{inputs}unknown,1\n"), |request| {
        request.missing_words = Some(vec!["-999".to_owned()]);
    });
    assert!(own.unwrap_err().contains("write `missing_words: [\"-999\", \"unknown\"];`"));
    let many = refused(format!("x,y\n{inputs}3 cm,1\n5 cm,1\nten,1\nsix,1\n"));
    assert!(many.ends_with("\n  help: most cells of `x` are numbers: correct the others"), "{many}");
    // Few numbers may be categories.
    let counted = refused(format!("x,y\n{}3+,1\n", "0,1\n1,2\n2,1\n".repeat(10)));
    assert!(counted.ends_with("write `one_hot: [x];` to give each text a column of 0 and 1"), "{counted}");
}

#[test]
fn labels_that_read_like_missing_cells_can_be_kept() {
    let errors = read_with("a,y\nNA,1\nEU,1\n,1\n", |request| request.one_hot = vec!["a".to_owned()]).unwrap_err();
    assert!(
        errors.ends_with(
            "\n  help: write `missing: drop;` to leave such rows out\
             \n  help: if `NA` is a label, write `missing_words: [\"?\", \"NaN\", \"nan\"];`"
        ),
        "{errors}"
    );
    // One setting says both.
    let marked = read_with("a,x,y\nNA,1,1\nEU,N/A,1\n", |request| request.one_hot = vec!["a".to_owned()]).unwrap_err();
    assert!(marked.contains("write `missing_words: [\"?\", \"NaN\", \"nan\", \"N/A\"];`"), "{marked}");
    assert!(!refused("x,y\nNA,1\n").contains("label"));
}

#[test]
fn rows_that_were_left_out_are_named_where_labels_lack() {
    let told = read_with("x,y\n1,EU\n2,NA\n3,NA\n", |request| {
        request.target_kind = TargetKind::Class { classes: Some(2) };
        request.missing = Missing::Drop;
    });
    assert_eq!(
        told.unwrap_err(),
        "t.csv: column `y` has 1 label, `EU`, but the network has 2 classes; \
         2 rows with missing cells were left out"
    );
}

#[test]
fn no_row_is_left_out_of_predictions() {
    let told = read_with("x,y\n,1\nN/A,1\n", |request| request.target_required = false).unwrap_err();
    assert!(
        told.ends_with("`N/A` is not a number\n  help: each row gets a prediction: write a value, or remove the row"),
        "{told}"
    );
}

#[test]
fn a_date_is_called_a_date() {
    assert_eq!(
        refused("day,x,y\n2024-01-31,1,2\n"),
        "t.csv: line 2, column `day`: `2024-01-31` is a date, not a number; \
         a network takes numbers: compute some from the date or time, such as days since the first row; \
         write `columns: [x];` to leave out `day`"
    );
    assert_eq!(
        refused("x,y\n1,12:30\n"),
        "t.csv: line 2, column `y`: `12:30` is a time, not a number; \
         a network takes numbers: compute some from the date or time, such as days since the first row"
    );
}

#[test]
fn similar_names_are_suggested_as_the_spec_writes_them() {
    let words = |content: &str, column: &str| {
        read_with(content, |request| request.columns = Some(vec![column.to_owned()])).unwrap_err()
    };
    assert_eq!(
        words("petal length,y\n1,2\n", "petal_length"),
        "t.csv: there is no column `petal_length` (did you mean `\"petal length\"`?); the columns are `petal length`, `y`"
    );
    assert_eq!(words(",q,y\n1,2,3\n", "x"), "t.csv: there is no column `x`; the columns are ``, `q`, `y`");
}

#[test]
fn a_label_too_many_is_asked_back_where_it_is_alike() {
    let classes = TargetKind::Class { classes: Some(2) };
    let error = read_with("x,y\n1,cat\n2,dog\n3,Cat\n", |request| request.target_kind = classes).unwrap_err();
    assert_eq!(
        error,
        "t.csv: line 4, column `y`: `Cat` is a label outside the classes: the network has 2 classes, \
         and the rows before have `cat`, `dog`; did you mean `cat`?"
    );
}

#[test]
fn one_is_singular() {
    let classes = |content: &str, count: usize| {
        read_with(content, |request| request.target_kind = TargetKind::Class { classes: Some(count) }).unwrap_err()
    };
    assert!(classes("x,y\n1,a\n", 2).ends_with("has 1 label, `a`, but the network has 2 classes"));
    let kinds = TargetKind::Columns(vec![TargetKind::Numbers]);
    let error = read_with("x,y\n1,2\n", |request| {
        request.target_kind = kinds;
        request.target = vec!["x".to_owned(), "y".to_owned()];
    });
    assert_eq!(error.unwrap_err(), "the outputs take 1 target column, not 2: `x`, `y`");
}
