//! What workloads are made of: networks with the first weights, and tasks that run them.

use std::env;
use std::hint::black_box;

use nn_bench_protocol::{Arrays, Inference, Training};
use nn_runtime::memory::Zeroed;
use nn_runtime::network::TensorKind;
use nn_runtime::prelude::*;

/// A network with the first weights. Its one output is called `y`, so the array `0.weight` is its
/// `y.0.weight`.
fn network<N: Network>(arrays: &Arrays) -> Result<Box<N>, String> {
    let mut network = N::zeroed_box();
    for kind in TensorKind::ALL {
        for tensor in N::TENSORS.iter().filter(|tensor| tensor.kind == kind) {
            let name =
                tensor.name.strip_prefix("y.").ok_or_else(|| format!("{} is not a tensor of `y`", tensor.name))?;
            let array = arrays.find(name).ok_or_else(|| format!("there is no array {name}"))?;
            if array.shape != tensor.shape {
                return Err(format!("{name} is {:?} instead of {:?}", array.shape, tensor.shape));
            }
            network.values_mut(kind)[tensor.offset..][..tensor.len()].copy_from_slice(&array.values);
        }
    }
    Ok(network)
}

/// The inputs as images.
pub fn images<const C: usize, const H: usize, const W: usize>(arrays: &Arrays) -> Vec<[[[f32; W]; H]; C]> {
    let (lines, _) = arrays.values("x").as_chunks::<W>();
    let (channels, _) = lines.as_chunks::<H>();
    channels.as_chunks::<C>().0.to_vec()
}

/// How many threads to compute on.
fn threads() -> usize {
    env::var("NN_BENCH_THREADS").ok().and_then(|threads| threads.parse().ok()).unwrap_or(1)
}

/// A trainer of a network with the first weights.
pub fn trainer<N: Trainable>(arrays: &Arrays) -> Result<Box<Trainer<N>>, String> {
    let mut trainer = Trainer::from_network(&*network::<N>(arrays)?, N::SEED);
    trainer.set_threads(threads()).map_err(|error| error.to_string())?;
    Ok(trainer)
}

/// One row by the call that a program makes for it.
pub struct OneRow<N: Network> {
    network: Box<N>,
    input: N::Input,
    output: N::Output,
}

impl<N: Network<Output = [f32; O]>, const O: usize> OneRow<N> {
    pub fn new(arrays: &Arrays, input: N::Input) -> Result<Self, String> {
        Ok(Self { network: network(arrays)?, input, output: [0.0; O] })
    }
}

impl<N: Network<Output = [f32; O]>, const O: usize> Inference for OneRow<N> {
    fn predict(&mut self) -> Result<(), String> {
        self.output = black_box(self.network.predict(black_box(&self.input)));
        Ok(())
    }

    fn outputs(&self) -> Result<Vec<f32>, String> {
        Ok(self.output.to_vec())
    }
}

/// Many rows, with memory for all of them.
pub struct ManyRows<N: Network> {
    predictor: Predictor<N>,
    inputs: Vec<N::Input>,
    outputs: Vec<N::Output>,
}

impl<N, const I: usize, const O: usize> ManyRows<N>
where
    N: Network<Input = [f32; I], Output = [f32; O]>,
{
    pub fn new(arrays: &Arrays) -> Result<Self, String> {
        let inputs = arrays.rows("x");
        let mut predictor = Predictor::with_rows(network(arrays)?, inputs.len());
        predictor.set_threads(threads()).map_err(|error| error.to_string())?;
        Ok(Self { predictor, outputs: vec![[0.0; O]; inputs.len()], inputs })
    }
}

impl<N: Network<Output = [f32; O]>, const O: usize> Inference for ManyRows<N> {
    fn predict(&mut self) -> Result<(), String> {
        self.predictor.predict_batch(black_box(&self.inputs), black_box(&mut self.outputs));
        Ok(())
    }

    fn outputs(&self) -> Result<Vec<f32>, String> {
        Ok(self.outputs.as_flattened().to_vec())
    }
}

/// Steps on one batch.
pub struct Steps<N: Trainable> {
    /// As it is before the first step.
    first: Box<Trainer<N>>,
    trainer: Box<Trainer<N>>,
    inputs: Vec<N::Input>,
    targets: Vec<N::Target>,
    loss: f32,
}

impl<N: Trainable> Steps<N> {
    pub fn new(arrays: &Arrays, inputs: Vec<N::Input>, targets: Vec<N::Target>) -> Result<Self, String> {
        let first = trainer::<N>(arrays)?;
        Ok(Self { trainer: first.boxed(), first, inputs, targets, loss: f32::NAN })
    }
}

impl<N: Trainable<Output = [f32; O]>, const O: usize> Training for Steps<N> {
    fn restart(&mut self) -> Result<(), String> {
        self.trainer = self.first.boxed();
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        let loss = self.trainer.step(black_box(&self.inputs), black_box(&self.targets));
        self.loss = black_box(loss.map_err(|error| error.to_string())?);
        Ok(())
    }

    fn loss(&self) -> Result<f32, String> {
        Ok(self.loss)
    }

    fn outputs(&mut self) -> Result<Vec<f32>, String> {
        let mut outputs = vec![[0.0; O]; self.inputs.len()];
        self.trainer.network().predict_batch(&self.inputs, &mut outputs);
        Ok(outputs.into_flattened())
    }
}
