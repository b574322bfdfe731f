def glorot_normal():
    """N(0, 2 / (inputs + outputs)). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(1.0, "fan_avg", "untruncated_normal")
