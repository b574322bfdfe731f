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

/// A safetensors file with these numbers.
fn file(shape: &str, numbers: [f32; 17]) -> Vec<u8> {
    let places = [
        ("y.0.weight", shape, 0, 8),
        ("y.0.bias", "4", 8, 12),
        ("y.1.weight", "4,1", 12, 16),
        ("y.1.bias", "1", 16, 17),
    ];
    let tensors = places.map(|(name, shape, start, end)| {
        let (start, end) = (4 * start, 4 * end);
        format!("\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[{start},{end}]}}")
    });
    let header = format!("{{\"__metadata__\":{{\"nn.hash\":\"{}\"}},{}}}", Xor::HASH, tensors.join(","));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    bytes
}

#[test]
fn weights_come_from_bytes_without_an_allocator() {
    let numbers: [f32; 17] = std::array::from_fn(|index| index as f32);
    let mut network: Xor = memory::zeroed();
    Xor::from_bytes_in(&mut network, &file("2,4", numbers)).unwrap();
    assert!(network.parameters().flat_map(|(_, _, values)| values).eq(&numbers));

    let mut copy: Xor = memory::zeroed();
    copy.copy_from(&network).unwrap();
    assert!(copy.parameters().eq(network.parameters()));

    let mut refuse = |bytes: &[u8], texts: [&str; 2]| {
        let text = Xor::from_bytes_in(&mut copy, bytes).unwrap_err().to_string();
        assert_eq!(text, texts[usize::from(cfg!(feature = "alloc"))]);
        assert!(copy.parameters().eq(network.parameters()));
    };
    refuse(
        &file("4,2", numbers),
        [
            "the byte slice does not fit the network Xor:\n  shape of `y.0.weight`: not [2, 4], as in the network",
            "the byte slice does not fit the network Xor:\n  shape of `y.0.weight`: [4, 2] in the file, [2, 4] in the network",
        ],
    );
    let text =
        "the byte slice is corrupt or not a safetensors file: the data of the tensor at byte 264 is not in the file";
    let bytes = file("2,4", numbers);
    refuse(&bytes[..bytes.len() - 1], [text; 2]);
    let text = "the byte slice holds a number that is not finite: y.1.bias[0] is NaN";
    refuse(&file("2,4", std::array::from_fn(|index| if index < 16 { 1.0 } else { f32::NAN })), [text; 2]);
}
