//! Reads weights files of every kind, which are written by hand. No network is compiled.

use std::fs;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;

use super::*;
use crate::examples;
use crate::files::Opened;
use crate::spec::SpecFile;

const DATA: &str = "csv: \"d.csv\"; target: kind; one_hot: [colour]; validation: 0.4;";
const CSV: &str =
    "x,colour,kind\n1,red,a\n2,blue,b\n3,red,c\n4,blue,a\n5,red,b\n6,blue,c\n7,red,a\n8,blue,b\n9,red,c\n";
const COLUMNS: (&str, &str) = ("nn.columns", r#"["x","colour"]"#);
const ONE_HOT: (&str, &str) = ("nn.one_hot", r#"["colour"]"#);
const COLOURS: (&str, &str) = ("nn.categories.colour", r#"["blue","red"]"#);
const TARGETS: (&str, &str) = ("nn.targets", r#"["kind"]"#);
const CLASSES: (&str, &str) = ("nn.classes", r#"["a","b","c"]"#);

/// A folder with a spec of three inputs and three classes, its data, and weights.
struct Fixture(TempDir);

impl Fixture {
    fn new() -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        fixture.write("d.csv", CSV);
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn spec(&self, data: &str) -> Spec {
        let text = format!(
            "network N {{ input i: [3]; output y = i -> dense(3) -> softmax; \
             train {{ loss: cross_entropy; optimizer: adam; }} data {{ {data} }} }}"
        );
        let text = text.replace("data {  }", "");
        let source = SpecFile::compile(self.path("n.nn"), text);
        source.spec.unwrap_or_else(|| panic!("{:?}", source.diagnostics))
    }

    /// Weights with this metadata.
    fn weights(&self, metadata: &[(&str, &str)]) -> PathBuf {
        let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.file(&[0.5; 9], metadata)
    }

    fn file(&self, weight: &[f32; 9], metadata: Metadata) -> PathBuf {
        let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let (weight, bias) = (bytes(weight), bytes(&[0.0; 3]));
        let tensors = [
            ("y.0.weight", TensorView::new(Dtype::F32, vec![3, 3], &weight).unwrap()),
            ("y.0.bias", TensorView::new(Dtype::F32, vec![3], &bias).unwrap()),
        ];
        let path = self.path("n.safetensors");
        safetensors::serialize_to_file(tensors, Some(metadata.into_iter().collect()), &path).unwrap();
        path
    }

    /// The error for weights that are refused, without the path.
    fn refused(&self, spec: &Spec, path: &Path) -> String {
        match Weights::find(spec, Some(path)) {
            Ok(_) => panic!("the weights are accepted"),
            Err(error) => self.without_path(&error.to_string()),
        }
    }

    fn without_path(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }

    /// Weights as `nn train` writes them.
    fn trained(&self, spec: &Spec, seed: u64) -> Weights {
        let examples = Examples::load(spec, None, None).unwrap();
        let path = self.file(&[0.5; 9], metadata(&examples, &examples.split(seed).unwrap(), seed));
        Weights::find(spec, Some(&path)).unwrap()
    }

    /// The validation rows, or why they are unknown.
    fn known(&self, weights: &Weights, data: &str) -> Result<Vec<usize>, String> {
        let examples = weights.examples(&self.spec(data), None).unwrap();
        match weights.parts(&examples).unwrap() {
            TrainedRows::Known(parts) => Ok(parts.validation.order().unwrap_or_default().to_vec()),
            TrainedRows::Unknown(reason) => Err(reason),
        }
    }
}

#[test]
fn missing_names_come_from_the_data_of_the_spec() {
    let fixture = Fixture::new();
    let spec = fixture.spec(&format!("offset(x: 2); {DATA}"));
    let expected = Examples::load(&spec, None, None).unwrap().table.encoding;
    assert_eq!(expected.offsets.len(), 1);
    let kept = [("nn.offsets", r#"{"x":2}"#), ONE_HOT, COLUMNS, COLOURS, TARGETS, CLASSES];
    for known in 0..kept.len() {
        let weights = Weights::find(&spec, Some(&fixture.weights(&kept[..known]))).unwrap();
        assert!(matches!(weights.names, Names::Incomplete { .. }));
        assert_eq!(weights.encoding(&spec, None).unwrap(), expected, "{known}");
        assert_eq!(weights.examples(&spec, None).unwrap().table.encoding, expected, "{known}");
    }
    let weights = Weights::find(&spec, Some(&fixture.weights(&kept))).unwrap();
    assert!(matches!(&weights.names, Names::Known(encoding) if *encoding == expected));
}

#[test]
fn missing_data_gives_no_names() {
    let fixture = Fixture::new();
    let spec = fixture.spec(DATA);
    fs::create_dir(fixture.path("moved")).unwrap();
    fs::rename(fixture.path("d.csv"), fixture.path("moved/d.csv")).unwrap();
    let cases: [(&[(&str, &str)], &str); 3] = [
        (&[], "its columns and the categories of `colour` and its classes"),
        (&[COLUMNS, ONE_HOT, TARGETS], "the categories of `colour` and its classes"),
        (&[COLUMNS, COLOURS, TARGETS], "its classes"),
    ];
    for (metadata, what) in cases {
        let weights = Weights::find(&spec, Some(&fixture.weights(metadata))).unwrap();
        let error = weights.encoding(&spec, None).unwrap_err().to_string();
        let expected = format!("n.safetensors does not name {what}, and the data of n.nn cannot be read: ");
        assert!(fixture.without_path(&error).starts_with(&expected), "{error}");
        assert!(error.contains("there is no such file") && error.contains("--data FOLDER"), "{error}");
        let inputs = weights.input_encoding(&spec, None).ok().map(|encoding| (encoding.width(), encoding.classes));
        assert_eq!(inputs, (what == "its classes").then_some((3, Vec::new())));
        assert_eq!(weights.encoding(&spec, Some(&fixture.path("moved"))).unwrap().classes, [["a", "b", "c"]]);
    }
}

#[test]
fn names_in_the_spec_need_no_data() {
    let fixture = Fixture::new();
    let spec = fixture.spec("npy: \"none.npy\"; target: \"none.npy\";");
    let weights = Weights::find(&spec, Some(&fixture.weights(&[CLASSES]))).unwrap();
    let encoding = weights.encoding(&spec, None).unwrap();
    assert_eq!(
        (encoding.input_names(), encoding.targets),
        (vec!["x1".into(), "x2".into(), "x3".into()], vec!["y1".into()])
    );
    let without_data = fixture.spec("");
    let weights = Weights::find(&without_data, Some(&fixture.weights(&[]))).unwrap();
    let nameless = weights.encoding(&without_data, None).unwrap();
    assert_eq!(nameless, Encoding::numbered(3, 1));
    let rows = |header: &str| Opened::from_text("rows.csv", format!("{header}\n1,2,3\n"));
    let message = examples::load_inputs(&without_data, rows("a,b,c"), &nameless).unwrap_err().to_string();
    assert!(
        message.starts_with("rows.csv: there is no column `x1`; there is no column `x2`; there is no column `x3`; ")
    );
    assert!(
        message.contains("\nneither the weights nor the spec name the input columns, so they are called `x1`, `x2`, …")
    );
    assert_eq!(
        examples::load_inputs(&without_data, rows("x3,x1,x2"), &nameless).unwrap().inputs.row(0).to_vec(),
        [2.0, 3.0, 1.0]
    );
}

#[test]
fn names_that_contradict_the_spec_are_listed() {
    let fixture = Fixture::new();
    let listed = "columns: [x, colour]; ";
    /// What the spec lists, what the file says, and how they differ.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case; 14] = [
        (
            listed,
            &[("nn.columns", r#"["colour","x"]"#), COLOURS, TARGETS, CLASSES],
            "input columns: `colour`, `x` in the file, `x`, `colour` in the spec",
        ),
        ("", &[("nn.columns", "3"), TARGETS, CLASSES], "one-hot columns: none in the file, `colour` in the spec"),
        (
            "",
            &[COLUMNS, COLOURS, ("nn.targets", r#"["sort"]"#), CLASSES],
            "target columns: `sort` in the file, `kind` in the spec",
        ),
        (
            "",
            &[COLUMNS, ("nn.categories.colour", r#"["blue","red","tan"]"#), TARGETS, CLASSES],
            "columns: 4 inputs in the file, 3 in the network",
        ),
        (
            "",
            &[("nn.columns", r#"["colour","kind"]"#), ("nn.categories.colour", r#"["b","b"]"#), TARGETS, CLASSES],
            "columns: the file names `kind` twice\n  names: the file has `b` twice in one list",
        ),
        (
            "",
            &[COLUMNS, COLOURS, ("nn.targets", r#"["kind","sort"]"#), CLASSES],
            "targets: 2 target columns in the file, 1 in the network",
        ),
        (
            "",
            &[COLUMNS, COLOURS, TARGETS, ("nn.classes", r#"["a","b"]"#)],
            "classes: [2] in the file, [3] in the network",
        ),
        (
            "",
            &[COLUMNS, COLOURS, TARGETS, ("nn.classes", "a, b")],
            "the metadata `nn.classes` is not a list of texts: ",
        ),
        ("", &[COLUMNS, ("nn.categories.colour", "[]"), TARGETS], "columns: 1 input in the file, 3 in the network"),
        ("", &[("nn.columns", "many")], "the metadata `nn.columns` is not a list of texts: "),
        (
            "",
            &[("nn.seed", "one"), ("nn.rows", "-1")],
            "nn.seed: `one` in the file, which is not a valid number\n  nn.rows: `-1`",
        ),
        (
            "offset(x: 2); ",
            &[COLUMNS, COLOURS, TARGETS, CLASSES, ("nn.offsets", r#"{"x":2.5}"#)],
            "offsets: `x`: 2.5 in the file, `x`: 2 in the spec",
        ),
        ("offset(x: 2); ", &[COLUMNS, COLOURS, TARGETS, CLASSES], "offsets: none in the file, `x`: 2 in the spec"),
        ("", &[("nn.hash", "other")], "nn.hash: `other` in the file, `"),
    ];
    for (columns, metadata, expected) in cases {
        let message = fixture.refused(&fixture.spec(&format!("{columns}{DATA}")), &fixture.weights(metadata));
        assert!(message.starts_with("n.safetensors does not fit the network N:\n  "), "{message}");
        assert!(message.contains(&format!("\n  {expected}")), "{expected}\n{message}");
        let mut lines: Vec<&str> = message.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), message.lines().count(), "a line comes twice: {message}");
        assert!(message.contains(
            "\nthe spec has changed since the training, or the weights belong to another network; train again with `nn train "
        ));
    }
}

#[test]
fn names_that_contradict_the_data_are_listed() {
    let fixture = Fixture::new();
    let spec = fixture.spec(DATA);
    let weights = Weights::find(&spec, Some(&fixture.weights(&[("nn.classes", r#"["a","b","z"]"#)]))).unwrap();
    let message = weights.encoding(&spec, None).unwrap_err().to_string();
    assert!(message.contains("\n  nn.classes: `a`, `b`, `z` in the file, `a`, `b`, `c` in the data\n"), "{message}");
}

#[test]
fn tensors_that_do_not_fit_are_listed_as_the_runtime_does() {
    let fixture = Fixture::new();
    let (spec, path) = (fixture.spec(DATA), fixture.path("other.safetensors"));
    let zeros = [0; 4 * 9];
    let f32s = |shape: &[usize]| {
        TensorView::new(Dtype::F32, shape.to_vec(), &zeros[..4 * shape.iter().product::<usize>()]).unwrap()
    };
    let half = TensorView::new(Dtype::F16, vec![2, 3], &zeros[..12]).unwrap();
    safetensors::serialize_to_file([("y.0.weight", half), ("y.1.bias", f32s(&[3]))], None, &path).unwrap();
    let message = fixture.refused(&spec, &path);
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "other.safetensors does not fit the network N:",
            "  number type of `y.0.weight`: F16 in the file, F32 in the network",
            "  shape of `y.0.weight`: [2, 3] in the file, [3, 3] in the network",
            "  missing: `y.0.bias` [3]",
            "  unexpected: `y.1.bias` [3]",
        ]
    );
}

#[test]
fn corrupt_weights_are_refused() {
    let fixture = Fixture::new();
    let spec = fixture.spec(DATA);
    let whole = fs::read(fixture.weights(&[COLUMNS, COLOURS, TARGETS, CLASSES])).unwrap();
    for length in [0, 7, 8, 40, whole.len() - 1] {
        fs::write(fixture.path("cut"), &whole[..length]).unwrap();
        let message = fixture.refused(&spec, &fixture.path("cut"));
        assert!(message.starts_with("cut is not a valid weights file: "), "{message}");
    }
    let mut weight = [0.5; 9];
    weight[5] = f32::NAN;
    let message = fixture.refused(&spec, &fixture.file(&weight, Metadata::new()));
    assert!(message.starts_with("n.safetensors is not a valid weights file: y.0.weight[1, 2] is NaN;"), "{message}");
}

#[test]
fn a_missing_file_comes_with_advice() {
    let fixture = Fixture::new();
    let mut spec = fixture.spec(DATA);
    spec.path = "my spec.nn".into();
    let message = Weights::find(&spec, Some(Path::new("no.safetensors"))).map(drop).unwrap_err().to_string();
    let expected = "there are no weights at no.safetensors; name another file, or train the network with `nn train 'my spec.nn' --out no.safetensors`";
    assert_eq!(message, expected);
}

#[test]
fn a_split_is_recognized_with_any_seed_and_folder() {
    let fixture = Fixture::new();
    let spec = fixture.spec(DATA);
    let weights = fixture.trained(&spec, 7);
    let examples = Examples::load(&spec, None, None).unwrap();
    let held_back = examples.split(7).unwrap().validation.order().unwrap().to_vec();
    assert!(!held_back.is_empty());
    assert_eq!(fixture.known(&weights, DATA), Ok(held_back.clone()));
    fs::create_dir(fixture.path("moved")).unwrap();
    // Other line ends, another way to write a number, and a column that is not read.
    let same = CSV.replace("\n1,", "\n1.0,").replace('\n', ",more\r\n");
    fixture.write("moved/d.csv", &same);
    let columns = format!("columns: [x, colour]; {DATA}");
    assert_eq!(fixture.known(&weights, &format!("folder: \"moved\"; {columns}")), Ok(held_back));
}

#[test]
fn a_split_of_other_rows_is_unknown() {
    let fixture = Fixture::new();
    let weights = fixture.trained(&fixture.spec(DATA), 1);
    let changed = "the rows are not those of the training, or are in another order";
    let lines: Vec<&str> = CSV.lines().collect();
    let cases = [
        (format!("{CSV}10,red,a\n"), "there are 10 rows, but the training had 9"),
        (lines[..2].join("\n"), "there is 1 row, but the training had 9"),
        (CSV.replace("9,red,c", "9.5,red,c"), changed),
        (CSV.replace("9,red,c", "9,red,a"), changed),
        (CSV.replace("8,blue,b\n9,red,c", "9,red,c\n8,blue,b"), changed),
    ];
    for (csv, expected) in cases {
        fixture.write("d.csv", &csv);
        assert_eq!(fixture.known(&weights, DATA), Err(expected.to_owned()));
    }
    fixture.write("d.csv", CSV);
    fixture.write("e.csv", "x,colour,kind\n1,red,b\n");
    let other = DATA.replace("0.4", "0.5");
    assert_eq!(fixture.known(&weights, &other), Err("`validation` is 0.5, but was 0.4 in the training".to_owned()));
    let file = DATA.replace("0.4", "\"e.csv\"");
    let expected = "`validation` is a file, but was 0.4 of the rows in the training";
    assert_eq!(fixture.known(&weights, &file), Err(expected.to_owned()));
}

#[test]
fn a_file_of_validation_rows_is_known_by_what_it_holds() {
    let fixture = Fixture::new();
    fixture.write("e.csv", "x,colour,kind\n1,red,b\n2,blue,a\n");
    let file = DATA.replace("0.4", "\"e.csv\"");
    let weights = fixture.trained(&fixture.spec(&file), 1);
    assert_eq!(fixture.known(&weights, &file), Ok(Vec::new()));
    fixture.write("e.csv", "x,colour,kind\n1,red,b\n2,blue,b\n");
    let expected = "the file of `validation` has changed since the training";
    assert_eq!(fixture.known(&weights, &file), Err(expected.to_owned()));
    assert_eq!(fixture.known(&weights, DATA), Err("`validation` is 0.4, but was a file in the training".to_owned()));
}

#[test]
fn weights_that_do_not_say_what_they_were_trained_on_have_no_validation_rows() {
    let fixture = Fixture::new();
    let spec = fixture.spec(DATA);
    let metadata = [COLUMNS, COLOURS, TARGETS, CLASSES, ("nn.seed", "1")];
    let weights = Weights::find(&spec, Some(&fixture.weights(&metadata))).unwrap();
    let message = fixture.known(&weights, DATA).map_err(|reason| fixture.without_path(&reason));
    assert_eq!(message, Err("n.safetensors does not say which rows it was trained on".to_owned()));
    let examples = weights.examples(&spec, None).unwrap();
    assert!(weights.holds_nothing_back() && examples.share > 0.0);
}
