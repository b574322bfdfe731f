class Normalize(layers.Layer):
    """(x - mean) / deviation for each feature, with the statistics of the training rows."""

    def build(self, shape):
        features = (shape[-1],)
        self.mean = self.add_weight(shape=features, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(
            shape=features, initializer="ones", trainable=False, name="deviation"
        )

    def observe(self, rows):
        """Takes the statistics of rows; a constant feature has the deviation 1."""
        rows = np.asarray(rows, "float64").reshape(-1, rows.shape[-1])
        is_constant = rows.max(0) == rows.min(0)
        self.mean.assign(rows.mean(0))
        self.deviation.assign(np.where(is_constant, 1.0, rows.std(0)))

    def call(self, inputs):
        return (inputs - self.mean) / self.deviation
