//! Networks larger than the stack are made, trained, copied and loaded in place. (The test means
//! most in a build without optimisation, where nothing is elided.)

#![cfg(all(feature = "std", feature = "macros"))]

use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;

// 8 MiB of parameters.
network! {
    network Large {
        input x: [1024];
        output y = x -> normalize -> dense(2048, l2: 1e-3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];
            epochs: 10; batch: 2; seed: 7; early_stopping(monitor: val_loss, patience: 3);
        }
    }
}

#[test]
fn eight_megabytes_on_a_stack_of_256_kib() {
    let work = || {
        let mut network = Large::init(1);
        network = network.boxed();
        assert_eq!(size_of_val(&*network) >> 20, 8);
        let inputs = vec![[0.5; 1024]; 40];
        let alone = network.predict(&inputs[39]);
        let mut outputs = vec![[0.0; 2048]; 40];
        network.predict_batch(&inputs, &mut outputs);
        assert_eq!(outputs[39], alone);

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        network.save(&path).unwrap();
        network = Large::load(&path).unwrap();

        let mut trainer = Trainer::from_network(&*network, 1);
        trainer.save(&path).unwrap();
        trainer = Trainer::load(&path).unwrap();
        let examples = Examples::new(&inputs[..2], &[3, 5]);
        let options = FitOptions::from_spec::<Large>().epochs(1).early_stopping(None).keep_best(true);
        trainer.fit(&examples, &examples, &options, &mut ()).unwrap();
        trainer.into_network();
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    thread.spawn(work).unwrap().join().unwrap();
}
