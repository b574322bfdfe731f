"""WithoutLoss, a network of `net.nn`, in PyTorch.

Written by `nn export` 0.1.0. It needs torch and safetensors.

    model = WithoutLoss()
    model.load_weights()  # from without_loss.pytorch.safetensors
    outputs = model.predict(state)

`python without_loss.py --check` compares it with the numbers in
without_loss.pytorch.golden.safetensors, which `nn export --golden` writes.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

WEIGHTS = Path(__file__).with_name("without_loss.pytorch.safetensors")
GOLDEN = Path(__file__).with_name("without_loss.pytorch.golden.safetensors")


class WithoutLoss(nn.Module):
    """A network whose loss the caller computes."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(4, 8),
            nn.Tanh(),
        )
        self.action = nn.Sequential(
            nn.Linear(8, 3),
            nn.Softmax(1),
        )
        self.value = nn.Linear(8, 1)
        self.reset_parameters()

    def forward(self, state: Tensor) -> tuple[Tensor, Tensor]:
        trunk = self.trunk(state)
        action = self.action(trunk)
        value = self.value(trunk)
        return action, value

    @torch.no_grad()
    def predict(self, state: Tensor) -> tuple[Tensor, Tensor]:
        """The outputs `action`, `value`, as at inference."""
        self.eval()
        action, value = self(state)
        return action, value

    def load_weights(self, file: Path = WEIGHTS) -> None:
        """Takes the weights that were exported beside this file."""
        self.load_state_dict(load_file(file))

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draws the initial values of the spec."""
        for layer in [self.trunk[0], self.action[0], self.value]:
            nn.init.xavier_uniform_(layer.weight)
        for layer in [self.trunk[0], self.action[0], self.value]:
            nn.init.zeros_(layer.bias)


def penalty(model: WithoutLoss) -> Tensor:
    """What weights add to the loss: l2 * Σw² and l1 * Σ|w|."""
    weights = [model.trunk[0].weight, model.action[0].weight, model.value.weight]
    return 0.001 * sum(weight.square().sum() for weight in weights)


def make_optimizer(model: WithoutLoss) -> torch.optim.Optimizer:
    """The optimizer of the spec."""
    return torch.optim.Adam(model.parameters(), lr=0.01)


def gradients(model: WithoutLoss, state: Tensor, output_gradients) -> None:
    """The gradients of all parameters, from those of the outputs, which you compute."""
    model.zero_grad()
    torch.autograd.backward(model(state), output_gradients)
    penalty(model).backward()


def update(model: WithoutLoss, optimizer: torch.optim.Optimizer) -> None:
    """One step along the gradients."""
    nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    optimizer.step()


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
        model = WithoutLoss().to(dtype)
        model.load_state_dict(part(numbers, "start."))
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        outputs = model.predict(numbers["input.state"])
        expected = part(numbers, "output.")
        found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}
        rows, parts, epoch_steps = golden["sizes"].tolist()
        optimizer = make_optimizer(model)
        model.train()
        for at in range(10):
            batch = slice(at * rows * parts, (at + 1) * rows * parts)
            gradients(model, 
                numbers["input.state"][batch],
                [numbers["output_gradient.0"][batch], numbers["output_gradient.1"][batch]],
            )
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
