//! The plan of every layer, and the Rust of one network, as they were reviewed.

use nn_compiler::signature::Fallback;
use nn_compiler::{Compiled, compile};
use nn_compiler::{codegen, layers, plan_text};

fn compiled(text: &str) -> Compiled {
    let outcome = compile(text);
    outcome.compiled.unwrap_or_else(|| panic!("{text}\n{:?}", outcome.diagnostics))
}

/// A network with a layer between two dense layers.
fn around(layer: &str) -> Compiled {
    compiled(&format!(
        "network Around {{ input x: [3]; output y = x -> dense(4) -> {layer} -> dense(2); \
         train {{ loss: mse; optimizer: sgd; batch: 8; }} }}"
    ))
}

#[test]
fn plans_of_layers() {
    for signature in layers::signatures() {
        let name = signature.name;
        // What has to be given is 2, where nothing else is said below.
        let required = signature.arguments.iter().filter(|argument| argument.default == Fallback::Required).count();
        let plain = if required == 0 { name.to_owned() } else { format!("{name}({})", vec!["2"; required].join(", ")) };
        let layer = match name {
            "dense" => "dense(5, l2: 0.1)",
            "dropout" => "dropout(0.5)",
            "rescale" => "rescale(2, offset: 1)",
            "reshape" => "reshape([2, 2]) -> flatten",
            // Their places are before the layers that learn, and at the end of a perceptron.
            "normalize" | "embedding" | "step" => continue,
            "conv1d" => "reshape([2, 2]) -> conv1d(2, kernel: 1, groups: 2) -> flatten",
            "conv2d" => "reshape([1, 2, 2]) -> conv2d(2, kernel: 2, padding: same) -> relu -> flatten",
            "max_pool1d" | "avg_pool1d" => &format!("reshape([1, 4]) -> {name}(2) -> flatten"),
            "max_pool2d" | "avg_pool2d" => &format!("reshape([1, 2, 2]) -> {name}(2) -> flatten"),
            "global_avg_pool" | "global_max_pool" => &format!("reshape([2, 2, 1]) -> {name}"),
            _ => &plain,
        };
        insta::assert_snapshot!(format!("plan_{name}"), plan_text::print(&around(layer)));
    }
}

#[test]
fn plan_of_an_embedding() {
    let compiled = compiled(
        "network Words { input tokens: [4]; output y = tokens -> embedding(9, 3) -> flatten -> dense(2); train { loss: mse; optimizer: sgd; batch: 8; } }",
    );
    insta::assert_snapshot!("plan_embedding", plan_text::print(&compiled));
}

#[test]
fn plan_of_normalize_and_merges() {
    let compiled = compiled(
        "network Merged { input a: [2]; input b: [2]; x = a -> normalize; s = add(x, b); p = multiply(s, b);
         output y = concat(p, s, x) -> dense(1); output z = s; train { loss: mae(y); optimizer: adam; } }",
    );
    insta::assert_snapshot!("plan_merges", plan_text::print(&compiled));
}

#[test]
fn rust_of_a_network() {
    let compiled = compiled(
        "/// A small network.\nnetwork Small { input x: [2]; output y = x -> dense(3, l1: 0.5) -> batch_norm -> dropout(0.5) -> dense(2) -> softmax;
         train { loss: cross_entropy; optimizer: adamw; metrics: [accuracy]; batch: 4; early_stopping(monitor: loss, patience: 3); } }",
    );
    insta::assert_snapshot!("rust", codegen::rust(&compiled));
}
