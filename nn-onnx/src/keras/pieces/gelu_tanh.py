def gelu_tanh(x):
    """The approximation of gelu by tanh."""
    return ops.gelu(x, approximate=True)
