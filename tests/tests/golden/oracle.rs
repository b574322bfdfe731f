//! Golden numbers in double precision, through the oracle: outputs, losses, gradients, those of the
//! inputs too, and ten steps of every optimizer of the language.

use ndarray::Array2;
use nn_compiler::interp::{Batch, Run, State, Stepper, Targets, clip_norm, penalty, run};
use nn_compiler::lower::lower_with;
use nn_compiler::model::Optimizer;
use nn_compiler::plan::{Mode, Op, Plan, TensorKind};
use nn_compiler::{Compiled, compile};
use nn_tests::golden::{Golden, Precision, activated, assert_close, parameters, statistics, with_specs};
use nn_tests::spelling;

/// Sums of a few dozen terms in another order.
const TOLERANCE: f64 = 1e-12;

/// The files of networks that train.
const FILES: [&str; 41] = [
    "bce_logits",
    "bce_positive_weight",
    "bce_sigmoid",
    "bce_sigmoid_multilabel",
    "bce_smoothed_positive_weight",
    "bn_act_bn_cce",
    "bn_eval",
    "bn_train",
    "bn_train_bias",
    "cce_class_weights",
    "cce_label_smoothing",
    "cce_logits",
    "cce_smoothed_class_weights",
    "cce_softmax",
    "clip_norm",
    "conv_5x5_pad2_maxpool3s2",
    "conv_avgpool",
    "conv_bn_lenet",
    "conv_maxpool",
    "conv_stride2",
    "deep_relu_cce",
    "dense_elu_mse",
    "dense_leaky_relu_mse",
    "dense_linear_mse",
    "dense_out_sigmoid_mse",
    "dense_out_softmax_mse",
    "dense_out_tanh_mse",
    "dense_prelu_mse",
    "dense_relu_mse",
    "dense_sigmoid_mse",
    "dense_softmax_mse",
    "dense_tanh_mse",
    "dropout_eval",
    "dropout_train_mask",
    "embedding",
    "l1_loss_term",
    "l2_half_loss_term",
    "l2_loss_term",
    "l2_weight_decay",
    "layer_norm",
    "xor_train",
];

/// A file with its network, compiled.
struct Case {
    file: Golden,
    compiled: Compiled,
    /// Forward and backward, with the gradient of the input.
    pass: Plan,
    batch: Batch,
}

impl Case {
    fn new(file: Golden, optimizer: &str) -> Self {
        let text = spelling::spec(&file, optimizer);
        let outcome = compile(&text);
        let compiled = outcome.compiled.unwrap_or_else(|| panic!("{text}: {:?}", outcome.diagnostics));
        let evaluates = file.find("mode").is_some_and(|mode| mode.text() == "eval");
        let mode = if evaluates { Mode::FrozenTraining } else { Mode::Training };
        let pass = lower_with(&compiled.model, &compiled.shapes, &compiled.tensors, mode, true);
        let batch = Batch {
            inputs: vec![matrix(&file.get("input"))],
            targets: vec![targets(&file, &compiled)],
            row_weights: None,
            masks: masks(&file),
        };
        Self { file, compiled, pass, batch }
    }

    /// The weights and statistics that the file starts from.
    fn state(&self) -> State {
        let mut state = State::new(&self.compiled.tensors);
        let mut set = |kind: TensorKind, table: &Golden, names: Vec<String>| {
            let tensors: Vec<&str> = self.compiled.tensors.of(kind).map(|tensor| tensor.name.as_str()).collect();
            assert_eq!(tensors.len(), names.len());
            for (tensor, name) in tensors.into_iter().zip(names) {
                assert!(
                    state.set(&self.compiled.tensors, tensor, &table.get(&name).tensor()),
                    "{tensor} has another length"
                );
            }
        };
        set(TensorKind::Parameter, &self.file.get("params0"), parameters(&self.file));
        if let Some(buffers) = self.file.find("buffers0") {
            set(TensorKind::Statistic, &buffers, statistics(&self.file));
        }
        state
    }

    /// One pass: its numbers, the loss with penalties, and their gradients.
    fn pass(&self, state: &mut State) -> (Run, f64) {
        let mut found = run(&self.pass, state, &self.batch);
        let loss = found.loss + penalty(&self.compiled.tensors, state, Some(&mut found.gradients));
        (found, loss)
    }

    /// Panics where tensors of a kind are not those of a table.
    fn assert_tensors(&self, found: &[Array2<f64>], kind: TensorKind, table: &Golden) {
        let names = if kind == TensorKind::Parameter { parameters(&self.file) } else { statistics(&self.file) };
        let of_kind = self.compiled.tensors.all.iter().zip(found).filter(|(tensor, _)| tensor.kind == kind);
        for ((_, found), name) in of_kind.zip(names) {
            table.get(&name).assert_close(&numbers(found), TOLERANCE);
        }
    }

    /// Panics where inference does not give the outputs of the file.
    fn assert_predicts(&self, state: &State, expected: &Golden) {
        let found = run(&self.compiled.inference, &mut state.clone(), &self.batch);
        let expected = activated(&self.file, expected.rows());
        assert_close("the outputs at inference", &numbers(&found.outputs[0]), &expected, TOLERANCE);
    }

    fn one_pass(&self) {
        let mut state = self.state();
        let normalizes = self.file.find("buffers0").is_some();
        // A mask drops in training alone.
        let drops = !self.batch.masks.is_empty();
        if !drops {
            let predicted = self.file.find("eval_output0").unwrap_or_else(|| self.file.get("output0"));
            self.assert_predicts(&state, &predicted);
        }
        let (found, loss) = self.pass(&mut state);
        assert_close("loss0", &[loss], &[self.file.get("loss0").number()], TOLERANCE);
        self.assert_tensors(&found.gradients, TensorKind::Parameter, &self.file.get("grads0"));
        // Token indices have no gradient.
        let expected = self.file.find("input_grad0").map(|gradient| gradient.rows().concat());
        assert_eq!(found.input_gradients[0].is_some(), expected.is_some());
        if let (Some(gradient), Some(expected)) = (&found.input_gradients[0], expected) {
            assert_close("input_grad0", &numbers(gradient), &expected, TOLERANCE);
        }
        if normalizes || drops {
            self.assert_passes(&found);
        }
        if let Some(buffers) = self.file.find("buffers_after_forward").filter(|_| normalizes) {
            self.assert_tensors(&state.tensors, TensorKind::Statistic, &buffers);
        }
    }

    /// The outputs in training, which no plan returns: what the loss reads. (Logits, where it wants
    /// those.)
    fn assert_passes(&self, found: &Run) {
        let read = self.pass.steps.iter().find_map(|step| {
            let Op::AddLoss(loss) = &step.op else { return None };
            found.buffers[loss.y.0.0].as_ref()
        });
        assert_close(
            "output0",
            &numbers(read.expect("the plan has a loss")),
            &self.file.get("output0").numbers(),
            TOLERANCE,
        );
    }

    fn ten_steps(&self, optimizer: Optimizer, expected: &Golden) {
        let mut state = self.state();
        let mut stepper = Stepper::new(optimizer, &state);
        for (step, expected_loss) in expected.get("losses").numbers().into_iter().enumerate() {
            let (mut found, loss) = self.pass(&mut state);
            assert_close(&format!("the loss before step {}", step + 1), &[loss], &[expected_loss], TOLERANCE);
            if let Some(most) = self.compiled.model.train.as_ref().and_then(|train| train.clip_norm) {
                clip_norm(&self.compiled.tensors, &mut found.gradients, most);
            }
            stepper.step(&self.compiled.tensors, &mut state, &found.gradients);
            let after = step + 1;
            if let Some(table) = expected.find(&format!("params{after}")) {
                self.assert_tensors(&state.tensors, TensorKind::Parameter, &table);
            }
            if let Some(table) = expected.find(&format!("buffers{after}")) {
                self.assert_tensors(&state.tensors, TensorKind::Statistic, &table);
            }
        }
        if let Some(expected) = expected.find("eval_output10") {
            self.assert_predicts(&state, &expected);
        }
        if let Some(expected) = expected.find("loss10") {
            let (_, loss) = self.pass(&mut state);
            assert_close("loss10", &[loss], &[expected.number()], TOLERANCE);
        }
    }

    /// Losses and outputs of a file that has no weights but those at the start.
    fn up_to_ten_steps(&self, optimizer: Optimizer, expected: &Golden) {
        let mut state = self.state();
        let mut stepper = Stepper::new(optimizer, &state);
        for step in 0..=10 {
            let (found, loss) = self.pass(&mut state);
            if let Some(expected) = expected.get("after_steps").find(&step.to_string()) {
                assert_close("the loss", &[loss], &[expected.get("loss").number()], TOLERANCE);
                self.assert_predicts(&state, &expected.get("output"));
            }
            stepper.step(&self.compiled.tensors, &mut state, &found.gradients);
        }
    }
}

/// A matrix of an array.
fn matrix(array: &Golden) -> Array2<f64> {
    let (shape, numbers) = (array.shape(), array.numbers());
    Array2::from_shape_vec((shape[0], numbers.len() / shape[0]), numbers)
        .expect("an array has the numbers of its shape")
}

fn numbers(matrix: &Array2<f64>) -> Vec<f64> {
    matrix.iter().copied().collect()
}

fn targets(file: &Golden, compiled: &Compiled) -> Targets {
    let wants_classes = compiled.model.train.as_ref().is_some_and(|train| train.targets[0].is_class);
    match file.find("target_class").filter(|_| wants_classes) {
        Some(classes) => Targets::Classes(classes.numbers().into_iter().map(|class| class as usize).collect()),
        None => Targets::Numbers(matrix(&file.get("target"))),
    }
}

/// The given mask, kept values scaled.
fn masks(file: &Golden) -> Vec<Array2<f64>> {
    let layers = file.get("model").items();
    let given = layers.iter().filter_map(|layer| Some(matrix(&layer.find("mask")?) / (1.0 - layer.get("p").number())));
    given.collect()
}

#[test]
fn golden_oracle() {
    let (mut networks, mut left_out) = (0, Vec::new());
    for name in FILES {
        check(name, &mut networks, &mut left_out);
    }
    assert_eq!(left_out, ["adagrad", "adam", "rmsprop"].map(|key| format!("l2_weight_decay: {key}")));
    assert_eq!(networks, 30 * 7 - 2 * 4 - 3 + 5 * 3 + 3 + 5 * 2);
}

/// The reference files that have a spec beside them.
#[test]
fn golden_oracle_of_specs() {
    for name in with_specs() {
        let (mut networks, mut left_out) = (0, Vec::new());
        check(&name, &mut networks, &mut left_out);
        assert!(networks > 0 && left_out.is_empty(), "{name}: {networks} networks, without {left_out:?}");
    }
}

/// Compares a file's network, by each optimizer, with the file, and counts them. Those that the
/// language does not have are named.
fn check(name: &str, networks: &mut usize, left_out: &mut Vec<String>) {
    let file = Golden::open(name, Precision::Double);
    let mut plans = None;
    for key in file.get("optimizers").keys() {
        let settings = file.get("optimizers").get(&key);
        if !spelling::is_of_the_language(&settings) {
            left_out.push(format!("{name}: {key}"));
            continue;
        }
        let case = Case::new(file.clone(), &spelling::optimizer(&settings));
        let optimizer = case.compiled.model.train.as_ref().expect("it trains").optimizer;
        // Golden tests of generated code rely on it: gradients are those of one network for all
        // optimizers.
        let own = format!("{:?}", case.compiled.training);
        assert_eq!(plans.get_or_insert_with(|| own.clone()), &own, "{name}: the plan depends on the optimizer");
        if settings.find("after_steps").is_some() {
            case.up_to_ten_steps(optimizer, &settings);
        } else {
            case.one_pass();
            case.ten_steps(optimizer, &settings);
        }
        *networks += 1;
    }
}

/// The whole folder is used, up to the layers that are not in the language yet.
#[test]
fn golden_files_are_all_tested() {
    let folder = nn_tests::project("tests/golden");
    let files =
        std::fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be listed").file_name());
    let names = files.filter_map(|file| file.to_str()?.strip_suffix(".f64.json").map(str::to_owned));
    let (pointwise, specs) = (["activations", "losses", "softmax"], with_specs());
    let is_tested =
        |name: &String| FILES.contains(&name.as_str()) || pointwise.contains(&name.as_str()) || specs.contains(name);
    let mut rest: Vec<String> = names.filter(|name| !is_tested(name)).collect();
    rest.sort();
    assert_eq!(rest, Vec::<String>::new());
}
