//! A step, an evaluation and a prediction take no memory.

#![cfg(all(feature = "std", feature = "macros"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;

#[path = "networks/points.rs"]
mod points;

use points::points;

network! {
    network Xor {
        input x: [2];
        output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
        train {
            loss: binary_cross_entropy; optimizer: adam(lr: 0.05); metrics: [accuracy];
            epochs: 300; seed: 0; batch: 3; accumulate: 3; clip_norm: 0.01;
        }
    }
}

network! {
    network Classes {
        input x: [2];
        output y = x -> normalize -> dense(3, l2: 1e-3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];
            epochs: 10; batch: 8; seed: 7; early_stopping(monitor: val_loss, patience: 3);
        }
    }
}

network! {
    network Large {
        input x: [20000];
        output y = x -> normalize -> dense(10, l2: 1e-3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];
            epochs: 10; batch: 1; seed: 7; early_stopping(monitor: val_loss, patience: 3);
        }
    }
}

network! {
    network Wide {
        input x: [100];
        output y = x -> normalize -> dense(100, l2: 1e-3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];
            epochs: 10; batch: 96; seed: 7; early_stopping(monitor: val_loss, patience: 3);
        }
    }
}

/// The system's allocator, counting per thread.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed on to the system's allocator as it is.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promise is the one wanted here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many times `work` asks for memory.
fn allocations<T>(work: impl FnOnce() -> T) -> usize {
    let before = COUNT.get();
    std::hint::black_box(work());
    COUNT.get() - before
}

#[test]
fn memory_is_counted() {
    assert_eq!(allocations(|| Box::new([0_u8; 64])), 1);
}

#[test]
fn a_trainer_is_one_allocation_and_its_network_another() {
    assert_eq!(allocations(|| Trainer::<Classes>::new(1)), 1);
    let trainer = Trainer::<Classes>::new(1);
    assert_eq!(allocations(|| trainer.into_network()), 1);
}

#[test]
fn a_step_takes_none() {
    let (inputs, targets) = points(8, 1);
    let mut trainer = Trainer::<Classes>::new(1);
    assert_eq!(allocations(|| trainer.fit_normalization(&inputs)), 0);
    assert_eq!(allocations(|| trainer.step(&inputs, &targets).unwrap()), 0);
    assert_eq!(allocations(|| trainer.step(&inputs[..1], &[9]).unwrap_err()), 0);
    let examples = Examples::new(&inputs, &targets);
    assert_eq!(allocations(|| trainer.evaluate(&examples).unwrap()), 0);
    let mut trainer = Trainer::<Xor>::new(1);
    assert_eq!(allocations(|| trainer.step(&inputs, &[[1.0]; 8]).unwrap()), 0);
}

#[test]
fn a_step_by_hand_takes_none() {
    let (inputs, targets) = points(8, 1);
    let mut trainer = Trainer::<Classes>::new(1);
    trainer.fit_normalization(&inputs);
    let mut of_inputs = [[0.0; 2]; 8];
    assert_eq!(allocations(|| trainer.forward(&inputs).unwrap().len()), 0);
    assert_eq!(allocations(|| trainer.backward(&[[0.1; 3]; 8], Some(&mut of_inputs)).unwrap()), 0);
    assert_eq!(allocations(|| trainer.gradients().unwrap().count()), 0);
    assert_eq!(allocations(|| trainer.update().unwrap()), 0);
    assert_eq!(allocations(|| trainer.compute_gradients(&inputs, &targets).unwrap()), 0);
    assert_eq!(allocations(|| trainer.update().unwrap()), 0);
    assert_eq!(allocations(|| trainer.update().unwrap_err()), 0);
    let mut network = trainer.network().clone();
    let (mut gradients, mut workspace) = Zeroed::zeroed();
    assert_eq!(allocations(|| network.gradients(&inputs, &targets, 1, 2, &mut gradients, &mut workspace).unwrap()), 0);
    let mut trainer = Trainer::<Xor>::new(1);
    assert_eq!(allocations(|| trainer.forward(&inputs[..3]).unwrap().len()), 0);
    assert_eq!(allocations(|| trainer.backward_inputs(&[[1.0]; 3], &mut of_inputs[..3]).unwrap()), 0);
}

/// Products of these sizes pack their operands.
#[test]
fn wide_layers_have_their_room_before_the_first_step() {
    let (inputs, targets) = (vec![[0.5; 100]; 96], vec![3; 96]);
    let mut trainer = Trainer::<Wide>::new(1);
    assert_eq!(allocations(|| trainer.step(&inputs, &targets).unwrap()), 0);
    let elsewhere = move || {
        let mut trainer = trainer;
        let first = allocations(|| trainer.step(&inputs, &targets).unwrap());
        (first, allocations(|| trainer.step(&inputs, &targets).unwrap()), inputs, trainer)
    };
    let (first, second, inputs, trainer) = std::thread::spawn(elsewhere).join().unwrap();
    assert_eq!((first, second), (1, 0));

    let predict = move || {
        let mut predictor = Predictor::with_rows(trainer.into_network(), 96);
        let mut outputs = vec![[0.0; 100]; 96];
        allocations(|| predictor.predict_batch(&inputs, &mut outputs))
    };
    assert_eq!(std::thread::spawn(predict).join().unwrap(), 0);
}

#[test]
fn a_prediction_takes_none() {
    let network = Xor::init(1);
    let inputs = [[0.5; 2]; 1000];
    let mut outputs = [[0.0; 1]; 1000];
    assert_eq!(allocations(|| network.predict(&inputs[0])), 0);
    assert_eq!(allocations(|| network.predict_batch(&inputs, &mut outputs)), 0);
    let mut scratch = Zeroed::zeroed();
    assert_eq!(allocations(|| network.predict_with(&mut scratch, &inputs[0])), 0);
}

#[test]
fn a_large_prediction_takes_its_scratch_unless_it_has_one() {
    let input = [0.5; 20_000];
    let network = Large::init(1);
    assert_eq!(allocations(|| network.predict(&input)), 1);
    let mut outputs = [[0.0; 10]; 3];
    assert_eq!(allocations(|| network.predict_batch(&[input; 3], &mut outputs)), 1);
    let mut predictor = Predictor::new(network);
    assert_eq!(allocations(|| predictor.predict(&input)), 0);
    assert_eq!(allocations(|| predictor.predict_batch(&[input; 3], &mut outputs)), 0);
}
