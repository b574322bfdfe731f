//! What a network says it costs is what it takes.

use std::mem::size_of;

use nn_runtime::prelude::*;

network!("../../../specs/digits.nn");
network!("../../../specs/auto_mpg.nn");
network!("../../../specs/and.nn");

network! {
    /// Several inputs and outputs, no training.
    pub(crate) network Joined {
        input a: [3];
        input b: [2, 2];
        flat = b -> flatten;
        both = concat(a, flat);
        output sum = both -> dense(5) -> relu;
        output image = both -> dense(4) -> reshape([2, 2]);
        output same = a;
        assert params == 72;
        assert macs == 63;
    }
}

fn costs<N: Network>() -> (usize, usize) {
    (N::MEMORY, size_of::<N>() + N::SCRATCH)
}

#[test]
fn memory_at_inference_is_what_a_prediction_takes() {
    for (stated, taken) in [costs::<Digits>(), costs::<AutoMpg>(), costs::<AndGate>(), costs::<Joined>()] {
        assert_eq!(stated, taken);
    }
}

/// The trainer adds its counters to what the spec can see.
#[test]
fn memory_in_training_is_what_a_trainer_takes() {
    let texts = [Digits::SPEC, AutoMpg::SPEC, AndGate::SPEC];
    let sizes = [size_of::<Trainer<Digits>>(), size_of::<Trainer<AutoMpg>>(), size_of::<Trainer<AndGate>>()];
    for (text, size) in texts.into_iter().zip(sizes) {
        let compiled = nn_compiler::compile(text).compiled.expect("the spec is sound");
        let stated = compiled.costs.training_memory.expect("it is trained");
        assert!(stated <= size && size - stated <= 256, "{stated} stated, {size} taken");
    }
}

#[test]
fn several_inputs_and_outputs_are_tuples() {
    let net = Joined::init(1);
    let input = ([1.0, 2.0, 3.0], [[4.0, 5.0], [6.0, 7.0]]);
    let (sum, image, same): ([f32; 5], [[f32; 2]; 2], [f32; 3]) = net.predict(&input);
    assert_eq!(same, input.0);

    let parameters: Vec<_> = net.parameters().collect();
    let names: Vec<&str> = parameters.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, ["sum.0.weight", "sum.0.bias", "image.0.weight", "image.0.bias"]);
    let by_hand = |weight: usize, units: usize, unit: usize| -> f32 {
        (1..=7).map(|x| x as f32 * parameters[weight].2[(x - 1) * units + unit]).sum()
    };
    for (unit, value) in sum.iter().enumerate() {
        assert!((value - by_hand(0, 5, unit).max(0.0)).abs() < 1e-5);
    }
    for (unit, value) in image.as_flattened().iter().enumerate() {
        assert!((value - by_hand(2, 4, unit)).abs() < 1e-5);
    }
}

#[test]
fn the_constants_are_those_of_the_summary() {
    assert_eq!((Digits::NAME, Digits::PARAMS, Digits::MACS), ("Digits", 2_442, 2_368));
    assert!(Digits::SUMMARY.contains("Trainable params: 2,442"));
    assert!(Digits::SPEC.starts_with("/// 8×8"));
}
