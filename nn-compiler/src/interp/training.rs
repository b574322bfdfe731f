//! What becomes of learning rates and gradients before an update; definitions in the language reference.

use std::f64::consts::PI;

use ndarray::Array2;

use crate::model::{Schedule, Train};

/// The learning rate of a step, counted from 0, in a training of so many epochs of so many steps.
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

/// Gradients, penalties included, times min(1, most / (‖g‖ + 10⁻⁶)).
pub fn clip_norm(gradients: &mut [Array2<f64>], most: f64) {
    let squares: f64 = gradients.iter().flatten().map(|gradient| gradient * gradient).sum();
    let factor = (most / (squares.sqrt() + 1e-6)).min(1.0);
    gradients.iter_mut().for_each(|gradient| *gradient *= factor);
}
