def he_normal():
    """N(0, 2 / inputs). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
