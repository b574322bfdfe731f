//! The workloads as tasks.

use std::hint::black_box;

use ndarray::{Array2, ArrayView2};
use nn_bench_protocol::workload::Job;
use nn_bench_protocol::{Arrays, Inference, Numbers, Task, Training, Workload, inference, training};

use crate::network::{Activation, Head, Network, Recipe};
use crate::optimizer::Rule;

/// The task of a workload.
pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Option<Box<dyn Task>>, String> {
    let Some(recipe) = recipe(workload) else { return Ok(None) };
    let features = workload.input().iter().product();
    let x = Array2::from_shape_vec((workload.rows, features), arrays.values("x").to_vec());
    let x = x.map_err(|error| error.to_string())?;
    let network = |rows| Network::new(workload, arrays, recipe, rows);
    let targets = || arrays.values("y").to_vec();
    Ok(Some(match workload.job {
        Job::Infer => inference(Rows { network: network(workload.rows), x, outputs: Vec::new() }),
        Job::Step { .. } => {
            let (first, network) = (network(workload.rows), network(workload.rows));
            training(Steps { first, network, x, targets: targets(), loss: f32::NAN }, workload)
        }
        Job::Fit { epochs, batch } => {
            let (first, network) = (network(workload.rows), network(workload.rows));
            Box::new(Epochs { first, network, x, targets: targets(), epochs, batch })
        }
    }))
}

fn recipe(workload: &Workload) -> Option<Recipe> {
    let adam = Rule::Adam { lr: 1e-3 };
    let classify = Recipe { activation: Activation::Relu, head: Head::Softmax, rule: adam, l2: 0.0, dropout: 0.0 };
    let tanh = Recipe { activation: Activation::Tanh, head: Head::Linear, ..classify };
    Some(match workload.name {
        "infer_tiny_b1" | "train_small_full" => tanh,
        "train_xor" => Recipe { head: Head::Sigmoid, rule: Rule::Adam { lr: 0.01 }, ..tanh },
        "infer_mlp_b1" | "infer_mlp_b256" | "train_mlp_b32" | "digits_epochs" => classify,
        "lenet_infer_b1" | "lenet_train_b32" => classify,
        "train_mlp_bn_b128" => Recipe { l2: 1e-4, dropout: workload.dropout, ..classify },
        "train_mlp_large_b256" => Recipe { rule: Rule::Momentum { lr: 0.01, momentum: 0.9 }, ..classify },
        _ => return None,
    })
}

struct Rows {
    network: Network,
    x: Array2<f32>,
    outputs: Vec<f32>,
}

impl Inference for Rows {
    fn predict(&mut self) -> Result<(), String> {
        let outputs = self.network.predict(black_box(self.x.view()));
        self.outputs.clear();
        self.outputs.extend(black_box(outputs).iter());
        Ok(())
    }

    fn outputs(&self) -> Result<Vec<f32>, String> {
        Ok(self.outputs.clone())
    }
}

struct Steps {
    first: Network,
    network: Network,
    x: Array2<f32>,
    targets: Vec<f32>,
    loss: f32,
}

impl Training for Steps {
    fn restart(&mut self) -> Result<(), String> {
        self.network.restart(&self.first);
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        self.loss = black_box(self.network.step(black_box(self.x.view()), black_box(&self.targets)));
        Ok(())
    }

    fn loss(&self) -> Result<f32, String> {
        Ok(self.loss)
    }

    fn outputs(&mut self) -> Result<Vec<f32>, String> {
        Ok(self.network.predict(self.x.view()).iter().copied().collect())
    }
}

struct Epochs {
    first: Network,
    network: Network,
    x: Array2<f32>,
    targets: Vec<f32>,
    epochs: usize,
    batch: usize,
}

impl Epochs {
    /// Trains from the start, and returns the loss of the last epoch.
    fn train(&mut self) -> f32 {
        let Self { first, network, x, targets, epochs, batch } = self;
        network.restart(first);
        let features = x.ncols();
        let mut order: Vec<usize> = (0..x.nrows()).collect();
        let (mut rows, mut classes) = (Vec::new(), Vec::new());
        let mut random = 1;
        let mut loss = 0.0;
        for _ in 0..*epochs {
            shuffle(&mut order, &mut random);
            loss = 0.0;
            for batch in order.chunks(*batch) {
                rows.clear();
                classes.clear();
                for &row in batch {
                    rows.extend_from_slice(&x.as_slice().unwrap_or_default()[row * features..][..features]);
                    classes.push(targets[row]);
                }
                let batch_x = ArrayView2::from_shape((batch.len(), features), &rows).expect("rows of features");
                loss += network.step(batch_x, &classes) * batch.len() as f32;
            }
        }
        loss / x.nrows() as f32
    }
}

impl Task for Epochs {
    fn check(&mut self) -> Result<Numbers, String> {
        self.network.restart(&self.first);
        let outputs = self.network.predict(self.x.view()).iter().copied().collect();
        Ok(Numbers { outputs, losses: Vec::new(), about: vec![self.train()] })
    }

    fn run(&mut self, iterations: u64) -> Result<(), String> {
        for _ in 0..iterations {
            black_box(self.train());
        }
        Ok(())
    }
}

/// Fisher and Yates, by a linear congruential generator.
fn shuffle(order: &mut [usize], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (*random >> 33) as usize % (last + 1));
    }
}
