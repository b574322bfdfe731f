//! `nn import MODEL`: ONNX models become specs and weights.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Folder, assert_contains};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../nn-onnx/tests/fixtures").join(name)
}

fn folder(name: &str, files: &[&str]) -> Folder {
    let folder = Folder::new(name);
    for file in files {
        fs::copy(fixture(file), folder.path(file)).unwrap();
    }
    folder
}

#[test]
fn a_model_becomes_a_spec_and_weights() {
    let folder = folder("import-onnx", &["sk_pipe.onnx", "sk_pipe.npz"]);
    let report = folder.nn(&["import", "sk_pipe.onnx", "--out", "iris.nn", "--check", "sk_pipe.npz"]).done();
    let lines = [
        "sk_pipe.onnx (skl2onnx, opset 21): 6 tensors, 139 numbers\n",
        "- `label` is the class with the largest number of `probabilities`: `0`, `1`, `2`\n",
        "checked with 3 rows of sk_pipe.npz: outputs differ by at most ",
        "the spec is in iris.nn, the weights are in iris.safetensors\n",
    ];
    assert_contains(&report, &lines);
    let spec = "\
/// Imported from ONNX (skl2onnx, opset 21).
/// `label` is the class with the largest number of `probabilities`: `0`, `1`, `2`.
network Iris {
    input x: [4];

    output probabilities = x -> normalize -> dense(16) -> sigmoid -> dense(3) -> softmax;
}
";
    assert_eq!(fs::read_to_string(folder.path("iris.nn")).unwrap(), spec);
    // The other commands take both, and the same import is not another.
    let exported = folder.nn(&["export", "--rust", "iris.nn", "--weights", "iris.safetensors"]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    folder.nn(&["import", "sk_pipe.onnx", "--out", "iris.nn"]).done();
}

#[test]
fn what_cannot_be_imported_is_listed() {
    let folder = folder("import-onnx-refused", &["gru.ts.onnx"]).with("bad.onnx", b"PK\x03\x04data");
    let refused = "gru.ts.onnx has 1 node that cannot be imported; nothing was written:\n  `/r/GRU` (GRU): recurrent \
                   layers are not in the language yet; use convolutions over the sequence\n";
    assert_contains(&folder.nn(&["import", "gru.ts.onnx"]).failed(1), &[refused]);
    let invalid = "bad.onnx is not a valid ONNX model: a field has the unknown wire type 3\n";
    assert_contains(&folder.nn(&["import", "bad.onnx"]).failed(1), &[invalid]);
    let missing = folder.nn(&["import", "missing.onnx"]).failed(1);
    assert_contains(&missing, &["cannot read missing.onnx"]);
    let neither = folder.nn(&["import", "spec.nn"]).failed(1);
    assert_contains(&neither, &["spec.nn is not an ONNX model (`.onnx`), and no state dictionary is named"]);
    assert_eq!(folder.files(), ["bad.onnx", "gru.ts.onnx"]);
}

#[test]
fn a_spec_is_replaced_only_by_force() {
    let folder = folder("import-onnx-force", &["mlp.ts.onnx"]).with("mlp.ts.nn", "mine");
    let exists = folder.nn(&["import", "mlp.ts.onnx"]).failed(1);
    assert_contains(&exists, &["mlp.ts.nn exists; name another file with `--out FILE`, or replace it with `--force`"]);
    assert_eq!(folder.files(), ["mlp.ts.nn", "mlp.ts.onnx"]);
    folder.nn(&["import", "mlp.ts.onnx", "--force"]).done();
    assert_eq!(folder.files(), ["mlp.ts.nn", "mlp.ts.onnx", "mlp.ts.safetensors"]);
}

#[test]
fn arrays_of_another_model_do_not_fit() {
    let folder = folder("import-onnx-check", &["mlp.ts.onnx", "sk_mlpr.npz"]);
    let unfit = folder.nn(&["import", "mlp.ts.onnx", "--check", "sk_mlpr.npz"]).failed(1);
    let line =
        "sk_mlpr.npz does not fit the model; nothing was written:\n  no array is called `x`: `in/X`, `out/variable`";
    assert_contains(&unfit, &[line]);
    assert_eq!(folder.files(), ["mlp.ts.onnx", "sk_mlpr.npz"]);
}
