//! The kernels as values: their operands.

/// Normalises with the statistics of the batch, which must be whole: at least two rows.
pub struct Train<'a, const N: usize, const C: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; C],
    /// β.
    pub beta: &'a [f32; C],
    /// How much of the batch's statistics goes into the running ones.
    pub momentum: f32,
    /// ε.
    pub eps: f32,
    /// The running mean, moved.
    pub running_mean: &'a mut [f32; C],
    /// The running variance, moved.
    pub running_variance: &'a mut [f32; C],
    /// The mean of the batch, written for the backward pass.
    pub mean: &'a mut [f32; C],
    /// r of the batch, written for the backward pass.
    pub inverse_deviation: &'a mut [f32; C],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

/// Normalises with the running statistics.
pub struct Evaluate<'a, const N: usize, const C: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; C],
    /// β.
    pub beta: &'a [f32; C],
    /// The running mean.
    pub running_mean: &'a [f32; C],
    /// The running variance.
    pub running_variance: &'a [f32; C],
    /// ε.
    pub eps: f32,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

/// The gradients of a training pass.
pub struct Backward<'a, const N: usize, const C: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; C],
    /// The mean of the batch.
    pub mean: &'a [f32; C],
    /// r of the batch.
    pub inverse_deviation: &'a [f32; C],
    /// The gradient of γ, added to.
    pub dgamma: &'a mut [f32; C],
    /// The gradient of β, added to.
    pub dbeta: &'a mut [f32; C],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

/// The gradients of a pass with the running statistics, which are constants then.
pub struct EvaluateBackward<'a, const N: usize, const C: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; C],
    /// The running mean.
    pub running_mean: &'a [f32; C],
    /// The running variance.
    pub running_variance: &'a [f32; C],
    /// ε.
    pub eps: f32,
    /// The gradient of γ, added to.
    pub dgamma: &'a mut [f32; C],
    /// The gradient of β, added to.
    pub dbeta: &'a mut [f32; C],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

/// running ← (1 − momentum)·running + momentum·batch
#[inline(always)]
pub(super) fn move_towards(running: &mut f32, batch: f32, momentum: f32) {
    *running = (1.0 - momentum) * *running + momentum * batch;
}
