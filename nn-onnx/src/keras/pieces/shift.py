def shift(images, most, random):
    """Moves each image by up to `most` pixels along each axis; zeros come into sight."""
    height, width = images.shape[-2:]
    padded = np.pad(images, ((0, 0), (0, 0), (most, most), (most, most)))
    corners = random.integers(2 * most + 1, size=(len(images), 2))
    cut = [image[:, y : y + height, x : x + width] for image, (y, x) in zip(padded, corners)]
    return np.stack(cut)
