//! The loss and the metrics of some rows.

use core::fmt;

/// How many metrics a network can have.
pub const MAX_METRICS: usize = 24;

/// Means over rows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// The loss, with the penalties of regularisation.
    pub loss: f64,
    names: &'static [&'static str],
    values: [f64; MAX_METRICS],
    non_finite_row: Option<usize>,
}

impl Evaluation {
    /// A loss, and a value for each of at most [`MAX_METRICS`] names.
    pub(crate) fn new(loss: f64, names: &'static [&'static str], metrics: &[f64]) -> Self {
        let mut values = [0.0; MAX_METRICS];
        values[..names.len()].copy_from_slice(metrics);
        Self { loss, names, values, non_finite_row: None }
    }

    /// The same, with the first row that is not finite.
    pub(crate) fn with_non_finite_row(self, row: Option<usize>) -> Self {
        Self { non_finite_row: row, ..self }
    }

    /// Whether the loss and all metrics are finite. A number that is not finite is worse than any
    /// other: no such epoch is the best.
    pub fn is_finite(&self) -> bool {
        self.loss.is_finite() && self.values.iter().all(|value| value.is_finite())
    }

    /// The first row (from 0) whose own loss or metrics are not finite. `None` where all are, where
    /// the penalties of regularisation are what is not finite, and in the means of a training
    /// epoch.
    pub fn non_finite_row(&self) -> Option<usize> {
        self.non_finite_row
    }

    /// The metrics in the order of the spec.
    pub fn metrics(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.names.iter().copied().zip(self.values)
    }

    /// A metric by its name, or the `loss`.
    pub fn get(&self, name: &str) -> Option<f64> {
        if name == "loss" {
            return Some(self.loss);
        }
        self.metrics().find_map(|(metric, value)| (metric == name).then_some(value))
    }
}

impl fmt::Display for Evaluation {
    /// `loss 0.1234, accuracy 0.9800`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "loss {:.4}", self.loss)?;
        self.metrics().try_for_each(|(name, value)| write!(f, ", {name} {value:.4}"))
    }
}
