class Adagrad(keras.optimizers.Optimizer):
    """s += g², w -= lr * g / (√s + epsilon). Keras begins with s = 0.1, and has epsilon under the root."""

    def __init__(self, learning_rate, epsilon, **settings):
        super().__init__(learning_rate=learning_rate, **settings)
        self.epsilon = epsilon

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.squares = [self.add_variable_from_reference(variable, "s") for variable in variables]

    def update_step(self, gradient, variable, learning_rate):
        square = self.squares[self._get_variable_index(variable)]
        self.assign_add(square, ops.square(gradient))
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, rate * gradient / (ops.sqrt(square) + self.epsilon))
