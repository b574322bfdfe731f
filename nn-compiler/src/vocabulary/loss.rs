//! What is minimised, and which targets it takes.

use std::fmt::{self, Display, Formatter};

/// A loss; definitions in the language reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// −ln ŷ\[class\], from the logits before a softmax.
    CrossEntropy {
        /// The share of a label that is spread evenly over all classes.
        label_smoothing: f64,
    },
    /// −\[y·ln ŷ + (1−y)·ln(1−ŷ)\], from the logits before a sigmoid.
    BinaryCrossEntropy {
        /// The share of a label that is spread evenly over yes and no.
        label_smoothing: f64,
        /// The weight of y·ln ŷ.
        positive_weight: f64,
    },
    /// Mean over outputs of (ŷ − y)².
    Mse,
    /// Sum over outputs of (ŷ − y)².
    SquaredError,
    /// Mean over outputs of |ŷ − y|.
    Mae,
    /// Mean over outputs of the Huber loss.
    Huber {
        /// The error at which it changes from square to linear.
        delta: f64,
    },
    /// The error y − ŷ of the perceptron rule.
    Perceptron,
}

impl Loss {
    /// The word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossEntropy { .. } => "cross_entropy",
            Self::BinaryCrossEntropy { .. } => "binary_cross_entropy",
            Self::Mse => "mse",
            Self::SquaredError => "squared_error",
            Self::Mae => "mae",
            Self::Huber { .. } => "huber",
            Self::Perceptron => "perceptron",
        }
    }

    /// Which targets it takes.
    pub fn target_range(self) -> TargetRange {
        match self {
            Self::CrossEntropy { .. } => TargetRange::Class,
            Self::Perceptron => TargetRange::Binary,
            Self::BinaryCrossEntropy { .. } => TargetRange::Share,
            Self::Mse | Self::SquaredError | Self::Mae | Self::Huber { .. } => TargetRange::Number,
        }
    }

    /// Whether it is computed from the logits before the last activation of its output.
    pub fn takes_logits(self) -> bool {
        match self {
            Self::CrossEntropy { .. } | Self::BinaryCrossEntropy { .. } => true,
            Self::Mse | Self::SquaredError | Self::Mae | Self::Huber { .. } | Self::Perceptron => false,
        }
    }

    /// Whether its targets are class indices.
    pub fn wants_classes(self) -> bool {
        self.target_range() == TargetRange::Class
    }
}

/// Which numbers a target may be, the narrowest range first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetRange {
    /// The index of a class.
    Class,
    /// 0 or 1.
    Binary,
    /// A number from 0 to 1.
    Share,
    /// Any finite number.
    Number,
}

impl TargetRange {
    /// Whether a number is in it; how many classes there are is not known here.
    pub fn contains(self, number: f64) -> bool {
        match self {
            Self::Class => number >= 0.0 && number.fract() == 0.0,
            Self::Binary => number == 0.0 || number == 1.0,
            Self::Share => (0.0..=1.0).contains(&number),
            Self::Number => true,
        }
    }
}

impl Display for TargetRange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Class => "classes",
            Self::Binary => "0 or 1",
            Self::Share => "numbers from 0 to 1",
            Self::Number => "numbers",
        })
    }
}
