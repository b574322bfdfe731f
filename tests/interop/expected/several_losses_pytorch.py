"""SeveralLosses, a network of `net.nn`, in PyTorch.

Written by `nn export` 0.1.0. It needs torch and safetensors.

    model = SeveralLosses()
    model.load_weights()  # from several_losses.pytorch.safetensors
    outputs = model.predict(x)
    train(model, TensorDataset(x, a_target, b_target, yes_target))

`python several_losses.py --check` compares it with the numbers in
several_losses.pytorch.golden.safetensors, which `nn export --golden` writes.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

WEIGHTS = Path(__file__).with_name("several_losses.pytorch.safetensors")
GOLDEN = Path(__file__).with_name("several_losses.pytorch.golden.safetensors")


class SeveralLosses(nn.Module):
    """Losses of numbers, and several for one output; penalties of all weights."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(5, 8),
            nn.ELU(),
        )
        self.a = nn.Linear(8, 2)
        self.b = nn.Sequential(
            nn.Linear(8, 2),
            nn.Tanh(),
        )
        self.yes = nn.Linear(8, 1)
        self.reset_parameters()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the logits of `yes`, which the loss takes; `predict` completes it."""
        trunk = self.trunk(x)
        a = self.a(trunk)
        b = self.b(trunk)
        yes = self.yes(trunk)
        return a, b, yes

    @torch.no_grad()
    def predict(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The outputs `a`, `b`, `yes`, as at inference."""
        self.eval()
        a, b, yes = self(x)
        return a, b, torch.sigmoid(yes)

    def load_weights(self, file: Path = WEIGHTS) -> None:
        """Takes the weights that were exported beside this file."""
        self.load_state_dict(load_file(file))

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draws the initial values of the spec."""
        nn.init.kaiming_normal_(self.trunk[0].weight, nonlinearity="relu")
        for layer in [self.trunk[0], self.a, self.b[0], self.yes]:
            nn.init.zeros_(layer.bias)
        for layer in [self.a, self.b[0], self.yes]:
            nn.init.xavier_uniform_(layer.weight)


def loss(outputs: tuple[Tensor, Tensor, Tensor], targets: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    a, b, yes = outputs
    a_target, b_target, yes_target = targets
    total = F.huber_loss(a, a_target, delta=0.5)
    total += 0.25 * F.l1_loss(a, a_target)
    total += F.l1_loss(b, b_target)
    total += 2.0 * F.binary_cross_entropy_with_logits(yes, yes_target)
    total += F.mse_loss(torch.sigmoid(yes), yes_target)
    return total


def penalty(model: SeveralLosses) -> Tensor:
    """What weights add to the loss: l2 * Σw² and l1 * Σ|w|."""
    weights_1 = [model.trunk[0].weight]
    weights_2 = [model.a.weight, model.b[0].weight, model.yes.weight]
    return 0.01 * weights_1[0].square().sum() + 0.01 * sum(weight.square().sum() for weight in weights_2) + 0.001 * sum(weight.abs().sum() for weight in weights_2)


def make_optimizer(model: SeveralLosses) -> torch.optim.Optimizer:
    """The optimizer of the spec."""
    return torch.optim.Adagrad(model.parameters(), lr=0.05, eps=1e-10)


def make_schedule(optimizer, epochs: int, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """The learning rate, for epochs of this many steps; it moves after each step."""
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.8 ** (step // steps))


def gradients(model: SeveralLosses, 
    x: Tensor,
    a_target: Tensor,
    b_target: Tensor,
    yes_target: Tensor,
) -> Tensor:
    """The gradients of all parameters by a batch. Returns its loss."""
    model.zero_grad()
    value = loss(model(x), (a_target, b_target, yes_target)) + penalty(model)
    value.backward()
    return value.detach()


def update(model: SeveralLosses, optimizer: torch.optim.Optimizer) -> None:
    """One step along the gradients."""
    optimizer.step()


@torch.no_grad()
def evaluate(model: SeveralLosses, data: TensorDataset) -> dict[str, float]:
    """The loss and the metrics over all rows, as at inference."""
    model.eval()
    x, a_target, b_target, yes_target = data.tensors
    a, b, yes = model(x)
    figures = {
        "loss": loss((a, b, yes), (a_target, b_target, yes_target)) + penalty(model),
        "mae(a)": F.l1_loss(a, a_target),
        "mse(b)": F.mse_loss(b, b_target),
        "accuracy(yes)": ((yes > 0) == (yes_target > 0.5)).double().mean(),
    }
    return {name: value.item() for name, value in figures.items()}


def train(
    model: SeveralLosses,
    data: TensorDataset,
    validation: TensorDataset | None = None,
    epochs: int = 12,
    seed: int = 0,
) -> None:
    """Trains as the spec says. The model keeps the weights of the best epoch.

    A dataset has the tensors x, a_target, b_target, yes_target.
    """
    torch.manual_seed(seed)
    optimizer = make_optimizer(model)
    loader = DataLoader(data, batch_size=len(data), shuffle=True)
    schedule = make_schedule(optimizer, epochs, len(loader))
    best, kept, waited = float("inf"), None, 0
    for epoch in range(1, epochs + 1):
        model.train()
        total, rows = 0.0, 0
        for x, a_target, b_target, yes_target in loader:
            found = gradients(model, x, a_target, b_target, yes_target)
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
        model = SeveralLosses().to(dtype)
        model.load_state_dict(part(numbers, "start."))
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        outputs = model.predict(numbers["input.x"])
        expected = part(numbers, "output.")
        found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}
        rows, parts, epoch_steps = golden["sizes"].tolist()
        optimizer = make_optimizer(model)
        schedule = make_schedule(optimizer, 12, epoch_steps)
        model.train()
        for at in range(10):
            batch = slice(at * rows * parts, (at + 1) * rows * parts)
            value = gradients(model, 
                numbers["input.x"][batch],
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
