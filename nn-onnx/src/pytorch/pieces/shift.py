def shift(images: Tensor, most: int) -> Tensor:
    """Moves each image by up to `most` pixels along each axis; zeros come into sight."""
    height, width = images.shape[-2:]
    padded = F.pad(images, (most, most, most, most))
    corners = torch.randint(2 * most + 1, (len(images), 2)).tolist()
    cut = [image[..., y : y + height, x : x + width] for image, (y, x) in zip(padded, corners)]
    return torch.stack(cut)
