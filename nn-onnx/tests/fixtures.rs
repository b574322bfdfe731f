//! Models of PyTorch, Keras and scikit-learn, imported and compared with what ONNX Runtime computes.
//!
//! Each `NAME.onnx` of `tests/fixtures` has its inputs and outputs in `NAME.npz`. `NN_ONNX=FOLDER` tests the models of
//! another folder instead.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use nn_compiler::interp::{self, Batch, State};
use nn_data::NamedArray;
use nn_onnx::{Error, Import, Interface, import};

/// How far an output may be from ONNX Runtime's, relative to the largest number of all.
const TOLERANCE: f64 = 1e-5;

fn folder() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::env::var_os("NN_ONNX").map_or(own, PathBuf::from)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn imported(name: &str, bytes: &[u8]) -> Result<Import, Error> {
    import(bytes, name, &|external| Err(format!("`{}` is not read", external.location)))
}

/// The models of the folder, by name.
fn models() -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let models = entries.filter(|path| path.extension().is_some_and(|extension| extension == "onnx"));
    models.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path)).collect()
}

#[test]
fn models_compute_what_onnx_runtime_computes() {
    let mut failures = Vec::new();
    for (name, path) in models() {
        match imported(&name, &read(&path)) {
            Ok(import) => {
                let arrays = nn_data::npz_arrays(&read(&path.with_extension("npz"))).unwrap();
                let worst = worst(&import, &arrays);
                println!("{name}: {worst:.1e}\n{}", import.compiled.text);
                import.notes.iter().for_each(|note| println!("note: {note}"));
                if worst > TOLERANCE {
                    failures.push(format!("{name}: {worst:.1e}"));
                }
            }
            Err(Error::Refused(refusals)) => {
                println!("{name}: refused");
                refusals.iter().for_each(|refusal| println!("  {refusal}"));
                if !needs_other_layers(&name) {
                    failures.push(format!("{name}: {refusals:?}"));
                }
            }
            Err(error) => failures.push(format!("{name}: {error:?}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Models with layers that the language does not have.
fn needs_other_layers(name: &str) -> bool {
    ["gru", "lstm2", "rnn", "k_lstm", "causal_attn"].iter().any(|prefix| name.starts_with(prefix))
}

/// The largest difference of an output, relative to the largest number.
fn worst(import: &Import, arrays: &[NamedArray]) -> f64 {
    let compiled = &import.compiled;
    let array = |prefix: &str, interface: &Interface| {
        let name = format!("{prefix}/{}", interface.file.replace('/', "_"));
        arrays.iter().find(|array| array.name == name).unwrap_or_else(|| panic!("{name}"))
    };
    let mut state = State::new(&compiled.tensors);
    for (tensor, values) in compiled.tensors.all.iter().zip(&import.values) {
        let values: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
        assert!(state.set(&compiled.tensors, &tensor.name, &values));
    }
    let rows = |interface: &Interface, array: &NamedArray| {
        let rows: Vec<f64> = interface.rows(&array.numbers).into_iter().map(f64::from).collect();
        Array2::from_shape_vec((array.shape[0], interface.width()), rows).unwrap()
    };
    let inputs = import.inputs.iter().map(|input| rows(input, array("in", input))).collect();
    let batch = Batch { inputs, targets: Vec::new(), row_weights: None, masks: Vec::new() };
    let run = interp::run(&compiled.inference, &mut state, &batch);
    let mut worst: f64 = 0.0;
    for output in &import.outputs {
        let (found, expected) = (&run.outputs[output.at], array("out", output));
        if let Some(classes) = &output.classes {
            let class = |row: ndarray::ArrayView1<f64>| {
                let largest = row.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap().0;
                classes[largest].parse::<f32>().unwrap()
            };
            let found: Vec<f32> = found.rows().into_iter().map(class).collect();
            assert_eq!(found, expected.numbers);
            continue;
        }
        let expected = rows(output, expected);
        let largest = expected.iter().fold(f64::MIN_POSITIVE, |largest, number| largest.max(number.abs()));
        let difference = (found - &expected).iter().fold(0.0, |largest: f64, number| largest.max(number.abs()));
        worst = worst.max(difference / largest);
    }
    worst
}
