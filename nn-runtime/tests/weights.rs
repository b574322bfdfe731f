//! Weights in memory, and from one network to another of the same model.

#![cfg(all(feature = "std", feature = "macros"))]

use nn_runtime::error::{Damage, Mismatch, Place};
use nn_runtime::prelude::*;
use nn_runtime::weights;

network! {
    network Plain {
        input x: [2];
        first = x -> normalize -> dense(2) -> tanh;
        second = first -> dense(2) -> tanh;
        output y = second -> dense(1);
        train { loss: mse; optimizer: sgd(lr: 0.1, momentum: 0.9); batch: 4; epochs: 1; }
    }
}

// The tensors of `first` and `second` have equal sizes: as many numbers learn in both networks.
network! {
    network FirstFrozen {
        input x: [2];
        first = x -> normalize -> dense(2) -> tanh;
        second = first -> dense(2) -> tanh;
        output y = second -> dense(1);
        train { loss: mse; optimizer: sgd(lr: 0.1, momentum: 0.9); batch: 4; epochs: 1; }
        freeze first;
    }
}

network! {
    network SecondFrozen {
        input x: [2];
        first = x -> normalize -> dense(2) -> tanh;
        second = first -> dense(2) -> tanh;
        output y = second -> dense(1);
        train { loss: mse; optimizer: sgd(lr: 0.1, momentum: 0.9); batch: 4; epochs: 1; }
        freeze second;
    }
}

network! {
    network Relu {
        input x: [2];
        first = x -> normalize -> dense(2) -> relu;
        second = first -> dense(2) -> tanh;
        output y = second -> dense(1);
    }
}

network! {
    network Wider {
        input x: [2];
        first = x -> normalize -> dense(3) -> tanh;
        output y = first -> dense(1);
    }
}

const X: [[f32; 2]; 4] = [[0.5, -1.0], [1.5, 2.0], [-1.0, 0.25], [3.0, 1.0]];
const Y: [[f32; 1]; 4] = [[0.0], [1.0], [0.5], [-1.0]];

/// After a step, so that no two tensors are equal.
fn trained<N: Trainable<Input = [f32; 2], Target = [f32; 1]>>(seed: u64) -> Box<Trainer<N>> {
    let mut trainer = Trainer::<N>::new(seed);
    trainer.fit_normalization(&X);
    trainer.step(&X, &Y).unwrap();
    trainer
}

/// Names and bits of all tensors, by name.
fn bits<N: Network>(network: &N) -> Vec<(&'static str, Vec<u32>)> {
    let tensors = network.parameters().chain(network.statistics());
    let mut tensors: Vec<_> =
        tensors.map(|(name, _, values)| (name, values.iter().map(|value| value.to_bits()).collect())).collect();
    tensors.sort();
    tensors
}

fn message<T>(result: Result<T, Error>) -> String {
    result.map(drop).unwrap_err().to_string()
}

#[test]
fn bytes_are_those_of_the_file_and_come_back() {
    let network = trained::<Plain>(1).into_network();
    let file = tempfile::NamedTempFile::new().unwrap();
    let metadata = [("epochs".to_owned(), "3".to_owned())].into();
    network.save_with(file.path(), &metadata).unwrap();
    let bytes = network.to_bytes_with(&metadata).unwrap();
    assert_eq!(bytes, std::fs::read(file.path()).unwrap());
    assert_eq!(weights::metadata_of(&bytes).unwrap()["epochs"], "3");
    assert!(!weights::metadata_of(&network.to_bytes().unwrap()).unwrap().contains_key("epochs"));
    assert_eq!(bits(&*Plain::from_bytes(&bytes).unwrap()), bits(&*network));

    let mut slot = Plain::clone(&network);
    Plain::from_bytes_in(&mut slot, &trained::<Plain>(2).network().to_bytes().unwrap()).unwrap();
    assert_eq!(bits(&slot), bits(trained::<Plain>(2).network()));
}

#[test]
fn bytes_that_do_not_fit_change_nothing_and_are_explained() {
    let network = trained::<Plain>(1).into_network();
    let mut slot = Plain::clone(&network);
    let mut refused = |bytes: &[u8]| {
        let error = Plain::from_bytes_in(&mut slot, bytes).unwrap_err();
        assert_eq!(bits(&slot), bits(&*network));
        error
    };
    let other = Wider::init(1).to_bytes().unwrap();
    let error = refused(&other);
    assert_eq!(
        error.to_string().replace(Wider::HASH, "WIDER").replace(Plain::HASH, "PLAIN"),
        "the byte slice does not fit the network Plain:\n  \
         nn.hash: `WIDER` in the file, `PLAIN` in the network\n  \
         shape of `first.1.weight`: [2, 3] in the file, [2, 2] in the network\n  \
         shape of `first.1.bias`: [3] in the file, [2] in the network\n  \
         missing: `second.0.weight` [2, 2]\n  \
         missing: `second.0.bias` [2]\n  \
         shape of `y.0.weight`: [3, 1] in the file, [2, 1] in the network"
    );
    let Error::Mismatch { place: Place::Bytes, network: "Plain", mismatches } = error else { panic!("{error}") };
    assert!(matches!(mismatches[3], Mismatch::Missing { .. }));

    let mut bytes = network.to_bytes().unwrap();
    let end = bytes.len() - 4;
    for length in [0, 7, 8, 100, end] {
        assert!(matches!(refused(&bytes[..length]), Error::Corrupt { .. }), "{length}");
    }
    assert!(matches!(refused(&bytes[..end]), Error::Corrupt { reason: Damage::Outside { .. }, .. }));
    // The last number is the second deviation.
    bytes[end..].copy_from_slice(&f32::NAN.to_le_bytes());
    let text = "the byte slice holds a number that is not finite: first.0.deviation[1] is NaN";
    assert_eq!(refused(&bytes).to_string(), text);

    slot.parameters_mut().next().unwrap().2[1] = f32::INFINITY;
    let name = slot.parameters().next().unwrap().0;
    let text = format!("the network holds a number that is not finite: {name}[0, 1] is inf");
    assert_eq!(message(slot.to_bytes()), text);
}

#[test]
fn twins_have_one_model_and_different_layouts() {
    let names = |tensors: &[nn_runtime::network::Tensor]| tensors.iter().map(|tensor| tensor.name).collect::<Vec<_>>();
    assert_eq!((Plain::HASH, Plain::HASH), (FirstFrozen::HASH, SecondFrozen::HASH));
    assert_ne!(names(FirstFrozen::TENSORS), names(SecondFrozen::TENSORS));
    assert_eq!(size_of::<FirstFrozen>(), size_of::<SecondFrozen>());
}

#[test]
fn twins_copy_each_other_by_name() {
    let from = trained::<Plain>(1).into_network();
    let mut first = trained::<FirstFrozen>(2).into_network();
    let mut second = trained::<SecondFrozen>(3).into_network();
    first.copy_from(&*from).unwrap();
    second.copy_from(&*first).unwrap();
    assert_eq!(bits(&*first), bits(&*from));
    assert_eq!(bits(&*second), bits(&*from));
    assert_eq!(second.predict(&X[0]), from.predict(&X[0]));

    let loaded = SecondFrozen::from_bytes(&trained::<FirstFrozen>(2).network().to_bytes().unwrap()).unwrap();
    assert_eq!(bits(&*loaded), bits(trained::<FirstFrozen>(2).network()));
}

#[test]
fn a_blend_is_the_share_of_the_way() {
    let from = trained::<Plain>(1).into_network();
    let target = || trained::<SecondFrozen>(3).into_network();
    let expected = |tau: f32| {
        let mut expected = target();
        let from: std::collections::BTreeMap<_, _> =
            from.parameters().chain(from.statistics()).map(|(name, _, values)| (name, values)).collect();
        let move_all = |(name, _, values): (&str, &[usize], &mut [f32])| {
            values.iter_mut().zip(from[name]).for_each(|(value, other)| *value += tau * (other - *value));
        };
        expected.parameters_mut().for_each(move_all);
        expected.statistics_mut().for_each(move_all);
        bits(&*expected)
    };
    for tau in [0.005, 0.5] {
        let mut blended = target();
        blended.blend_from(&*from, tau).unwrap();
        assert_eq!(bits(&*blended), expected(tau));
        assert_ne!(bits(&*blended), bits(&*target()));
    }
    let mut blended = target();
    blended.parameters_mut().for_each(|(_, _, values)| values.fill(-0.0));
    let before = bits(&*blended);
    blended.blend_from(&*from, 0.0).unwrap();
    assert_eq!(bits(&*blended), before);
    for tau in [-0.1, 1.1, f32::NAN] {
        let text = message(blended.blend_from(&*from, tau));
        assert_eq!(text, format!("a network cannot move the share {tau} of the way to another: `tau` is from 0 to 1"));
    }
    assert_eq!(bits(&*blended), before);
    blended.blend_from(&*from, 1.0).unwrap();
    assert_eq!(bits(&*blended), bits(&*from));
}

#[test]
fn another_model_is_not_copied() {
    let mut network = trained::<Plain>(1).into_network();
    let before = bits(&*network);
    let text = message(network.copy_from(&*Wider::init(1)));
    assert_eq!(
        text,
        "Plain does not take the weights of Wider, which is another model:\n  \
         shape of `first.1.weight`: [2, 3] in Wider, [2, 2] in Plain\n  \
         shape of `first.1.bias`: [3] in Wider, [2] in Plain\n  \
         only in Plain: `second.0.weight` [2, 2]\n  \
         only in Plain: `second.0.bias` [2]\n  \
         shape of `y.0.weight`: [3, 1] in Wider, [2, 1] in Plain"
    );
    let text = message(Wider::init(1).blend_from(&*network, 1.0));
    assert!(text.contains("\n  only in Plain: `second.0.weight` [2, 2]"), "{text}");
    let text = message(network.copy_from(&*Relu::init(1)));
    assert_eq!(
        text,
        "Plain does not take the weights of Relu, which is another model:\n  \
         names and shapes of their tensors are equal, but not what is computed with them"
    );
    assert_eq!(bits(&*network), before);
}

/// What the optimizer remembers of one layer is not taken for what it remembers of another.
#[test]
fn a_checkpoint_continues_only_where_the_same_parameters_learn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("first.ckpt");
    trained::<FirstFrozen>(1).save(&path).unwrap();
    assert!(Trainer::<FirstFrozen>::load(&path).is_ok());
    let text = message(Trainer::<SecondFrozen>::load(&path));
    let (start, list) = text.split_once('\n').unwrap();
    assert_eq!(start, format!("{} does not fit the network SecondFrozen:", path.display()));
    assert_eq!(
        list,
        "  missing: `optimizer.v/first.1.weight` [2, 2]\n  \
         missing: `optimizer.v/first.1.bias` [2]\n  \
         unexpected: `optimizer.v/second.0.bias` [2]\n  \
         unexpected: `optimizer.v/second.0.weight` [2, 2]"
    );
    // The network alone can be trained on.
    let loaded = SecondFrozen::load(&path);
    assert!(message(loaded).contains("unexpected: `optimizer.v/second.0.bias` [2]"));
}
