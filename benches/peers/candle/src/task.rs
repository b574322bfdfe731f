//! The workloads as tasks.

use std::hint::black_box;

use candle_core::{DType, Device, Result as Candle, Tensor};
use nn_bench_protocol::workload::{Job, Targets};
use nn_bench_protocol::{Arrays, Inference, Numbers, Task, Training, Workload, inference, training};

use crate::network::{Activation, Head, Network, Recipe, Rule, tensor};

/// The task of a workload.
pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Option<Box<dyn Task>>, String> {
    let Some(recipe) = recipe(workload) else { return Ok(None) };
    make(workload, arrays, recipe).map(Some).map_err(said)
}

fn make(workload: &Workload, arrays: &Arrays, recipe: Recipe) -> Candle<Box<dyn Task>> {
    let start = Start { workload: Workload { ..*workload }, arrays: arrays.clone(), recipe };
    let (network, x) = (start.network()?, tensor(arrays, "x")?);
    let y = match workload.targets {
        Targets::None => None,
        Targets::Classes => Some(tensor(arrays, "y")?.to_dtype(DType::U32)?),
        Targets::Values => Some(tensor(arrays, "y")?),
    };
    Ok(match (workload.job, y) {
        (Job::Fit { epochs, batch }, Some(y)) => Box::new(Epochs { start, x, y, epochs, batch }),
        (Job::Step { .. }, Some(y)) => training(Steps { start, network, x, y, loss: None }, workload),
        _ => inference(Rows { network, x, outputs: None }),
    })
}

fn said(error: candle_core::Error) -> String {
    error.to_string()
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

/// What a network starts from.
struct Start {
    workload: Workload,
    arrays: Arrays,
    recipe: Recipe,
}

impl Start {
    fn network(&self) -> Candle<Network> {
        Network::new(&self.workload, &self.arrays, self.recipe)
    }
}

fn floats(tensor: &Tensor) -> Result<Vec<f32>, String> {
    tensor.flatten_all().and_then(|flat| flat.to_vec1()).map_err(said)
}

struct Rows {
    network: Network,
    x: Tensor,
    outputs: Option<Tensor>,
}

impl Inference for Rows {
    fn predict(&mut self) -> Result<(), String> {
        self.outputs = Some(black_box(self.network.predict(black_box(&self.x)).map_err(said)?));
        Ok(())
    }

    fn outputs(&self) -> Result<Vec<f32>, String> {
        floats(self.outputs.as_ref().ok_or("nothing was predicted")?)
    }
}

struct Steps {
    start: Start,
    network: Network,
    x: Tensor,
    y: Tensor,
    loss: Option<Tensor>,
}

impl Training for Steps {
    fn restart(&mut self) -> Result<(), String> {
        self.network = self.start.network().map_err(said)?;
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        self.loss = Some(black_box(self.network.step(black_box(&self.x), black_box(&self.y)).map_err(said)?));
        Ok(())
    }

    fn loss(&self) -> Result<f32, String> {
        self.loss.as_ref().ok_or("no step was done")?.to_scalar().map_err(said)
    }

    fn outputs(&mut self) -> Result<Vec<f32>, String> {
        floats(&self.network.predict(&self.x).map_err(said)?)
    }
}

struct Epochs {
    start: Start,
    x: Tensor,
    y: Tensor,
    epochs: usize,
    batch: usize,
}

impl Epochs {
    /// Trains from the start, and returns the loss of the last epoch.
    fn train(&self) -> Candle<f32> {
        let mut network = self.start.network()?;
        let rows = self.x.dim(0)?;
        let mut order: Vec<u32> = (0..rows as u32).collect();
        let mut random = 1;
        let mut loss = 0.0;
        for _ in 0..self.epochs {
            shuffle(&mut order, &mut random);
            loss = 0.0;
            for batch in order.chunks(self.batch) {
                let places = Tensor::from_slice(batch, batch.len(), &Device::Cpu)?;
                let (x, y) = (self.x.index_select(&places, 0)?, self.y.index_select(&places, 0)?);
                loss += network.step(&x, &y)?.to_scalar::<f32>()? * batch.len() as f32;
            }
        }
        Ok(loss / rows as f32)
    }
}

impl Task for Epochs {
    fn check(&mut self) -> Result<Numbers, String> {
        let outputs = self.start.network().and_then(|network| network.predict(&self.x)).map_err(said)?;
        let about = vec![self.train().map_err(said)?];
        Ok(Numbers { outputs: floats(&outputs)?, losses: Vec::new(), about })
    }

    fn run(&mut self, iterations: u64) -> Result<(), String> {
        (0..iterations).try_for_each(|_| {
            black_box(self.train().map_err(said)?);
            Ok(())
        })
    }
}

/// Fisher and Yates, by a linear congruential generator.
fn shuffle(order: &mut [u32], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (*random >> 33) as usize % (last + 1));
    }
}
