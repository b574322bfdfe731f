"""What is measured, as in `benches/protocol/src/workload.rs`, with what each network is trained by."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Workload:
    name: str
    widths: tuple  # features of the first dense layer, then units of every dense layer
    image: tuple = ()  # channels, height, width of the input, where there are convolutions
    convolutions: tuple = ()  # channels, kernel, padding of each; then ReLU, and the largest of each 2×2
    activation: str = "relu"  # after every hidden layer
    head: str = "softmax"  # of the output: linear (with MSE), sigmoid (with BCE), softmax (with cross-entropy)
    period: int = 0  # steps from one start to the next; 0 where the network only predicts
    epochs: int = 0  # of a whole training, in shuffled batches of 32
    batch: int = 0
    optimizer: str = "adam"  # or momentum
    lr: float = 1e-3
    momentum: float = 0.9
    norm: bool = False  # batch norm after every hidden product, which has no bias then
    dropout: float = 0.0
    l2: float = 0.0  # λ·Σw² is a part of the loss

    @property
    def trains(self):
        return self.period > 0 or self.epochs > 0

    def pooled(self):
        """For each convolution the shape of what leaves its pooling: channels, height, width."""
        _, height, width = self.image
        for channels, kernel, padding in self.convolutions:
            height, width = ((size + 2 * padding - kernel + 1) // 2 for size in (height, width))
            yield channels, height, width

    def layers(self):
        """For each dense layer the number of its arrays, and of those of the batch norm behind it, if any."""
        number = len(self.convolutions)
        hidden = len(self.widths) - 2
        for index in range(hidden + 1):
            norm = number + 1 if self.norm and index < hidden else None
            yield number, norm
            number += 1 if norm is None else 2


LENET = dict(widths=(400, 120, 84, 10), image=(1, 28, 28), convolutions=((6, 5, 2), (16, 5, 0)))

WORKLOADS = {
    workload.name: workload
    for workload in [
        Workload("infer_tiny_b1", (8, 16, 16, 1), activation="tanh", head="linear"),
        Workload("infer_mlp_b1", (784, 128, 64, 10)),
        Workload("infer_mlp_b256", (784, 512, 512, 10)),
        Workload("train_xor", (2, 8, 1), activation="tanh", head="sigmoid", period=256, lr=0.01),
        Workload("train_small_full", (4, 32, 16, 4), activation="tanh", head="linear", period=256),
        Workload("train_mlp_b32", (784, 128, 64, 10), period=256),
        Workload("train_mlp_bn_b128", (784, 256, 128, 10), period=256, norm=True, dropout=0.3, l2=1e-4),
        Workload("train_mlp_large_b256", (784, 1024, 1024, 10), period=32, optimizer="momentum", lr=0.01),
        Workload("lenet_infer_b1", **LENET),
        Workload("lenet_train_b32", **LENET, period=256),
        Workload("digits_epochs", (64, 32, 10), epochs=50, batch=32),
    ]
}


def channels_last(workload, arrays):
    """The arrays for a library whose images are [rows, height, width, channels]."""
    if not workload.convolutions:
        return arrays
    arrays = dict(arrays)
    arrays["x"] = np.ascontiguousarray(arrays["x"].transpose(0, 2, 3, 1))
    for number in range(len(workload.convolutions)):
        arrays[f"{number}.weight"] = np.ascontiguousarray(arrays[f"{number}.weight"].transpose(2, 3, 1, 0))
    # What is flattened comes in another order.
    *_, shape = workload.pooled()
    dense = f"{len(workload.convolutions)}.weight"
    weight = arrays[dense].reshape(*shape, -1).transpose(1, 2, 0, 3)
    arrays[dense] = np.ascontiguousarray(weight.reshape(arrays[dense].shape))
    return arrays
