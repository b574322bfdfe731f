"""Accumulated, a network of `net.nn`, in PyTorch.

Written by `nn export` 0.1.0. It needs torch and safetensors.

    model = Accumulated()
    model.load_weights()  # from accumulated.pytorch.safetensors
    outputs = model.predict(x)
    train(model, TensorDataset(x, target))

`python accumulated.py --check` compares it with the numbers in
accumulated.pytorch.golden.safetensors, which `nn export --golden` writes.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

WEIGHTS = Path(__file__).with_name("accumulated.pytorch.safetensors")
GOLDEN = Path(__file__).with_name("accumulated.pytorch.golden.safetensors")


class Accumulated(nn.Module):
    """Several batches for each update, and a rate that falls along a line."""

    def __init__(self) -> None:
        super().__init__()
        self.y = nn.Sequential(
            nn.Linear(5, 8, bias=False),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.Linear(8, 2),
        )
        self.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        y = self.y(x)
        return y

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """The outputs `y`, as at inference."""
        self.eval()
        return self(x)

    def load_weights(self, file: Path = WEIGHTS) -> None:
        """Takes the weights that were exported beside this file."""
        self.load_state_dict(load_file(file))

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draws the initial values of the spec."""
        nn.init.kaiming_normal_(self.y[0].weight, nonlinearity="relu")
        nn.init.xavier_uniform_(self.y[3].weight)
        nn.init.zeros_(self.y[3].bias)


def loss(y: Tensor, target: Tensor, whole: Tensor) -> Tensor:
    """The share of these rows in the mean over the targets `whole` of an update."""
    return (F.mse_loss(y, target, reduction="none").flatten(1).mean(1)).sum() / len(whole)


def penalty(model: Accumulated) -> Tensor:
    """What weights add to the loss: l2 * Σw² and l1 * Σ|w|."""
    weights = [model.y[0].weight, model.y[3].weight]
    return 0.01 * sum(weight.square().sum() for weight in weights)


class MomentumSGD(torch.optim.Optimizer):
    """SGD with the learning rate in the velocity: v = momentum * v - lr * g, w += v.

    torch.optim.SGD multiplies the velocity by the learning rate of each step instead. The two
    differ where a schedule changes the rate.
    """

    def __init__(self, params, lr: float, momentum: float, nesterov: bool, weight_decay: float) -> None:
        defaults = {"lr": lr, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            momentum = group["momentum"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["velocity"] = torch.zeros_like(weight)
                move = -group["lr"] * (weight.grad + group["weight_decay"] * weight)
                velocity = state["velocity"].mul_(momentum).add_(move)
                weight.add_(momentum * velocity + move if group["nesterov"] else velocity)


def make_optimizer(model: Accumulated) -> torch.optim.Optimizer:
    """The optimizer of the spec."""
    return MomentumSGD(model.parameters(), lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.05)


def make_schedule(optimizer, epochs: int, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """The learning rate, for epochs of this many steps; it moves after each step."""
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 + (0.09999999999999999 - 1) * min(1, step / (5 * steps)))


def gradients(model: Accumulated, x: Tensor, target: Tensor, batch: int) -> Tensor:
    """The gradients of all parameters by parts of `batch` rows. Returns the loss of all."""
    model.zero_grad()
    whole = target
    total = penalty(model)
    total.backward()
    for x, target in zip(x.split(batch), target.split(batch)):
        part = loss(model(x), target, whole)
        part.backward()
        total = total + part
    return total.detach()


def update(model: Accumulated, optimizer: torch.optim.Optimizer) -> None:
    """One step along the gradients."""
    optimizer.step()


@torch.no_grad()
def evaluate(model: Accumulated, data: TensorDataset) -> dict[str, float]:
    """The loss and the metrics over all rows, as at inference."""
    model.eval()
    x, target = data.tensors
    y = model(x)
    figures = {
        "loss": loss(y, target, target) + penalty(model),
    }
    return {name: value.item() for name, value in figures.items()}


def train(
    model: Accumulated,
    data: TensorDataset,
    validation: TensorDataset | None = None,
    epochs: int = 12,
    batch: int = 4,
    seed: int = 0,
) -> None:
    """Trains as the spec says. The model keeps the weights of the best epoch.

    A dataset has the tensors x, target.
    """
    torch.manual_seed(seed)
    optimizer = make_optimizer(model)
    # A last batch of one row would be its own mean.
    drops = len(data) % (3 * batch) == 1
    loader = DataLoader(data, batch_size=3 * batch, shuffle=True, drop_last=drops)
    schedule = make_schedule(optimizer, epochs, len(loader))
    best, kept, waited = float("inf"), None, 0
    for epoch in range(1, epochs + 1):
        model.train()
        total, rows = 0.0, 0
        for x, target in loader:
            found = gradients(model, x, target, batch)
            update(model, optimizer)
            schedule.step()
            total, rows = total + found.item() * len(x), rows + len(x)
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
        model = Accumulated().to(dtype)
        model.load_state_dict(part(numbers, "start."))
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        outputs = (model.predict(numbers["input.x"]),)
        expected = part(numbers, "output.")
        found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}
        rows, parts, epoch_steps = golden["sizes"].tolist()
        optimizer = make_optimizer(model)
        schedule = make_schedule(optimizer, 12, epoch_steps)
        model.train()
        for at in range(10):
            batch = slice(at * rows * parts, (at + 1) * rows * parts)
            value = gradients(model, numbers["input.x"][batch], numbers["target.0"][batch], rows)
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
            schedule.step()
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
