//! Reference numbers from PyTorch, and the comparison of a network with them.
//!
//! The files are those of `tests/golden`, or of the folder that `NN_GOLDEN` names. The README there
//! describes their format. Networks are written with [`golden!`](crate::golden!), or as a spec
//! beside the file.

use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;

use crate::driver::{self, Driver};
pub use crate::golden_file::{Golden, Precision, assert_close};
use crate::rows::Numbers;
use crate::spelling;

/// How far a number in f32 may be off after one pass or one step: |a − b| ≤ tolerance·(1 + |b|). A
/// few dozen roundings of 6e-8 each lie between two orders of summation.
pub const ONE: f64 = 3e-6;
/// How far it may be off after ten steps, each of which adds its own.
pub const TEN: f64 = 2e-5;

/// A network as it is written in the macro. It is compared with the file.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The file's name.
    pub file: &'static str,
    /// The layers as they are written.
    pub layers: &'static str,
    /// The loss as it is written.
    pub loss: &'static str,
    /// The other settings as they are written.
    pub settings: &'static str,
    /// The network's own optimizer as it is written.
    pub optimizer: &'static str,
    /// Its name in the file.
    pub key: &'static str,
    /// The names of all optimizers of the file that the language has.
    pub keys: &'static [&'static str],
}

/// The optimizers of most files.
pub const ALL: &[&str] = &["sgd", "sgd_momentum", "sgd_nesterov", "rmsprop", "adam", "adamw", "adagrad"];
/// Those of some.
pub const SGD_FAMILY: &[&str] = &["sgd", "sgd_momentum", "sgd_nesterov"];
/// Those of losses with weights.
pub const SGD_AND_ADAM: &[&str] = &["sgd", "adam"];
/// Those that have a weight decay.
pub const DECAYING: &[&str] = &["sgd", "sgd_momentum", "sgd_nesterov", "adamw"];
/// Those of images.
pub const THREE: &[&str] = &["sgd", "sgd_momentum", "adam"];

/// Defines a network of a file, with the tests of it.
///
/// `golden!(file, [inputs], (layers), (loss), {settings}, optimizer, KEYS);`, where `KEYS` are all
/// optimizers of the file and `optimizer` is that of the network: a name, or
/// `name: (as it is written)`.
///
/// The network's own optimizer is tested through [`Trainer`], and all through a [`Driver`]: a
/// spec's optimizer decides what a step does with gradients, and nothing that comes before
/// (`golden::oracle` holds the plans together). What a trainer does beyond a driver, updates that
/// are fused into the gradients, is tested for every stack by the optimizer that is named here, for
/// every optimizer by several stacks, and for all of them by one (`golden::gates`);
/// `oracle::step_paths` compares both ways on random networks.
#[macro_export]
macro_rules! golden {
    ($file:ident, $inputs:tt, $layers:tt, $loss:tt, $settings:tt, sgd, $keys:ident) => {
        $crate::golden!($file, $inputs, $layers, $loss, $settings, sgd: (sgd(lr: 0.1)), $keys);
    };
    ($file:ident, $inputs:tt, $layers:tt, $loss:tt, $settings:tt, sgd_momentum, $keys:ident) => {
        $crate::golden!($file, $inputs, $layers, $loss, $settings, sgd_momentum: (sgd(lr: 0.05, momentum: 0.9)), $keys);
    };
    ($file:ident, $inputs:tt, $layers:tt, $loss:tt, $settings:tt, sgd_nesterov, $keys:ident) => {
        $crate::golden!($file, $inputs, $layers, $loss, $settings,
            sgd_nesterov: (sgd(lr: 0.05, momentum: 0.9, nesterov: true)), $keys);
    };
    ($file:ident, $inputs:tt, $layers:tt, $loss:tt, $settings:tt, rmsprop, $keys:ident) => {
        $crate::golden!($file, $inputs, $layers, $loss, $settings,
            rmsprop: (rmsprop(lr: 0.01, rho: 0.9, eps: 1e-8)), $keys);
    };
    ($file:ident, $inputs:tt, $layers:tt, $loss:tt, $settings:tt, adam, $keys:ident) => {
        $crate::golden!($file, $inputs, $layers, $loss, $settings,
            adam: (adam(lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8)), $keys);
    };
    ($file:ident, $inputs:tt, $layers:tt, $loss:tt, $settings:tt, adamw, $keys:ident) => {
        $crate::golden!($file, $inputs, $layers, $loss, $settings,
            adamw: (adamw(lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01)), $keys);
    };
    ($file:ident, $inputs:tt, $layers:tt, $loss:tt, $settings:tt, adagrad, $keys:ident) => {
        $crate::golden!($file, $inputs, $layers, $loss, $settings, adagrad: (adagrad(lr: 0.05, eps: 1e-10)), $keys);
    };
    (
        $file:ident, $inputs:tt, ($($layers:tt)+), ($($loss:tt)+), {$($settings:tt)*},
        $name:ident: ($($optimizer:tt)+), $keys:ident
    ) => {
        mod $file {
            use nn_runtime::prelude::*;

            network! {
                network Net {
                    // What PyTorch was asked to compute, wise or not.
                    allow(linear_stack, bias_before_norm);
                    input x: $inputs;
                    output y = x -> $($layers)+;
                    train { loss: $($loss)+; optimizer: $($optimizer)+; $($settings)* }
                }
            }

            const CASE: $crate::golden::Case = $crate::golden::Case {
                file: stringify!($file),
                layers: stringify!($($layers)+),
                loss: stringify!($($loss)+),
                settings: stringify!($($settings)*),
                optimizer: stringify!($($optimizer)+),
                key: stringify!($name),
                keys: $crate::golden::$keys,
            };

            #[test]
            fn golden() {
                $crate::golden::check::<Net>(&CASE);
            }

            #[test]
            fn golden_by_every_optimizer() {
                $crate::golden::check_optimizers::<Net>(&CASE);
            }
        }
    };
}

/// The names under which a file has the tensors of one kind, in the order of the layers.
///
/// The language calls them by the same order: `y.0.weight`, `y.0.bias`, `y.1.gamma`, …
pub fn names(file: &Golden, kinds: &[&str]) -> Vec<String> {
    let layers = file.get("model").items();
    let of = |layer: &Golden| {
        if let Some(names) = layer.find("parameters").filter(|_| kinds.contains(&"weight")) {
            return names.items().iter().map(|name| name.text().to_owned()).collect();
        }
        kinds.iter().filter_map(|kind| layer.find(kind)).map(|name| name.text().to_owned()).collect::<Vec<_>>()
    };
    layers.iter().flat_map(of).collect()
}

/// The names of everything that learns.
pub fn parameters(file: &Golden) -> Vec<String> {
    names(file, &["weight", "bias", "gamma", "beta"])
}

/// The names of the running statistics.
pub fn statistics(file: &Golden) -> Vec<String> {
    names(file, &["running_mean", "running_var"])
}

/// A network with the weights and statistics that a file starts from.
pub fn network<N: Network>(file: &Golden) -> Box<N> {
    let mut network = N::init(0);
    set(network.parameters_mut(), &file.get("params0"), &parameters(file));
    if let Some(buffers) = file.find("buffers0") {
        set(network.statistics_mut(), &buffers, &statistics(file));
    }
    network
}

/// Sets tensors to those of a table.
fn set<'a>(
    tensors: impl Iterator<Item = (&'static str, &'static [usize], &'a mut [f32])>,
    table: &Golden,
    names: &[String],
) {
    let mut tensors = tensors.map(|(_, _, values)| values);
    for name in names {
        let values = tensors.next().unwrap_or_else(|| panic!("the network has no tensor for {name}"));
        let numbers = table.get(name).tensor();
        assert_eq!(values.len(), numbers.len(), "{name}: as many numbers");
        values.iter_mut().zip(numbers).for_each(|(value, number)| *value = number as f32);
    }
    assert!(tensors.next().is_none(), "the network has tensors that the file has not");
}

/// Panics where tensors are not those of a table.
fn assert_tensors<'a>(
    tensors: impl Iterator<Item = (&'static str, &'static [usize], &'a [f32])>,
    table: &Golden,
    names: &[String],
    tolerance: f64,
) {
    let tensors: Vec<_> = tensors.collect();
    assert_eq!(tensors.len(), names.len(), "as many tensors");
    for ((_, _, values), name) in tensors.into_iter().zip(names) {
        table.get(name).assert_close(&widened(values), tolerance);
    }
}

/// As f64.
fn widened(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// The outputs of a file as the network gives them: where the file has logits, after their
/// activation.
pub fn activated(file: &Golden, outputs: Vec<Vec<f64>>) -> Vec<f64> {
    let activate: fn(Vec<f64>) -> Vec<f64> = match file.find("loss").map(|loss| loss.get("type")) {
        Some(loss) if loss.text() == "softmax_cross_entropy" => |logits| {
            let exponentials: Vec<f64> = logits.into_iter().map(f64::exp).collect();
            let sum: f64 = exponentials.iter().sum();
            exponentials.into_iter().map(|exponential| exponential / sum).collect()
        },
        Some(loss) if loss.text() == "bce_with_logits" => {
            |logits| logits.into_iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect()
        }
        _ => |outputs| outputs,
    };
    outputs.into_iter().flat_map(activate).collect()
}

/// Panics where a network does not predict what a file says.
pub fn assert_predicts<N>(network: &N, file: &Golden, expected: &Golden, tolerance: f64)
where
    N: Network<Input: Numbers, Output: Numbers>,
{
    let inputs: Vec<N::Input> = rows(&file.get("input"));
    let mut outputs = vec![N::Output::zeroed(); inputs.len()];
    network.predict_batch(&inputs, &mut outputs);
    let found: Vec<f64> = outputs.iter().flat_map(Numbers::numbers).collect();
    assert_close(expected.name(), &found, &activated(file, expected.rows()), tolerance);
}

/// The rows of an array.
pub fn rows<R: Numbers>(array: &Golden) -> Vec<R> {
    array.rows().iter().map(|row| R::from_numbers(row)).collect()
}

/// Compares a network of the macro with its file: settings, output, loss, gradients, ten steps of a
/// trainer.
pub fn check<N>(case: &Case)
where
    N: Trainable<Input: Numbers, Output: Numbers, Target: Numbers>,
{
    let file = Golden::open(case.file, Precision::Single);
    let optimizer = file.get("optimizers").get(case.key);
    spelling::assert_same("the layers", case.layers, &spelling::layers(&file));
    spelling::assert_same("the loss", case.loss, &spelling::loss(&file));
    spelling::assert_same("the optimizer", case.optimizer, &spelling::optimizer(&optimizer));
    spelling::assert_same("the settings", case.settings, &spelling::settings(&file));
    one_pass::<N>(&file);
    let mut trainer = Trainer::<N>::from_network(&*network::<N>(&file), 0);
    ten_steps::<N>(&file, &optimizer, &mut *trainer);
    assert_eq!(trainer.steps(), 10);
}

/// Compares ten steps of every optimizer of a file with it, by the gradients of a network of the
/// macro.
pub fn check_optimizers<N>(case: &Case)
where
    N: Trainable<Input: Numbers, Output: Numbers, Target: Numbers>,
{
    let file = Golden::open(case.file, Precision::Single);
    let all = file.get("optimizers");
    let mut keys: Vec<String> = all.keys();
    keys.retain(|key| spelling::is_of_the_language(&all.get(key)));
    let mut expected = case.keys.to_vec();
    keys.sort();
    expected.sort();
    assert_eq!(keys, expected, "the optimizers of the file");
    for key in case.keys {
        let expected = all.get(key);
        let optimizer = driver::optimizer(&spelling::optimizer(&expected));
        ten_steps::<N>(&file, &expected, &mut Driver::new(network::<N>(&file), optimizer));
    }
}

/// The names of the reference files that have a spec beside them, as `golden/NAME.nn`.
pub fn with_specs() -> Vec<String> {
    let files = std::fs::read_dir(crate::project("tests/golden")).expect("the folder can be listed");
    let names = files.filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix(".nn").map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Compares the network of a spec with the reference file beside it: layers, output, loss,
/// gradients, ten steps of a trainer, and ten of every optimizer of the file.
pub fn check_spec<N>(name: &str)
where
    N: Trainable<Input: Numbers, Output: Numbers, Target: Numbers>,
{
    let file = Golden::open(name, Precision::Single);
    let all = file.get("optimizers");
    let keys = all.keys().into_iter().filter(|key| spelling::is_of_the_language(&all.get(key)));
    let own = driver::trained(N::SPEC).optimizer;
    let mut found = false;
    for expected in keys.map(|key| all.get(&key)) {
        let written = spelling::optimizer(&expected);
        let optimizer = driver::optimizer(&written);
        ten_steps::<N>(&file, &expected, &mut Driver::new(network::<N>(&file), optimizer));
        if optimizer == own {
            found = true;
            assert_eq!(N::HASH, spelling::hash(&file, &written), "the layers, as in the spec and as in the file");
            one_pass::<N>(&file);
            ten_steps::<N>(&file, &expected, &mut *Trainer::<N>::from_network(&*network::<N>(&file), 0));
        }
    }
    assert!(found, "the optimizer of the spec is one of the file");
}

/// What takes steps of training.
trait Steps<N: Trainable> {
    fn step(&mut self, inputs: &[N::Input], targets: &[N::Target]) -> Result<f32, Error>;

    fn network(&self) -> &N;
}

impl<N: Trainable> Steps<N> for Trainer<N> {
    fn step(&mut self, inputs: &[N::Input], targets: &[N::Target]) -> Result<f32, Error> {
        Trainer::step(self, inputs, targets)
    }

    fn network(&self) -> &N {
        Trainer::network(self)
    }
}

impl<N: Trainable> Steps<N> for Driver<N> {
    fn step(&mut self, inputs: &[N::Input], targets: &[N::Target]) -> Result<f32, Error> {
        Driver::step(self, inputs, targets)
    }

    fn network(&self) -> &N {
        Driver::network(self)
    }
}

/// Output, loss and gradients at the initial weights.
fn one_pass<N>(file: &Golden)
where
    N: Trainable<Input: Numbers, Output: Numbers, Target: Numbers>,
{
    let mut network = network::<N>(file);
    let (inputs, targets): (Vec<N::Input>, Vec<N::Target>) = (rows(&file.get("input")), rows(&file.get("target")));
    // Batch norm predicts by its running statistics, and passes by those of the batch.
    let predicted = file.find("eval_output0").unwrap_or_else(|| file.get("output0"));
    assert_predicts(&*network, file, &predicted, ONE);
    let normalizes = file.find("buffers0").is_some();
    if !normalizes {
        let loss = network.loss(&inputs, &targets).expect("the rows are sound");
        assert_close("loss0, at inference", &[f64::from(loss)], &[file.get("loss0").number()], ONE);
    }
    let mut gradients = N::Parameters::zeroed_box();
    let mut workspace = N::Workspace::zeroed_box();
    let loss = network.gradients(&inputs, &targets, 0, 1, &mut gradients, &mut workspace).expect("the rows are sound");
    assert_close("loss0", &[f64::from(loss)], &[file.get("loss0").number()], ONE);
    assert_tensors(tensors_of::<N>((*gradients).as_ref()), &file.get("grads0"), &parameters(file), ONE);
    if normalizes {
        assert_tensors(network.statistics(), &file.get("buffers_after_forward"), &statistics(file), ONE);
    }
}

/// The floats of a network's parameters, or of anything that lies like them, tensor by tensor.
fn tensors_of<N: Network>(values: &[f32]) -> impl Iterator<Item = (&'static str, &'static [usize], &[f32])> {
    use nn_runtime::network::TensorKind;
    let of_kind = N::TENSORS.iter().filter(|tensor| tensor.kind == TensorKind::Parameter);
    of_kind.map(|tensor| (tensor.name, tensor.shape, &values[tensor.offset..][..tensor.len()]))
}

/// Ten steps on all rows: every loss, and the weights after the first and the last.
fn ten_steps<N>(file: &Golden, optimizer: &Golden, trainer: &mut impl Steps<N>)
where
    N: Trainable<Input: Numbers, Output: Numbers, Target: Numbers>,
{
    let (inputs, targets): (Vec<N::Input>, Vec<N::Target>) = (rows(&file.get("input")), rows(&file.get("target")));
    for (step, expected) in optimizer.get("losses").numbers().into_iter().enumerate() {
        let tolerance = if step <= 1 { ONE } else { TEN };
        let loss = trainer.step(&inputs, &targets).expect("the rows are sound");
        assert_close(&format!("the loss before step {}", step + 1), &[f64::from(loss)], &[expected], tolerance);
        let after = step + 1;
        if let Some(expected) = optimizer.find(&format!("params{after}")) {
            assert_tensors(trainer.network().parameters(), &expected, &parameters(file), tolerance);
        }
        if let Some(expected) = optimizer.find(&format!("buffers{after}")) {
            assert_tensors(trainer.network().statistics(), &expected, &statistics(file), tolerance);
        }
    }
    if let Some(expected) = optimizer.find("eval_output10") {
        assert_predicts(trainer.network(), file, &expected, TEN);
    }
    if let Some(expected) = optimizer.find("loss10") {
        let loss = trainer.network().loss(&inputs, &targets).expect("the rows are sound");
        assert_close("loss10", &[f64::from(loss)], &[expected.number()], TEN);
    }
}
