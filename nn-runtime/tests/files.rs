//! Weight files and checkpoints: what is written comes back, and what does not fit is refused in
//! full.

#![cfg(all(feature = "std", feature = "macros"))]

use std::path::PathBuf;

use nn_runtime::error::Mismatch;
use nn_runtime::prelude::*;
use nn_runtime::weights;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

#[path = "networks/points.rs"]
mod points;

use points::points;

network! {
    network Classes {
        input x: [2];
        output y = x -> normalize -> dense(3, l2: 1e-3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];
            epochs: 10; batch: 8; seed: 7; early_stopping(monitor: val_loss, patience: 3);
        }
        data { csv: "points.csv"; target: kind; validation: 0.2; }
    }
}

network! {
    network Wider {
        input x: [4];
        output y = x -> normalize -> dense(3, l2: 1e-3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];
            epochs: 10; batch: 8; seed: 7; early_stopping(monitor: val_loss, patience: 3);
        }
    }
}

/// A network whose statistics are measured too.
fn trained() -> Box<Trainer<Classes>> {
    let (inputs, targets) = points(8, 1);
    let mut trainer = Trainer::<Classes>::new(1);
    trainer.fit_normalization(&inputs);
    trainer.step(&inputs, &targets).unwrap();
    trainer
}

fn tensors(network: &Classes) -> Vec<(&'static str, Vec<f32>)> {
    network.parameters().chain(network.statistics()).map(|(name, _, values)| (name, values.to_vec())).collect()
}

/// A path in a folder of its own.
fn place(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

fn mismatches<T>(result: Result<T, Error>) -> Vec<Mismatch> {
    match result {
        Err(Error::Mismatch { mismatches, .. }) => mismatches,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the file was taken"),
    }
}

#[test]
fn a_network_comes_back() {
    let (_folder, path) = place("classes.safetensors");
    let network = trained().into_network();
    let extra = [("epochs", "12 \"or so\""), ("nn.columns", "[\"a\",\"b\"]")];
    let extra = extra.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    network.save_with(&path, &extra).unwrap();
    assert_eq!(tensors(&Classes::load(&path).unwrap()), tensors(&network));
    let metadata = weights::metadata(&path).unwrap();
    assert_eq!(metadata["epochs"], "12 \"or so\"");
    // The spec's, unless the caller says otherwise.
    assert_eq!(metadata["nn.targets"], "[\"kind\"]");
    assert_eq!(metadata["nn.columns"], "[\"a\",\"b\"]");
    assert_eq!(metadata["nn.name"], "Classes");
    assert_eq!(metadata["nn.hash"], Classes::HASH);
    assert_eq!(metadata["nn.layout"], "dense weights are [inputs, units]");
}

#[test]
fn safetensors_itself_reads_the_file() {
    let (_folder, path) = place("classes.safetensors");
    let network = trained().into_network();
    network.save(&path).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.len(), 4);
    for (name, shape, values) in network.parameters().chain(network.statistics()) {
        let tensor = file.tensor(name).unwrap();
        assert_eq!((tensor.dtype(), tensor.shape()), (Dtype::F32, shape));
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(tensor.data(), bytes);
    }
}

#[test]
fn every_mismatch_is_listed() {
    let (_folder, path) = place("other.safetensors");
    let floats = [0; 4 * 12];
    let f32s = |shape: &[usize]| {
        let bytes = &floats[..4 * shape.iter().product::<usize>()];
        TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()
    };
    let tensors = [
        ("y.0.mean", f32s(&[2])),
        ("y.0.deviation", TensorView::new(Dtype::F64, vec![2], &floats[..16]).unwrap()),
        ("y.1.weight", f32s(&[3, 2])),
        ("y.2.weight", f32s(&[1])),
    ];
    let metadata = [("nn.hash".to_owned(), "another".to_owned())];
    let bytes = safetensors::serialize(tensors, Some(metadata.into_iter().collect())).unwrap();
    std::fs::write(&path, bytes).unwrap();
    let error = Classes::load(&path).map(drop).unwrap_err();
    let lines = error.to_string();
    let (_, list) = lines.split_once('\n').unwrap();
    assert_eq!(
        list.replace(Classes::HASH, "HASH"),
        "  nn.hash: `another` in the file, `HASH` in the network\n  \
         number type of `y.0.deviation`: F64 in the file, F32 in the network\n  \
         shape of `y.1.weight`: [3, 2] in the file, [2, 3] in the network\n  \
         missing: `y.1.bias` [3]\n  \
         unexpected: `y.2.weight` [1]"
    );
    assert_eq!(mismatches(Classes::load(&path)).len(), 5);
}

#[test]
fn a_file_without_metadata_is_taken() {
    let (_folder, path) = place("foreign.safetensors");
    let (two, six, three) = ([0; 8], [0; 24], [0; 12]);
    let tensor = |shape: &[usize], bytes| TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap();
    let tensors = [
        ("y.0.mean", tensor(&[2], &two[..])),
        ("y.0.deviation", tensor(&[2], &two[..])),
        ("y.1.weight", tensor(&[2, 3], &six[..])),
        ("y.1.bias", tensor(&[3], &three[..])),
    ];
    std::fs::write(&path, safetensors::serialize(tensors, None).unwrap()).unwrap();
    Classes::load(&path).unwrap();
}

#[test]
fn numbers_that_are_not_finite_are_neither_saved_nor_loaded() {
    let (_folder, path) = place("classes.safetensors");
    let mut trainer = trained();
    trainer.network().save(&path).unwrap();
    let sound = std::fs::read(&path).unwrap();
    let file = SafeTensors::deserialize(&sound).unwrap();
    for (name, at, written) in [("y.0.mean", 1, "[1]"), ("y.1.weight", 5, "[1, 2]"), ("y.1.bias", 0, "[0]")] {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let number = format!("{name}{written} is {bad}");
            let start = file.tensor(name).unwrap().data().as_ptr() as usize - sound.as_ptr() as usize + 4 * at;
            let mut spoiled = sound.clone();
            spoiled[start..start + 4].copy_from_slice(&bad.to_le_bytes());
            std::fs::write(&path, spoiled).unwrap();
            let error = Classes::load(&path).map(drop).unwrap_err().to_string();
            assert_eq!(error, format!("{} holds a number that is not finite: {number}", path.display()));

            std::fs::write(&path, &sound).unwrap();
            let mut network = trainer.network().clone();
            let mut tensors = network.parameters_mut().map(|(name, _, values)| (name, values));
            if let Some((_, values)) = tensors.find(|(found, _)| *found == name) {
                values[at] = bad;
                drop(tensors);
                let error = network.save(&path).unwrap_err().to_string();
                assert_eq!(error, format!("cannot save to {}: {number}", path.display()));
            }
            assert_eq!(std::fs::read(&path).unwrap(), sound);
        }
    }
    trainer.network_mut().statistics_mut().next().unwrap().2[0] = f32::NAN;
    assert!(matches!(trainer.save(&path), Err(Error::SavesNonFinite { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), sound);
}

#[test]
fn a_checkpoint_that_is_not_finite_changes_nothing() {
    let (_folder, path) = place("classes.ckpt");
    let mut trainer = trained();
    trainer.save(&path).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    std::fs::write(&path, bytes).unwrap();
    let before = tensors(trainer.network());
    let error = trainer.resume(&path).unwrap_err().to_string();
    assert!(error.contains(" holds a number that is not finite: optimizer."), "{error}");
    assert_eq!((tensors(trainer.network()), trainer.steps()), (before, 1));
}

#[test]
fn a_corrupt_file_is_an_error() {
    let (_folder, path) = place("classes.safetensors");
    let error = Classes::load(&path).err().unwrap();
    assert!(matches!(error, Error::Read { .. }));
    // The cause is not printed twice by programs that print an error and its causes.
    assert_eq!(error.to_string(), format!("cannot read {}", path.display()));
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    assert_eq!(cause.map(std::io::Error::kind), Some(std::io::ErrorKind::NotFound));
    trained().network().save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(Classes::load(&path), Err(Error::Corrupt { .. })), "{length}");
    }
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for byte in 0..8 + header {
        let mut flipped = whole.clone();
        flipped[byte] ^= 0x80;
        std::fs::write(&path, &flipped).unwrap();
        assert!(Classes::load(&path).is_err(), "{byte}");
    }
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let (folder, path) = place("taken");
    std::fs::create_dir(&path).unwrap();
    let network = Classes::init(1);
    assert!(matches!(network.save(&path), Err(Error::Write { .. })));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let missing = folder.path().join("no such folder").join("file");
    assert!(matches!(network.save(missing), Err(Error::Write { .. })));
    assert!(matches!(network.save(".."), Err(Error::Write { .. })));
}

#[test]
fn a_file_is_replaced_at_once() {
    let (folder, path) = place("classes.safetensors");
    Classes::init(1).save(&path).unwrap();
    Classes::init(2).save(&path).unwrap();
    assert_eq!(tensors(&Classes::load(&path).unwrap()), tensors(&Classes::init(2)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_checkpoint_comes_back() {
    let (_folder, path) = place("classes.ckpt");
    let mut trainer = trained();
    trainer.set_learning_rate(0.1 + f32::EPSILON);
    trainer.save(&path).unwrap();
    let mut resumed = Trainer::<Classes>::load(&path).unwrap();
    assert_eq!(resumed.progress().learning_rate, trainer.progress().learning_rate);
    let (inputs, targets) = points(8, 2);
    assert_eq!(resumed.step(&inputs, &targets).unwrap(), trainer.step(&inputs, &targets).unwrap());
    assert_eq!(tensors(resumed.network()), tensors(trainer.network()));
}

network! {
    network ByRmsprop {
        input x: [2];
        output y = x -> dense(1);
        train { loss: mse; optimizer: rmsprop; batch: 4; epochs: 1; }
    }
}

network! {
    network ByAdagrad {
        input x: [2];
        output y = x -> dense(1);
        train { loss: mse; optimizer: adagrad; batch: 4; epochs: 1; }
    }
}

/// Both remember `s` of each parameter, but it is not the same.
#[test]
fn a_checkpoint_of_another_optimizer_is_refused() {
    let (_folder, path) = place("file");
    let mut trainer = Trainer::<ByAdagrad>::new(1);
    trainer.step(&[[1.0, 2.0]], &[[3.0]]).unwrap();
    trainer.save(&path).unwrap();
    assert_eq!(Trainer::<ByAdagrad>::load(&path).unwrap().steps(), 1);
    let found = mismatches(Trainer::<ByRmsprop>::load(&path).map(drop));
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["nn.optimizer: `adagrad` in the file, `rmsprop` in the network"]);
}

#[test]
fn what_is_no_checkpoint_is_refused_and_changes_nothing() {
    let (_folder, path) = place("file");
    Wider::init(1).save(&path).unwrap();
    let mut trainer = trained();
    let before = tensors(trainer.network());
    let found = mismatches(trainer.resume(&path));
    let missing = found.iter().filter(|found| matches!(found, Mismatch::Missing { .. }));
    let shapes = found.iter().filter(|found| matches!(found, Mismatch::Shape { .. }));
    let numbers = found.iter().filter(|found| matches!(found, Mismatch::NotACheckpoint { .. }));
    let hashes = found.iter().filter(|found| matches!(found, Mismatch::Metadata { .. }));
    // What the optimizer remembers of weight and bias; mean, deviation and weight; all numbers and
    // the metric's sum; the hash.
    assert_eq!((missing.count(), shapes.count(), numbers.count(), hashes.count()), (2, 3, 10, 1));
    assert_eq!(found.len(), 16);
    assert_eq!(tensors(trainer.network()), before);
    assert_eq!(trainer.steps(), 1);
}
