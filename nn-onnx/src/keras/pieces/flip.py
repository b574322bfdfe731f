def flip(images, random):
    """Exchanges left and right of every second image, on average."""
    is_flipped = random.random((len(images), 1, 1, 1)) < 0.5
    return np.where(is_flipped, images[..., ::-1], images)
