//! State dictionaries of PyTorch: where their tensors go, what is refused, and that the networks
//! then compute the same as PyTorch.

use std::fs;

use ndarray::Array2;
use nn_compiler::interp::{self, Batch, State};
use nn_compiler::weights::state_dict::{Assignment, By, Numbers, Request, Source, StateDict, assign};
use nn_compiler::weights::{Stored, to_bytes};
use nn_compiler::{Compiled, compile};
use nn_tests::project;

/// As `pytorch/make.py` builds it; its modules have the names of these values.
const IMAGE: &str = "network Image {
    input image: [2, 8, 8];
    features = image -> conv2d(4, kernel: 3, padding: 1, bias: false) -> batch_norm -> prelu -> max_pool2d(2)
        -> conv2d(4, kernel: 3, bias: false) -> batch_norm -> relu;
    output y = features -> flatten -> dense(6) -> layer_norm -> gelu -> dense(6) -> softmax;
}";

/// As `pytorch/make.py` builds it; its modules have other names.
const TEXT: &str = "network Text {
    input tokens: [6];
    output y = tokens -> embedding(7, 4) -> conv1d(6, kernel: 3, groups: 2) -> group_norm(3) -> relu -> flatten
        -> dense(5) -> tanh -> dense(5) -> tanh -> dense(5);
}";

/// Two layers of one shape.
const TWINS: &str = "network Twins {
    input x: [3];
    output y = x -> dense(3) -> tanh -> dense(3) -> dense(2, bias: false);
    allow(linear_stack);
}";

fn network(spec: &str) -> Compiled {
    let outcome = compile(spec);
    outcome.compiled.unwrap_or_else(|| panic!("{:?}", outcome.diagnostics))
}

fn dict(name: &str) -> StateDict {
    let bytes = fs::read(project("tests/tests/weights/pytorch").join(name)).expect("the fixture is there");
    StateDict::read(&Stored::parse(&bytes).expect("the fixture is a safetensors file")).expect("it holds weights")
}

/// Tensors whose numbers count from 0.
fn counting(tensors: &[(&str, &[usize])]) -> StateDict {
    let source = |(name, shape): &(&str, &[usize])| Source {
        name: (*name).to_owned(),
        shape: shape.to_vec(),
        dtype: "F32".to_owned(),
        numbers: Numbers {
            values: (0..shape.iter().product()).map(|at: usize| at as f32).collect(),
            ..Numbers::default()
        },
    };
    StateDict { sources: tensors.iter().map(source).collect(), counters: Vec::new() }
}

fn by(by: By) -> Request {
    Request { by: Some(by), ..Request::default() }
}

/// The file with these weights, read by the loader of all weights.
fn state(compiled: &Compiled, assignment: &Assignment) -> State {
    let bytes = to_bytes(compiled, &assignment.values);
    let stored = Stored::parse(&bytes).expect("it was just written");
    assert_eq!((stored.differences(compiled), stored.non_finite(compiled)), (Vec::new(), None));
    let mut state = State::new(&compiled.tensors);
    for tensor in &compiled.tensors.all {
        let numbers: Vec<f64> = stored.numbers(&tensor.name).map(f64::from).collect();
        assert!(state.set(&compiled.tensors, &tensor.name, &numbers), "{}", tensor.name);
    }
    state
}

/// The largest difference between what PyTorch computes in f64 and what the oracle does.
fn difference(compiled: &Compiled, assignment: &Assignment, rows: &str) -> f64 {
    let text = fs::read_to_string(project("tests/tests/weights/pytorch").join(rows)).expect("the fixture is there");
    let rows: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let rows: [Vec<Vec<f64>>; 2] =
        ["inputs", "outputs"].map(|key| serde_json::from_value(rows[key].clone()).expect("rows of numbers"));
    let matrix =
        |rows: &[Vec<f64>]| Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column]);
    let [inputs, expected] = rows.map(|rows| matrix(&rows));
    let batch = Batch { inputs: vec![inputs], targets: Vec::new(), row_weights: None, masks: Vec::new() };
    let run = interp::run(&compiled.inference, &mut state(compiled, assignment), &batch);
    (&run.outputs[0] - &expected).iter().map(|difference| difference.abs()).fold(0.0, f64::max)
}

/// Both compute in f64 from the same f32 weights; constants of layers are f32 here, which changes
/// the eighth digit.
const SAME: f64 = 1e-7;

#[test]
fn modules_are_found_by_name_or_by_shape_and_compute_the_same() {
    let compiled = network(IMAGE);
    for (request, expected) in [(Request::default(), By::Name), (by(By::Name), By::Name), (by(By::Order), By::Order)] {
        let assignment = assign(&compiled, &dict("image.safetensors"), &request).expect("it fits");
        assert_eq!(assignment.by, expected);
        let found = difference(&compiled, &assignment, "image.json");
        assert!(found < SAME, "{found}");
    }
    let compiled = network(TEXT);
    let assignment = assign(&compiled, &dict("text.safetensors"), &Request::default()).expect("it fits");
    assert_eq!(assignment.by, By::Order);
    let found = difference(&compiled, &assignment, "text.json");
    assert!(found < SAME, "{found}");
}

#[test]
fn half_precision_and_wrappers_are_read() {
    let compiled = network(IMAGE);
    let half = dict("image.half.safetensors");
    let assignment = assign(&compiled, &half, &Request::default()).expect("it fits");
    assert_eq!((assignment.by, assignment.loss()), (By::Name, None));
    // A number of F16 has 11 bits, and the outputs are probabilities.
    let found = difference(&compiled, &assignment, "image.json");
    assert!((1e-6..2e-3).contains(&found), "{found}");
}

#[test]
fn the_report_says_what_went_where() {
    let compiled = network(IMAGE);
    let dict = dict("image.half.safetensors");
    let report = assign(&compiled, &dict, &Request::default()).expect("it fits").report(&dict);
    let expected = "\
module.features.0.weight               [4, 2, 3, 3]  ->  features.0.weight [4, 2, 3, 3]   from F16, exact
module.features.1.weight               [4]           ->  features.1.gamma [4]             from F16, exact
module.features.1.bias                 [4]           ->  features.1.beta [4]              from F16, exact
module.features.1.running_mean         [4]           ->  features.1.running_mean [4]      from F16, exact
module.features.1.running_var          [4]           ->  features.1.running_variance [4]  from F16, exact
module.features.2.weight               [4]           ->  features.2.slope [4]             from F16, exact
module.features.4.weight               [4, 4, 3, 3]  ->  features.3.weight [4, 4, 3, 3]   from F16, exact
module.features.5.weight               [4]           ->  features.4.gamma [4]             from F16, exact
module.features.5.bias                 [4]           ->  features.4.beta [4]              from F16, exact
module.features.5.running_mean         [4]           ->  features.4.running_mean [4]      from F16, exact
module.features.5.running_var          [4]           ->  features.4.running_variance [4]  from F16, exact
module.y.1.weight                      [6, 16]       ->  y.0.weight [16, 6]               transposed, from F16, exact
module.y.1.bias                        [6]           ->  y.0.bias [6]                     from F16, exact
module.y.2.weight                      [6]           ->  y.1.gamma [6]                    from F16, exact
module.y.2.bias                        [6]           ->  y.1.beta [6]                     from F16, exact
module.y.4.weight                      [6, 6]        ->  y.2.weight [6, 6]                transposed (square, so its shape does not show it), from F16, exact
module.y.4.bias                        [6]           ->  y.2.bias [6]                     from F16, exact
module.features.1.num_batches_tracked                                                     left out: counts training steps
module.features.5.num_batches_tracked                                                     left out: counts training steps
";
    assert_eq!(report, expected);
}

#[test]
fn weights_are_transposed() {
    let compiled = network("network N { input x: [3]; output y = x -> dense(2); }");
    let dict = counting(&[("weight", &[2, 3]), ("bias", &[2])]);
    let assignment = assign(&compiled, &dict, &Request::default()).expect("it fits");
    assert_eq!(assignment.values, [vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0], vec![0.0, 1.0]]);
}

#[test]
fn modules_that_could_be_swapped_are_a_choice() {
    let compiled = network(TWINS);
    let tensors: [(&str, &[usize]); 5] = [
        ("encoder.weight", &[3, 3]),
        ("encoder.bias", &[3]),
        ("decoder.weight", &[3, 3]),
        ("decoder.bias", &[3]),
        ("last.weight", &[2, 3]),
    ];
    let dict = counting(&tensors);
    let mistakes = assign(&compiled, &dict, &Request::default()).expect_err("the order is not known");
    let choice =
        "`decoder`, `encoder` have the same shapes (weight [3, 3], bias [3]), so each could be any of `y.0`, `y.1`";
    assert_eq!(mistakes, [choice]);
    let first = |request: &Request| assign(&compiled, &dict, request).expect("it fits").moves[0].from.clone();
    assert_eq!(first(&by(By::Order)), "decoder.weight");
    let named = |layer: &str, path: &str| Request { by: None, named: vec![(layer.to_owned(), path.to_owned())] };
    assert_eq!(first(&named("y.0", "encoder")), "encoder.weight");
    for (request, mistake) in [
        (named("y", "encoder"), "`y` has several layers with tensors: `y.0`, `y.1`, `y.2`"),
        (named("z", "encoder"), "no layer `z` has tensors; `y.0`, `y.1`, `y.2` have"),
        (named("y.0", "middle"), "there is no module `middle`; there are `decoder`, `encoder`, `last`"),
    ] {
        assert_eq!(assign(&compiled, &dict, &request).expect_err("the name is wrong")[0], mistake);
    }
}

#[test]
fn everything_that_does_not_fit_is_listed() {
    let compiled = network(TWINS);
    let tensors: [(&str, &[usize]); 6] = [
        ("fc1.weight", &[3, 3]),
        ("fc2.weight", &[3, 3]),
        ("fc2.bias", &[3]),
        ("fc3.weight", &[3, 2]),
        ("fc4.weight", &[9, 3]),
        ("fc4.bias", &[9]),
    ];
    let dict = counting(&tensors);
    let mistakes = assign(&compiled, &dict, &Request::default()).expect_err("little fits");
    let expected = [
        "no module fits `y.1` (dense): weight [3, 3], bias [3]; `fc1` has no `bias` for `y.1.bias` [3]; write `bias: false` if the layer has none",
        "no module fits `y.2` (dense): weight [2, 3]; `fc3.weight` is [3, 2] (PyTorch's weights are [units, inputs]; this one is transposed)",
        "no layer is left for `fc1` (weight [3, 3])",
        "no layer is left for `fc3` (weight [3, 2])",
        "no layer is left for `fc4` (weight [9, 3], bias [9])",
    ];
    assert_eq!(mistakes, expected);
    let named = |layer: &str, path: &str| (layer.to_owned(), path.to_owned());
    let pairs = vec![named("y.0", "fc1"), named("y.1", "fc2"), named("y.2", "fc4")];
    let mistakes = assign(&compiled, &dict, &Request { by: None, named: pairs }).expect_err("two pairs do not fit");
    let expected = [
        "`fc1` has no `bias` for `y.0.bias` [3]; write `bias: false` if the layer has none",
        "`fc4.weight` is [9, 3]; for `y.2.weight` it would be [2, 3]",
        "`fc4.bias` [9] has no place in `y.2` (dense); the layer has `bias: false`",
        "no layer is left for `fc3` (weight [3, 2])",
    ];
    assert_eq!(mistakes, expected);
    // A bias too many.
    let compiled = network("network N { input x: [3]; output y = x -> dense(2, bias: false); }");
    let dict = counting(&[("fc.weight", &[2, 3]), ("fc.bias", &[2]), ("bias", &[2])]);
    let mistakes = assign(&compiled, &dict, &Request::default()).expect_err("a bias is left");
    let expected = [
        "no module fits `y.0` (dense): weight [2, 3]; `fc.bias` [2] has no place in `y.0` (dense); the layer has `bias: false`",
        "no layer is left for `bias` [2]",
        "no layer is left for `fc` (weight [2, 3], bias [2])",
    ];
    assert_eq!(mistakes, expected);
}

#[test]
fn names_that_are_asked_for_and_missing_are_listed() {
    let compiled = network(TWINS);
    let tensors: [(&str, &[usize]); 3] = [("fc1.weight", &[3, 3]), ("fc2.weight", &[3, 3]), ("fc2.bias", &[3])];
    let dict = counting(&tensors);
    let mistakes = assign(&compiled, &dict, &by(By::Name)).expect_err("no name fits");
    assert_eq!(mistakes[0], "`y.0` (dense): no module is called `y`; there are `fc1`, `fc2`");
    assert_eq!(mistakes.len(), 3);
}
