//! The rule by which a training stops before its last epoch (Prechelt 1998).

/// Stop after `patience` epochs without an improvement of more than `min_delta`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// `loss`, a metric of the spec, or one of these with `val_` before it. Accuracies should rise,
    /// everything else should fall.
    pub monitor: &'static str,
    /// Epochs without an improvement.
    pub patience: usize,
    /// What does not count as an improvement.
    pub min_delta: f32,
}
