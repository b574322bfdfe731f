//! Every path of a training step gives the same numbers: the fused step, gradients of several
//! chunks, gradients whose norm is limited, and gradients of several batches.
//!
//! In every second network, the rows have weights.
//!
//! Numbers of random networks are f64, and differ by the order of their sums alone: 1e-9 is a
//! million roundings of numbers around 1.

use nn_compiler::Compiled;
use nn_compiler::ids::TensorId;
use nn_compiler::interp::{self, Batch, State, Stepper};
use nn_compiler::model::Node;
use nn_compiler::plan::{Op, Origin};
use nn_compiler::signature::LayerKind;
use nn_runtime::init::Generator;
use nn_runtime::prelude::*;
use nn_tests::random::{Graph, Random};

const GRAPHS: usize = 440;
const ROWS: usize = 6;
const STEPS: usize = 3;
const TOLERANCE: f64 = 1e-9;

/// A path: its name, the settings of `train` that lead to it, and the rows of a chunk, if not as
/// many as generated code takes.
type Path = (&'static str, &'static str, Option<usize>);

const FUSED: Path = ("fused", "batch: 6;", None);

/// Paths on which a step sees all rows at once.
const WHOLE: &[Path] = &[
    ("in one chunk", "batch: 6;", Some(6)),
    ("clipped", "batch: 6; clip_norm: 1e30;", None),
    ("the last batch of several", "batch: 6; accumulate: 2;", None),
];

/// Paths on which it does not, so that batch norm sees less.
const CUT: &[Path] = &[
    ("accumulated", "batch: 2; accumulate: 3;", None),
    ("accumulated and clipped", "batch: 2; accumulate: 3; clip_norm: 1e30;", None),
    ("in chunks of two", "batch: 6;", Some(2)),
];

/// Losses and tensors after some steps; `whole` is the graph with the settings of the fused step.
fn train(graph: &Graph, whole: &Compiled, path: Path, start: &State, batches: &[Batch]) -> (Vec<f64>, State) {
    let (_, settings, rows) = path;
    let other = (settings != FUSED.1).then(|| graph.with(settings).expect("all settings fit"));
    let compiled = other.as_ref().unwrap_or(whole);
    let train = compiled.model.train.as_ref().expect("it is trained");
    let mut state = start.clone();
    let mut stepper = Stepper::new(train.optimizer, &state).with_rates(&train.rates);
    let step = |batch| match rows {
        Some(rows) => interp::step_in_chunks(compiled, &mut stepper, &mut state, batch, rows),
        None => interp::step(compiled, &mut stepper, &mut state, batch),
    };
    let losses = batches.iter().map(step).collect();
    (losses, state)
}

fn assert_same(what: &str, compiled: &Compiled, expected: &(Vec<f64>, State), found: &(Vec<f64>, State)) {
    let is_close = |(a, b): (&f64, &f64)| (a - b).abs() <= TOLERANCE * (1.0 + b.abs());
    assert!(found.0.iter().zip(&expected.0).all(is_close), "{what}: {:?}, not {:?}", found.0, expected.0);
    for (index, tensor) in compiled.tensors.all.iter().enumerate() {
        let (found, expected) = (found.1.get(TensorId(index)), expected.1.get(TensorId(index)));
        assert!(found.iter().zip(expected).all(is_close), "{what}, {}: {found}, not {expected}", tensor.name);
    }
}

/// How many of the random networks have what, to be sure that they are worth something.
#[derive(Default, Debug)]
struct Seen {
    unreached: usize,
    penalized: usize,
    frozen: usize,
    normed: usize,
    images: usize,
    tokens: usize,
    terms: usize,
}

impl Seen {
    fn add(&mut self, compiled: &Compiled) {
        let (Some(plans), Some(train)) = (&compiled.training, &compiled.model.train) else { return };
        let ops = || plans.training.steps.iter().map(|step| &step.op);
        let reached: Vec<TensorId> = ops().flat_map(Op::gradients).collect();
        let all = || compiled.tensors.all.iter().enumerate();
        let is_unreached = |index| !reached.contains(&TensorId(index));
        self.unreached += usize::from(all().any(|(index, tensor)| tensor.learns() && is_unreached(index)));
        self.penalized += usize::from(all().any(|(_, tensor)| tensor.l1 + tensor.l2 > 0.0));
        self.frozen += usize::from(all().any(|(_, tensor)| tensor.is_frozen));
        let is_norm = |origin| {
            let Origin::Value(id) = origin else { return false };
            let Node::Layer { layer, .. } = &compiled.model.value(id).node else { return false };
            layer.rule().kind() == LayerKind::Norm
        };
        self.normed += usize::from(plans.training.steps.iter().any(|step| is_norm(step.origin)));
        self.images += usize::from(ops().any(|op| matches!(op, Op::ConvWeightGradient(_))));
        self.tokens += usize::from(ops().any(|op| matches!(op, Op::EmbeddingGradient(_))));
        self.terms += usize::from(train.losses.len() > 1);
    }
}

#[test]
fn all_paths_of_a_step_give_the_same_numbers() {
    let mut random = Random(Generator::new(1951));
    let mut seen = Seen::default();
    for number in 0..GRAPHS {
        let (graph, compiled) = random.graph(FUSED.1);
        let plans = compiled.training.as_ref().expect("it is trained");
        assert!(plans.step.is_some());
        let start = random.state(&compiled);
        let mut batches: Vec<Batch> = (0..STEPS).map(|_| random.batch(&compiled, &plans.training, ROWS)).collect();
        for batch in batches.iter_mut().filter(|_| number % 2 == 0) {
            batch.row_weights = Some(vec![1.0, 1.0, 0.0, -0.5, 2.0, 0.25]);
        }
        seen.add(&compiled);

        let text = graph.text("");
        let after = |path| train(&graph, &compiled, path, &start, &batches);
        let fused = after(FUSED);
        assert!(fused.0.iter().all(|loss| loss.is_finite()), "{text}{:?}", fused.0);
        for path in WHOLE {
            assert_same(&format!("{text}{}", path.0), &compiled, &fused, &after(*path));
        }
        let cut: Vec<_> = CUT.iter().map(|path| after(*path)).collect();
        let sees_other_rows = compiled.model.batch_norms().next().is_some();
        for (path, found) in CUT.iter().zip(&cut) {
            let expected = if sees_other_rows { &cut[0] } else { &fused };
            assert_same(&format!("{text}{}", path.0), &compiled, expected, found);
        }
    }
    let many = [seen.unreached, seen.penalized, seen.frozen, seen.normed, seen.terms];
    let some = [seen.images, seen.tokens];
    assert!(many.iter().all(|count| *count >= 60) && some.iter().all(|count| *count >= 20), "too few: {seen:?}");
}

/// A network of which one output has a loss: γ, β and the slope of the other have neither a loss
/// nor a penalty.
macro_rules! unreached {
    ($($name:ident { $($settings:tt)* })*) => {$(
        network! {
            network $name {
                input x: [2];
                output y = x -> dense(1, bias: false, init: ones, l2: 0);
                output z = x -> dense(1, bias: false, init: ones, l2: 0.5);
                output w = x -> layer_norm -> prelu(init: 1.0);
                train { loss: mse(y); optimizer: sgd(lr: 0.1, weight_decay: 1); $($settings)* }
            }
        }
    )*};
}

unreached! {
    Fused { batch: 2; }
    Clipped { batch: 2; clip_norm: 1000.0; }
    Accumulated { batch: 1; accumulate: 2; }
    All { batch: all; }
}

/// What an output without a loss has after two steps of 300 rows or two.
fn after_two_steps<N: Trainable<Input = [f32; 2], Target = [f32; 1]>>(rows: usize) -> Vec<(&'static str, Vec<f32>)> {
    let mut trainer = Trainer::<N>::new(1);
    let (inputs, targets) = (vec![[1.0, 2.0]; rows], vec![[1.0]; rows]);
    for _ in 0..2 {
        trainer.step(&inputs, &targets).expect("the rows are sound");
    }
    let network = trainer.network();
    let unreached = network.parameters().filter(|(name, ..)| !name.starts_with("y."));
    unreached.map(|(name, _, values)| (name, values.to_vec())).collect()
}

/// With l2: 0.5 and a decay of 1, a weight of z loses two tenths of itself in a step; γ and the
/// slope lose one.
#[test]
fn an_output_without_a_loss_is_trained_on_every_path() {
    let found = [
        after_two_steps::<Fused>(2),
        after_two_steps::<Clipped>(2),
        after_two_steps::<Accumulated>(2),
        after_two_steps::<All>(2),
        after_two_steps::<All>(300),
    ];
    for tensors in &found {
        assert_eq!(tensors, &found[0]);
    }
    let expected = [("z.0.weight", 0.64), ("w.0.gamma", 0.81), ("w.0.beta", 0.0), ("w.1.slope", 0.81)];
    assert_eq!(found[0].len(), expected.len());
    for ((name, values), (expected_name, expected)) in found[0].iter().zip(expected) {
        assert_eq!(*name, expected_name);
        assert!(values.iter().all(|value| (value - expected).abs() < 1e-6), "{name}: {values:?}, not {expected}");
    }
}
