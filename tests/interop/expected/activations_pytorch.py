"""Activations, a network of `net.nn`, in PyTorch.

Written by `nn export` 0.1.0. It needs torch and safetensors.

    model = Activations()
    model.load_weights()  # from activations.pytorch.safetensors
    outputs = model.predict(x)
    train(model, TensorDataset(x, target))

`python activations.py --check` compares it with the numbers in
activations.pytorch.golden.safetensors, which `nn export --golden` writes.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

WEIGHTS = Path(__file__).with_name("activations.pytorch.safetensors")
GOLDEN = Path(__file__).with_name("activations.pytorch.golden.safetensors")


class Step(nn.Module):
    """1 where x > 0, else 0."""

    def forward(self, x: Tensor) -> Tensor:
        return (x > 0).to(x.dtype)


class Activations(nn.Module):
    """Every activation, and norms over flat values."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Sequential(
            nn.Linear(6, 6),
            nn.LeakyReLU(0.2),
            nn.Linear(6, 6),
            nn.ELU(0.7),
            nn.LayerNorm(6),
        )
        self.b = nn.Sequential(
            nn.Linear(6, 6),
            nn.SELU(),
            nn.Linear(6, 6),
            nn.GELU(),
            nn.RMSNorm(6, eps=1e-5),
        )
        self.c = nn.Sequential(
            nn.Linear(6, 6),
            nn.GELU(approximate="tanh"),
            nn.Linear(6, 12),
            nn.SiLU(),
            nn.GroupNorm(2, 12),
            nn.Linear(12, 6),
        )
        self.d = nn.Sequential(
            nn.Linear(6, 6),
            nn.Softplus(),
            nn.Linear(6, 6),
            nn.Hardsigmoid(),
            nn.PReLU(6),
        )
        self.e = nn.Sequential(
            nn.Linear(6, 6),
            nn.Hardtanh(),
            nn.Linear(6, 6),
            nn.Tanh(),
            nn.PReLU(1),
        )
        self.f = nn.Sequential(
            nn.Linear(6, 6),
            nn.Softmax(1),
            nn.Linear(6, 6),
            nn.LogSoftmax(1),
        )
        self.g = nn.Sequential(
            Step(),
            nn.Linear(6, 6),
            nn.Sigmoid(),
        )
        self.h = nn.Sequential(
            nn.Linear(6, 6),
            nn.Hardswish(),
            nn.Linear(6, 6),
            nn.Hardtanh(0.0, 0.5),
            nn.Linear(6, 6),
            nn.Mish(),
        )
        self.i = nn.Sequential(
            nn.Linear(6, 6),
            nn.ReLU6(),
            nn.Linear(6, 6),
        )
        self.y = nn.Sequential(
            nn.ReLU(),
            nn.Linear(36, 3),
        )
        self.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)
        b = self.b(x)
        c = self.c(x)
        d = self.d(x)
        e = self.e(x)
        f = self.f(x)
        g = self.g(x)
        left = a + b + c
        right = d * e
        h = self.h(x)
        i = self.i(x)
        y = self.y(torch.cat([left, right, f, g, h, i], 1))
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
        for layer in [
            self.a[0],
            self.a[2],
            self.b[0],
            self.b[2],
            self.c[0],
            self.c[2],
            self.h[0],
            self.h[2],
            self.h[4],
            self.i[0],
        ]:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        for layer in [
            self.a[0],
            self.a[2],
            self.b[0],
            self.b[2],
            self.c[0],
            self.c[2],
            self.c[5],
            self.d[0],
            self.d[2],
            self.e[0],
            self.e[2],
            self.f[0],
            self.f[2],
            self.g[1],
            self.h[0],
            self.h[2],
            self.h[4],
            self.i[0],
            self.i[2],
            self.y[1],
        ]:
            nn.init.zeros_(layer.bias)
        for layer in [
            self.c[5],
            self.d[0],
            self.d[2],
            self.e[0],
            self.e[2],
            self.f[0],
            self.f[2],
            self.g[1],
            self.i[2],
            self.y[1],
        ]:
            nn.init.xavier_uniform_(layer.weight)


def loss(y: Tensor, target: Tensor) -> Tensor:
    return F.mse_loss(y, target, reduction="none").flatten(1).sum(1).mean()


def make_optimizer(model: Activations) -> torch.optim.Optimizer:
    """The optimizer of the spec."""
    return torch.optim.SGD(model.parameters(), lr=0.01)


def gradients(model: Activations, x: Tensor, target: Tensor) -> Tensor:
    """The gradients of all parameters by a batch. Returns its loss."""
    model.zero_grad()
    value = loss(model(x), target)
    value.backward()
    return value.detach()


def update(model: Activations, optimizer: torch.optim.Optimizer) -> None:
    """One step along the gradients."""
    optimizer.step()


@torch.no_grad()
def evaluate(model: Activations, data: TensorDataset) -> dict[str, float]:
    """The loss and the metrics over all rows, as at inference."""
    model.eval()
    x, target = data.tensors
    y = model(x)
    figures = {
        "loss": loss(y, target),
    }
    return {name: value.item() for name, value in figures.items()}


def train(
    model: Activations,
    data: TensorDataset,
    validation: TensorDataset | None = None,
    epochs: int = 10,
    batch: int = 8,
    seed: int = 0,
) -> None:
    """Trains as the spec says. The model keeps the weights of the best epoch.

    A dataset has the tensors x, target.
    """
    torch.manual_seed(seed)
    optimizer = make_optimizer(model)
    loader = DataLoader(data, batch_size=batch, shuffle=True)
    best, kept, waited = float("inf"), None, 0
    for epoch in range(1, epochs + 1):
        model.train()
        total, rows = 0.0, 0
        for x, target in loader:
            found = gradients(model, x, target)
            update(model, optimizer)
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
        model = Activations().to(dtype)
        model.load_state_dict(part(numbers, "start."))
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        outputs = (model.predict(numbers["input.x"]),)
        expected = part(numbers, "output.")
        found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}
        rows, parts, epoch_steps = golden["sizes"].tolist()
        optimizer = make_optimizer(model)
        model.train()
        for at in range(10):
            batch = slice(at * rows * parts, (at + 1) * rows * parts)
            value = gradients(model, numbers["input.x"][batch], numbers["target.0"][batch])
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
