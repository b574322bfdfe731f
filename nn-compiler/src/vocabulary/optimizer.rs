//! How parameters follow gradients.

/// How parameters follow gradients; definitions in the language reference.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the arguments that the reference defines")]
pub enum Optimizer {
    /// Stochastic gradient descent.
    Sgd { lr: f64, momentum: f64, nesterov: bool, weight_decay: f64 },
    /// Hinton's RMSprop, ε under the square root.
    RmsProp { lr: f64, rho: f64, eps: f64 },
    /// Kingma & Ba 2015.
    Adam { lr: f64, beta1: f64, beta2: f64, eps: f64 },
    /// Loshchilov & Hutter 2019.
    AdamW { lr: f64, beta1: f64, beta2: f64, eps: f64, weight_decay: f64 },
    /// Duchi et al. 2011.
    Adagrad { lr: f64, eps: f64 },
    /// Rosenblatt 1958.
    Perceptron { lr: f64 },
}

impl Optimizer {
    /// The word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd { .. } => "sgd",
            Self::RmsProp { .. } => "rmsprop",
            Self::Adam { .. } => "adam",
            Self::AdamW { .. } => "adamw",
            Self::Adagrad { .. } => "adagrad",
            Self::Perceptron { .. } => "perceptron",
        }
    }

    /// The learning rate.
    pub fn learning_rate(self) -> f64 {
        match self {
            Self::Sgd { lr, .. }
            | Self::RmsProp { lr, .. }
            | Self::Adam { lr, .. }
            | Self::AdamW { lr, .. }
            | Self::Adagrad { lr, .. }
            | Self::Perceptron { lr } => lr,
        }
    }

    /// The same with another learning rate.
    pub fn with_learning_rate(mut self, learning_rate: f64) -> Self {
        match &mut self {
            Self::Sgd { lr, .. }
            | Self::RmsProp { lr, .. }
            | Self::Adam { lr, .. }
            | Self::AdamW { lr, .. }
            | Self::Adagrad { lr, .. }
            | Self::Perceptron { lr } => *lr = learning_rate,
        }
        self
    }

    /// How many numbers of state it keeps for each parameter.
    pub fn states(self) -> usize {
        self.state_names().len()
    }

    /// The names of these numbers, as the formulas of the language reference have them.
    pub fn state_names(self) -> &'static [&'static str] {
        match self {
            Self::Perceptron { .. } => &[],
            Self::Sgd { momentum: 0.0, .. } => &[],
            Self::Sgd { .. } => &["v"],
            Self::RmsProp { .. } => &["s"],
            Self::Adagrad { .. } => &["s"],
            Self::Adam { .. } | Self::AdamW { .. } => &["m", "v"],
        }
    }
}
