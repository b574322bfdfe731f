//! Updates; definitions in the language reference.

use ndarray::Array2;

use super::state::State;
use crate::ids::TensorId;
use crate::model::Rate;
use crate::plan::{Tensor, Tensors};
use crate::vocabulary::Optimizer;

/// An optimizer with what it remembers.
#[derive(Clone, Debug)]
pub struct Stepper {
    optimizer: Optimizer,
    first: Vec<Array2<f64>>,
    second: Vec<Array2<f64>>,
    steps: i32,
    /// For each value with a learning rate of its own, the factor, and the steps in which that was not 0.
    rates: Vec<(f64, i32)>,
}

impl Stepper {
    /// Before the first step.
    pub fn new(optimizer: Optimizer, state: &State) -> Self {
        let zeros: Vec<_> = state.tensors.iter().map(|tensor| Array2::zeros(tensor.dim())).collect();
        Self { optimizer, first: zeros.clone(), second: zeros, steps: 0, rates: Vec::new() }
    }

    /// With learning rates of values.
    pub fn with_rates(self, rates: &[Rate]) -> Self {
        Self { rates: rates.iter().map(|rate| (rate.factor, 0)).collect(), ..self }
    }

    /// Sets the factor of a value's learning rate, an index of [`Train::rates`](crate::model::Train::rates).
    pub fn set_factor(&mut self, rate: usize, factor: f64) {
        self.rates[rate].0 = factor;
    }

    /// The factor of a tensor's learning rate, and the number of its step.
    fn rate(&self, tensor: &Tensor) -> (f64, i32) {
        tensor.rate.map_or((1.0, self.steps), |rate| self.rates[rate])
    }

    /// Clears the gradients of tensors whose factor is 0.
    pub fn forget(&self, tensors: &Tensors, gradients: &mut [Array2<f64>]) {
        for (tensor, gradient) in tensors.all.iter().zip(gradients) {
            if self.rate(tensor).0 == 0.0 {
                gradient.fill(0.0);
            }
        }
    }

    /// Sets the learning rate of the steps to come.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.optimizer = self.optimizer.with_learning_rate(learning_rate);
    }

    /// One step along `gradients`, penalties included: of every parameter that learns, whether a
    /// loss reaches it or not.
    pub fn step(&mut self, tensors: &Tensors, state: &mut State, gradients: &[Array2<f64>]) {
        self.begin();
        for (index, tensor) in tensors.all.iter().enumerate() {
            if tensor.learns() {
                self.update(TensorId(index), tensor, state, &gradients[index]);
            }
        }
    }

    /// Begins the next step.
    pub(super) fn begin(&mut self) {
        self.steps += 1;
        self.rates.iter_mut().filter(|(factor, _)| *factor != 0.0).for_each(|(_, steps)| *steps += 1);
    }

    /// The update of one tensor in this step, penalties included in `gradient`. With a learning rate of 0 by its
    /// factor, nothing of it changes.
    pub(super) fn update(&mut self, id: TensorId, tensor: &Tensor, state: &mut State, gradient: &Array2<f64>) {
        let (factor, step) = self.rate(tensor);
        if factor == 0.0 {
            return;
        }
        let optimizer = self.optimizer.with_learning_rate(self.optimizer.learning_rate() * factor);
        let weights = state.tensors[id.0].iter_mut().zip(gradient);
        let memory = self.first[id.0].iter_mut().zip(self.second[id.0].iter_mut());
        for ((w, g), (a, b)) in weights.zip(memory) {
            *w = update(optimizer, step, *w, *g, a, b);
        }
    }
}

/// The new weight; `a` and `b` are the optimizer's state for it.
fn update(optimizer: Optimizer, step: i32, w: f64, g: f64, a: &mut f64, b: &mut f64) -> f64 {
    let mut adam = |lr: f64, beta1: f64, beta2: f64, eps: f64| {
        *a = beta1 * *a + (1.0 - beta1) * g;
        *b = beta2 * *b + (1.0 - beta2) * g * g;
        let (mean, square) = (*a / (1.0 - beta1.powi(step)), *b / (1.0 - beta2.powi(step)));
        lr * mean / (square.sqrt() + eps)
    };
    match optimizer {
        Optimizer::Perceptron { lr } => w - lr * g,
        Optimizer::Sgd { lr, momentum, nesterov, weight_decay } => {
            let g = g + weight_decay * w;
            *a = momentum * *a - lr * g;
            if nesterov { w + momentum * *a - lr * g } else { w + *a }
        }
        Optimizer::RmsProp { lr, rho, eps } => {
            *a = rho * *a + (1.0 - rho) * g * g;
            w - lr * g / (*a + eps).sqrt()
        }
        Optimizer::Adam { lr, beta1, beta2, eps } => w - adam(lr, beta1, beta2, eps),
        Optimizer::AdamW { lr, beta1, beta2, eps, weight_decay } => {
            let step = adam(lr, beta1, beta2, eps);
            w - lr * weight_decay * w - step
        }
        Optimizer::Adagrad { lr, eps } => {
            *a += g * g;
            w - lr * g / (a.sqrt() + eps)
        }
    }
}
