//! The same bits as `step`: parameters, statistics, and the optimizer's state, after each of three steps.

use std::collections::BTreeSet;

use nn_compiler::compile;
use nn_compiler::layers::signatures;
use nn_compiler::model::Node;
use nn_runtime::generated::isa;
use nn_runtime::generated::losses::{Huber, MeanAbsoluteError, MeanSquaredError, SquaredError};
use nn_runtime::init::Generator;
use nn_runtime::memory::Zeroed;
use nn_runtime::network::TensorKind;
use nn_runtime::prelude::*;
use nn_runtime::schedule::Length;
use nn_tests::oracle::{Target, Values, check_external, tokens};

use super::networks::{Flat, Half, Image, Pair, Tall, Text, Wide};

/// All bits that a step changes.
fn bits<N: Trainable>(trainer: &Trainer<N>) -> Vec<u32> {
    let tensors = TensorKind::ALL.into_iter().flat_map(|kind| trainer.network().values(kind));
    let state = trainer.optimizer_state().flat_map(|remembered| remembered.values);
    tensors.chain(state).map(|number| number.to_bits()).collect()
}

/// The gradients of a part of a batch by its outputs: of a mean over so many rows.
type Gradient<N> = fn(&[<N as Network>::Output], &[<N as Trainable>::Target], usize) -> Vec<<N as Network>::Output>;

/// Three steps with batches of these sizes, each in three ways, by so many threads.
fn check<N>(rows: [usize; 3], gradient: Gradient<N>, threads: usize)
where
    N: Trainable<Input: Values, Output: Values, Target: Target>,
{
    let compiled = compile(N::SPEC).compiled.expect("the spec is sound");
    let tokens = tokens(&compiled.model);
    let mut generator = Generator::new(5);
    let mut by_step = Trainer::<N>::new(4);
    by_step.set_length(Length { epochs: 3, epoch_steps: 1 }).expect("the schedule fits");
    let some: Vec<N::Input> = (0..20).map(|_| Values::draw(&mut generator, &tokens)).collect();
    by_step.fit_normalization(&some);
    let mut by_hand = by_step.boxed();
    let mut by_parts = by_step.boxed();
    by_hand.set_threads(threads).expect("there are threads");
    for rows in rows {
        let inputs: Vec<N::Input> = (0..rows).map(|_| Values::draw(&mut generator, &tokens)).collect();
        let targets: Vec<N::Target> = (0..rows).map(|_| Target::draw(&mut generator, N::CLASSES)).collect();
        let loss = by_step.step(&inputs, &targets).expect("the rows are sound");
        for (index, (inputs, targets)) in inputs.chunks(N::CHUNK).zip(targets.chunks(N::CHUNK)).enumerate() {
            let outputs = by_hand.forward(inputs).expect("the rows are sound");
            let gradients = gradient(outputs, targets, rows);
            let mut wanted = vec![N::Input::zeroed(); inputs.len()];
            // Whether input gradients are wanted too makes no difference.
            let wanted = (index % 2 == rows % 2).then_some(&mut wanted[..]);
            by_hand.backward(&gradients, wanted).expect("the gradients are sound");
        }
        by_hand.update().expect("there are gradients");
        assert_eq!(bits(&by_hand), bits(&by_step), "{} by hand", N::NAME);
        assert_eq!(by_parts.compute_gradients(&inputs, &targets).expect("the rows are sound"), loss);
        by_parts.update().expect("there are gradients");
        assert_eq!(bits(&by_parts), bits(&by_step), "{} by parts", N::NAME);
    }
    assert_eq!([by_hand.steps(), by_parts.steps()], [3, 3]);
}

/// The gradient of a loss, by its kernel.
macro_rules! of {
    ($loss:ident $(, $field:ident: $value:expr)?) => {
        |y: &[_], targets: &[_], rows: usize| {
            let mut gradient = vec![Zeroed::zeroed(); y.len()];
            isa::run($loss { y, targets, $($field: $value,)? scale: 1.0 / rows as f32, gradient: Some(&mut gradient) });
            gradient
        }
    };
}

#[test]
fn flat_layers() {
    check::<Flat>([9, 2, 7], of!(MeanSquaredError), 1);
}

#[test]
fn images() {
    check::<Image>([5, 5, 2], of!(Huber, delta: 0.3), 1);
}

#[test]
fn tokens_of_a_text() {
    check::<Text>([4, 1, 3], of!(MeanAbsoluteError), 1);
}

#[test]
fn several_outputs_and_batches() {
    let gradient: Gradient<Pair> = |outputs, targets, rows| {
        let (y, z): (Vec<[f32; 2]>, Vec<[f32; 3]>) = outputs.iter().copied().unzip();
        let (of_y, of_z): (Vec<[f32; 2]>, Vec<[f32; 3]>) = targets.iter().copied().unzip();
        let of_y = of!(MeanSquaredError)(&y, &of_y, rows);
        of_y.into_iter().zip(of!(MeanSquaredError)(&z, &of_z, rows)).collect()
    };
    check::<Pair>([12, 7, 6], gradient, 1);
}

#[test]
fn frozen_layers_and_an_output_without_a_loss() {
    let gradient: Gradient<Half> = |outputs, targets, rows| {
        let y: Vec<[f32; 3]> = outputs.iter().map(|(y, _)| *y).collect();
        of!(SquaredError)(&y, targets, rows).into_iter().map(|y| (y, [0.0; 2])).collect()
    };
    check::<Half>([8, 1, 5], gradient, 1);
}

#[test]
fn any_number_of_threads() {
    const { assert!(Tall::SHARES_WORK && Wide::SHARES_WORK) };
    for threads in [1, 3] {
        check::<Tall>([300, 20, 256], of!(MeanSquaredError), threads);
        check::<Wide>([100, 2, 31], of!(MeanSquaredError), threads);
    }
}

/// Outputs and gradients are those of the oracle; input gradients can be had alone.
#[test]
fn numbers_are_those_of_the_oracle() {
    // Some thirty layers, a few of which divide by a deviation.
    check_external::<Flat>(9, 20.0);
    check_external::<Image>(5, 4.0);
    check_external::<Text>(4, 1.0);
    check_external::<Pair>(6, 1.0);
    check_external::<Half>(8, 1.0);
}

/// The networks above have all layers. (`step` has no gradient.)
#[test]
fn no_layer_is_missing() {
    let specs = [Flat::SPEC, Image::SPEC, Text::SPEC, Pair::SPEC, Half::SPEC];
    let mut seen = BTreeSet::new();
    for spec in specs {
        let compiled = compile(spec).compiled.expect("the spec is sound");
        seen.extend(compiled.model.values.iter().filter_map(|value| match &value.node {
            Node::Layer { layer, .. } => Some(layer.rule().name()),
            Node::Input { .. } | Node::Merge { .. } => None,
        }));
    }
    let missing = signatures().map(|signature| signature.name).filter(|name| !seen.contains(name) && *name != "step");
    assert_eq!(missing.collect::<Vec<_>>(), [] as [&str; 0]);
}
