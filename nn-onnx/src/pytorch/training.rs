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

    /// The argument for what the model returns.
    pub fn outputs_argument(&self) -> String {
        if self.output_count() == 1 { self.model.output(0) } else { "outputs".to_owned() }
    }

    /// The argument for the targets.
    pub fn targets_argument(&self) -> String {
        if self.train.targets.len() == 1 { self.target_name(0) } else { "targets".to_owned() }
    }

    /// The variable of a target.
    pub fn target_name(&self, index: usize) -> String {
        if self.train.targets.len() == 1 {
            return "target".to_owned();
        }
        format!("{}_target", self.model.output(self.train.targets[index].index))
    }

    /// The variables of all targets.
    pub fn target_names(&self) -> Vec<String> {
        (0..self.train.targets.len()).map(|index| self.target_name(index)).collect()
    }

    /// The variables of a row of the data: inputs, targets, the weight of the row.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = self.model.flow.inputs.clone();
        columns.extend(self.target_names());
        columns.extend(self.has_row_weights.then(|| "weights".to_owned()));
        columns
    }

    /// The targets as an argument: one, or a tuple.
    pub fn targets(&self) -> String {
        let names = self.target_names();
        if names.len() == 1 { names[0].clone() } else { format!("({})", names.join(", ")) }
    }
}
