//! Generated f32 code equals the f64 oracle, over awkward widths and batch sizes.
//!
//! The bound: a sum of up to 65 products of numbers around 1 errs by at most 65 · 2⁻²⁴ ≈ 4e-6 of its size, and a
//! value passes three such layers; hence 2e-5 for one pass, and 1e-4 after three updates, where adaptive optimizers
//! divide by the root of what they saw.

use ndarray::Array2;
use nn_compiler::interp::{self, Batch, State, Stepper, Targets};
use nn_compiler::pipeline::{Compiled, compile};
use nn_compiler::plan::TensorKind;
use nn_runtime::init::Generator;
use nn_runtime::prelude::*;

const ONE_PASS: f64 = 2e-5;
const THREE_STEPS: f64 = 1e-4;
const ROWS: [usize; 5] = [1, 2, 31, 32, 33];

/// A target that the oracle can take.
trait Target: Copy {
    fn draw(generator: &mut Generator, width: usize) -> Self;
    fn collect(targets: &[Self]) -> Targets;
}

impl Target for usize {
    fn draw(generator: &mut Generator, width: usize) -> Self {
        generator.below(width as u64) as usize
    }

    fn collect(targets: &[Self]) -> Targets {
        Targets::Classes(targets.to_vec())
    }
}

impl<const M: usize> Target for [f32; M] {
    fn draw(generator: &mut Generator, _: usize) -> Self {
        std::array::from_fn(|_| generator.unit() as f32)
    }

    fn collect(targets: &[Self]) -> Targets {
        Targets::Numbers(matrix(targets))
    }
}

fn matrix<const W: usize>(rows: &[[f32; W]]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), W), |(row, column)| f64::from(rows[row][column]))
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

fn check<N, const K: usize, const M: usize>()
where
    N: Trainable<Input = [f32; K], Output = [f32; M]>,
    N::Target: Target,
{
    let compiled = compile(N::SPEC).compiled.expect("the spec is sound");
    for rows in ROWS {
        let mut generator = Generator::new(rows as u64);
        let inputs: Vec<[f32; K]> =
            (0..rows).map(|_| std::array::from_fn(|_| generator.normal_pair()[0] as f32)).collect();
        let targets: Vec<N::Target> = (0..rows).map(|_| N::Target::draw(&mut generator, M)).collect();
        let batch = Batch { inputs: vec![matrix(&inputs)], targets: N::Target::collect(&targets), masks: Vec::new() };
        let mut trainer = Trainer::<N>::new(7);
        if N::NORMALIZES {
            trainer.fit_normalization(&inputs);
        }
        predictions(trainer.network(), &compiled, &inputs, &batch);
        if rows >= N::MIN_ROWS {
            gradients(trainer.network(), &compiled, &inputs, &targets, &batch);
            three_steps(&mut trainer, &compiled, &inputs, &targets, &batch);
        }
    }
}

fn predictions<N, const K: usize, const M: usize>(net: &N, compiled: &Compiled, inputs: &[[f32; K]], batch: &Batch)
where
    N: Network<Input = [f32; K], Output = [f32; M]>,
{
    let oracle = interp::run(&compiled.inference, &mut state_of(net, compiled), batch);
    let mut outputs = vec![[0.0; M]; inputs.len()];
    net.predict_batch(inputs, &mut outputs);
    assert_close("output", inputs.len(), ONE_PASS, outputs.as_flattened(), &oracle.outputs[0]);
    for (input, output) in inputs.iter().zip(&outputs) {
        assert_eq!(net.predict(input).map(f32::to_bits), output.map(f32::to_bits), "one by one");
    }
}

fn gradients<N: Trainable>(net: &N, compiled: &Compiled, inputs: &[N::Input], targets: &[N::Target], batch: &Batch) {
    let plans = compiled.training.as_ref().expect("it is trained");
    let state = state_of(net, compiled);
    let mut oracle = interp::run(&plans.training, &mut state.clone(), batch);
    let penalty = interp::penalty(&compiled.tensors, &state, Some(&mut oracle.gradients));
    let mut net = net.clone();
    let mut gradients = Box::new(<N::Parameters as nn_runtime::memory::Zeroed>::zeroed());
    let loss = net.gradients(inputs, targets, &mut gradients).expect("the batch is sound");
    assert_close("loss", inputs.len(), ONE_PASS, &[loss], &Array2::from_elem((1, 1), oracle.loss + penalty));
    for (index, tensor) in
        compiled.tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.kind == TensorKind::Parameter)
    {
        let ours = &gradients.as_ref().as_ref()[tensor.offset..][..tensor.len()];
        assert_close(&format!("d{}", tensor.name), inputs.len(), ONE_PASS, ours, &oracle.gradients[index]);
    }
    // The pass has moved the running statistics of batch norm: evaluation is compared on those.
    let evaluated = interp::run(&plans.evaluation, &mut state_of(&net, compiled), batch);
    let loss = net.loss(inputs, targets).expect("the batch is sound");
    assert_close(
        "evaluated loss",
        inputs.len(),
        ONE_PASS,
        &[loss],
        &Array2::from_elem((1, 1), evaluated.loss + penalty),
    );
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
    let mut stepper = Stepper::new(train.optimizer, &state);
    for _ in 0..3 {
        let mut run = interp::run(plan, &mut state, batch);
        interp::penalty(&compiled.tensors, &state, Some(&mut run.gradients));
        stepper.step(&compiled.tensors, &mut state, &run.gradients);
        trainer.step(inputs, targets).expect("the batch is sound");
    }
    compare_tensors(trainer.network(), compiled, &state, inputs.len());
}

macro_rules! networks {
    ($($test:ident $name:ident [$k:literal, $m:literal] { $($spec:tt)* })*) => {$(
        network! { network $name { $($spec)* } }

        #[test]
        fn $test() {
            check::<$name, $k, $m>();
        }
    )*};
}

networks! {
    relu_and_tanh_by_nesterov Nesterov [7, 3] {
        input x: [7];
        output y = x -> dense(10) -> relu -> dense(17) -> tanh -> dense(3);
        train { loss: mse; optimizer: sgd(lr: 0.05, momentum: 0.9, nesterov: true); batch: 33; metrics: [mae, mse]; }
    }
    gelu_and_silu_by_sgd Curved [10, 10] {
        input x: [10];
        output y = x -> dense(33) -> gelu -> dense(65) -> silu -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.1, weight_decay: 0.01); batch: 33; metrics: [accuracy]; }
    }
    batch_norm_by_momentum Normed [17, 3] {
        input x: [17];
        output y = x -> dense(33, bias: false) -> batch_norm -> relu -> dense(7) -> batch_norm(momentum: 0.3) -> tanh
            -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.05, momentum: 0.9); batch: 33; }
    }
    branches_by_adagrad Branches [10, 2] {
        input x: [10];
        block unit(n) = dense(n) -> softplus;
        a = x -> unit(7) -> prelu;
        b = x -> dense(7) -> elu(0.5);
        c = add(a, b) -> selu;
        d = multiply(a, c) -> dense(17) -> prelu(shared: true);
        output y = concat(a, b, d) -> dense(2) -> sigmoid;
        train { loss: binary_cross_entropy; optimizer: adagrad(lr: 0.01); batch: 33; metrics: [accuracy]; }
    }
    penalties_by_rmsprop Penalized [33, 7] {
        input x: [33];
        output y = x -> normalize -> rescale(0.5, offset: 0.1) -> dense(10, l1: 1e-3) -> leaky_relu(0.1)
            -> dense(7, l2: 0.01, init: normal(0.3)) -> hard_tanh;
        train { loss: huber(delta: 0.5); optimizer: rmsprop(lr: 0.001, eps: 1e-4); batch: 33; }
    }
    softmax_inside_by_adam Inside [7, 1] {
        input x: [7];
        output y = x -> dense(10) -> log_softmax -> dense(17) -> softmax -> dense(65) -> hard_sigmoid -> dense(1);
        train { loss: squared_error; optimizer: adam(lr: 0.001, eps: 1e-4); batch: 33; regularizer: l2(0.001) + l1(1e-4); }
    }
    one_output_by_adamw Single [65, 1] {
        input x: [65];
        output y = x -> dense(1, init: uniform(0.2)) -> gelu(approximate: tanh) -> dense(16) -> sigmoid -> dense(1);
        train { loss: 0.5 * mse; optimizer: adamw(lr: 0.001, eps: 1e-4, weight_decay: 0.1); batch: 33; }
    }
    absolute_errors_by_sgd Absolute [16, 5] {
        input x: [16];
        output y = x -> dense(5) -> linear;
        train { loss: mae; optimizer: sgd(lr: 0.01); batch: all; metrics: [mae]; }
    }
}
