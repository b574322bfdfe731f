//! Frozen layers: what they save, and that they stay as they are.

use std::mem::size_of;

use nn_compiler::labels::label;
use nn_compiler::{Compiled, compile};
use nn_runtime::prelude::*;

network! {
    network Whole {
        input x: [32];
        trunk = x -> dense(64, bias: false) -> batch_norm -> relu -> dropout(0.5) -> dense(64) -> relu;
        output y = trunk -> dense(16) -> tanh -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.01); metrics: [accuracy]; batch: 8; seed: 3; }
    }
}

network! {
    network Half {
        input x: [32];
        trunk = x -> dense(64, bias: false) -> batch_norm -> relu -> dropout(0.5) -> dense(64) -> relu;
        output y = trunk -> dense(16) -> tanh -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.01); metrics: [accuracy]; batch: 8; seed: 3; }
        freeze trunk;
    }
}

/// Numbers of the trunk: 32·64, γ and β of 64, 64·64 and a bias of 64; of the head: 64·16 + 16 and
/// 16·4 + 4 (16, padded).
const TRUNK: usize = 32 * 64 + 2 * 64 + 64 * 64 + 64;
const HEAD: usize = 64 * 16 + 16 + 16 * 4 + 16;

fn compiled<N: Network>() -> Compiled {
    compile(N::SPEC).compiled.expect("the spec is sound")
}

/// One row: a number below 4 in each place, and its class.
fn rows() -> (Vec<[f32; 32]>, Vec<usize>) {
    let row = |row: usize| std::array::from_fn(|at| ((row * 7 + at * 3) % 5) as f32 - 2.0);
    ((0..8).map(row).collect(), (0..8).map(|row| row % 4).collect())
}

fn bits<'a>(
    tensors: impl Iterator<Item = (&'static str, &'static [usize], &'a [f32])>,
) -> Vec<(&'static str, Vec<u32>)> {
    let mut all: Vec<_> =
        tensors.map(|(name, _, values)| (name, values.iter().map(|value| value.to_bits()).collect())).collect();
    all.sort();
    all
}

#[test]
fn gradients_and_optimizer_hold_what_learns_alone() {
    assert_eq!(size_of::<<Whole as Trainable>::Parameters>(), 4 * (TRUNK + HEAD));
    assert_eq!(size_of::<<Whole as Trainable>::State>(), 2 * 4 * (TRUNK + HEAD));
    assert_eq!(size_of::<<Half as Trainable>::Parameters>(), 4 * HEAD);
    assert_eq!(size_of::<<Half as Trainable>::State>(), 2 * 4 * HEAD);
    assert_eq!((Whole::PARAMS, Half::PARAMS), (TRUNK + HEAD - 12, TRUNK + HEAD - 12));
}

#[test]
fn the_workspace_shrinks() {
    let (whole, half) = (compiled::<Whole>(), compiled::<Half>());
    let workspaces = [size_of::<<Whole as Trainable>::Workspace>(), size_of::<<Half as Trainable>::Workspace>()];
    // For each of 8 rows, 404 numbers and 148: of the trunk, two values at a time are left. A loss of
    // the caller's adds the inputs, which `backward` reads, and in the second network what leads
    // through the trunk to their gradients. And the mean and the deviation of the batch.
    assert_eq!(workspaces, [4 * (8 * (404 + 32) + 2 * 64), 4 * 8 * (148 + 128)]);
    let network = TRUNK + HEAD + 2 * 64;
    let memory = |compiled: &Compiled| compiled.costs.training_memory.expect("it is trained");
    let outputs = 8 * 4; // What `forward` returns.
    assert_eq!(memory(&whole), 4 * (network + 3 * (TRUNK + HEAD) + outputs) + workspaces[0]);
    assert_eq!(memory(&half), 4 * (network + 3 * HEAD + outputs) + workspaces[1]);
    assert_eq!([memory(&whole), memory(&half)], [134_400, 52_736]);
    for (stated, size) in [(memory(&whole), size_of::<Trainer<Whole>>()), (memory(&half), size_of::<Trainer<Half>>())] {
        assert!(stated <= size && size - stated <= 256, "{stated} stated, {size} taken");
    }
}

#[test]
fn no_code_goes_back_through_them() {
    let half = compiled::<Half>();
    let plans = half.training.as_ref().expect("it is trained");
    for plan in [Some(&plans.training), plans.step.as_ref()].into_iter().flatten() {
        let backward = plan.steps[plan.forward..].iter().map(|step| label(&half.model, step.origin));
        let backward: Vec<String> = backward.collect();
        assert!(backward.iter().all(|label| !label.starts_with("trunk")), "{backward:?}");
    }
}

#[test]
fn the_summary_counts_what_learns_and_what_is_frozen() {
    assert!(Whole::SUMMARY.contains("Trainable params: 7,444\nStatistics: 128\n"), "{}", Whole::SUMMARY);
    let lines = ["trunk.0 (dense, frozen)", "trunk.1 (batch_norm, frozen)", "trunk (relu)", "y.0 (dense) "];
    assert!(lines.iter().all(|line| Half::SUMMARY.contains(line)), "{}", Half::SUMMARY);
    assert!(Half::SUMMARY.contains("Trainable params: 1,108\nFrozen params: 6,336\n"), "{}", Half::SUMMARY);
}

#[test]
fn initial_weights_and_weight_files_are_the_same() {
    let (whole, half) = (Whole::init(5), Half::init(5));
    assert_eq!(Whole::HASH, Half::HASH);
    assert_eq!(bits(whole.parameters()), bits(half.parameters()));

    let folder = std::env::temp_dir().join(format!("nn-freeze-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let path = folder.join("whole.safetensors");
    let mut trainer = Trainer::<Whole>::new(5);
    let (inputs, targets) = rows();
    for _ in 0..3 {
        trainer.step(&inputs, &targets).expect("the rows are sound");
    }
    trainer.network().save(&path).expect("the file can be written");
    let loaded = Half::load(&path).expect("the model is the same");
    assert_eq!(bits(trainer.network().parameters()), bits(loaded.parameters()));
    assert_eq!(bits(trainer.network().statistics()), bits(loaded.statistics()));
    loaded.save(folder.join("half.safetensors")).expect("the file can be written");
    let back = Whole::load(folder.join("half.safetensors")).expect("the model is the same");
    assert_eq!(bits(back.parameters()), bits(loaded.parameters()));

    // The optimizer remembers other numbers, so a training cannot continue from the checkpoint of
    // the other.
    trainer.save(folder.join("whole.ckpt")).expect("the file can be written");
    let refused = Trainer::<Half>::load(folder.join("whole.ckpt")).err().expect("other parameters learn");
    assert!(refused.to_string().contains("unexpected: `optimizer.m/trunk.0.weight` [32, 64]"), "{refused}");
    std::fs::remove_dir_all(&folder).expect("the folder can be removed");
}

#[test]
fn frozen_layers_stay_and_the_others_learn() {
    let network = Half::init(9);
    let mut trainer = Trainer::<Half>::from_network(&*network, 1);
    let (inputs, targets) = rows();
    let before = trainer.evaluate(&Examples::new(&inputs, &targets)).expect("the rows are sound");
    // Dropout drops nothing in a frozen layer: training and evaluation see the same.
    let mut loss = f64::from(trainer.step(&inputs, &targets).expect("the rows are sound"));
    assert!((loss - before.loss).abs() < 1e-6 * before.loss, "{loss} in training, {} measured", before.loss);
    for _ in 0..50 {
        loss = f64::from(trainer.step(&inputs, &targets).expect("the rows are sound"));
    }
    assert!(loss < 0.5 * before.loss, "{loss}");
    let after = trainer.network();
    let (old, new) = (bits(network.parameters()), bits(after.parameters()));
    for (old, new) in old.iter().zip(&new) {
        assert_eq!(old == new, old.0.starts_with("trunk"), "{}", old.0);
    }
    assert_eq!(bits(network.statistics()), bits(after.statistics()));
}
