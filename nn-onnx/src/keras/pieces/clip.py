    def _clip_gradients(self, grads):
        norm = ops.sqrt(sum(ops.sum(ops.square(gradient)) for gradient in grads))
        factor = ops.minimum(1.0, MOST / (norm + 1e-6))
        return [gradient * factor for gradient in grads]
