//! A step of training: learning rates and gradients before an update, and the rows of a batch.
//! Definitions in the language reference.

use std::f64::consts::PI;

use ndarray::Array2;

use super::machine::{run_part, run_with_update};
use super::optimizer::Stepper;
use super::penalty::penalty;
use super::state::{Batch, State};
use crate::batching;
use crate::compiled::Compiled;
use crate::model::{Schedule, Train};
use crate::plan::Tensors;

/// A step with one batch, by the path that generated code takes. Returns the loss before it, penalties included.
///
/// A network that is not trained keeps its state, and has the loss NaN.
pub fn step(compiled: &Compiled, stepper: &mut Stepper, state: &mut State, batch: &Batch) -> f64 {
    let plans = compiled.training.as_ref();
    match plans.and_then(|plans| plans.step.as_ref()) {
        Some(plan) if batch.rows() <= batching::chunk(&compiled.model) => {
            let penalty = penalty(&compiled.tensors, state, None);
            run_with_update(plan, &compiled.tensors, stepper, state, batch).loss + penalty
        }
        _ => step_in_chunks(compiled, stepper, state, batch, batching::chunk(&compiled.model)),
    }
}

/// Like [`step`], with the gradients of this many rows at a time, added up.
pub fn step_in_chunks(
    compiled: &Compiled,
    stepper: &mut Stepper,
    state: &mut State,
    batch: &Batch,
    rows: usize,
) -> f64 {
    let (Some(plans), Some(train)) = (&compiled.training, &compiled.model.train) else { return f64::NAN };
    let mut loss = 0.0;
    let mut gradients: Vec<Array2<f64>> = state.tensors.iter().map(|tensor| Array2::zeros(tensor.dim())).collect();
    for first in (0..batch.rows()).step_by(rows) {
        let part = batch.part(first, (first + rows).min(batch.rows()));
        let run = run_part(&plans.training, state, &part, batch);
        loss += run.loss;
        gradients.iter_mut().zip(run.gradients).for_each(|(sum, part)| *sum += &part);
    }
    loss += penalty(&compiled.tensors, state, Some(&mut gradients));
    stepper.forget(&compiled.tensors, &mut gradients);
    if let Some(most) = train.clip_norm {
        clip_norm(&compiled.tensors, &mut gradients, most);
    }
    stepper.step(&compiled.tensors, state, &gradients);
    loss
}

/// The learning rate of a step, counted from 0, in a training of this many epochs of this many steps.
pub fn learning_rate(train: &Train, step: usize, epochs: usize, epoch_steps: usize) -> f64 {
    let lr = train.optimizer.learning_rate();
    let (t, steps, epoch) = (step as f64, (epochs * epoch_steps) as f64, step / epoch_steps);
    match train.schedule {
        Schedule::Constant => lr,
        Schedule::Step { every, factor } => lr * factor.powf((epoch / every) as f64),
        Schedule::Exponential { rate } => lr * rate.powf(epoch as f64),
        Schedule::Linear { to, over } => lr + (to - lr) * (t / (over * epoch_steps) as f64).min(1.0),
        Schedule::Cosine { warmup } if step < warmup => lr * t / warmup as f64,
        Schedule::Cosine { warmup } => {
            let rise = warmup as f64;
            lr * (1.0 + (PI * (t - rise) / (steps - rise)).cos()) / 2.0
        }
        Schedule::OneCycle { max_lr } => {
            let (first, peak) = (max_lr / 25.0, 0.3 * steps - 1.0);
            let curve = |from: f64, to: f64, share: f64| to + (from - to) * (1.0 + (PI * share).cos()) / 2.0;
            match t <= peak {
                true => curve(first, max_lr, t / peak),
                false => curve(max_lr, first / 1e4, (t - peak) / (steps - 1.0 - peak)),
            }
        }
    }
}

/// Gradients, penalties included, times min(1, most / (‖g‖ + 10⁻⁶)); frozen parameters do not count in the norm.
pub fn clip_norm(tensors: &Tensors, gradients: &mut [Array2<f64>], most: f64) {
    let learning = tensors.all.iter().zip(&*gradients).filter(|(tensor, _)| tensor.learns());
    let squares: f64 = learning.flat_map(|(_, gradient)| gradient).map(|gradient| gradient * gradient).sum();
    let factor = (most / (squares.sqrt() + 1e-6)).min(1.0);
    gradients.iter_mut().for_each(|gradient| *gradient *= factor);
}
