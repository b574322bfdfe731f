//! Small files as users write them: what is taken, and the exact words for what is not.

use std::fs;
use std::path::Path;

use ndarray::array;
use nn_data::{
    Encoding, Error, Missing, Request, Table, TargetColumn, TargetKind, Targets, load, load_with, summarize,
};
use tempfile::TempDir;

/// A file `t.csv` in a folder of its own.
struct File {
    folder: TempDir,
}

impl File {
    fn new(content: impl AsRef<[u8]>) -> File {
        let file = File { folder: tempfile::tempdir().unwrap() };
        fs::write(file.folder.path().join("t.csv"), content).unwrap();
        file
    }

    fn numbers(&self, target: &str) -> Request {
        Request::new(self.folder.path().join("t.csv"), [target], TargetKind::Numbers)
    }

    fn classes(&self, target: &str, classes: Option<usize>) -> Request {
        Request { target_kind: TargetKind::Class { classes }, ..self.numbers(target) }
    }

    /// The error without the folder's name.
    fn words<T>(&self, result: Result<T, Error>) -> String {
        let folder = format!("{}/", self.folder.path().display());
        match result {
            Ok(_) => panic!("the file should be refused"),
            Err(error) => error.to_string().replace(&folder, ""),
        }
    }
}

/// The error for a file whose target `y` is a number.
fn refused(content: impl AsRef<[u8]>) -> String {
    let file = File::new(content);
    file.words(load(&file.numbers("y")))
}

/// The classes of a file with the columns `x` and `y`, and their names.
fn numbered(labels: &[&str], classes: Option<usize>) -> Result<(Vec<usize>, Vec<String>), String> {
    let file = labelled(labels);
    match load(&file.classes("y", classes)) {
        Ok(Table { targets: Targets::Classes(rows), encoding, .. }) => Ok((rows, encoding.classes.concat())),
        Ok(_) => panic!("the targets should be classes"),
        result => Err(file.words(result)),
    }
}

fn labelled(labels: &[&str]) -> File {
    let rows: String = labels.iter().map(|label| format!("0,{label}\n")).collect();
    File::new(format!("x,y\n{rows}"))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let file = File::new("a,y,b,c\n1,2,3,text\n4,5,6,text\n");
    let request = Request { columns: Some(names(&["b", "a"])), ..file.numbers("y") };
    let table = load(&request).unwrap();
    assert_eq!(table.inputs, array![[3.0, 1.0], [6.0, 4.0]]);
    assert_eq!(table.targets, Targets::Numbers(array![[2.0], [5.0]]));
    assert_eq!(table.lines, [2, 3]);
}

#[test]
fn several_targets_are_a_matrix() {
    let file = File::new("u,x,v\n1,2,3\n");
    let request = Request { target: names(&["v", "u"]), ..file.numbers("v") };
    assert_eq!(load(&request).unwrap().targets, Targets::Numbers(array![[3.0, 1.0]]));
}

#[test]
fn windows_text_blank_lines_and_spaces_are_taken() {
    let file = File::new("\u{feff}x, y\r\n\r\n 1 ,\"2\"\r\n   \r\n\r\n3,4");
    let table = load(&file.numbers("y")).unwrap();
    assert_eq!(table.inputs, array![[1.0], [3.0]]);
    assert_eq!(table.targets, Targets::Numbers(array![[2.0], [4.0]]));
    assert_eq!(table.lines, [3, 6]);
}

#[test]
fn lines_count_through_quoted_line_ends_and_lone_returns() {
    let quoted = File::new("x,note,y\n1,\"two\nlines\",2\n3,,4\n");
    let request = Request { columns: Some(names(&["x"])), ..quoted.numbers("y") };
    assert_eq!(load(&request).unwrap().lines, [2, 4]);
    let returns = File::new("x,y\r1,2\r3,4\r");
    assert_eq!(load(&returns.numbers("y")).unwrap().lines, [2, 3]);
}

#[test]
fn another_delimiter() {
    let file = File::new("x;y\n1;2\n");
    let request = Request { delimiter: ';', ..file.numbers("y") };
    assert_eq!(load(&request).unwrap().inputs, array![[1.0]]);
    assert_eq!(
        file.words(load(&file.numbers("y"))),
        "t.csv: there is no column `y`; the only column is `x;y`; the cells seem to be separated by semicolons: write `delimiter: \";\";`"
    );
    let request = Request { delimiter: '→', ..file.numbers("y") };
    assert_eq!(
        file.words(load(&request)),
        "'→' cannot separate cells: a delimiter is one ASCII character other than a quote or a line break"
    );
}

#[test]
fn categories_stand_in_place_and_in_order() {
    let file = File::new("size,x,y\nL,1,0\nS,2,0\nM,3,0\nL,4,0\n");
    let request = Request { one_hot: names(&["size"]), ..file.numbers("y") };
    let table = load(&request).unwrap();
    let expected = array![[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 2.0], [0.0, 1.0, 0.0, 3.0], [1.0, 0.0, 0.0, 4.0],];
    assert_eq!(table.inputs, expected);
    assert_eq!(table.encoding.columns[0].categories, Some(names(&["L", "M", "S"])));
}

#[test]
fn an_encoding_reads_other_files_alike() {
    let train = File::new("size,y,x\nL,cat,1\nS,dog,2\nM,cat,3\n");
    let request = Request { one_hot: names(&["size"]), ..train.classes("y", Some(2)) };
    let encoding = load(&request).unwrap().encoding;
    let encoding = Encoding::from_metadata(&encoding.to_metadata()).unwrap();

    let other = File::new("extra,x,size,y\ntext,5,S,dog\n");
    let table = load_with(&other.classes("y", Some(2)), &encoding).unwrap();
    assert_eq!(table.inputs, array![[0.0, 0.0, 1.0, 5.0]]);
    assert_eq!(table.targets, Targets::Classes(vec![1]));
    assert_eq!(table.encoding, encoding);

    let unknown = File::new("x,size,y\n5,XL,dog\nsix,S,cow\n");
    assert_eq!(
        unknown.words(load_with(&unknown.classes("y", Some(2)), &encoding)),
        "t.csv: 3 mistakes\
         \n  line 2, column `size`: `XL` is not one of the categories `L`, `M`, `S`\
         \n  line 3, column `x`: `six` is not a number\
         \n  line 3, column `y`: `cow` is not one of the classes `cat`, `dog`"
    );
}

/// What a network of several outputs is compared with: a class, two numbers, another class.
fn of_columns(file: &File) -> Request {
    let kinds = vec![
        TargetKind::Class { classes: Some(3) },
        TargetKind::Numbers,
        TargetKind::Numbers,
        TargetKind::Class { classes: Some(2) },
    ];
    let target_kind = TargetKind::Columns(kinds);
    Request { target_kind, target: names(&["move", "row", "column", "won"]), ..file.numbers("x") }
}

#[test]
fn targets_of_several_outputs_are_columns() {
    let file = File::new("x,won,move,row,column\n7,yes,stay,1,2\n8,no,go,3,4\n9,yes,turn,5,6\n");
    let table = load(&of_columns(&file)).unwrap();
    let columns = vec![
        TargetColumn::Classes(vec![1, 0, 2]),
        TargetColumn::Numbers(vec![1.0, 3.0, 5.0]),
        TargetColumn::Numbers(vec![2.0, 4.0, 6.0]),
        TargetColumn::Classes(vec![1, 0, 1]),
    ];
    assert_eq!(table.targets, Targets::Columns(columns));
    assert_eq!(table.encoding.classes, [names(&["go", "stay", "turn"]), names(&["no", "yes"])]);
    assert_eq!(table.inputs, array![[7.0], [8.0], [9.0]]);
    let Targets::Columns(taken) = table.take(&[2]).targets else { panic!("the targets are columns") };
    assert_eq!(taken[3], TargetColumn::Classes(vec![1]));

    // The numbers of the classes are those of the first file.
    let metadata = table.encoding.to_metadata();
    let encoding = Encoding::from_metadata(&metadata).unwrap();
    assert_eq!(encoding, table.encoding);
    let other = File::new("move,row,column,x,won\nturn,0,0,1,no\n");
    let columns = vec![
        TargetColumn::Classes(vec![2]),
        TargetColumn::Numbers(vec![0.0]),
        TargetColumn::Numbers(vec![0.0]),
        TargetColumn::Classes(vec![0]),
    ];
    assert_eq!(load_with(&of_columns(&other), &encoding).unwrap().targets, Targets::Columns(columns));
    let unknown = File::new("move,row,column,x,won\nturn,0,0,1,maybe\n");
    assert_eq!(
        unknown.words(load_with(&of_columns(&unknown), &encoding)),
        "t.csv: line 2, column `won`: `maybe` is not one of the classes `no`, `yes`"
    );

    let few = Request { target: names(&["move", "row", "won"]), ..of_columns(&file) };
    assert_eq!(file.words(load(&few)), "the outputs take 4 target columns, not 3: `move`, `row`, `won`");
}

#[test]
fn prediction_needs_no_targets() {
    let encoding = load(&labelled(&["cat", "dog"]).classes("y", None)).unwrap().encoding;
    let predict = |content: &str| {
        let file = File::new(content);
        let request = Request { target_required: false, ..file.classes("y", None) };
        let table = load_with(&request, &encoding).unwrap();
        (table.inputs, table.targets, table.encoding.classes)
    };
    let classes = vec![names(&["cat", "dog"])];
    assert_eq!(predict("x\n7\n"), (array![[7.0]], Targets::None, classes.clone()));
    assert_eq!(predict("x,y\n7,dog\n8,?\n"), (array![[7.0], [8.0]], Targets::None, classes.clone()));
    assert_eq!(predict("x,y\n7,dog\n"), (array![[7.0]], Targets::Classes(vec![1]), classes));
    let file = File::new("x\n7\n");
    assert_eq!(
        file.words(load_with(&file.classes("y", None), &encoding)),
        "t.csv: there is no column `y`; the only column is `x`"
    );
}

#[test]
fn integer_labels_keep_their_numbers() {
    let digits = |count| (0..count).map(|digit: usize| digit.to_string()).collect::<Vec<_>>();
    assert_eq!(numbered(&["2", "0", "1.0"], None), Ok((vec![2, 0, 1], digits(3))));
    assert_eq!(numbered(&["2", "5"], Some(10)), Ok((vec![2, 5], digits(10))));
}

#[test]
fn other_labels_are_sorted() {
    let expected = (vec![2, 0, 1], names(&["3", "5", "10"]));
    assert_eq!(numbered(&["10", "3", "5"], None), Ok(expected.clone()));
    assert_eq!(numbered(&["10", "3", "5"], Some(3)), Ok(expected));
    assert_eq!(numbered(&["0", "2"], None), Ok((vec![0, 1], names(&["0", "2"]))));
    assert_eq!(numbered(&["1", "-1"], Some(2)), Ok((vec![1, 0], names(&["-1", "1"]))));
    assert_eq!(numbered(&["no", "yes"], Some(2)), Ok((vec![0, 1], names(&["no", "yes"]))));
}

#[test]
fn labels_outside_the_classes_are_refused() {
    assert_eq!(
        numbered(&["0", "1", "3"], Some(3)),
        Err("t.csv: line 4, column `y`: `3` is a label outside the classes: \
             the network has 3 classes, 0 to 2"
            .to_owned())
    );
    assert_eq!(
        numbered(&["b", "a", "b", "c", "c"], Some(2)),
        Err("t.csv: line 5, column `y`: `c` is a label outside the classes: \
             the network has 2 classes, and the rows before have `b`, `a`"
            .to_owned())
    );
    assert_eq!(
        numbered(&["b", "a"], Some(3)),
        Err("t.csv: column `y` has 2 labels, `a`, `b`, but the network has 3 classes; for 2 classes, end it in `dense(2) -> softmax`"
            .to_owned())
    );
}

const GAPS: &str = "sex,mass,y\nM,1,1\n,2,2\nF,NA,3\nF,4,?\nM,5,NaN\nF,6,6\n";

#[test]
fn missing_cells_are_refused_by_name() {
    let file = File::new(GAPS);
    let request = Request { one_hot: names(&["sex"]), ..file.numbers("y") };
    assert_eq!(
        file.words(load(&request)),
        "t.csv: 4 mistakes\
         \n  line 3, column `sex`: the cell is empty\
         \n  line 4, column `mass`: the cell is `NA`, a missing value\
         \n  line 5, column `y`: the cell is `?`, a missing value\
         \n  line 6, column `y`: the cell is `NaN`, a missing value\
         \n  help: write `missing: drop;` to leave such rows out"
    );
    assert_eq!(
        refused("x,y\n,1\n"),
        "t.csv: line 2, column `x`: the cell is empty; \
         write `missing: drop;` to leave such rows out"
    );
}

#[test]
fn rows_with_missing_cells_can_be_left_out() {
    let file = File::new(GAPS);
    let request = Request { one_hot: names(&["sex"]), missing: Missing::Drop, ..file.numbers("y") };
    let table = load(&request).unwrap();
    assert_eq!(table.inputs, array![[0.0, 1.0, 1.0], [1.0, 0.0, 6.0]]);
    assert_eq!((table.lines, table.dropped), (vec![2, 7], 4));
    let summary = summarize(&request).unwrap();
    assert_eq!((summary.rows, summary.complete), (6, 2));
    let missing: Vec<usize> = summary.columns.iter().map(|column| column.missing).collect();
    assert_eq!(missing, [1, 1, 2]);

    let only_gaps = File::new("x,y\n,1\n2,\n");
    let request = Request { missing: Missing::Drop, ..only_gaps.numbers("y") };
    assert_eq!(only_gaps.words(load(&request)), "t.csv: no examples are left: 2 rows left out for missing cells");
}

#[test]
fn gaps_in_columns_that_are_not_read_do_not_matter() {
    let file = File::new("x,y,note\n1,2,\n");
    let request = Request { columns: Some(names(&["x"])), missing: Missing::Drop, ..file.numbers("y") };
    assert_eq!(load(&request).unwrap().dropped, 0);
}

#[test]
fn cells_that_are_no_finite_numbers() {
    assert_eq!(
        refused("x,y\ninf,1\n-1e39,2\n\"1,5\",three\n"),
        "t.csv: 4 mistakes\
         \n  line 2, column `x`: `inf` is beyond the range of `f32`, ±3.4e38\
         \n  line 3, column `x`: `-1e39` is beyond the range of `f32`, ±3.4e38\
         \n  line 4, column `x`: `1,5` is not a number\
         \n  line 4, column `y`: `three` is not a number\
         \n  help: write a decimal point instead of the comma: `1.5`\
         \n  help: labels are for a network with `-> softmax` last and `loss: cross_entropy;`"
    );
}

#[test]
fn columns_that_do_not_fit() {
    let file = File::new("sepal,petal,species\n1,2,a\n");
    let words = |request: Request| file.words(load(&request));
    assert_eq!(
        words(Request { columns: Some(names(&["sepl", "leaf"])), ..file.numbers("specis") }),
        "t.csv: there is no column `sepl` (did you mean `sepal`?); there is no column `leaf`; \
         there is no column `specis` (did you mean `species`?); \
         the columns are `sepal`, `petal`, `species`"
    );
    assert_eq!(
        words(Request { columns: Some(names(&["sepal", "species"])), ..file.numbers("species") }),
        "column `species` is named twice among the inputs and targets"
    );
    assert_eq!(
        words(Request { one_hot: names(&["species"]), ..file.numbers("species") }),
        "column `species` is in `one_hot`, but is not an input"
    );
    assert_eq!(
        words(Request { target: Vec::new(), ..file.numbers("species") }),
        "no target column is named; write `target: …;`"
    );
    assert_eq!(
        words(Request { target: names(&["petal", "species"]), ..file.classes("", None) }),
        "the targets are classes, so there is one target column, not 2: `petal`, `species`"
    );
    assert_eq!(
        words(Request { target: file_columns(), ..file.numbers("") }),
        "t.csv: there are no inputs beside the targets"
    );
}

fn file_columns() -> Vec<String> {
    names(&["sepal", "petal", "species"])
}

#[test]
fn headers_that_do_not_fit() {
    assert_eq!(
        refused("5.1,3.5,1\n4.9,3.5,1\n"),
        "t.csv: the first line holds only numbers, not the column `y`; \
         put a line with the names of the columns before it"
    );
    assert_eq!(
        refused("x,y,x\n1,2,3\n"),
        "t.csv: columns 1 and 3 are both named `x`; give each column a different name"
    );
    assert_eq!(
        refused(",x,y\n0,1,2\n"),
        "t.csv: column 1 has no name; name it in the header, \
         or list the input columns with `columns: […];`"
    );
}

#[test]
fn rows_of_other_lengths() {
    assert_eq!(
        refused("x,y\n1,2\n3\n\n4,5,6\n"),
        "t.csv: 2 mistakes\
         \n  line 3: 1 cell where 2 should be\
         \n  line 5: 3 cells where 2 should be"
    );
    let file = File::new("x,y\n1,2,3\n");
    assert_eq!(file.words(summarize(&file.numbers("y"))), "t.csv: line 2: 3 cells where 2 should be");
}

#[test]
fn files_that_cannot_be_read() {
    assert_eq!(refused(""), "t.csv is empty");
    assert_eq!(refused("\u{feff}\n \n"), "t.csv is empty");
    assert_eq!(refused("x,y\n"), "t.csv: there are no examples");
    assert_eq!(refused(b"x,y\n1,2\nM\xfcnchen,3\n"), "t.csv: line 3 is not UTF-8 text; save the file in that encoding");
    assert_eq!(refused("x,y\n1,2\n3,\"4\n5,6\n"), "t.csv: line 3: a quote opens here and is never closed");
    let file = File::new("");
    let elsewhere = |path: &str| Request { path: file.folder.path().join(path), ..file.numbers("y") };
    fs::create_dir(file.folder.path().join("d")).unwrap();
    assert_eq!(file.words(load(&elsewhere("d"))), "d is a folder, not a csv file".to_owned());
    assert_eq!(file.words(load(&elsewhere("no.csv"))), "cannot read no.csv");
    let error = load(&elsewhere("no.csv")).unwrap_err();
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    assert_eq!(cause.map(std::io::Error::kind), Some(std::io::ErrorKind::NotFound));
}

#[test]
fn a_few_mistakes_of_each_column_are_listed_and_the_others_counted() {
    let words = refused(format!("v,w,x,y\n{}", "a,b,c,d\n".repeat(25)));
    assert!(words.starts_with("t.csv: 100 mistakes\n  line 2, column `v`: "), "{words}");
    let listed = |column: &str| words.matches(&format!("column `{column}`: ")).count();
    assert_eq!(["v", "w", "x", "y"].map(listed), [3, 3, 2, 2]);
    let end = "\n  and 90 more\
               \n  help: write `one_hot: [v, w, x];` to give each text a column of 0 and 1\
               \n  help: labels are for a network with `-> softmax` last and `loss: cross_entropy;`";
    assert!(words.ends_with(end), "{words}");
}

#[test]
fn long_and_odd_cells_are_shown_short_and_on_one_line() {
    let words = refused(format!("x,y\n\"it's\n{}\",1\n", "z".repeat(100)));
    let shown = format!("`it's\\n{}…`", "z".repeat(35));
    assert!(words.starts_with(&format!("t.csv: line 2, column `x`: {shown} is not a number")), "{words}");
}

#[test]
fn what_was_read_already_is_not_read_again() {
    let file = File::new("x,y\n1,2\n");
    let request = Request { path: "<stdin>".into(), content: Some(b"x,y\n3,4\n".to_vec()), ..file.numbers("y") };
    assert_eq!(load(&request).unwrap().inputs[[0, 0]], 3.0);
    let empty = Request { content: Some(Vec::new()), ..request };
    assert_eq!(load(&empty).unwrap_err().to_string(), "<stdin> is empty");
}

#[test]
fn bytes_are_unpacked_where_gzip_packed_them() {
    let path = Path::new("<stdin>");
    let read = |bytes: &[u8]| nn_data::read_unpacked(path, bytes).map_err(|error| error.to_string());
    // `printf 'x\n' | gzip -n`
    let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xe0\x02\x00\x1f\x08\xea\x46\x02\x00\x00\x00";
    assert_eq!(read(b""), Ok(Vec::new()));
    for bytes in [b"x\n", &packed[..]] {
        assert_eq!(read(bytes), Ok(b"x\n".to_vec()));
    }
    for end in 2..packed.len() {
        let told = read(&packed[..end]).unwrap_err();
        assert!(told.starts_with("<stdin>: unpacking fails at byte "), "{told}");
    }
}
