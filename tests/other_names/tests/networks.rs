//! The networks of this crate are one network by several names; and what can be derived and said of
//! a network.

use nn_other_names::{Alone, Line, Named, OfFile, Once, Renamed, Through};
use renamed::prelude::*;

/// What a network predicts that has a seed's initial values.
fn predicted<N: Network<Input = [f32; 2], Output = [f32; 1]>>(seed: u64) -> [u32; 1] {
    N::init(seed).predict(&[0.5, -1.0]).map(f32::to_bits)
}

#[test]
fn networks_are_the_same_by_any_name_of_the_runtime() {
    let expected = predicted::<Renamed>(3);
    let others = [
        predicted::<Through>(3),
        predicted::<Alone>(3),
        predicted::<Line>(3),
        predicted::<Named>(3),
        predicted::<OfFile>(3),
        predicted::<Once>(3),
    ];
    assert_eq!(others, [expected; 6]);
}

#[test]
fn a_network_by_default_has_the_seed_of_its_spec() {
    assert!(Renamed::default() == *Renamed::init(7));
    assert!(Renamed::default() != *Renamed::init(8));
}

#[test]
fn a_network_shows_how_many_numbers_it_has() {
    let mut network = Renamed::default();
    network.parameters_mut().for_each(|(_, _, values)| values.fill(0.5));
    let shown = "Renamed { parameters: [0.5, 0.5, 0.5, 0.5, … 64 numbers], statistics: [] }";
    assert_eq!(format!("{network:?}"), shown);
}

/// What is silenced for a network is silenced in what is generated for it.
mod silent {
    #![deny(warnings)]

    renamed::network! {
        #[allow(deprecated)]
        network Silent { input x: [2]; output y = x -> dropout(0.9) -> dense(1); }
    }

    renamed::network! {
        #[deprecated]
        #[derive(Debug)]
        network Gone { input x: [2]; output y = x -> dense(1); }
    }
}
