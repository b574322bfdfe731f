//! Networks of burn's layers.

use std::mem;

use burn::module::{Module, Param, RunningState};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{BinaryCrossEntropyLossConfig, CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::pool::MaxPool2dConfig;
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, PaddingConfig2d};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::{relu, sigmoid, softmax, tanh};
use burn::tensor::{Device, Int, Tensor, TensorData};
use nn_bench_protocol::{Arrays, Convolution, Workload};

/// What follows a hidden layer.
#[derive(Clone, Copy)]
pub enum Activation {
    Tanh,
    Relu,
}

/// What turns the last layer's sums into outputs.
#[derive(Clone, Copy)]
pub enum Head {
    Linear,
    Sigmoid,
    Softmax,
}

/// How weights follow their gradients.
#[derive(Clone, Copy)]
pub enum Rule {
    Adam { lr: f64 },
    Momentum { lr: f64, momentum: f64 },
}

/// How a workload's network is trained.
#[derive(Clone, Copy)]
pub struct Recipe {
    pub activation: Activation,
    pub head: Head,
    pub rule: Rule,
    pub l2: f64,
    pub dropout: f64,
}

/// What outputs are trained to be. Each belongs to one loss.
#[derive(Clone)]
pub enum Targets {
    /// The mean squared error.
    Values(Tensor<2>),
    /// Binary cross-entropy.
    Bits(Tensor<2, Int>),
    /// Cross-entropy.
    Classes(Tensor<1, Int>),
}

#[derive(Module, Debug)]
struct Layer {
    linear: Linear,
    norm: Option<BatchNorm>,
}

#[derive(Module, Debug, Default)]
struct Model {
    convolutions: Vec<Conv2d>,
    layers: Vec<Layer>,
}

/// A network as it is before the first step, and then trained.
pub struct Network {
    recipe: Recipe,
    /// Channels, height and width of a row, where there are convolutions.
    image: Option<[i32; 3]>,
    model: Model,
    dropout: Dropout,
    optimizer: ModuleOptimizer,
}

impl Network {
    /// With the first weights, on a device that differentiates if it is to be trained.
    pub fn new(workload: &Workload, arrays: &Arrays, recipe: Recipe, device: &Device) -> Self {
        let optimizer = match recipe.rule {
            Rule::Adam { .. } => AdamConfig::new().with_epsilon(1e-8).init(),
            Rule::Momentum { momentum, .. } => {
                let momentum = MomentumConfig::new().with_momentum(momentum).with_dampening(0.0);
                SgdConfig::new().with_momentum(Some(momentum)).init()
            }
        };
        let dropout = DropoutConfig::new(recipe.dropout).init();
        let image = workload.convolutions.first().map(|first| first.input.map(|size| size as i32));
        Self { recipe, image, model: Model::new(workload, arrays, device), dropout, optimizer }
    }

    /// The outputs of some rows.
    pub fn predict(&self, x: &Tensor<2>) -> Tensor<2> {
        let z = self.forward(&self.model, x.clone());
        match self.recipe.head {
            Head::Linear => z,
            Head::Sigmoid => sigmoid(z),
            Head::Softmax => softmax(z, 1),
        }
    }

    /// The network for predictions: on the device that does not differentiate.
    pub fn without_autodiff(&self) -> Self {
        let Self { recipe, image, dropout, optimizer, .. } = self;
        let (model, dropout) = (self.model.valid(), dropout.clone());
        Self { recipe: *recipe, image: *image, model, dropout, optimizer: optimizer.clone() }
    }

    /// One step on some rows; the loss before it.
    pub fn step(&mut self, x: Tensor<2>, targets: Targets) -> Tensor<1> {
        // The optimizer takes the model, so that it can update weights in place.
        let model = mem::take(&mut self.model);
        let mut loss = loss(self.forward(&model, x), targets);
        if self.recipe.l2 > 0.0 {
            for layer in &model.layers {
                loss = loss + layer.linear.weight.val().square().sum() * self.recipe.l2;
            }
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let (Rule::Adam { lr } | Rule::Momentum { lr, .. }) = self.recipe.rule;
        self.model = self.optimizer.step(lr, model, gradients);
        loss.without_autodiff()
    }

    /// Batch norm and dropout behave as in training if the model's device differentiates.
    fn forward(&self, model: &Model, mut x: Tensor<2>) -> Tensor<2> {
        if let Some(image) = self.image {
            let pool = MaxPool2dConfig::new([2, 2]).init();
            let mut images = x.reshape([-1, image[0], image[1], image[2]]);
            for convolution in &model.convolutions {
                images = pool.forward(relu(convolution.forward(images)));
            }
            x = images.flatten(1, 3);
        }
        let hidden = model.layers.len() - 1;
        for (index, layer) in model.layers.iter().enumerate() {
            x = layer.linear.forward(x);
            if let Some(norm) = &layer.norm {
                x = norm.forward(x);
            }
            if index < hidden {
                x = match self.recipe.activation {
                    Activation::Tanh => tanh(x),
                    Activation::Relu => relu(x),
                };
                x = self.dropout.forward(x);
            }
        }
        x
    }
}

impl Model {
    fn new(workload: &Workload, arrays: &Arrays, device: &Device) -> Self {
        let hidden = workload.widths.len() - 2;
        let vector = |number: usize, name: &str| tensor::<1>(arrays, &format!("{number}.{name}"), device);
        let convolutions = workload.convolutions.iter().enumerate().map(|(number, size)| {
            let Convolution { input: [inputs, ..], channels, kernel, padding } = *size;
            let padding = PaddingConfig2d::Explicit(padding, padding, padding, padding);
            let config = Conv2dConfig::new([inputs, channels], [kernel, kernel]).with_padding(padding);
            let weight = Param::from_tensor(tensor(arrays, &format!("{number}.weight"), device));
            Conv2d { weight, bias: Some(Param::from_tensor(vector(number, "bias"))), ..config.init(device) }
        });
        let convolutions: Vec<Conv2d> = convolutions.collect();
        let mut number = convolutions.len();
        let mut layers = Vec::new();
        for index in 0..=hidden {
            let weight = Param::from_tensor(tensor(arrays, &format!("{number}.weight"), device));
            let normalised = workload.batch_norm && index < hidden;
            let bias = (!normalised).then(|| Param::from_tensor(vector(number, "bias")));
            number += usize::from(normalised);
            let norm = normalised.then(|| BatchNorm {
                gamma: Param::from_tensor(vector(number, "gamma")),
                beta: Param::from_tensor(vector(number, "beta")),
                running_mean: RunningState::new(vector(number, "running_mean")),
                running_var: RunningState::new(vector(number, "running_variance")),
                ..BatchNormConfig::new(workload.widths[index + 1]).init(device)
            });
            number += 1;
            layers.push(Layer { linear: Linear { weight, bias }, norm });
        }
        Self { convolutions, layers }
    }
}

fn loss(z: Tensor<2>, targets: Targets) -> Tensor<1> {
    match targets {
        Targets::Values(y) => MseLoss::new().forward(z, y, Reduction::Mean),
        Targets::Bits(y) => BinaryCrossEntropyLossConfig::new().with_logits(true).init(&y.device()).forward(z, y),
        Targets::Classes(y) => CrossEntropyLossConfig::new().init(&y.device()).forward(z, y),
    }
}

/// An array as a tensor.
pub fn tensor<const D: usize>(arrays: &Arrays, name: &str, device: &Device) -> Tensor<D> {
    let shape = arrays.find(name).map(|array| array.shape.clone()).unwrap_or_default();
    Tensor::from_data(TensorData::new(arrays.values(name).to_vec(), shape), device)
}
