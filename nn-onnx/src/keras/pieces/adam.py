class Adam(keras.optimizers.Optimizer):
    """w -= lr * m̂ / (√v̂ + epsilon), as in the paper, and w -= lr * decay * w.

    keras.optimizers.Adam adds epsilon to √v instead.
    """

    def __init__(self, learning_rate, beta_1, beta_2, epsilon, decay=0.0, **settings):
        super().__init__(learning_rate=learning_rate, **settings)
        self.beta_1, self.beta_2, self.epsilon, self.decay = beta_1, beta_2, epsilon, decay

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.m = [self.add_variable_from_reference(variable, "m") for variable in variables]
        self.v = [self.add_variable_from_reference(variable, "v") for variable in variables]

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        m, v = self.m[index], self.v[index]
        time = ops.cast(self.iterations + 1, variable.dtype)
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign(m, self.beta_1 * m + (1 - self.beta_1) * gradient)
        self.assign(v, self.beta_2 * v + (1 - self.beta_2) * ops.square(gradient))
        # 1 - beta ** time, which float32 cannot subtract exactly.
        mean = m / -ops.expm1(time * np.log(self.beta_1))
        square = v / -ops.expm1(time * np.log(self.beta_2))
        move = mean / (ops.sqrt(square) + self.epsilon) + self.decay * variable
        self.assign_sub(variable, rate * move)
