def perceptron_loss(z: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """|error|, where the gradient by z is the error: that of 1 where z > 0, else 0."""
    error = (z > 0).to(z.dtype) - target
    rows = error.abs() + error * (z - z.detach())
    return rows if reduction == "none" else rows.mean()
