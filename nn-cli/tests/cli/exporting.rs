//! `nn export --rust`: a module for programs without `network!`.

use std::fs;
use std::path::Path;
use std::process::Command;

use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::common::{Folder, Ran, assert_contains};

/// 103,002 parameters.
const BIG: &str = "network Big {
    input x: [100];
    output y = x -> dense(1000) -> relu -> dense(2);
}
";

const SMALL: &str = "network Small {
    input x: [2];
    output y = x -> dense(1);
}
";

/// So many numbers between -1 and 1, each with bits of its own.
fn numbers(start: u32, count: usize) -> Vec<u8> {
    let number = |at: u32| (start + at).wrapping_mul(2_654_435_761) as f32 / 2_147_483_648.0 - 1.0;
    (0..count as u32).flat_map(|at| number(at).to_le_bytes()).collect()
}

/// Writes weights, sorted by name.
fn write(path: &Path, shapes: &[(&str, &[usize])]) {
    let bytes: Vec<Vec<u8>> =
        shapes.iter().zip(1..).map(|((_, shape), start)| numbers(start, shape.iter().product())).collect();
    let owned: Vec<_> = shapes.iter().map(|(name, shape)| (name.to_string(), shape.to_vec())).zip(bytes).collect();
    let views =
        owned.iter().map(|((name, shape), bytes)| (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// A program with an exported module, in a folder. Its profile is that of the programs that `nn`
/// compiles, so that the runtime is compiled once.
fn write_program(folder: &Path, main: &str) {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let runtime = workspace.join("nn-runtime");
    let mut manifest = format!(
        "[package]\nname = \"exported\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         nn-runtime = {{ path = {runtime:?}, default-features = false, features = [\"std\"] }}\n\n\
         [profile.release]\nopt-level = 3\n\n[profile.release.package.\"*\"]\nopt-level = 0\n"
    );
    let levels = [
        ("3", "nn-runtime libm rand_core rand_xoshiro arrayvec"),
        ("1", "hashbrown memchr safetensors serde_core serde_json"),
    ];
    for (level, package) in levels.iter().flat_map(|(level, names)| names.split(' ').map(move |name| (level, name))) {
        manifest += &format!("\n[profile.release.package.{package}]\nopt-level = {level}\n");
    }
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    fs::write(folder.join("src/main.rs"), main).unwrap();
}

#[test]
fn an_exported_module_predicts_the_same_bits() {
    let folder = Folder::new("export").with("big.nn", BIG);
    let shapes: [(&str, &[usize]); 4] =
        [("y.0.weight", &[100, 1000]), ("y.0.bias", &[1000]), ("y.1.weight", &[1000, 2]), ("y.1.bias", &[2])];
    write(&folder.path("big.safetensors"), &shapes);
    let row: Vec<String> = (0..100).map(|at| (f64::from(at) / 8.0 - 6.0).to_string()).collect();
    let predicted = folder.nn(&["predict", "big.nn", "--row", &row.join(",")]);
    assert_eq!(predicted.code, Some(0), "{}", predicted.stderr);

    let main = format!(
        "mod big;\nuse nn_runtime::prelude::*;\nfn main() {{\n    let [a, b] = big::Big::TRAINED.predict(&[{}]);\n    \
         println!(\"y.0,y.1\\n{{a}},{{b}}\");\n}}\n",
        row.iter().map(|number| format!("{number}f32")).collect::<Vec<_>>().join(", ")
    );
    write_program(&folder.path("program"), &main);
    let arguments = ["export", "--rust", "big.nn", "--weights", "big.safetensors", "--out", "program/src"];
    let usage = folder.nn(&arguments).done();
    assert_contains(
        &usage,
        &[
            "`Big` is in program/src/big.rs, and its weights in program/src/big.weights\n",
            "    mod big;\n",
            "big::Big::TRAINED;\n",
        ],
    );
    let built = Command::new(env!("CARGO"))
        .args(["run", "--release", "--quiet", "--target-dir", env!("CARGO_TARGET_TMPDIR")])
        .current_dir(folder.path("program"))
        .output()
        .unwrap();
    assert_eq!(Ran::of(built).done(), predicted.stdout);
}

#[test]
fn only_exported_files_are_replaced() {
    let folder = Folder::new("export-again").with("small.nn", SMALL).with("my.rs", "fn mine() {}\n");
    write(&folder.path("w.safetensors"), &[("y.0.weight", &[2, 1]), ("y.0.bias", &[1])]);
    let export = |arguments: &[&str]| folder.nn(&[&["export", "--to", "rust", "small.nn"], arguments].concat());

    let usage = export(&[]).done();
    assert_contains(&usage, &["small.rs", "small::Small::load(\"small.safetensors\")?;"]);
    let plain = fs::read_to_string(folder.path("small.rs")).unwrap();
    assert!(plain.starts_with("// Written by `nn export` ") && !plain.contains("TRAINED"));
    fs::write(folder.path("small.weights"), "mine").unwrap();
    let refused = export(&["--weights", "w.safetensors"]).failed(1);
    assert_contains(&refused, &["small.weights exists, and `nn export` did not write it"]);
    assert_eq!(fs::read_to_string(folder.path("small.weights")).unwrap(), "mine");
    fs::remove_file(folder.path("small.weights")).unwrap();
    export(&["--weights", "w.safetensors"]).done();
    export(&["--weights", "w.safetensors"]).done();
    let trained = fs::read_to_string(folder.path("small.rs")).unwrap();
    assert_contains(&trained, &["include_bytes!(\"small.weights\")", "pub const TRAINED"]);
    assert_eq!(fs::read(folder.path("small.weights")).unwrap(), fs::read(folder.path("w.safetensors")).unwrap());

    let refused = export(&["--out", "my.rs"]).failed(1);
    assert_contains(&refused, &["my.rs exists, and `nn export` did not write it", "`--force`"]);
    assert_eq!(fs::read_to_string(folder.path("my.rs")).unwrap(), "fn mine() {}\n");
    export(&["--out", "my.rs", "--force"]).done();
    assert_eq!(fs::read_to_string(folder.path("my.rs")).unwrap(), plain);

    assert_contains(&export(&["--out", "missing"]).failed(1), &["name a file that ends in `.rs`"]);
    write(&folder.path("other.safetensors"), &[("y.0.weight", &[1, 2]), ("y.0.bias", &[1])]);
    let misfit = export(&["--weights", "other.safetensors"]).failed(1);
    assert_contains(&misfit, &["shape of `y.0.weight`: [1, 2] in the file, [2, 1] in the network"]);
    assert_eq!(fs::read_to_string(folder.path("small.rs")).unwrap(), trained);
    assert_contains(&folder.nn(&["export", "small.nn"]).failed(2), &["--to <FORMAT>"]);
}

#[test]
fn a_module_and_its_weights_are_replaced_together_or_not_at_all() {
    let folder = Folder::new("export-both").with("small.nn", SMALL).with("spec.rs", SMALL);
    write(&folder.path("w.safetensors"), &[("y.0.weight", &[2, 1]), ("y.0.bias", &[1])]);
    let export = |arguments: &[&str]| folder.nn(&[&["export", "--rust", "--weights"], arguments].concat());
    let failed =
        |arguments: &[&str], expected: &str| assert_eq!(export(arguments).failed(1), format!("error: {expected}\n"));

    // A file that is read is not replaced, even if that is asked for.
    let reads = "cannot write spec.rs: this command reads spec.rs";
    failed(&["w.safetensors", "spec.rs", "--force"], reads);
    fs::copy(folder.path("w.safetensors"), folder.path("w.rs")).unwrap();
    failed(&["w.rs", "small.nn", "--out", "w.rs", "--force"], "cannot write w.rs: this command reads w.rs");
    fs::copy(folder.path("small.nn"), folder.path("small.weights")).unwrap();
    let reads = "cannot write small.weights: this command reads small.weights";
    failed(&["w.safetensors", "small.weights", "--force"], reads);
    fs::remove_file(folder.path("small.weights")).unwrap();

    let read = |name: &str| fs::read(folder.path(name)).unwrap();
    export(&["w.safetensors", "small.nn"]).done();
    // Weights may become what they are.
    export(&["small.weights", "small.nn"]).done();
    assert_eq!(read("small.weights"), read("w.safetensors"));
    let before = ["small.rs", "small.weights"].map(read);

    // The weights are on disk when the module is found to be too long.
    fs::remove_file(folder.path("w.rs")).unwrap();
    write(&folder.path("w.safetensors"), &[("y.0.bias", &[1]), ("y.0.weight", &[2, 1])]);
    let arguments =
        ["-c", "ulimit -f 1; exec \"$0\" export --rust small.nn --weights w.safetensors", env!("CARGO_BIN_EXE_nn")];
    let mut limited = Command::new("sh");
    let limited = Ran::of(limited.args(arguments).current_dir(folder.path("")).output().unwrap());
    assert_eq!(limited.failed(1), "error: cannot write small.rs: File too large\n");
    assert!(["small.rs", "small.weights"].map(read) == before);
    assert_eq!(folder.files(), ["small.nn", "small.rs", "small.weights", "spec.rs", "w.safetensors"]);
}

#[test]
fn a_python_file_has_its_weights_and_numbers_beside_it() {
    let folder = Folder::new("export-python").with("small.nn", SMALL).with("mine.py", "print(1)\n");
    let export = |arguments: &[&str]| folder.nn(&[&["export", "small.nn"], arguments].concat());

    let refused = export(&["--to", "keras", "--out", "mine.py"]).failed(1);
    assert_contains(&refused, &["mine.py exists, and `nn export` did not write it"]);
    assert_contains(&export(&["--to", "rust", "--golden"]).failed(1), &["`--golden` is for Python files"]);
    assert_contains(&export(&["--to", "pytorch", "--out", "a.rs"]).failed(1), &["a.rs", "ends in `.py`"]);
    assert_eq!(folder.files(), ["mine.py", "small.nn"]);

    let usage = export(&["--to", "pytorch"]).done();
    assert_eq!(usage, "`Small` for PyTorch is in small.py\n\nit needs these packages: torch safetensors\n");
    write(&folder.path("small.safetensors"), &[("y.0.weight", &[2, 1]), ("y.0.bias", &[1])]);
    let usage = export(&["--to", "pytorch", "--golden"]).done();
    assert_contains(&usage, &["the weights of small.safetensors are in small.pytorch.safetensors", "small.py --check"]);
    let files = ["mine.py", "small.nn", "small.py", "small.pytorch.golden.safetensors", "small.pytorch.safetensors"];
    assert_eq!(folder.files(), [&files[..], &["small.safetensors"]].concat());
    let code = fs::read_to_string(folder.path("small.py")).unwrap();
    assert_contains(&code, &["class Small(nn.Module):", "self.y = nn.Linear(2, 1)"]);
}
