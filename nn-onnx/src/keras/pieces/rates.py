    def update_step(self, gradient, variable, learning_rate):
        factor = FACTORS.get(variable.path.split("/")[-2], 1.0)
        super().update_step(gradient, variable, learning_rate * factor)
