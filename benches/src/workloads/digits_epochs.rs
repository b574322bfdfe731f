//! `digits_epochs`: a whole training, with the shuffling and copying of rows that belongs to it.

use std::hint::black_box;

use nn_bench_protocol::{Arrays, Numbers, Task};
use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;

network! {
    /// 64-32-10.
    network Digits {
        input x: [64];
        output y = x -> dense(32) -> relu -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 1e-3); batch: 32; epochs: 50; }
    }
}

pub fn task(arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    Ok(Box::new(Epochs { first: super::tasks::trainer(arrays)?, inputs: arrays.rows("x"), targets: arrays.classes() }))
}

struct Epochs {
    /// As it is before the first step.
    first: Box<Trainer<Digits>>,
    inputs: Vec<[f32; 64]>,
    targets: Vec<usize>,
}

impl Epochs {
    /// Trains from the start, and returns the loss of the last epoch.
    fn train(&self) -> Result<f64, String> {
        let mut trainer = self.first.boxed();
        let examples = Examples::new(black_box(&self.inputs), black_box(&self.targets));
        let options = FitOptions::from_spec::<Digits>();
        let history = trainer.fit(&examples, &Examples::none(), &options, &mut ());
        let history = history.map_err(|error| error.to_string())?;
        history.epochs.last().map(|epoch| epoch.train.loss).ok_or_else(|| "no epoch was done".to_owned())
    }
}

impl Task for Epochs {
    fn check(&mut self) -> Result<Numbers, String> {
        let mut outputs = vec![[0.0; 10]; self.inputs.len()];
        self.first.network().predict_batch(&self.inputs, &mut outputs);
        Ok(Numbers { outputs: outputs.into_flattened(), losses: Vec::new(), about: vec![self.train()? as f32] })
    }

    fn run(&mut self, iterations: u64) -> Result<(), String> {
        (0..iterations).try_for_each(|_| {
            black_box(self.train()?);
            Ok(())
        })
    }
}
