class BatchNorm(layers.BatchNormalization):
    """Keeps the unbiased variance of batches, where Keras keeps the biased one."""

    def __init__(self, rests=False, **settings):
        super().__init__(**settings)
        self.rests = rests  # works as at inference in a training, too

    def call(self, inputs, training=False):
        mean, variance = self.moving_mean, self.moving_variance
        if training and not self.rests:
            axes = list(range(len(inputs.shape) - 1))
            mean, variance = ops.moments(inputs, axes)
            count = ops.cast(ops.size(inputs), inputs.dtype) / inputs.shape[-1]
            unbiased = variance * count / ops.maximum(count - 1, 1)
            keep = self.momentum
            self.moving_mean.assign(keep * self.moving_mean + (1 - keep) * mean)
            self.moving_variance.assign(keep * self.moving_variance + (1 - keep) * unbiased)
        return self.gamma * (inputs - mean) / ops.sqrt(variance + self.epsilon) + self.beta
