//! The plans of a network that can be trained.

use super::ops::Plan;

/// The plans of a network that can be trained.
#[derive(Debug)]
pub struct TrainingPlans {
    /// Loss, metrics and gradients of one chunk of a batch.
    pub training: Plan,
    /// The same with the optimizer's step instead of gradients, if each gradient is needed only once.
    pub step: Option<Plan>,
    /// Outputs, then gradients from those of the outputs, which the caller computes in between: neither a loss nor a
    /// target.
    pub external: Plan,
    /// Loss and metrics of one chunk of rows.
    pub evaluation: Plan,
    /// For each `normalize` layer in order, the plan that computes its mean and deviation.
    pub normalization: Vec<Plan>,
}

impl TrainingPlans {
    /// Whether there are steps that threads share.
    pub fn share_work(&self) -> bool {
        [&self.training, &self.external, &self.evaluation].into_iter().chain(&self.step).any(Plan::shares_work)
    }
}
