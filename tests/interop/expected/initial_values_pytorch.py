"""InitialValues, a network of `net.nn`, in PyTorch.

Written by `nn export` 0.1.0. It needs torch and safetensors.

    model = InitialValues()
    model.load_weights()  # from initial_values.pytorch.safetensors
    outputs = model.predict(x, tokens)

`python initial_values.py --check` compares it with the numbers in
initial_values.pytorch.golden.safetensors, which `nn export --golden` writes.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

WEIGHTS = Path(__file__).with_name("initial_values.pytorch.safetensors")
GOLDEN = Path(__file__).with_name("initial_values.pytorch.golden.safetensors")


class TokenEmbedding(nn.Embedding):
    """A row for each token, as the channels of a sequence: [tokens] to [width, tokens]."""

    def forward(self, tokens: Tensor) -> Tensor:
        return super().forward(tokens.long()).transpose(1, 2)


class InitialValues(nn.Module):
    """Every initialiser."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Sequential(
            TokenEmbedding(9, 4),
            nn.Flatten(),
        )
        self.a = nn.Sequential(
            nn.Linear(4, 5),
            nn.ReLU(),
            nn.Linear(5, 5),
            nn.Tanh(),
        )
        self.b = nn.Sequential(
            nn.Linear(5, 5),
            nn.Tanh(),
            nn.Linear(5, 5),
            nn.ReLU(),
        )
        self.c = nn.Sequential(
            nn.Linear(5, 5),
            nn.ReLU(),
            nn.Linear(5, 5),
            nn.ReLU(),
        )
        self.y = nn.Sequential(
            nn.Linear(21, 4),
            nn.ReLU(),
            nn.Linear(4, 2),
        )
        self.reset_parameters()

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        table = self.table(tokens)
        a = self.a(x)
        b = self.b(a)
        c = self.c(b)
        joined = torch.cat([c, table], 1)
        y = self.y(joined)
        return y

    @torch.no_grad()
    def predict(self, x: Tensor, tokens: Tensor) -> Tensor:
        """The outputs `y`, as at inference."""
        self.eval()
        return self(x, tokens)

    def load_weights(self, file: Path = WEIGHTS) -> None:
        """Takes the weights that were exported beside this file."""
        self.load_state_dict(load_file(file))

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draws the initial values of the spec."""
        nn.init.normal_(self.table[0].weight, std=0.4714045207910317)
        nn.init.kaiming_uniform_(self.a[0].weight, nonlinearity="relu")
        for layer in [
            self.a[0],
            self.a[2],
            self.b[0],
            self.b[2],
            self.c[0],
            self.c[2],
            self.y[0],
            self.y[2],
        ]:
            nn.init.zeros_(layer.bias)
        nn.init.xavier_normal_(self.a[2].weight)
        nn.init.kaiming_normal_(self.b[0].weight, nonlinearity="linear")
        nn.init.normal_(self.b[2].weight, std=0.3)
        nn.init.uniform_(self.c[0].weight, -0.2, 0.2)
        nn.init.constant_(self.c[2].weight, 0.1)
        nn.init.kaiming_normal_(self.y[0].weight, nonlinearity="relu")
        nn.init.xavier_uniform_(self.y[2].weight)


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
        model = InitialValues().to(dtype)
        model.load_state_dict(part(numbers, "start."))
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        outputs = (model.predict(numbers["input.x"], numbers["input.tokens"]),)
        expected = part(numbers, "output.")
        found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}
        agrees &= report(dtype, found)
    return agrees


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if check() else 1)
    print(__doc__)
