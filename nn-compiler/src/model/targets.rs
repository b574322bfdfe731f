//! What outputs are compared with, and which numbers that may be.

use std::fmt::{self, Display, Formatter};

use super::{Loss, LossTerm, Train, ValueId};

/// What an output is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The output's index in [`Model::outputs`](super::Model::outputs).
    pub index: usize,
    /// The output.
    pub output: ValueId,
    /// Whether it is a class, else numbers, as many as the output has.
    pub is_class: bool,
}

/// Which numbers a target may be, the narrowest first.
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

impl Loss {
    /// Which targets it takes.
    pub fn target_range(self) -> TargetRange {
        match self {
            Self::CrossEntropy { .. } => TargetRange::Class,
            Self::Perceptron => TargetRange::Binary,
            Self::BinaryCrossEntropy { .. } => TargetRange::Share,
            Self::Mse | Self::SquaredError | Self::Mae | Self::Huber { .. } => TargetRange::Number,
        }
    }

    /// Whether its targets are class indices.
    pub fn wants_classes(self) -> bool {
        self.target_range() == TargetRange::Class
    }
}

impl Train {
    /// Of the terms that read a target (an index of [`Train::targets`]), the one that takes the fewest numbers.
    pub fn narrowest_term(&self, target: usize) -> Option<&LossTerm> {
        let terms = self.losses.iter().filter(|term| term.target == target);
        terms.min_by_key(|term| term.loss.target_range())
    }
}
