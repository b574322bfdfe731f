//! `nn import`: state dictionaries of PyTorch become weights.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Folder, assert_contains};

/// As `tests/tests/weights/pytorch/make.py` builds it.
const TEXT: &str = "network Text {
    input tokens: [6];
    output y = tokens -> embedding(7, 4) -> conv1d(6, kernel: 3, groups: 2) -> group_norm(3) -> relu -> flatten
        -> dense(5) -> tanh -> dense(5) -> tanh -> dense(5);
}
";

/// What PyTorch wrote.
fn state() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests/weights/pytorch/text.safetensors")
}

#[test]
fn a_state_dictionary_becomes_weights() {
    let folder = Folder::new("import").with("text.nn", TEXT);
    fs::copy(state(), folder.path("state.safetensors")).unwrap();
    let report = folder.nn(&["import", "text.nn", "state.safetensors"]).done();
    let expected = "\
11 tensors of state.safetensors, by shape and order:

embed.weight  [7, 4]     ->  y.0.weight [7, 4]
conv.weight   [6, 2, 3]  ->  y.1.weight [6, 2, 3]
conv.bias     [6]        ->  y.1.bias [6]
norm.weight   [6]        ->  y.2.gamma [6]
norm.bias     [6]        ->  y.2.beta [6]
fc9.weight    [5, 24]    ->  y.3.weight [24, 5]    transposed
fc9.bias      [5]        ->  y.3.bias [5]
fc10.weight   [5, 5]     ->  y.4.weight [5, 5]     transposed (square, so its shape does not show it)
fc10.bias     [5]        ->  y.4.bias [5]
fc11.weight   [5, 5]     ->  y.5.weight [5, 5]     transposed (square, so its shape does not show it)
fc11.bias     [5]        ->  y.5.bias [5]

the weights are in text.safetensors
";
    assert_eq!(report, expected);
    // The other commands take them.
    let exported = folder.nn(&["export", "--rust", "text.nn", "--weights", "text.safetensors"]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    let swapped =
        ["import", "text.nn", "state.safetensors", "--map", "y.4=fc11", "--map", "y.5=fc10", "-o", "s.safetensors"];
    assert_contains(&folder.nn(&swapped).done(), &["fc11.bias     [5]        ->  y.4.bias [5]\n"]);
}

#[test]
fn what_is_not_a_state_dictionary_is_refused() {
    let folder = Folder::new("import-refused").with("text.nn", TEXT).with("model.pt", b"PK\x03\x04data");
    fs::copy(state(), folder.path("state.safetensors")).unwrap();
    let refused = |arguments: &[&str]| folder.nn(&[&["import", "text.nn"], arguments].concat()).failed(1);
    let lines = [
        "model.pt is a file of `torch.save`",
        "\n    state = torch.load(\"model.pt\", map_location=\"cpu\", weights_only=True)\n",
        "\n    save_file({name: tensor.clone() for name, tensor in state.items()}, \"model.safetensors\")\n",
    ];
    assert_contains(&refused(&["model.pt"]), &lines);
    // What is damaged is still what its name says.
    fs::write(folder.path("my \"net\".pth"), "garbage").unwrap();
    let lines = [
        "my \"net\".pth is not a safetensors file: ",
        "\n\nby its name it is a file of `torch.save`",
        r#"torch.load("my \"net\".pth", map_location="cpu", weights_only=True)"#,
        r#"state.items()}, "my \"net\".safetensors")"#,
    ];
    assert_contains(&refused(&["my \"net\".pth"]), &lines);
    fs::remove_file(folder.path("my \"net\".pth")).unwrap();
    assert_contains(&refused(&["text.nn"]), &["text.nn is not a state dictionary of weights:\n  "]);
    assert_contains(&refused(&["missing.safetensors"]), &["cannot read missing.safetensors"]);
    let misfits = [
        "state.safetensors does not fit the network Text; nothing was written:\n  `y.0` (embedding): no module is called `y`",
        "`--map LAYER=MODULE` names the module of a layer",
    ];
    assert_contains(&refused(&["state.safetensors", "--by", "name"]), &misfits);
    let onto_itself = refused(&["state.safetensors", "--out", "state.safetensors"]);
    assert_contains(&onto_itself, &["cannot write weights to state.safetensors: this command reads state.safetensors"]);
    assert_eq!(folder.files(), ["model.pt", "state.safetensors", "text.nn"]);
}

#[test]
fn numbers_that_cannot_be_weights_are_listed() {
    use safetensors::Dtype;
    use safetensors::tensor::TensorView;
    let spec = "network N { input x: [2]; output y = x -> dense(1); }";
    let folder = Folder::new("import-numbers").with("n.nn", spec);
    let bytes = |numbers: &[f64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let write = |weight: &[f64], steps: Dtype| {
        let (weight, bias) = (bytes(weight), bytes(&[0.1]));
        let tensors = [
            ("fc.weight", TensorView::new(Dtype::F64, vec![1, 2], &weight).unwrap()),
            ("fc.bias", TensorView::new(steps, vec![1], &bias).unwrap()),
        ];
        safetensors::serialize_to_file(tensors, None, &folder.path("state.safetensors")).unwrap();
    };
    write(&[1e300, f64::NAN], Dtype::I64);
    let refused = folder.nn(&["import", "n.nn", "state.safetensors"]).failed(1);
    let expected = [
        "`fc.weight`[0, 0] is inf, as f32\n",
        "`fc.bias` has numbers of type I64; weights are F16, BF16, F32 or F64\n",
    ];
    assert_contains(&refused, &expected);
    write(&[0.5, 0.2], Dtype::F64);
    let imported = folder.nn(&["import", "n.nn", "state.safetensors"]);
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    assert_contains(&imported.stdout, &["fc.weight  [1, 2]  ->  y.0.weight [2, 1]  transposed, rounded from F64\n"]);
    let note = "note: 2 numbers of F64 became another number of f32, with a relative difference of at most 1.5e-8\n";
    assert_eq!(imported.stderr, note);
}
