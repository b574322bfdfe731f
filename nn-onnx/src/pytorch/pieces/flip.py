def flip(images: Tensor) -> Tensor:
    """Exchanges left and right of every second image, on average."""
    is_flipped = torch.rand(len(images)) < 0.5
    return torch.stack([image.flip(-1) if flipped else image for image, flipped in zip(images, is_flipped)])
