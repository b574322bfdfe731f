//! Trains `specs/digits.nn` for 50 epochs on a thread with the stack of a test, and prints how long
//! that takes, in milliseconds, and a hash of what comes out.

use std::fs;
use std::thread;
use std::time::Instant;

use my_networks::Digits;
use nn_runtime::prelude::*;

/// What Rust gives the thread of a test.
const STACK: usize = 2 << 20;

fn main() {
    let thread = thread::Builder::new().stack_size(STACK).spawn(train);
    thread.expect("a thread starts").join().expect("the training ends");
}

fn train() {
    let (inputs, classes) = rows();
    let (train, validation) =
        (Examples::new(&inputs[..1438], &classes[..1438]), Examples::new(&inputs[1438..], &classes[1438..]));
    let options = FitOptions::from_spec::<Digits>().early_stopping(None);
    let mut trainer = Trainer::<Digits>::new(42);
    let start = Instant::now();
    trainer.fit(&train, &validation, &options, &mut ()).expect("the rows fit");
    let time = start.elapsed().as_secs_f64() * 1e3;
    let network = trainer.into_network();
    let outputs = inputs.iter().flat_map(|input| network.predict(input));
    // FNV-1a, of numbers instead of bytes.
    let hash = outputs.fold(0xcbf2_9ce4_8422_2325, |hash: u64, output| {
        (hash ^ u64::from(output.to_bits())).wrapping_mul(0x100_0000_01b3)
    });
    println!("{time:.1} {hash:016x}");
}

/// The images and their classes.
fn rows() -> (Vec<[f32; 64]>, Vec<usize>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../data/digits.csv");
    let text = fs::read_to_string(path).expect("the data are in the checkout");
    let row = |line: &str| {
        let numbers: Vec<f32> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        let image: [f32; 64] = numbers[..64].try_into().expect("64 numbers");
        (image, numbers[64] as usize)
    };
    text.lines().skip(1).map(row).unzip()
}
