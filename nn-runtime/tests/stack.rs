//! The stack that predictions and steps take, against the bounds that the compiler computes.
//!
//! A thread paints its stack, runs, and looks how far down the paint is gone. The bounds hold for
//! `opt-level` 2, 3 and `s`, so they are tested by `cargo test --release -p nn-runtime --test stack`.
//! In other builds this package has `opt-level` 1 and checks of overflow, and frames are larger.
//! Without features (`--no-default-features --features macros`) the test measures what a small
//! machine gets.

use std::hint::black_box;

use nn_runtime::generated::isa;
use nn_runtime::memory::{Zeroed, zeroed};
use nn_runtime::network;
use nn_runtime::trainable::Trainable;
use nn_runtime::trainer::Trainer;

network! {
    network Xor {
        input x: [2];
        output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
        train { loss: binary_cross_entropy; optimizer: adam(lr: 0.05); batch: 4; }
    }
}

network! {
    network Wide {
        input x: [64];
        output y = x -> dense(512) -> relu -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.001); batch: 32; }
    }
}

network! {
    network Conv {
        input x: [1, 8, 8];
        output y = x -> conv2d(8, kernel: 3) -> relu -> max_pool2d(2) -> flatten -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.01); batch: 8; }
    }
}

network! {
    network Tokens {
        input x: [8];
        output y = x -> embedding(50, width: 16) -> flatten -> dense(32) -> gelu -> dropout(0.1) -> dense(50) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.001); batch: 16; }
    }
}

/// How many times as large as the bounds the frames may be.
const FACTOR: usize = if cfg!(debug_assertions) { 4 } else { 1 };

/// Bytes that are painted: more than any of these networks may take.
const PAINTED: usize = 1 << 20;

/// What they are painted with.
const PAINT: u8 = 0xA5;

/// Paints the stack below the caller's frame; where the paint begins.
#[inline(never)]
fn paint() -> usize {
    let mut area = [0; PAINTED];
    area.fill(PAINT);
    black_box(&mut area).as_ptr().addr()
}

/// The first byte from an address on that is not painted.
#[inline(never)]
#[allow(unsafe_code, reason = "nothing else reads below the frames that are in use")]
fn end_of_paint(start: usize) -> usize {
    let mut at = start;
    // SAFETY: the address is in the stack of this thread, above the end that `paint` has reached.
    while unsafe { std::ptr::with_exposed_provenance::<u8>(at).read_volatile() } == PAINT {
        at += 1;
    }
    at
}

/// The bytes of stack that a call takes.
#[inline(never)]
fn taken(call: &mut dyn FnMut()) -> usize {
    let start = paint();
    let mut here = 0_u8;
    let here = black_box(&raw mut here).expose_provenance();
    black_box(call)();
    here - end_of_paint(start)
}

/// What a prediction and a step take, each the most of every path of this machine.
fn measure<N: Trainable>() -> [usize; 2]
where
    N::Target: Zeroed,
{
    let measured = std::thread::Builder::new().stack_size(16 << 20).spawn(|| {
        let mut trainer = Box::new(zeroed::<Trainer<N>>());
        Trainer::init_in(&mut trainer, 1);
        let rows = N::BATCH.expect("a number of rows");
        let inputs: Vec<N::Input> = (0..rows).map(|_| N::Input::zeroed()).collect();
        let targets: Vec<N::Target> = (0..rows).map(|_| N::Target::zeroed()).collect();
        let mut most = [0; 2];
        each_path(|| {
            let predict = taken(&mut || {
                black_box(trainer.network().predict(black_box(&inputs[0])));
            });
            let step = taken(&mut || {
                black_box(trainer.step(black_box(&inputs), &targets)).expect("a step");
            });
            most = [most[0].max(predict), most[1].max(step)];
        });
        most
    });
    measured.expect("a thread starts").join().expect("the stack suffices")
}

/// Calls a function on every path of this machine.
#[cfg(feature = "std")]
fn each_path(mut call: impl FnMut()) {
    for path in isa::Path::ALL.into_iter().filter(|path| path.is_available()) {
        isa::force(Some(path));
        call();
    }
    isa::force(None);
}

/// The build has one path.
#[cfg(not(feature = "std"))]
fn each_path(mut call: impl FnMut()) {
    assert!(isa::Path::current().is_available());
    call();
}

/// What is measured is within the bounds, and not less than a quarter of them.
fn is_bounded<N: Trainable>(packs: bool)
where
    N::Target: Zeroed,
{
    // With `std` the packing buffer is on the heap.
    let heap = if cfg!(feature = "std") && packs { 81_984 } else { 0 };
    let [predict, step] = measure::<N>();
    println!("{}: predict {predict} of {}, step {step} of {} - {heap}", N::NAME, N::STACK, N::STEP_STACK);
    let bound = N::STEP_STACK - heap;
    for (what, taken, bound) in [("predict", predict, N::STACK), ("step", step, bound)] {
        assert!(taken <= FACTOR * bound && bound <= 4 * taken, "{} {what}: {taken} of {bound}", N::NAME);
    }
}

/// One test, since the path is that of the whole process.
#[test]
fn predictions_and_steps_stay_within_their_bounds() {
    is_bounded::<Xor>(false);
    is_bounded::<Wide>(true);
    is_bounded::<Conv>(false);
    is_bounded::<Tokens>(false);
}
