//! What is measured in addition to the loss.

/// What is measured in addition to the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The share of correct predictions: the largest output is the class, or output and target are
    /// both on one side of 0.5.
    Accuracy,
    /// Mean absolute error.
    Mae,
    /// Mean squared error.
    Mse,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 3] = [Self::Accuracy, Self::Mae, Self::Mse];

    /// The word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Mae => "mae",
            Self::Mse => "mse",
        }
    }
}
