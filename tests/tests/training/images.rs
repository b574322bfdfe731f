//! Networks of images: what they say they take is what they take, and what is large never lies on
//! the stack.

use std::mem::size_of;
use std::thread;

use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;

network! {
    /// Every kind of layer that images have, with a chunk that is the batch.
    network Small {
        input image: [1, 12, 12];
        output class = image -> conv2d(6, kernel: 3, padding: 1, bias: false) -> batch_norm -> relu -> max_pool2d(2)
            -> conv2d(8, kernel: 3) -> relu -> avg_pool2d(2) -> flatten -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: adam; metrics: [accuracy]; batch: 8; }
    }
}

network! {
    /// One row of its activations is larger than any stack.
    network Large {
        input image: [3, 224, 224];
        output class = image -> conv2d(64, kernel: 3, padding: 1) -> relu -> max_pool2d(2)
            -> conv2d(8, kernel: 3, stride: 2, bias: false) -> batch_norm -> relu -> global_avg_pool -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: adam; metrics: [accuracy]; batch: 2; seed: 3; }
    }
}

/// The bytes that a spec states for training.
fn stated(text: &str) -> usize {
    let compiled = nn_compiler::compile(text).compiled.expect("the spec is sound");
    compiled.costs.training_memory.expect("it is trained")
}

#[test]
fn memory_is_what_is_taken() {
    assert_eq!(Small::MEMORY, size_of::<Small>() + Small::SCRATCH);
    assert_eq!(Large::MEMORY, size_of::<Large>() + Large::SCRATCH);
}

/// The trainer adds its counters to what the spec can see, up to the next multiple of 64 bytes.
#[test]
fn memory_in_training_is_what_a_trainer_takes() {
    let sizes =
        [(stated(Small::SPEC), size_of::<Trainer<Small>>()), (stated(Large::SPEC), size_of::<Trainer<Large>>())];
    for (stated, taken) in sizes {
        assert_eq!(taken, stated + 160); // What a trainer knows besides, such as the step.
    }
}

#[test]
fn the_summary_names_the_peak() {
    // For each of 8 rows: what was to be normalized, what came out of it and its gradient, 864
    // numbers each; the gradient of the pool, 216; mean and deviation of the batch, a cache line
    // each.
    assert_eq!(4 * (8 * (3 * 864 + 216) + 2 * 16), 89_984);
    let small =
        ["6.8 KiB (6,912 bytes), class.1 batch_norm", "87.9 KiB (89,984 bytes), backward pass of class max_pool2d"];
    assert_eq!(peaks(Small::SUMMARY), small);
    let large = [
        "15.3 MiB (16,056,320 bytes), class max_pool2d",
        "55.1 MiB (57,802,752 bytes), backward pass of class max_pool2d",
    ];
    assert_eq!(peaks(Large::SUMMARY), large);
}

/// What is said of the peaks, at inference and in training.
fn peaks(summary: &str) -> Vec<&str> {
    summary.lines().filter_map(|line| line.split_once("; peak: ")).map(|(_, peak)| peak).collect()
}

#[test]
fn large_images_do_not_overflow_the_stack() {
    let small_stack = thread::Builder::new().stack_size(1 << 20);
    let trained = small_stack.spawn(|| {
        let mut inputs = <[<Large as Network>::Input; 2]>::zeroed_box();
        for (index, value) in inputs.as_flattened_mut().as_flattened_mut().as_flattened_mut().iter_mut().enumerate() {
            *value = (index % 251) as f32 / 251.0;
        }
        let mut trainer = Trainer::<Large>::new(3);
        let loss = trainer.step(&inputs[..], &[1, 2]).expect("the rows are sound");
        assert!(loss > 0.0, "{loss}");

        let network = trainer.into_network();
        let alone = network.predict(&inputs[1]);
        let mut together = [[0.0; 4]; 2];
        network.predict_batch(&inputs[..], &mut together);
        let mut predictor = Predictor::new(network);
        [alone, together[1], predictor.predict(&inputs[1])]
    });
    let [alone, together, predictor] = trained.expect("a thread starts").join().expect("the stack suffices");
    assert_eq!((alone, alone), (together, predictor));
    assert!((alone.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{alone:?}");
}
