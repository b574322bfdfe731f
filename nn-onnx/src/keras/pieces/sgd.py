class SGD(keras.optimizers.SGD):
    """SGD with a coupled decay: the gradient is g + decay * w."""

    def __init__(self, learning_rate, decay, **settings):
        super().__init__(learning_rate, **settings)
        self.decay = decay

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient + self.decay * variable, variable, learning_rate)
