//! Rows of inputs, each with its target.

use crate::row_weights::{RowWeights, Unweighted};

/// Borrowed examples: `targets[i]` is what `inputs[i]` should give. `W` says how much the loss of
/// each row counts: all the same, or by a [weight](Self::with_weights) for each.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a, I, T, W = Unweighted> {
    /// One row each.
    pub inputs: &'a [I],
    /// One row each, as many as inputs.
    pub targets: &'a [T],
    /// The weights of the rows.
    pub weights: W,
}

impl<'a, I, T> Examples<'a, I, T> {
    /// Examples of these rows.
    pub fn new(inputs: &'a [I], targets: &'a [T]) -> Self {
        Self { inputs, targets, weights: Unweighted }
    }

    /// No rows, such as validation rows where none were held back.
    pub fn none() -> Self {
        Self::new(&[], &[])
    }

    /// The same examples with a weight for each: the loss is Σ w·L / rows, and metrics are not
    /// weighted. A weight of 0 masks a row. `fit` and `evaluate` refuse weights that are not finite
    /// or not as many as there are rows. See [`row_weights`](crate::row_weights).
    ///
    /// ```
    /// use nn_runtime::prelude::*;
    ///
    /// let (inputs, targets) = ([[0.0], [1.0]], [[0.0], [1.0]]);
    /// let examples = Examples::new(&inputs, &targets).with_weights(&[1.0, 0.25]);
    /// assert_eq!(examples.weights, [1.0, 0.25]);
    /// ```
    pub fn with_weights(self, weights: &'a [f32]) -> Examples<'a, I, T, &'a [f32]> {
        Examples { inputs: self.inputs, targets: self.targets, weights }
    }
}

impl<I, T, W: RowWeights> Examples<'_, I, T, W> {
    /// Whether there is neither an input nor a target, nor a weight.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.targets.is_empty() && self.weights.get().is_none_or(<[f32]>::is_empty)
    }
}
