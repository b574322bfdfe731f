//! Exports to PyTorch and Keras. `tests/interop/run.py` runs these files with the frameworks.

use std::fs;
use std::path::{Path, PathBuf};

use nn_compiler::interp::State;
use nn_compiler::weights::Stored;
use nn_compiler::weights::state_dict::{Request as Import, StateDict, assign};
use nn_compiler::{Compiled, compile};
use nn_onnx::golden::Golden;
use nn_onnx::python::{Export, Refusal, Request};
use nn_onnx::{keras, pytorch};

type Exporter = fn(&Request) -> Result<Export, Refusal>;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the workspace").join(path)
}

fn compiled(text: &str) -> Compiled {
    let outcome = compile(text);
    outcome.compiled.unwrap_or_else(|| panic!("{text}: {:?}", outcome.diagnostics))
}

/// The specs of a folder, by name.
fn specs(folder: &str) -> Vec<(String, Compiled)> {
    let files = fs::read_dir(project(folder)).expect("the folder is there");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("it can be listed").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "nn"));
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        (name, compiled(&fs::read_to_string(path).expect("a spec can be read")))
    };
    paths.iter().map(read).collect()
}

fn request<'a>(compiled: &'a Compiled, stem: &'a str, weights: Option<&'a State>) -> Request<'a> {
    Request { compiled, spec: "net.nn", stem, version: "0.1.0", weights, golden: false }
}

#[test]
fn exported_files_are_those_that_the_frameworks_ran() {
    let exporters: [(&str, Exporter); 2] = [("pytorch", pytorch::export), ("keras", keras::export)];
    for (name, compiled) in specs("tests/interop/cases") {
        for (framework, export) in exporters {
            let code = export(&request(&compiled, &name, None)).expect("each case can be exported").code;
            let path = project(&format!("tests/interop/expected/{name}_{framework}.py"));
            if std::env::var_os("NN_BLESS").is_some() {
                fs::write(&path, &code).expect("the folder can be written");
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert!(code == expected, "{} differs; NN_BLESS=1 writes it", path.display());
        }
    }
}

/// Numbers that are all different.
fn state(compiled: &Compiled) -> State {
    let mut state = State::new(&compiled.tensors);
    let mut next = 0;
    for number in state.tensors.iter_mut().flatten() {
        next += 1;
        *number = f64::from(next);
    }
    state
}

#[test]
fn weights_for_pytorch_come_back_by_import() {
    let mut count = 0;
    for (name, compiled) in specs("specs").into_iter().chain(specs("tests/interop/cases")) {
        let state = state(&compiled);
        let export = pytorch::export(&request(&compiled, &name, Some(&state))).expect("it can be exported");
        let bytes = export.weights.expect("there are weights");
        let dict = StateDict::read(&Stored::parse(&bytes).expect("a safetensors file")).expect("numbers");
        // Values that are one chain are found by name; others have several modules of one shape.
        let Ok(found) = assign(&compiled, &dict, &Import::default()) else { continue };
        for (tensor, (numbers, expected)) in compiled.tensors.all.iter().zip(found.values.iter().zip(&state.tensors)) {
            let expected: Vec<f32> = expected.iter().map(|number| *number as f32).collect();
            assert_eq!(numbers, &expected, "{name}: {}", tensor.name);
        }
        count += 1;
    }
    assert!(count >= 24, "{count} of the networks were imported");
}

#[test]
fn keras_has_kernels_of_convolutions_the_other_way_round() {
    let text = "network A { input x: [2, 3, 3]; output y = x -> conv2d(3, kernel: [1, 2], bias: false); }";
    let compiled = compiled(text);
    let export = keras::export(&request(&compiled, "a", Some(&state(&compiled)))).expect("it can be exported");
    let bytes = export.weights.expect("there are weights");
    let stored = Stored::parse(&bytes).expect("a safetensors file");
    let [(name, _, shape, _)] = &stored.tensors()[..] else { panic!("there is one tensor") };
    assert_eq!((name.as_str(), &shape[..]), ("y_0.kernel", &[1, 2, 2, 3][..]));
    // [output, input, 0, column] is 1 + 4·output + 2·input + column.
    let numbers: Vec<f32> = stored.numbers("y_0.kernel").collect();
    assert_eq!(numbers, [1.0, 5.0, 9.0, 3.0, 7.0, 11.0, 2.0, 6.0, 10.0, 4.0, 8.0, 12.0]);
}

fn refusal(export: Exporter, text: &str) -> String {
    let compiled = compiled(text);
    match export(&request(&compiled, "a", None)) {
        Ok(_) => panic!("it is exported: {text}"),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn what_a_framework_lacks_is_refused_by_name() {
    let dilated = "network A { input x: [1, 9, 9]; output y = x -> conv2d(2, kernel: 2, stride: 2, dilation: 2); }";
    assert_eq!(
        refusal(keras::export, dilated),
        "y.0 (conv2d): Keras has no convolution with both a stride and a dilation"
    );
    let weighted = "network A { input x: [2]; output y = x -> dense(2) -> softmax; train {
        loss: cross_entropy(class_weights: [1, 2]); optimizer: sgd; accumulate: 2; } }";
    assert_eq!(
        refusal(keras::export, weighted),
        "`accumulate` with `class_weights`: Keras divides each batch by the weights of its own classes, not by those \
         of the whole update"
    );
    let still = "network A { input x: [2]; a = x -> dense(2, l2: 0.1) -> tanh; output y = a -> dense(2);
        train { loss: mse; optimizer: sgd; lr: a * 0; } }";
    assert_eq!(
        refusal(keras::export, still),
        "a.0.weight: its learning rate is 0, and Keras leaves penalties of such weights out of the loss"
    );
    let deep = "network A { input x: [2, 2, 2, 2, 2]; output y = x -> batch_norm -> flatten; }";
    assert_eq!(refusal(pytorch::export, deep), "y.0 (batch_norm): PyTorch has no BatchNorm for 5 dimensions");
}

#[test]
fn golden_numbers_are_drawn_within_what_a_network_takes() {
    let text = "network A { input tokens: [3]; output y = tokens -> embedding(4, 2) -> flatten -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: sgd; batch: 2; accumulate: 5; } }";
    let golden = Golden::new(&compiled(text), None);
    assert_eq!((golden.rows, golden.parts, golden.batch.rows()), (2, 2, 40));
    assert!(golden.batch.inputs[0].iter().all(|token| [0.0, 1.0, 2.0, 3.0].contains(token)));
    let training = golden.training.expect("it is trained");
    assert_eq!((training.losses.len(), training.epoch_steps), (10, 1));
    assert_ne!(training.after_one.tensors, golden.start.tensors);
    assert_ne!(training.after_one.tensors, training.after_all.tensors);
}
