//! Weights in the program: `network!(…, weights: "…")`.

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicU32;

use nn_runtime::network::TensorKind;
use nn_runtime::prelude::*;

network!("kept.nn", weights: "kept.safetensors");

network! {
    weights: "kept.safetensors",
    network Frozen {
        input x: [3];
        trunk = x -> normalize -> dense(5, bias: false) -> batch_norm -> tanh;
        output y = trunk -> dense(2) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.01); batch: 4; epochs: 1; seed: 3; }
        freeze trunk;
    }
}

const INPUTS: [[f32; 3]; 4] = [[0.5, -1.0, 2.0], [0.0, 3.0, -0.25], [1.5, 1.5, 1.5], [-2.0, 0.125, 1.0]];

/// The network as `load` reads it.
fn loaded<N: Network>() -> Box<N> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/weights/kept.safetensors");
    N::load(path).expect("the weights fit")
}

/// The bits of all numbers of a network, those between tensors included.
fn bits<N: Network>(network: &N) -> Vec<u32> {
    TensorKind::ALL.into_iter().flat_map(|kind| network.values(kind)).map(|value| value.to_bits()).collect()
}

#[test]
fn embedded_weights_are_those_of_the_file() {
    fn same<N: Network<Input = [f32; 3], Output = [f32; 2]>>(embedded: &'static N) {
        let loaded = loaded::<N>();
        assert_eq!(bits(embedded), bits(&*loaded));
        for input in INPUTS {
            assert_eq!(embedded.predict(&input).map(f32::to_bits), loaded.predict(&input).map(f32::to_bits));
        }
    }
    same::<Kept>(Kept::TRAINED);
    same::<Frozen>(Frozen::TRAINED);
    assert_ne!(bits(Kept::TRAINED), bits(Frozen::TRAINED), "the twins have different layouts");
}

#[test]
fn training_continues_from_embedded_weights() {
    let classes = [0, 1, 1, 0];
    let mut embedded = Trainer::from_network(Kept::TRAINED, 5);
    let mut from_file = Trainer::from_network(&*loaded::<Kept>(), 5);
    for _ in 0..3 {
        let losses = [&mut embedded, &mut from_file].map(|trainer| trainer.step(&INPUTS, &classes).expect("a step"));
        assert_eq!(losses[0].to_bits(), losses[1].to_bits());
    }
    assert_eq!(bits(embedded.network()), bits(from_file.network()));
    assert_ne!(bits(embedded.network()), bits(Kept::TRAINED));
}

/// The name of the section of this program that holds the address.
#[cfg(target_os = "linux")]
fn section(address: usize) -> String {
    use object::{Object, ObjectSection};
    let program = std::fs::read("/proc/self/exe").expect("the program can be read");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("the system lists what is mapped");
    let name = std::fs::read_link("/proc/self/exe").expect("the program has a path");
    let first = maps.lines().find(|line| line.ends_with(&*name.to_string_lossy())).expect("the program is mapped");
    let start = first.split('-').next().and_then(|start| usize::from_str_radix(start, 16).ok()).expect("an address");
    let file = object::File::parse(&*program).expect("the program is an object file");
    // A program that can be anywhere in memory has addresses from 0 on.
    let base = file.relative_address_base() as usize;
    let address = (address - start + base) as u64;
    let holds =
        |section: &object::Section<'_, '_>| (section.address()..section.address() + section.size()).contains(&address);
    file.sections().find(holds).and_then(|section| Some(section.name().ok()?.to_owned())).expect("a section")
}

#[cfg(target_os = "linux")]
#[test]
fn embedded_weights_are_in_read_only_memory() {
    for kind in TensorKind::ALL {
        assert_eq!(section(Kept::TRAINED.values(kind).as_ptr().addr()), ".rodata");
    }
    static WRITABLE: AtomicU32 = AtomicU32::new(1);
    assert_eq!(section(black_box(&raw const WRITABLE).addr()), ".data");
}
