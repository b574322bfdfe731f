"""class_, a network of `net.nn`, in PyTorch.

Written by `nn export` 0.1.0. It needs torch and safetensors.

    model = class_()
    model.load_weights()  # from names.pytorch.safetensors
    outputs = model.predict(lambda_, forward_)
    train(model, TensorDataset(lambda_, forward_, torch_1_target, model__target, keras_target))

`python names.py --check` compares it with the numbers in
names.pytorch.golden.safetensors, which `nn export --golden` writes.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

WEIGHTS = Path(__file__).with_name("names.pytorch.safetensors")
GOLDEN = Path(__file__).with_name("names.pytorch.golden.safetensors")


class class_(nn.Module):
    """Names that mean something in Python, and an output that is an input's double."""

    def __init__(self) -> None:
        super().__init__()
        self.self_ = nn.Sequential(
            nn.Flatten(),
            nn.Linear(18, 4),
            nn.ReLU(),
        )
        self.torch_1 = nn.Linear(4, 2)
        self.model_ = nn.Linear(2, 2)
        self.keras = nn.Conv2d(2, 2, 2)
        self.reset_parameters()

    def forward(self, lambda_: Tensor, forward_: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the logits of `torch`, which the loss takes; `predict` completes it."""
        self_ = self.self_(lambda_)
        train_ = torch.tanh(self_ + forward_)
        torch_1 = self.torch_1(train_)
        torch_ = torch.sigmoid(torch_1)
        model_ = self.model_(torch_)
        keras = self.keras(lambda_)
        return torch_1, model_, keras

    @torch.no_grad()
    def predict(self, lambda_: Tensor, forward_: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The outputs `torch`, `model`, `keras`, as at inference."""
        self.eval()
        torch_1, model_, keras = self(lambda_, forward_)
        return torch.sigmoid(torch_1), model_, keras

    def load_weights(self, file: Path = WEIGHTS) -> None:
        """Takes the weights that were exported beside this file."""
        self.load_state_dict(load_file(file))

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draws the initial values of the spec."""
        nn.init.kaiming_normal_(self.self_[1].weight, nonlinearity="relu")
        for layer in [self.self_[1], self.torch_1, self.model_, self.keras]:
            nn.init.zeros_(layer.bias)
        for layer in [self.torch_1, self.model_, self.keras]:
            nn.init.xavier_uniform_(layer.weight)


def loss(outputs: tuple[Tensor, Tensor, Tensor], targets: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    torch_1, model_, keras = outputs
    torch_1_target, model__target, keras_target = targets
    total = F.binary_cross_entropy_with_logits(torch_1, torch_1_target)
    total += F.mse_loss(model_, model__target)
    total += F.l1_loss(keras, keras_target)
    return total


def make_optimizer(model: class_) -> torch.optim.Optimizer:
    """The optimizer of the spec."""
    return torch.optim.SGD(model.parameters(), lr=0.01)


def gradients(model: class_, 
    lambda_: Tensor,
    forward_: Tensor,
    torch_1_target: Tensor,
    model__target: Tensor,
    keras_target: Tensor,
) -> Tensor:
    """The gradients of all parameters by a batch. Returns its loss."""
    model.zero_grad()
    value = loss(model(lambda_, forward_), (torch_1_target, model__target, keras_target))
    value.backward()
    return value.detach()


def update(model: class_, optimizer: torch.optim.Optimizer) -> None:
    """One step along the gradients."""
    optimizer.step()


@torch.no_grad()
def evaluate(model: class_, data: TensorDataset) -> dict[str, float]:
    """The loss and the metrics over all rows, as at inference."""
    model.eval()
    lambda_, forward_, torch_1_target, model__target, keras_target = data.tensors
    torch_1, model_, keras = model(lambda_, forward_)
    figures = {
        "loss": loss((torch_1, model_, keras), (torch_1_target, model__target, keras_target)),
    }
    return {name: value.item() for name, value in figures.items()}


def train(
    model: class_,
    data: TensorDataset,
    validation: TensorDataset | None = None,
    epochs: int = 10,
    batch: int = 8,
    seed: int = 0,
) -> None:
    """Trains as the spec says. The model keeps the weights of the best epoch.

    A dataset has the tensors lambda_, forward_, torch_1_target, model__target, keras_target.
    """
    torch.manual_seed(seed)
    optimizer = make_optimizer(model)
    loader = DataLoader(data, batch_size=batch, shuffle=True)
    best, kept, waited = float("inf"), None, 0
    for epoch in range(1, epochs + 1):
        model.train()
        total, rows = 0.0, 0
        for lambda_, forward_, torch_1_target, model__target, keras_target in loader:
            found = gradients(model, lambda_, forward_, torch_1_target, model__target, keras_target)
            update(model, optimizer)
            total, rows = total + found.item() * len(lambda_), rows + len(lambda_)
        figures = {"loss": total / rows}
        if validation is not None:
            of_validation = evaluate(model, validation)
            figures |= {f"val_{name}": value for name, value in of_validation.items()}
        print(f"epoch {epoch}/{epochs}", *(f"{name} {value:.4f}" for name, value in figures.items()))
        if "val_loss" not in figures:
            continue
        if figures["val_loss"] < best:
            kept = {name: value.clone() for name, value in model.state_dict().items()}
            best, waited = figures["val_loss"], 0
    if kept is not None:
        model.load_state_dict(kept)


def convert(value: Tensor, dtype: torch.dtype) -> Tensor:
    return value.to(dtype) if value.is_floating_point() else value


def part(numbers: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin so, without the prefix."""
    names = [name for name in numbers if name.startswith(prefix)]
    return {name.removeprefix(prefix): numbers[name] for name in names}


def differ(found: Tensor, expected: Tensor, after_steps: bool = False) -> float:
    """The largest difference |a - b| / (1 + |b|).

    After steps in float32, the mean: an adaptive optimizer turns the rounding of a gradient near 0
    into a step.
    """
    difference = (found - expected).abs() / (1 + expected.abs())
    is_mean = after_steps and found.dtype == torch.float32
    return (difference.mean() if is_mean else difference.max()).item()


def report(dtype: torch.dtype, found: dict[str, list[float]]) -> bool:
    """Prints the largest difference of each kind. Returns whether all are small enough."""
    agrees = True
    for name, differences in found.items():
        worst = max(differences, default=0.0)
        most = 1e-7 if dtype == torch.float64 else 2e-5 if name in ("ten steps", "losses") else 3e-6
        is_close = worst <= most
        agrees &= is_close
        verdict = "" if is_close else f"  more than {most:.0e}"
        print(f"{str(dtype).removeprefix('torch.')}  {name:<10} {worst:.1e}{verdict}")
    return agrees


def check(file: Path = GOLDEN) -> bool:
    """Compares this file with numbers that `nn` computed in float64.

    Dropout is switched off, since its masks are random.
    """
    golden, agrees = load_file(file), True
    for dtype in (torch.float64, torch.float32):
        numbers = {name: convert(value, dtype) for name, value in golden.items()}
        model = class_().to(dtype)
        model.load_state_dict(part(numbers, "start."))
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        outputs = model.predict(numbers["input.lambda_"], numbers["input.forward_"])
        expected = part(numbers, "output.")
        found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}
        rows, parts, epoch_steps = golden["sizes"].tolist()
        optimizer = make_optimizer(model)
        model.train()
        for at in range(10):
            batch = slice(at * rows * parts, (at + 1) * rows * parts)
            value = gradients(model, 
                numbers["input.lambda_"][batch],
                numbers["input.forward_"][batch],
                numbers["target.0"][batch],
                numbers["target.1"][batch],
                numbers["target.2"][batch],
            )
            found.setdefault("losses", []).append(differ(value, numbers["losses"][at]))
            if at == 0:
                slopes = part(numbers, "gradient.")
                parameters = dict(model.named_parameters())
                zero = torch.zeros(())
                found["gradients"] = [
                    differ(zero if parameters[name].grad is None else parameters[name].grad, slope)
                    for name, slope in slopes.items()
                ]
            update(model, optimizer)
            if at in (0, 9):
                state, name = model.state_dict(), "one step" if at == 0 else "ten steps"
                after = part(numbers, f"after_{at + 1}.")
                found[name] = [differ(state[name], value, True) for name, value in after.items()]
        agrees &= report(dtype, found)
    return agrees


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if check() else 1)
    print(__doc__)
