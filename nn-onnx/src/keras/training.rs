//! The training of a spec: what its parts have in common.

use nn_compiler::model::Train;

use super::model::Model;

/// A network that is trained, and what its training needs.
pub struct Training<'a> {
    /// The model.
    pub model: &'a Model<'a>,
    /// The settings.
    pub train: &'a Train,
    /// Whether the rows of the data have weights.
    pub has_row_weights: bool,
}

impl Training<'_> {
    /// Whether an update has several batches.
    pub fn accumulates(&self) -> bool {
        self.train.accumulate > 1
    }

    /// How many outputs the model returns.
    pub fn output_count(&self) -> usize {
        self.model.reach.returned().len()
    }

    /// The target of an output, an index of `Train::targets`.
    pub fn target_of(&self, output: usize) -> Option<usize> {
        self.train.targets.iter().position(|target| target.index == output)
    }

    /// The variable of a target.
    pub fn target_name(&self, index: usize) -> String {
        if self.train.targets.len() == 1 {
            return "target".to_owned();
        }
        format!("{}_target", self.model.output(self.train.targets[index].index))
    }

    /// The function of the loss of an output.
    pub fn loss_name(&self, output: usize) -> String {
        match self.target_of(output) {
            Some(_) => format!("{}_loss", self.model.output(output)),
            None => "no_loss".to_owned(),
        }
    }
}
