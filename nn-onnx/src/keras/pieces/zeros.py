    def apply(self, grads, trainable_variables=None):
        # No loss reaches some weights, but decay and the optimizer's memory act on them.
        variables = trainable_variables or self._trainable_variables
        filled = [ops.zeros_like(w) if g is None else g for g, w in zip(grads, variables)]
        super().apply(filled, trainable_variables)
