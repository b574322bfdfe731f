def step(x):
    """1 where x > 0, else 0."""
    return ops.cast(x > 0, x.dtype)
