//! The stack that each call of a trainer takes in a crate that is not optimised, on every instruction
//! set of the machine. Kernels are generic, so they are compiled here, at this crate's level.
//!
//! `mixtures` beside this file runs the same at other levels of this crate and of the runtime.

use std::hint::black_box;
use std::thread;

use nn_runtime::generated::isa;
use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;

network! {
    /// One of the networks of the golden tests, `conv_bn_lenet`.
    network Convolutions {
        input x: [1, 6, 6];
        output y = x
            -> conv2d(2, kernel: 3, padding: 1, bias: false) -> batch_norm(momentum: 0.1, eps: 1e-5)
            -> relu -> max_pool2d(2)
            -> conv2d(3, kernel: 2) -> relu -> avg_pool2d(2)
            -> flatten -> dense(4) -> tanh -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); batch: 2; }
    }
}

network! {
    network Wide {
        input x: [64];
        output y = x -> dense(512) -> layer_norm -> gelu -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.001); batch: 256; }
    }
}

/// Half of what Rust gives a thread, such as that of a test. The other half is the caller's.
const MOST: usize = 1 << 20;

/// Bytes that are painted: more than any call may take.
const PAINTED: usize = 8 << 20;

const PAINT: u8 = 0xA5;

/// Paints the stack below the caller's frame; where the paint begins.
#[inline(never)]
fn paint() -> usize {
    let mut area = [PAINT; PAINTED];
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
fn taken(call: impl FnOnce()) -> usize {
    let start = paint();
    let mut here = 0_u8;
    let here = black_box(&raw mut here).expose_provenance();
    call();
    here - end_of_paint(start)
}

/// Calls everything that trains or predicts, and what each takes.
fn measure<N: Trainable>() -> Vec<(&'static str, usize)>
where
    N::Target: Zeroed,
{
    let mut trainer = Trainer::<N>::new(1);
    let rows = N::BATCH.expect("a number of rows");
    let inputs: Vec<N::Input> = (0..rows).map(|_| N::Input::zeroed()).collect();
    let targets: Vec<N::Target> = (0..rows).map(|_| N::Target::zeroed()).collect();
    let mut outputs: Vec<N::Output> = (0..rows).map(|_| N::Output::zeroed()).collect();
    let gradients: Vec<N::Output> = (0..rows).map(|_| N::Output::zeroed()).collect();
    let mut input_gradients: Vec<N::Input> = (0..rows).map(|_| N::Input::zeroed()).collect();
    let held = rows.min(N::CHUNK);
    vec![
        ("predict", taken(|| outputs[0] = trainer.network().predict(&inputs[0]))),
        ("predict_batch", taken(|| trainer.network().predict_batch(&inputs, &mut outputs))),
        ("step", taken(|| assert!(trainer.step(&inputs, &targets).is_ok()))),
        ("compute_gradients", taken(|| assert!(trainer.compute_gradients(&inputs, &targets).is_ok()))),
        ("update", taken(|| trainer.update().expect("gradients"))),
        ("forward", taken(|| assert!(trainer.forward(&inputs[..held]).is_ok()))),
        (
            "backward",
            taken(|| {
                let rows = Some(&mut input_gradients[..held]);
                trainer.backward(&gradients[..held], rows).expect("a forward pass");
            }),
        ),
        ("evaluate", taken(|| assert!(trainer.evaluate(&Examples::new(&inputs, &targets)).is_ok()))),
    ]
}

/// The calls that take more than [`MOST`] on a path.
fn too_much<N: Trainable>(path: isa::Path) -> Vec<String>
where
    N::Target: Zeroed,
{
    let thread = thread::Builder::new().stack_size(2 * PAINTED).spawn(measure::<N>);
    let calls = thread.expect("a thread starts").join().expect("the stack suffices");
    let mut found = Vec::new();
    for (call, bytes) in calls {
        let line = format!("{path:?} {} {call} {bytes}", N::NAME);
        println!("{line}");
        if bytes > MOST {
            found.push(line);
        }
    }
    found
}

/// One test, since the path is that of the whole process.
#[test]
fn calls_take_half_the_stack_of_a_thread_at_most() {
    let mut found = Vec::new();
    for path in isa::Path::ALL.into_iter().filter(|path| path.is_available()) {
        isa::force(Some(path));
        found.extend(too_much::<Convolutions>(path));
        found.extend(too_much::<Wide>(path));
    }
    assert!(found.is_empty(), "more than {MOST} bytes: {found:#?}");
}
