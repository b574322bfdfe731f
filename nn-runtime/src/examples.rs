//! Rows of inputs, each with its target.

/// Borrowed examples: `targets[i]` is what `inputs[i]` should give.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a, I, T> {
    /// One row each.
    pub inputs: &'a [I],
    /// One row each, as many as inputs.
    pub targets: &'a [T],
}

impl<'a, I, T> Examples<'a, I, T> {
    /// Examples of these rows.
    pub fn new(inputs: &'a [I], targets: &'a [T]) -> Self {
        Self { inputs, targets }
    }

    /// No rows, such as validation rows where none were held back.
    pub fn none() -> Self {
        Self::new(&[], &[])
    }

    /// Whether there is neither an input nor a target.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.targets.is_empty()
    }
}
