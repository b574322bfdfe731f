//! Training and prediction in memory that the program places, with or without an allocator:
//! `cargo test -p nn-runtime --no-default-features --test static_memory`.

use nn_runtime::memory;
use nn_runtime::prelude::*;

// What `nn expand tests/networks/xor.nn` prints; a test of nn-tests compares the two.
#[rustfmt::skip]
#[path = "networks/xor.rs"]
mod xor;

use xor::Xor;

const X: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
const Y: [[f32; 1]; 4] = [[0.0], [1.0], [1.0], [0.0]];

#[test]
fn xor_is_learned_in_a_static() {
    static TRAINER: std::sync::Mutex<Trainer<Xor>> = std::sync::Mutex::new(memory::zeroed());
    let mut trainer = TRAINER.lock().unwrap();
    Trainer::init_in(&mut trainer, 42);
    let first = trainer.step(&X, &Y).unwrap();
    let last = (0..300).fold(first, |_, _| trainer.step(&X, &Y).unwrap());
    assert!(last < 0.1 && last < first);
    let evaluation = trainer.evaluate(&Examples::new(&X, &Y)).unwrap();
    assert_eq!(evaluation.get("accuracy"), Some(1.0));

    let network = trainer.network();
    let mut scratch = memory::zeroed();
    let mut together = [[0.0]; 4];
    network.predict_batch(&X, &mut together);
    for (x, y) in X.iter().zip(together) {
        assert_eq!(network.predict(x), y);
        assert_eq!(network.predict_with(&mut scratch, x), y);
    }
}

#[test]
fn a_used_slot_becomes_a_new_trainer() {
    let mut slot: Trainer<Xor> = memory::zeroed();
    Trainer::init_in(&mut slot, 1);
    let losses = [(); 3].map(|()| slot.step(&X, &Y).unwrap());
    Trainer::init_in(&mut slot, 1);
    assert_eq!([(); 3].map(|()| slot.step(&X, &Y).unwrap()), losses);
    assert!(matches!(slot.step(&[], &[]), Err(Error::NoRows { .. })));
}
