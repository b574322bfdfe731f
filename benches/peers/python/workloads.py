"""What is measured, as in `benches/protocol/src/workload.rs`, with what each network is trained by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    name: str
    widths: tuple  # features, then units of every dense layer
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

    def layers(self):
        """For each dense layer the number of its arrays, and of those of the batch norm behind it, if any."""
        number = 0
        hidden = len(self.widths) - 2
        for index in range(hidden + 1):
            norm = number + 1 if self.norm and index < hidden else None
            yield number, norm
            number += 1 if norm is None else 2


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
        Workload("digits_epochs", (64, 32, 10), epochs=50, batch=32),
    ]
}
