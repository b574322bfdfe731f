//! The workloads as tasks.

use std::hint::black_box;

use burn::tensor::{Device, Int, Tensor, TensorData};
use nn_bench_protocol::workload::{self, Job};
use nn_bench_protocol::{Arrays, Inference, Numbers, Task, Training, Workload, inference, training};

use crate::network::{Activation, Head, Network, Recipe, Rule, Targets, tensor};

/// The task of a workload.
pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Option<Box<dyn Task>>, String> {
    let Some(recipe) = recipe(workload) else { return Ok(None) };
    let device = Device::flex();
    // Values that are not trained stay off the graph.
    let features = workload.input().iter().product();
    let x = Tensor::from_data(TensorData::new(arrays.values("x").to_vec(), [workload.rows, features]), &device);
    let y = targets(workload, recipe.head, arrays, &device);
    let start = |device| Start { workload: Workload { ..*workload }, arrays: arrays.clone(), recipe, device };
    Ok(Some(match (workload.job, y) {
        (Job::Fit { epochs, batch }, Some(y)) => {
            Box::new(Epochs { start: start(device.autodiff()), x, y, epochs, batch })
        }
        (Job::Step { .. }, Some(y)) => {
            let start = start(device.autodiff());
            training(Steps { network: start.network(), start, x, y, loss: None }, workload)
        }
        _ => inference(Rows { network: start(device).network(), x, outputs: None }),
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
        "train_mlp_bn_b128" => Recipe { l2: 1e-4, dropout: workload.dropout.into(), ..classify },
        "train_mlp_large_b256" => Recipe { rule: Rule::Momentum { lr: 0.01, momentum: 0.9 }, ..classify },
        _ => return None,
    })
}

fn targets(workload: &Workload, head: Head, arrays: &Arrays, device: &Device) -> Option<Targets> {
    Some(match (workload.targets, head) {
        (workload::Targets::None, _) => return None,
        (workload::Targets::Classes, _) => Targets::Classes(tensor::<1>(arrays, "y", device).int()),
        (workload::Targets::Values, Head::Sigmoid) => Targets::Bits(tensor::<2>(arrays, "y", device).int()),
        (workload::Targets::Values, Head::Linear | Head::Softmax) => Targets::Values(tensor(arrays, "y", device)),
    })
}

/// What a network starts from.
struct Start {
    workload: Workload,
    arrays: Arrays,
    recipe: Recipe,
    device: Device,
}

impl Start {
    fn network(&self) -> Network {
        Network::new(&self.workload, &self.arrays, self.recipe, &self.device)
    }
}

fn floats<const D: usize>(tensor: &Tensor<D>) -> Result<Vec<f32>, String> {
    tensor.try_to_vec_as().map_err(|error| error.to_string())
}

struct Rows {
    network: Network,
    x: Tensor<2>,
    outputs: Option<Tensor<2>>,
}

impl Inference for Rows {
    fn predict(&mut self) -> Result<(), String> {
        self.outputs = Some(black_box(self.network.predict(black_box(&self.x))));
        Ok(())
    }

    fn outputs(&self) -> Result<Vec<f32>, String> {
        floats(self.outputs.as_ref().ok_or("nothing was predicted")?)
    }
}

struct Steps {
    start: Start,
    network: Network,
    x: Tensor<2>,
    y: Targets,
    loss: Option<Tensor<1>>,
}

impl Training for Steps {
    fn restart(&mut self) -> Result<(), String> {
        self.network = self.start.network();
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        self.loss = Some(black_box(self.network.step(black_box(self.x.clone()), black_box(self.y.clone()))));
        Ok(())
    }

    fn loss(&self) -> Result<f32, String> {
        let loss = floats(self.loss.as_ref().ok_or("no step was done")?)?;
        loss.first().copied().ok_or_else(|| "the loss is not a number".to_owned())
    }

    fn outputs(&mut self) -> Result<Vec<f32>, String> {
        floats(&self.network.without_autodiff().predict(&self.x))
    }
}

struct Epochs {
    start: Start,
    x: Tensor<2>,
    y: Targets,
    epochs: usize,
    batch: usize,
}

impl Epochs {
    /// Trains from the start, and returns the loss of the last epoch.
    fn train(&self) -> Result<f32, String> {
        let mut network = self.start.network();
        let rows = self.x.dims()[0];
        let mut order: Vec<i32> = (0..rows as i32).collect();
        let mut random = 1;
        let mut loss = 0.0;
        for _ in 0..self.epochs {
            shuffle(&mut order, &mut random);
            loss = 0.0;
            for batch in order.chunks(self.batch) {
                let places = Tensor::from_data(TensorData::from(batch), &self.x.device());
                let (x, y) = (self.x.clone().select(0, places.clone()), self.y.clone().select(places));
                loss += floats(&network.step(x, y))?.iter().sum::<f32>() * batch.len() as f32;
            }
        }
        Ok(loss / rows as f32)
    }
}

impl Targets {
    fn select(self, places: Tensor<1, Int>) -> Self {
        match self {
            Self::Values(y) => Self::Values(y.select(0, places)),
            Self::Bits(y) => Self::Bits(y.select(0, places)),
            Self::Classes(y) => Self::Classes(y.select(0, places)),
        }
    }
}

impl Task for Epochs {
    fn check(&mut self) -> Result<Numbers, String> {
        let outputs = self.start.network().without_autodiff().predict(&self.x);
        Ok(Numbers { outputs: floats(&outputs)?, losses: Vec::new(), about: vec![self.train()?] })
    }

    fn run(&mut self, iterations: u64) -> Result<(), String> {
        (0..iterations).try_for_each(|_| {
            black_box(self.train()?);
            Ok(())
        })
    }
}

/// Fisher and Yates, by a linear congruential generator.
fn shuffle(order: &mut [i32], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (*random >> 33) as usize % (last + 1));
    }
}
