class Pad(layers.Layer):
    """Pads before a maximum, by -inf."""

    def __init__(self, pads, **settings):
        super().__init__(**settings)
        self.pads = pads if isinstance(pads[0], tuple) else (pads,)

    def call(self, inputs):
        return ops.pad(inputs, ((0, 0), *self.pads, (0, 0)), constant_values=-float("inf"))
