//! The workloads as tasks.

use std::hint::black_box;

use dfdx::nn::modules::{ReLU, Tanh};
use dfdx::prelude::{Const, Cpu, TensorFrom};
use nn_bench_protocol::workload::{Job, Targets};
use nn_bench_protocol::{Arrays, Inference, Numbers, Task, Training, Workload, inference, training};

use crate::network::{Dense, Head, Last, Model, Network, Normalised, Recipe, Rows, Rule, model};
use crate::weights::Error;

/// The task of a workload.
pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Option<Box<dyn Task>>, String> {
    type Tiny = (Dense<8, 16, Tanh>, Dense<16, 16, Tanh>, Last<16, 1>);
    type Small = (Dense<4, 32, Tanh>, Dense<32, 16, Tanh>, Last<16, 4>);
    type Mlp = (Dense<784, 128, ReLU>, Dense<128, 64, ReLU>, Last<64, 10>);
    type Wide = (Dense<784, 512, ReLU>, Dense<512, 512, ReLU>, Last<512, 10>);
    type Regular = (Normalised<784, 256>, Normalised<256, 128>, Last<128, 10>);
    type Large = (Dense<784, 1024, ReLU>, Dense<1024, 1024, ReLU>, Last<1024, 10>);
    let classify = Recipe { head: Head::Softmax, rule: Rule::Adam { lr: 1e-3 }, l2: 0.0 };
    let linear = Recipe { head: Head::Linear, ..classify };
    let sigmoid = Recipe { head: Head::Sigmoid, rule: Rule::Adam { lr: 0.01 }, l2: 0.0 };
    let momentum = Recipe { rule: Rule::Momentum { lr: 0.01, momentum: 0.9 }, ..classify };
    let made = match workload.name {
        "infer_tiny_b1" => make::<8, 1, Tiny>(workload, arrays, linear),
        "infer_mlp_b1" | "train_mlp_b32" => make::<784, 10, Mlp>(workload, arrays, classify),
        "infer_mlp_b256" => make::<784, 10, Wide>(workload, arrays, classify),
        "train_xor" => make::<2, 1, (Dense<2, 8, Tanh>, Last<8, 1>)>(workload, arrays, sigmoid),
        "train_small_full" => make::<4, 4, Small>(workload, arrays, linear),
        "train_mlp_bn_b128" => make::<784, 10, Regular>(workload, arrays, Recipe { l2: 1e-4, ..classify }),
        "train_mlp_large_b256" => make::<784, 10, Large>(workload, arrays, momentum),
        "digits_epochs" => make::<64, 10, (Dense<64, 32, ReLU>, Last<32, 10>)>(workload, arrays, classify),
        _ => return Ok(None),
    };
    made.map(Some).map_err(said)
}

fn make<const I: usize, const O: usize, M: Model<I, O>>(
    workload: &Workload,
    arrays: &Arrays,
    recipe: Recipe,
) -> Result<Box<dyn Task>, Error> {
    let first: M = model(workload, arrays)?;
    let network = Network::new(first.clone(), recipe);
    let x = rows::<I>(arrays.values("x").to_vec())?;
    Ok(match workload.job {
        Job::Infer => inference(Predict { network, x, outputs: None }),
        Job::Step { .. } => {
            let y = rows::<O>(targets::<O>(workload, arrays))?;
            training(Steps { first, recipe, network, x, y, loss: f32::NAN }, workload)
        }
        Job::Fit { epochs, batch } => {
            let (pixels, y) = (arrays.values("x").to_vec(), targets::<O>(workload, arrays));
            Box::new(Epochs { first, recipe, x, pixels, y, epochs, batch })
        }
    })
}

fn said(error: Error) -> String {
    error.to_string()
}

fn rows<const N: usize>(values: Vec<f32>) -> Result<Rows<N>, Error> {
    let rows = values.len() / N;
    Cpu::default().try_tensor((values, (rows, Const::<N>)))
}

/// Values as they are; classes as probabilities, which dfdx's cross-entropy takes.
fn targets<const O: usize>(workload: &Workload, arrays: &Arrays) -> Vec<f32> {
    match workload.targets {
        Targets::None => Vec::new(),
        Targets::Values => arrays.values("y").to_vec(),
        Targets::Classes => {
            let one_hot = |class: usize| (0..O).map(move |place| f32::from(u8::from(place == class)));
            arrays.classes().into_iter().flat_map(one_hot).collect()
        }
    }
}

struct Predict<const I: usize, const O: usize, M> {
    network: Network<M>,
    x: Rows<I>,
    outputs: Option<Rows<O>>,
}

impl<const I: usize, const O: usize, M: Model<I, O>> Inference for Predict<I, O, M> {
    fn predict(&mut self) -> Result<(), String> {
        self.outputs = Some(black_box(self.network.predict(black_box(&self.x)).map_err(said)?));
        Ok(())
    }

    fn outputs(&self) -> Result<Vec<f32>, String> {
        Ok(self.outputs.as_ref().ok_or("nothing was predicted")?.as_vec())
    }
}

struct Steps<const I: usize, const O: usize, M> {
    first: M,
    recipe: Recipe,
    network: Network<M>,
    x: Rows<I>,
    y: Rows<O>,
    loss: f32,
}

impl<const I: usize, const O: usize, M: Model<I, O>> Training for Steps<I, O, M> {
    fn restart(&mut self) -> Result<(), String> {
        self.network = Network::new(self.first.clone(), self.recipe);
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        self.loss = black_box(self.network.step(black_box(&self.x), black_box(&self.y))?);
        Ok(())
    }

    fn loss(&self) -> Result<f32, String> {
        Ok(self.loss)
    }

    fn outputs(&mut self) -> Result<Vec<f32>, String> {
        Ok(self.network.predict(&self.x).map_err(said)?.as_vec())
    }
}

struct Epochs<const I: usize, const O: usize, M> {
    first: M,
    recipe: Recipe,
    x: Rows<I>,
    /// The numbers of `x`, from which rows are chosen.
    pixels: Vec<f32>,
    y: Vec<f32>,
    epochs: usize,
    batch: usize,
}

impl<const I: usize, const O: usize, M: Model<I, O>> Epochs<I, O, M> {
    /// Trains from the start, and returns the loss of the last epoch.
    fn train(&self) -> Result<f32, String> {
        let mut network = Network::new(self.first.clone(), self.recipe);
        let mut order: Vec<usize> = (0..self.pixels.len() / I).collect();
        let mut random = 1;
        let mut loss = 0.0;
        for _ in 0..self.epochs {
            shuffle(&mut order, &mut random);
            loss = 0.0;
            for batch in order.chunks(self.batch) {
                let x = rows::<I>(chosen(&self.pixels, I, batch)).map_err(said)?;
                let y = rows::<O>(chosen(&self.y, O, batch)).map_err(said)?;
                loss += network.step(&x, &y)? * batch.len() as f32;
            }
        }
        Ok(loss / order.len() as f32)
    }
}

/// The values of some rows, one after the other.
fn chosen(values: &[f32], width: usize, rows: &[usize]) -> Vec<f32> {
    rows.iter().flat_map(|row| &values[row * width..][..width]).copied().collect()
}

impl<const I: usize, const O: usize, M: Model<I, O>> Task for Epochs<I, O, M> {
    fn check(&mut self) -> Result<Numbers, String> {
        let outputs = Network::new(self.first.clone(), self.recipe).predict(&self.x).map_err(said)?;
        Ok(Numbers { outputs: outputs.as_vec(), losses: Vec::new(), about: vec![self.train()?] })
    }

    fn run(&mut self, iterations: u64) -> Result<(), String> {
        (0..iterations).try_for_each(|_| {
            black_box(self.train()?);
            Ok(())
        })
    }
}

/// Fisher and Yates, by a linear congruential generator.
fn shuffle(order: &mut [usize], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (*random >> 33) as usize % (last + 1));
    }
}
