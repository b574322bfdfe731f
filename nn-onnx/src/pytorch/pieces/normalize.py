class Normalize(nn.Module):
    """(x - mean) / std for each feature, with the statistics of the training rows."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))

    def observe(self, x: Tensor) -> None:
        """Takes the statistics of rows; a constant feature has the deviation 1."""
        numbers = x.double().transpose(0, 1).flatten(1)
        is_constant = numbers.amax(1) == numbers.amin(1)
        self.mean.copy_(numbers.mean(1))
        self.std.copy_(numbers.std(1, correction=0).masked_fill(is_constant, 1.0))

    def forward(self, x: Tensor) -> Tensor:
        features = (-1,) + (1,) * (x.dim() - 2)
        return (x - self.mean.view(features)) / self.std.view(features)
