//! What outputs are compared with.

use super::{LossTerm, Train, ValueId};

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

impl Train {
    /// Of the terms that read a target (an index of [`Train::targets`]), the one that takes the fewest numbers.
    pub fn narrowest_term(&self, target: usize) -> Option<&LossTerm> {
        let terms = self.losses.iter().filter(|term| term.target == target);
        terms.min_by_key(|term| term.loss.target_range())
    }
}
