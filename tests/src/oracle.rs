//! Holds generated f32 code against the f64 oracle, over awkward batch sizes.
//!
//! The bound: a sum of up to 65 products of numbers around 1 errs by at most 65 · 2⁻²⁴ ≈ 4e-6 of
//! its size, and a value passes three such layers; hence 2e-5 for one pass, and 1e-4 after three
//! updates, where adaptive optimizers divide by the root of what they saw.

mod external;

use ndarray::Array2;
use nn_compiler::interp::{self, Batch, State, Stepper, Targets};
use nn_compiler::model::{Model, ValueId};
use nn_compiler::plan::ops::Dropout;
use nn_compiler::plan::{Op, Plan, Step};
use nn_compiler::{Compiled, compile};
use nn_runtime::generated::isa;
use nn_runtime::generated::layers::dropout;
use nn_runtime::init::Generator;
use nn_runtime::memory::Zeroed;
use nn_runtime::network::TensorKind;
use nn_runtime::prelude::*;
use nn_runtime::row::Row;
use nn_runtime::trainable::{MAX_WEIGHTED, Pass};

pub use external::check_external;

const ONE_PASS: f64 = 2e-5;
const THREE_STEPS: f64 = 1e-4;
const SEED: u64 = 7;
const ROWS: [usize; 5] = [1, 2, 31, 32, 33];

/// More rows than go through a step at once, for networks that take a batch of any size.
const MORE_THAN_A_CHUNK: usize = 300;

/// A row of inputs or outputs.
pub trait Values: Row {
    /// Numbers from a normal distribution; tokens for each input that holds tokens of so many.
    fn draw(generator: &mut Generator, tokens: &[Option<usize>]) -> Self;
    /// The numbers of each input or output.
    fn parts(&self) -> Vec<Vec<f32>>;
}

impl Values for f32 {
    fn draw(generator: &mut Generator, tokens: &[Option<usize>]) -> Self {
        match tokens {
            [Some(vocabulary), ..] => generator.below(*vocabulary as u64) as f32,
            _ => generator.normal_pair()[0] as f32,
        }
    }

    fn parts(&self) -> Vec<Vec<f32>> {
        vec![vec![*self]]
    }
}

impl<V: Values, const N: usize> Values for [V; N] {
    fn draw(generator: &mut Generator, tokens: &[Option<usize>]) -> Self {
        std::array::from_fn(|_| Values::draw(generator, tokens))
    }

    fn parts(&self) -> Vec<Vec<f32>> {
        vec![self.iter().flat_map(|element| element.parts().concat()).collect()]
    }
}

macro_rules! values_of_tuples {
    ($(($($part:ident $index:tt)+))*) => {$(
        impl<$($part: Values),+> Values for ($($part,)+) {
            fn draw(generator: &mut Generator, tokens: &[Option<usize>]) -> Self {
                ($($part::draw(generator, &tokens[$index..]),)+)
            }

            fn parts(&self) -> Vec<Vec<f32>> {
                [$(self.$index.parts()),+].concat()
            }
        }
    )*};
}

values_of_tuples! { (A 0 B 1) (A 0 B 1 C 2) (A 0 B 1 C 2 D 3) }

/// For each input or output, a matrix of all rows.
fn matrices<V: Values>(rows: &[V]) -> Vec<Array2<f64>> {
    let parts: Vec<Vec<Vec<f32>>> = rows.iter().map(Values::parts).collect();
    let matrix = |part: usize| {
        let at = |(row, column): (usize, usize)| f64::from(parts[row][part][column]);
        Array2::from_shape_fn((rows.len(), parts[0][part].len()), at)
    };
    (0..parts[0].len()).map(matrix).collect()
}

/// A target that the oracle can take.
pub trait Target: Copy {
    /// A class, or numbers between 0 and 1.
    fn draw(generator: &mut Generator, classes: &[usize]) -> Self;
    /// All rows together, for each output.
    fn collect(targets: &[Self]) -> Vec<Targets>;
}

impl Target for usize {
    fn draw(generator: &mut Generator, classes: &[usize]) -> Self {
        generator.below(classes[0] as u64) as usize
    }

    fn collect(targets: &[Self]) -> Vec<Targets> {
        vec![Targets::Classes(targets.to_vec())]
    }
}

impl Target for f32 {
    fn draw(generator: &mut Generator, _: &[usize]) -> Self {
        generator.unit() as f32
    }

    fn collect(targets: &[Self]) -> Vec<Targets> {
        vec![Targets::Numbers(matrices(targets).remove(0))]
    }
}

impl<T: Target + Values, const N: usize> Target for [T; N] {
    fn draw(generator: &mut Generator, classes: &[usize]) -> Self {
        std::array::from_fn(|_| Target::draw(generator, classes))
    }

    fn collect(targets: &[Self]) -> Vec<Targets> {
        vec![Targets::Numbers(matrices(targets).remove(0))]
    }
}

/// Classes of the later ones come behind those of the earlier ones.
macro_rules! targets_of_tuples {
    ($(($($part:ident $index:tt)+))*) => {$(
        impl<$($part: Target + Row),+> Target for ($($part,)+) {
            fn draw(generator: &mut Generator, classes: &[usize]) -> Self {
                let mut rest = classes;
                let mut own = |indices: usize| {
                    let (own, behind) = rest.split_at(indices);
                    rest = behind;
                    own
                };
                ($($part::draw(generator, own($part::CLASS_INDICES)),)+)
            }

            fn collect(targets: &[Self]) -> Vec<Targets> {
                let mut all = Vec::new();
                $(all.extend($part::collect(&targets.iter().map(|row| row.$index).collect::<Vec<_>>()));)+
                all
            }
        }
    )*};
}

targets_of_tuples! { (A 0 B 1) (A 0 B 1 C 2) }

fn one(number: f64) -> Array2<f64> {
    Array2::from_elem((1, 1), number)
}

fn assert_close(what: &str, rows: usize, tolerance: f64, ours: &[f32], oracle: &Array2<f64>) {
    assert_eq!(ours.len(), oracle.len(), "{what}");
    for (index, (a, b)) in ours.iter().zip(oracle).enumerate() {
        let error = (f64::from(*a) - b).abs();
        assert!(error <= tolerance * (1.0 + b.abs()), "{what}[{index}], {rows} rows: {a} generated, {b} by the oracle");
    }
}

/// The tensors of a network as the oracle takes them.
fn state_of<N: Network>(net: &N, compiled: &Compiled) -> State {
    let mut state = State::new(&compiled.tensors);
    for (name, _, values) in net.parameters().chain(net.statistics()) {
        let values: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
        assert!(state.set(&compiled.tensors, name, &values), "{name}");
    }
    state
}

fn compare_tensors<N: Network>(net: &N, compiled: &Compiled, state: &State, rows: usize) {
    for (name, _, values) in net.parameters().chain(net.statistics()) {
        let index = compiled.tensors.all.iter().position(|tensor| tensor.name == name).expect("the names are the same");
        assert_close(name, rows, THREE_STEPS, values, &state.tensors[index]);
    }
}

/// For each input, how many tokens its numbers are indices of, if they are.
pub fn tokens(model: &Model) -> Vec<Option<usize>> {
    let vocabulary = |input: &ValueId| model.tokens().find(|(id, _)| id == input);
    model.inputs.iter().map(|input| vocabulary(input).map(|(_, vocabulary)| vocabulary)).collect()
}

/// Predictions, gradients, three steps and an evaluation of a network, for batches of several
/// sizes.
pub fn check<N>()
where
    N: Trainable<Input: Values, Output: Values, Target: Target>,
{
    let compiled = compile(N::SPEC).compiled.expect("the spec is sound");
    let tokens = tokens(&compiled.model);
    let many = N::BATCH.is_none().then_some(MORE_THAN_A_CHUNK);
    for rows in ROWS.into_iter().chain(many) {
        let mut generator = Generator::new(rows as u64);
        let inputs: Vec<N::Input> = (0..rows).map(|_| Values::draw(&mut generator, &tokens)).collect();
        let targets: Vec<N::Target> = (0..rows).map(|_| Target::draw(&mut generator, N::CLASSES)).collect();
        let batch = Batch {
            inputs: matrices(&inputs),
            targets: Target::collect(&targets),
            row_weights: None,
            masks: Vec::new(),
        };
        let mut trainer = Trainer::<N>::new(SEED);
        normalization(&mut trainer, &compiled, &inputs, &batch);
        predictions(trainer.network(), &compiled, &inputs, &batch);
        if rows >= N::MIN_ROWS {
            gradients(trainer.network(), &compiled, &inputs, &targets, &batch);
            three_steps(&mut trainer, &compiled, &inputs, &targets, &batch);
            // By then the running statistics of batch norm have moved.
            evaluation(&mut trainer, &compiled, &inputs, &targets, &batch);
            let weights: Vec<f32> = (0..rows).map(row_weight).collect();
            let batch = Batch { row_weights: Some(weights.iter().map(|weight| f64::from(*weight)).collect()), ..batch };
            weighted_evaluation(&mut trainer, &compiled, (&inputs, &targets, &weights), &batch);
            // From the start again: more steps with the same few rows may diverge.
            let mut trainer = Trainer::<N>::new(SEED);
            trainer.fit_normalization(&inputs);
            weights_of_one(&trainer, &inputs, &targets);
            weighted_steps(&mut trainer, &compiled, (&inputs, &targets, &weights), &batch);
        }
    }
}

/// Some rows count once, some more or less, some not at all, and some the other way round.
fn row_weight(row: usize) -> f32 {
    [1.0, 1.0, 0.0, 1.75, 0.5, -0.25, 0.5][row % 7]
}

fn normalization<N: Trainable>(trainer: &mut Trainer<N>, compiled: &Compiled, inputs: &[N::Input], batch: &Batch) {
    if !N::NORMALIZES {
        return;
    }
    let mut state = state_of(trainer.network(), compiled);
    for plan in &compiled.training.as_ref().expect("it is trained").normalization {
        interp::run(plan, &mut state, batch);
    }
    trainer.fit_normalization(inputs);
    compare_tensors(trainer.network(), compiled, &state, inputs.len());
}

fn predictions<N>(net: &N, compiled: &Compiled, inputs: &[N::Input], batch: &Batch)
where
    N: Network<Output: Values>,
{
    let oracle = interp::run(&compiled.inference, &mut state_of(net, compiled), batch);
    let mut outputs = vec![N::Output::zeroed(); inputs.len()];
    net.predict_batch(inputs, &mut outputs);
    assert_eq!(outputs[0].parts().len(), oracle.outputs.len());
    for (index, expected) in oracle.outputs.iter().enumerate() {
        let numbers: Vec<f32> = outputs.iter().flat_map(|output| output.parts().swap_remove(index)).collect();
        assert_close("output", inputs.len(), ONE_PASS, &numbers, expected);
    }
    let bits = |output: &N::Output| output.parts().concat().into_iter().map(f32::to_bits).collect::<Vec<_>>();
    for (input, output) in inputs.iter().zip(&outputs) {
        assert_eq!(bits(&net.predict(input)), bits(output), "one by one");
    }
}

/// The masks that dropout draws in a step, site by site; the draws of a chunk run along its rows.
fn masks<N: Trainable>(plan: &Plan, rows: usize, seed: u64, step: u64) -> Vec<Array2<f64>> {
    let draw = |width: usize, rate: f64, site: usize| {
        let mut mask = Vec::new();
        for first_row in (0..rows).step_by(N::CHUNK) {
            let pass = Pass {
                seed,
                step,
                first_row: first_row as u64,
                scale: 1.0,
                learning_rate: 0.0,
                factors: [1.0; MAX_WEIGHTED],
                row_weights: None,
            };
            let ones = vec![[1.0]; width * N::CHUNK.min(rows - first_row)];
            let (mut part, mut y) = (ones.clone(), ones.clone());
            let seed = pass.layer_seed(site as u64);
            isa::run(dropout::Forward { x: &ones, rate: rate as f32, seed, mask: &mut part, y: &mut y });
            mask.extend(part.into_iter().map(|[number]| f64::from(number)));
        }
        Array2::from_shape_vec((rows, width), mask).expect("the chunks are all rows")
    };
    let mask = |step: &Step| {
        let Op::Dropout(Dropout { x, rate, site, .. }) = step.op else { return None };
        Some(draw(plan.width(x), rate, site))
    };
    plan.steps.iter().filter_map(mask).collect()
}

fn gradients<N: Trainable>(net: &N, compiled: &Compiled, inputs: &[N::Input], targets: &[N::Target], batch: &Batch) {
    let plans = compiled.training.as_ref().expect("it is trained");
    let state = state_of(net, compiled);
    let batch = Batch { masks: masks::<N>(&plans.training, inputs.len(), 0, 1), ..batch.clone() };
    let mut oracle = interp::run(&plans.training, &mut state.clone(), &batch);
    let penalty = interp::penalty(&compiled.tensors, &state, Some(&mut oracle.gradients));
    let mut net = net.clone();
    let mut gradients = Box::new(N::Parameters::zeroed());
    let mut workspace = N::Workspace::zeroed_box();
    let loss = net.gradients(inputs, targets, 0, 1, &mut gradients, &mut workspace).expect("the batch is sound");
    assert_close("loss", inputs.len(), ONE_PASS, &[loss], &one(oracle.loss + penalty));
    for (index, tensor) in compiled.tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.learns()) {
        let ours = &gradients.as_ref().as_ref()[tensor.offset..][..tensor.len()];
        assert_close(&format!("d{}", tensor.name), inputs.len(), ONE_PASS, ours, &oracle.gradients[index]);
    }
}

fn evaluation<N: Trainable>(
    trainer: &mut Trainer<N>,
    compiled: &Compiled,
    inputs: &[N::Input],
    targets: &[N::Target],
    batch: &Batch,
) {
    let plans = compiled.training.as_ref().expect("it is trained");
    let state = state_of(trainer.network(), compiled);
    let oracle = interp::run(&plans.evaluation, &mut state.clone(), batch);
    let ours = trainer.evaluate(&Examples::new(inputs, targets)).expect("the rows are sound");
    let expected = oracle.loss + interp::penalty(&compiled.tensors, &state, None);
    assert_close("evaluated loss", inputs.len(), ONE_PASS, &[ours.loss as f32], &one(expected));
    for (name, expected) in N::METRICS.iter().zip(oracle.metrics) {
        let found = ours.get(name).expect("every metric is measured");
        assert_close(name, inputs.len(), ONE_PASS, &[found as f32], &one(expected));
    }
}

fn three_steps<N: Trainable>(
    trainer: &mut Trainer<N>,
    compiled: &Compiled,
    inputs: &[N::Input],
    targets: &[N::Target],
    batch: &Batch,
) {
    let train = compiled.model.train.as_ref().expect("it is trained");
    let plan = &compiled.training.as_ref().expect("it is trained").training;
    let mut state = state_of(trainer.network(), compiled);
    let mut stepper = Stepper::new(train.optimizer, &state).with_rates(&train.rates);
    for step in 1..=3 {
        let batch = Batch { masks: masks::<N>(plan, inputs.len(), SEED, step), ..batch.clone() };
        let mut run = interp::run(plan, &mut state, &batch);
        interp::penalty(&compiled.tensors, &state, Some(&mut run.gradients));
        stepper.step(&compiled.tensors, &mut state, &run.gradients);
        trainer.step(inputs, targets).expect("the batch is sound");
    }
    compare_tensors(trainer.network(), compiled, &state, inputs.len());
}

/// Rows and their weights.
type Weighted<'a, N> = (&'a [<N as Network>::Input], &'a [<N as Trainable>::Target], &'a [f32]);

fn weighted_steps<N: Trainable>(
    trainer: &mut Trainer<N>,
    compiled: &Compiled,
    (inputs, targets, weights): Weighted<N>,
    batch: &Batch,
) {
    let train = compiled.model.train.as_ref().expect("it is trained");
    let plan = &compiled.training.as_ref().expect("it is trained").training;
    let mut state = state_of(trainer.network(), compiled);
    let mut stepper = Stepper::new(train.optimizer, &state).with_rates(&train.rates);
    for step in 1..=3 {
        let batch = Batch { masks: masks::<N>(plan, inputs.len(), SEED, step), ..batch.clone() };
        let mut run = interp::run(plan, &mut state, &batch);
        let penalty = interp::penalty(&compiled.tensors, &state, Some(&mut run.gradients));
        stepper.step(&compiled.tensors, &mut state, &run.gradients);
        let loss = trainer.step_weighted(inputs, targets, weights).expect("the batch is sound");
        assert_close("weighted loss", inputs.len(), THREE_STEPS, &[loss], &one(run.loss + penalty));
    }
    compare_tensors(trainer.network(), compiled, &state, inputs.len());
}

fn weighted_evaluation<N: Trainable>(
    trainer: &mut Trainer<N>,
    compiled: &Compiled,
    (inputs, targets, weights): Weighted<N>,
    batch: &Batch,
) {
    let plans = compiled.training.as_ref().expect("it is trained");
    let state = state_of(trainer.network(), compiled);
    let oracle = interp::run(&plans.evaluation, &mut state.clone(), batch);
    let examples = Examples::new(inputs, targets);
    let plain = trainer.evaluate(&examples).expect("the rows are sound");
    let ours = trainer.evaluate(&examples.with_weights(weights)).expect("the rows are sound");
    let expected = oracle.loss + interp::penalty(&compiled.tensors, &state, None);
    assert_close("weighted evaluated loss", inputs.len(), ONE_PASS, &[ours.loss as f32], &one(expected));
    assert!(ours.metrics().eq(plain.metrics()), "metrics are not weighted");
}

/// Steps and evaluations with weights of 1 have the bits of those without weights.
fn weights_of_one<N: Trainable>(trainer: &Trainer<N>, inputs: &[N::Input], targets: &[N::Target]) {
    let (mut plain, ones) = (Trainer::<N>::from_network(trainer.network(), SEED), vec![1.0; inputs.len()]);
    let mut weighted = Trainer::<N>::from_network(trainer.network(), SEED);
    let numbers = |net: &N| [net.values(TensorKind::Parameter), net.values(TensorKind::Statistic)].concat();
    let bits = |net: &N| numbers(net).into_iter().map(f32::to_bits).collect::<Vec<_>>();
    for _ in 0..2 {
        let loss = plain.step(inputs, targets).expect("the batch is sound");
        let other = weighted.step_weighted(inputs, targets, &ones).expect("the batch is sound");
        assert_eq!(loss.to_bits(), other.to_bits(), "{} rows", inputs.len());
        assert_eq!(bits(plain.network()), bits(weighted.network()), "{} rows", inputs.len());
    }
    let examples = Examples::new(inputs, targets);
    let measured = plain.evaluate(&examples).expect("the rows are sound");
    assert_eq!(measured, weighted.evaluate(&examples.with_weights(&ones)).expect("the rows are sound"));
}

/// Defines networks, each with a test that checks it.
#[macro_export]
macro_rules! check_networks {
    ($($test:ident $name:ident { $($spec:tt)* })*) => {$(
        nn_runtime::network! { network $name { $($spec)* } }

        #[test]
        fn $test() {
            $crate::oracle::check::<$name>();
        }
    )*};
}
