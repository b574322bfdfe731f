//! Networks of candle's layers.

use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::{
    AdamW, BatchNorm, Conv2d, Conv2dConfig, Dropout, Linear, Module, ModuleT, Optimizer, ParamsAdamW, loss, ops,
};
use nn_bench_protocol::{Arrays, Workload};

/// What follows a hidden layer.
#[derive(Clone, Copy)]
pub enum Activation {
    Tanh,
    Relu,
}

/// What turns the last layer's sums into outputs; each belongs to one loss.
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
    pub dropout: f32,
}

struct Layer {
    linear: Linear,
    norm: Option<BatchNorm>,
}

/// A network as it is before the first step, and then trained.
pub struct Network {
    recipe: Recipe,
    convolutions: Vec<Conv2d>,
    layers: Vec<Layer>,
    parameters: Vec<Var>,
    optimizer: Step,
}

enum Step {
    Adam(AdamW),
    /// candle's SGD has no momentum, so this is by hand: the velocities.
    Momentum {
        lr: f64,
        momentum: f64,
        velocities: Vec<Tensor>,
    },
}

impl Network {
    pub fn new(workload: &Workload, arrays: &Arrays, recipe: Recipe) -> Result<Self> {
        let hidden = workload.widths.len() - 2;
        let mut parameters = Vec::new();
        let mut parameter = |tensor: Tensor| -> Result<Tensor> {
            let var = Var::from_tensor(&tensor)?;
            parameters.push(var.clone());
            Ok(var.as_tensor().clone())
        };
        let mut convolutions = Vec::new();
        for (number, size) in workload.convolutions.iter().enumerate() {
            let weight = parameter(tensor(arrays, &format!("{number}.weight"))?)?;
            let bias = parameter(tensor(arrays, &format!("{number}.bias"))?)?;
            let config = Conv2dConfig { padding: size.padding, ..Conv2dConfig::default() };
            convolutions.push(Conv2d::new(weight, Some(bias), config));
        }
        let mut number = convolutions.len();
        let mut layers = Vec::new();
        for index in 0..=hidden {
            let weight = parameter(tensor(arrays, &format!("{number}.weight"))?.t()?.contiguous()?)?;
            let normalised = workload.batch_norm && index < hidden;
            let (mut bias, mut norm) = (None, None);
            if normalised {
                number += 1;
                let statistic = |name: &str| tensor(arrays, &format!("{number}.{name}"));
                let gamma = parameter(statistic("gamma")?)?;
                let beta = parameter(statistic("beta")?)?;
                let (mean, variance) = (statistic("running_mean")?, statistic("running_variance")?);
                norm = Some(BatchNorm::new(gamma.elem_count(), mean, variance, gamma, beta, 1e-5)?);
            } else {
                bias = Some(parameter(tensor(arrays, &format!("{number}.bias"))?)?);
            }
            number += 1;
            layers.push(Layer { linear: Linear::new(weight, bias), norm });
        }
        let optimizer = match recipe.rule {
            Rule::Adam { lr } => {
                let settings = ParamsAdamW { lr, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.0 };
                Step::Adam(AdamW::new(parameters.clone(), settings)?)
            }
            Rule::Momentum { lr, momentum } => {
                let velocities = parameters.iter().map(|var| var.zeros_like()).collect::<Result<_>>()?;
                Step::Momentum { lr, momentum, velocities }
            }
        };
        Ok(Self { recipe, convolutions, layers, parameters, optimizer })
    }

    /// The outputs of some rows.
    pub fn predict(&self, x: &Tensor) -> Result<Tensor> {
        let z = self.forward(x, false)?;
        match self.recipe.head {
            Head::Linear => Ok(z),
            Head::Sigmoid => ops::sigmoid(&z),
            Head::Softmax => ops::softmax(&z, D::Minus1),
        }
    }

    /// One step on some rows; the loss before it.
    pub fn step(&mut self, x: &Tensor, y: &Tensor) -> Result<Tensor> {
        let z = self.forward(x, true)?;
        let mut loss = match self.recipe.head {
            Head::Linear => loss::mse(&z, y)?,
            Head::Sigmoid => loss::binary_cross_entropy_with_logit(&z, y)?,
            Head::Softmax => loss::cross_entropy(&z, y)?,
        };
        if self.recipe.l2 > 0.0 {
            for layer in &self.layers {
                loss = (loss + (layer.linear.weight().sqr()?.sum_all()? * self.recipe.l2)?)?;
            }
        }
        match &mut self.optimizer {
            Step::Adam(adam) => adam.backward_step(&loss)?,
            Step::Momentum { lr, momentum, velocities } => {
                let gradients = loss.backward()?;
                for (var, velocity) in self.parameters.iter().zip(velocities) {
                    let Some(gradient) = gradients.get(var) else { continue };
                    *velocity = ((&*velocity * *momentum)? - (gradient * *lr)?)?;
                    var.set(&(var.as_tensor() + &*velocity)?)?;
                }
            }
        }
        Ok(loss)
    }

    fn forward(&self, x: &Tensor, training: bool) -> Result<Tensor> {
        let hidden = self.layers.len() - 1;
        let dropout = Dropout::new(self.recipe.dropout);
        let mut x = x.clone();
        for convolution in &self.convolutions {
            x = convolution.forward(&x)?.relu()?.max_pool2d(2)?;
        }
        if !self.convolutions.is_empty() {
            x = x.flatten_from(1)?;
        }
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.linear.forward(&x)?;
            if let Some(norm) = &layer.norm {
                x = norm.forward_t(&x, training)?;
            }
            if index < hidden {
                x = match self.recipe.activation {
                    Activation::Tanh => x.tanh()?,
                    Activation::Relu => x.relu()?,
                };
                if training && self.recipe.dropout > 0.0 {
                    x = dropout.forward(&x, true)?;
                }
            }
        }
        Ok(x)
    }
}

/// An array as a tensor.
pub fn tensor(arrays: &Arrays, name: &str) -> Result<Tensor> {
    let shape = arrays.find(name).map(|array| array.shape.clone()).unwrap_or_default();
    Tensor::from_slice(arrays.values(name), shape, &Device::Cpu)
}
