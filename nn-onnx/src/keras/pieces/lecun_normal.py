def lecun_normal():
    """N(0, 1 / inputs). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal")
