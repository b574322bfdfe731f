"""FineTuning, a network of `net.nn`, in PyTorch.

Written by `nn export` 0.1.0. It needs torch and safetensors.

    model = FineTuning()
    model.load_weights()  # from fine_tuning.pytorch.safetensors
    outputs = model.predict(x)
    train(model, TensorDataset(x, target))

`python fine_tuning.py --check` compares it with the numbers in
fine_tuning.pytorch.golden.safetensors, which `nn export --golden` writes.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

WEIGHTS = Path(__file__).with_name("fine_tuning.pytorch.safetensors")
GOLDEN = Path(__file__).with_name("fine_tuning.pytorch.golden.safetensors")


class FineTuning(nn.Module):
    """Frozen layers, learning rates of values, an output without a loss, one cycle of the rate."""

    def __init__(self) -> None:
        super().__init__()
        self.base = nn.Sequential(
            nn.Linear(6, 8, bias=False),
            nn.BatchNorm1d(8),
            nn.ReLU(),
        )
        self.middle = nn.Sequential(
            nn.Linear(8, 8, bias=False),
            nn.BatchNorm1d(8),
            nn.ReLU(),
        )
        self.still = nn.Sequential(
            nn.Linear(8, 8),
            nn.Tanh(),
        )
        self.y = nn.Linear(8, 3)
        self.other = nn.Sequential(
            nn.Linear(8, 2, bias=False),
            nn.BatchNorm1d(2),
        )
        self.reset_parameters()
        self.base.requires_grad_(False)
        self.still.requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the logits of `y`, which the loss takes; `predict` completes it."""
        base = self.base(x)
        middle = self.middle(base)
        still = self.still(middle)
        y = self.y(still)
        other = self.other(base)
        return y, other

    @torch.no_grad()
    def predict(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The outputs `y`, `other`, as at inference."""
        self.eval()
        y, other = self(x)
        return torch.softmax(y, 1), other

    def load_weights(self, file: Path = WEIGHTS) -> None:
        """Takes the weights that were exported beside this file."""
        self.load_state_dict(load_file(file))

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draws the initial values of the spec."""
        for layer in [self.base[0], self.middle[0]]:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        for layer in [self.still[0], self.y, self.other[0]]:
            nn.init.xavier_uniform_(layer.weight)
        for layer in [self.still[0], self.y]:
            nn.init.zeros_(layer.bias)

    def train(self, mode: bool = True) -> "FineTuning":
        """Frozen parts, and those that no loss reaches, work as at inference."""
        super().train(mode)
        self.base.eval()
        self.other.eval()
        return self


def loss(outputs: tuple[Tensor, Tensor], target: Tensor) -> Tensor:
    y, other = outputs
    return F.cross_entropy(y, target)


def trained(model: FineTuning) -> list[Tensor]:
    """The parameters that change."""
    return [weight for weight in model.parameters() if weight.requires_grad]


def make_optimizer(model: FineTuning) -> torch.optim.Optimizer:
    """The optimizer of the spec, with learning rates of its values."""
    groups = [
        {"params": [*model.middle.parameters()], "lr": 0.001},
        {"params": [*model.y.parameters(), *model.other.parameters()], "lr": 0.01},
    ]
    return torch.optim.AdamW(groups, lr=0.01, betas=(0.8, 0.999), weight_decay=0.2)


def make_schedule(optimizer, epochs: int, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """The learning rate, for epochs of this many steps; it moves after each step."""
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=[0.005000000000000001, 0.05], total_steps=epochs * steps, cycle_momentum=False
    )


def gradients(model: FineTuning, x: Tensor, target: Tensor) -> Tensor:
    """The gradients of all parameters by a batch. Returns its loss."""
    model.zero_grad()
    value = loss(model(x), target)
    value.backward()
    return value.detach()


def update(model: FineTuning, optimizer: torch.optim.Optimizer) -> None:
    """One step along the gradients."""
    for weight in model.parameters():
        # No loss reaches it, but weight decay and the optimizer's memory act on it.
        if weight.requires_grad and weight.grad is None:
            weight.grad = torch.zeros_like(weight)
    nn.utils.clip_grad_norm_(trained(model), 0.5)
    optimizer.step()


@torch.no_grad()
def evaluate(model: FineTuning, data: TensorDataset) -> dict[str, float]:
    """The loss and the metrics over all rows, as at inference."""
    model.eval()
    x, target = data.tensors
    y, other = model(x)
    figures = {
        "loss": loss((y, other), target),
    }
    return {name: value.item() for name, value in figures.items()}


def train(
    model: FineTuning,
    data: TensorDataset,
    validation: TensorDataset | None = None,
    epochs: int = 4,
    batch: int = 8,
    seed: int = 0,
) -> None:
    """Trains as the spec says. The model keeps the weights of the best epoch.

    A dataset has the tensors x, target.
    """
    torch.manual_seed(seed)
    optimizer = make_optimizer(model)
    # A last batch of one row would be its own mean.
    drops = len(data) % batch == 1
    loader = DataLoader(data, batch_size=batch, shuffle=True, drop_last=drops)
    schedule = make_schedule(optimizer, epochs, len(loader))
    best, kept, waited = float("inf"), None, 0
    for epoch in range(1, epochs + 1):
        model.train()
        total, rows = 0.0, 0
        for x, target in loader:
            found = gradients(model, x, target)
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
        model = FineTuning().to(dtype)
        model.load_state_dict(part(numbers, "start."))
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        outputs = model.predict(numbers["input.x"])
        expected = part(numbers, "output.")
        found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}
        rows, parts, epoch_steps = golden["sizes"].tolist()
        optimizer = make_optimizer(model)
        schedule = make_schedule(optimizer, 4, epoch_steps)
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
