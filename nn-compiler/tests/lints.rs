//! Networks that come close to a lint but must not trigger it, and lints on examples from a file.

use std::fs;
use std::path::Path;

use nn_compiler::diagnostic::Diagnostic;
use nn_compiler::lints::{self, Collapsed, Column, Examples, Facts};
use nn_compiler::{Compiled, compile};

/// The warnings of a network with the input `x: [4]`.
fn warnings(body: &str) -> Vec<String> {
    let text = format!("network A {{ input x: [4]; {body} }}");
    let outcome = compile(&text);
    assert!(outcome.compiled.is_some(), "{text}: {:?}", outcome.diagnostics);
    outcome.diagnostics.into_iter().map(|found| format!("{}: {}", found.code, found.message)).collect()
}

#[track_caller]
fn assert_silent(bodies: &[&str]) {
    for body in bodies {
        assert_eq!(warnings(body), [""; 0], "{body}");
    }
}

#[test]
fn the_specs_of_the_project_are_clean() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    for file in fs::read_dir(folder).expect("a folder can be listed") {
        let path = file.expect("a folder can be listed").path();
        if path.extension().is_some_and(|extension| extension == "nn") {
            let text = fs::read_to_string(&path).expect("a spec is text");
            assert_eq!(compile(&text).diagnostics, [], "{}", path.display());
        }
    }
}

#[test]
fn a_linear_layer_with_another_reader_is_not_a_stack() {
    assert_silent(&[
        "output y = x -> dense(8) -> prelu -> dense(2);",
        "output y = x -> dense(8) -> softmax -> dense(2);",
        "output code = x -> dense(2); output y = code -> dense(4);",
        "output code = x -> dense(2, bias: false) -> batch_norm -> linear; output y = code -> dense(4);",
        "h = x -> dense(4); c = h -> dense(4) -> relu; output y = add(h, c) -> dense(1);",
        "h = x -> dense(4); a = h -> relu -> dense(2); b = h -> dense(2) -> tanh; output y = add(a, b);",
        "a = x -> dense(3); b = x -> dense(3); output y = multiply(a, b) -> dense(1);",
    ]);
}

#[test]
fn dropout_before_weights_is_where_it_belongs() {
    assert_silent(&[
        "output y = x -> dropout(0.5) -> dense(1);",
        "output features = x -> dense(8) -> relu -> dropout(0.2); output y = features -> dense(1);",
        "a = x -> dense(4) -> relu -> dropout(0.2); output y = add(a, x) -> dense(1);",
    ]);
}

#[test]
fn a_gradient_that_has_a_way_back_does_not_vanish() {
    assert_silent(&[
        "output y = x -> dense(8) -> sigmoid -> dense(8) -> sigmoid -> dense(1) -> sigmoid;",
        "output y = x -> tanh -> dense(8) -> tanh -> dense(8) -> tanh -> dense(1) -> tanh;",
        "output y = x -> dense(8) -> tanh -> dense(8) -> relu -> dense(8) -> gelu -> dense(8) -> tanh -> dense(1);",
        "block unit(n) = dense(n, bias: false) -> batch_norm -> sigmoid; output y = x -> unit(8) * 5 -> dense(1);",
        "block unit { h = in -> dense(4) -> tanh; out = add(h, in); } output y = x -> unit * 5 -> dense(1);",
    ]);
}

#[test]
fn a_bias_that_something_else_sees_is_of_use() {
    assert_silent(&[
        "output y = x -> dense(8) -> relu -> batch_norm -> dense(1);",
        "h = x -> dense(4); n = h -> batch_norm -> relu; output y = add(n, h) -> relu -> dense(1);",
        "output h = x -> dense(8); output y = h -> batch_norm -> relu -> dense(1);",
    ]);
}

#[test]
fn usual_learning_rates_are_usual() {
    for optimizer in ["sgd(lr: 1)", "sgd(lr: 1e-5)", "adam", "adam(lr: 0.1)", "adamw", "rmsprop", "adagrad(lr: 1.0)"] {
        assert_silent(&[&format!("output y = x -> dense(1); train {{ loss: mse; optimizer: {optimizer}; }}")]);
    }
    assert_silent(&["output y = x -> dense(1) -> step; train { rule: perceptron(lr: 50); }"]);
}

#[test]
fn relu_last_matters_where_numbers_are_trained() {
    assert_silent(&[
        "output y = x -> dense(1) -> relu;",
        "output y = x -> dense(1) -> softplus; train { loss: mse; optimizer: adam; }",
        "output y = x -> dense(1) -> leaky_relu; train { loss: mse; optimizer: adam; }",
        "output y = x -> dense(4) -> relu -> rescale(-1, offset: 1); train { loss: mse; optimizer: adam; }",
        "output y = x -> dense(4) -> relu; output z = y -> dense(1); train { loss: mse(z); optimizer: adam; }",
    ]);
}

#[test]
fn data_that_is_scaled_or_near_is_fine() {
    let data = |chain: &str, number: &str| {
        let train = "train { loss: mse; optimizer: adam; batch: 2; }";
        format!("output y = x -> {chain}; {train} data {{ [{number}, 0, 1, 2] => [1]; [3, 4, 5, 6] => [0]; }}")
    };
    for chain in ["normalize -> dense(1)", "rescale(0.01) -> dense(1)", "batch_norm -> dense(1)", "tanh -> dense(1)"] {
        assert_silent(&[&data(chain, "5000")]);
    }
    assert_silent(&[&data("dense(1)", "100"), &data("dense(1)", "-100")]);
    assert_eq!(warnings(&data("dense(1)", "100.5")).len(), 1);
    assert_eq!(warnings(&data("rescale(10) -> dense(1)", "10.5")).len(), 1);
    assert_silent(&["output y = x -> dense(1); data { [5000, 0, 1, 2] => [1]; }"]);
}

/// A spec that trains one neuron on a file.
fn neuron(chain: &str) -> Compiled {
    let text = format!(
        "network A {{ input x: [2]; output y = x -> {chain};
         train {{ loss: binary_cross_entropy; optimizer: adam; }} data {{ csv: \"gate.csv\"; target: y; }} }}"
    );
    let outcome = compile(&text);
    assert_eq!(outcome.diagnostics, []);
    outcome.compiled.expect("the spec has no mistakes")
}

fn facts(targets: [f64; 4]) -> Facts {
    let inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].map(Vec::from).to_vec();
    let examples =
        Examples { inputs, targets: targets.to_vec(), unit: "line", numbers: vec![2, 3, 4, 5], spans: vec![] };
    Facts { examples: Some(examples), ..Facts::default() }
}

fn notes(found: &[Diagnostic]) -> Vec<&str> {
    found.iter().flat_map(|diagnostic| &diagnostic.notes).map(String::as_str).collect()
}

#[test]
fn a_file_that_no_line_separates_is_proved_to_be_one() {
    let (xor, and, or) = ([0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0]);
    for chain in ["dense(1) -> sigmoid", "rescale(2) -> dense(1, bias: false) -> batch_norm -> sigmoid"] {
        let compiled = neuron(chain);
        let found = lints::data(&compiled, &facts(xor));
        let proof = "proof: the midpoint of lines 2 and 5 (target 0) is also the midpoint of lines 3 and 4 (target 1)";
        assert_eq!(notes(&found), [proof]);
        assert_eq!(found[0].suggestions.len(), 1);
        for targets in [and, or, [0.5, 1.0, 1.0, 0.5], [1.0; 4]] {
            assert_eq!(lints::data(&compiled, &facts(targets)), []);
        }
    }
    for chain in ["dense(4) -> tanh -> dense(1) -> sigmoid", "relu -> dense(1) -> sigmoid"] {
        assert_eq!(lints::data(&neuron(chain), &facts(xor)), []);
    }
}

#[test]
fn columns_of_a_file_are_named() {
    let column = |name: &str, index, max| Column { name: name.to_owned(), index, min: 0.0, max };
    let facts = Facts { columns: vec![column("age", 0, 90.0), column("income", 1, 2e5)], ..Facts::default() };
    let found = lints::data(&neuron("dense(1) -> sigmoid"), &facts);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.ends_with(": `income` from 0 to 200000"), "{}", found[0].message);
    assert_eq!(lints::data(&neuron("normalize -> dense(1) -> sigmoid"), &facts), []);
}

#[test]
fn weights_that_start_out_the_same_may_be_meant() {
    let trained = |body: &str| format!("{body} train {{ loss: mse(y); optimizer: adam; }}");
    for body in [
        "output y = x -> dense(1, init: zeros);",
        "output y = x -> dense(1, init: zeros) -> tanh -> dense(2);",
        "output y = x -> dense(8, init: constant(0.3)) -> tanh -> dense(2);",
        "output y = x -> dense(8, init: ones) -> relu -> dropout(0.2) -> dense(2, init: ones);",
        "h = x -> dense(8) -> relu; d = h -> dense(8, init: zeros); output y = add(h, d) -> relu -> dense(1);",
        "h = x -> dense(4) -> relu; g = x -> dense(4, init: zeros) -> sigmoid; output y = multiply(h, g) -> dense(1);",
        "h = x -> dense(8, init: zeros) -> relu; freeze h; output y = h -> dense(1);",
        "output h = x -> dense(8, init: zeros); output y = h -> relu -> dense(1);",
        "input t: [3]; e = t -> embedding(5, 2, init: zeros) -> flatten; output y = concat(e, x) -> dense(1);",
        "input t: [3]; e = t -> embedding(5, 2, init: zeros) -> flatten -> dense(2); output y = concat(e, x) -> dense(1);",
    ] {
        let found = warnings(&trained(body)).into_iter().filter(|warning| warning.starts_with("NN0711"));
        assert_eq!(found.collect::<Vec<_>>(), [""; 0], "{body}");
    }
    assert_silent(&[
        "output y = x -> dense(8, init: zeros) -> relu -> dense(1);",
        "output y = x -> dense(1, init: zeros) -> step; train { rule: perceptron; }",
    ]);
}

#[test]
fn a_momentum_up_to_one_half_is_usual() {
    for momentum in ["momentum: 0.5", "momentum: 0.01", "eps: 0.9"] {
        assert_silent(&[&format!(
            "output y = x -> dense(4, bias: false) -> batch_norm({momentum}) -> relu -> dense(1);"
        )]);
    }
}

#[test]
fn numbers_that_become_one_are_named_with_their_remedy() {
    let collapsed = |name: &str, input, offset| Collapsed {
        name: name.to_owned(),
        input,
        cells: [("line 2", "1700000000"), ("line 7", "1700000001")].map(|(a, b)| (a.to_owned(), b.to_owned())),
        number: 1.7e9,
        offset,
        is_in_a_table: true,
    };
    let found = |collapsed| {
        let facts = Facts { collapsed: vec![collapsed], ..Facts::default() };
        let mut found = lints::data(&neuron("normalize -> dense(1) -> sigmoid"), &facts);
        assert_eq!(found.len(), 1);
        found.remove(0)
    };
    let time = found(collapsed("time stamp", Some(1), Some(1.7e9)));
    let told = "different numbers of `time stamp` become equal: 1700000000 (line 2) and 1700000001 (line 7) are both \
                1700000000 as f32";
    assert_eq!(time.message, told);
    let remedy = "subtract their common part before they are rounded: `offset(\"time stamp\": 1_700_000_000);` in \
                  `data`";
    assert_eq!(time.notes.last().unwrap(), remedy);
    assert!(found(collapsed("id", Some(0), None)).notes.last().unwrap().contains("`columns: […];`"));
    assert_eq!(found(collapsed("id", None, None)).message.split(' ').nth(3), Some("`id`"));
}
