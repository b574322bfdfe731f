"""ImageLayers, a network of `net.nn`, in PyTorch.

Written by `nn export` 0.1.0. It needs torch and safetensors.

    model = ImageLayers()
    model.load_weights()  # from image_layers.pytorch.safetensors
    outputs = model.predict(image)
    train(model, TensorDataset(image, y_target, z_target))

`python image_layers.py --check` compares it with the numbers in
image_layers.pytorch.golden.safetensors, which `nn export --golden` writes.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

WEIGHTS = Path(__file__).with_name("image_layers.pytorch.safetensors")
GOLDEN = Path(__file__).with_name("image_layers.pytorch.golden.safetensors")


class Rescale(nn.Module):
    """y = factor * x + offset."""

    def __init__(self, factor: float, offset: float = 0.0) -> None:
        super().__init__()
        self.factor, self.offset = factor, offset

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x + self.offset


class Normalize(nn.Module):
    """(x - mean) / std for each feature, with the statistics of the training rows."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))

    def observe(self, x: Tensor) -> None:
        """Takes the statistics of rows; a constant feature has the deviation 1."""
        numbers = x.double().transpose(0, 1).flatten(1)
        is_constant = numbers.amax(1) == numbers.amin(1)
        self.mean.copy_(numbers.mean(1))
        self.std.copy_(numbers.std(1, correction=0).masked_fill(is_constant, 1.0))

    def forward(self, x: Tensor) -> Tensor:
        features = (-1,) + (1,) * (x.dim() - 2)
        return (x - self.mean.view(features)) / self.std.view(features)


class ChannelRMSNorm(nn.RMSNorm):
    """nn.RMSNorm over the channels of each position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class ImageLayers(nn.Module):
    """Every layer over images."""

    def __init__(self) -> None:
        super().__init__()
        self.scaled = nn.Sequential(
            Normalize(4),
            Rescale(0.5, offset=0.25),
        )
        self.wide = nn.Sequential(
            nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0), bias=False),
            nn.BatchNorm2d(6, momentum=0.2),
            nn.ReLU(),
        )
        self.grouped = nn.Sequential(
            nn.Conv2d(4, 6, 3, stride=(2, 1), padding=1, groups=2),
            nn.PReLU(6),
        )
        self.narrow = nn.Sequential(
            nn.Conv2d(6, 6, (1, 2)),
            nn.GroupNorm(3, 6),
            nn.SiLU(),
        )
        self.both = nn.Sequential(
            nn.MaxPool2d(3, stride=2, padding=1),
            ChannelRMSNorm(12, eps=1e-5),
        )
        self.spread = nn.Sequential(
            nn.Conv2d(4, 12, 2, padding=1, dilation=(2, 1)),
            nn.MaxPool2d((2, 1)),
            nn.ZeroPad2d((0, 1, 0, 0)),
            nn.AvgPool2d(2, stride=(2, 1)),
            nn.LayerNorm((12, 2, 8)),
        )
        self.pooled = nn.Sequential(
            nn.Conv2d(12, 12, 1),
            nn.ConstantPad2d((1, 1, 2, 2), -float("inf")),
            nn.MaxPool2d((3, 2), stride=(1, 2)),
        )
        self.same = nn.Sequential(
            nn.ConstantPad2d((0, 1, 0, 1), -float("inf")),
            nn.MaxPool2d(2, stride=1),
            nn.PReLU(1),
        )
        self.left = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.right = nn.Sequential(
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
        )
        self.y = nn.Sequential(
            nn.Dropout(0.25),
            nn.Linear(12, 5),
        )
        self.z = nn.Sequential(
            nn.Unflatten(1, (2, 6)),
            nn.Flatten(),
            nn.Linear(12, 3),
        )
        self.reset_parameters()

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the logits of `z`, which the loss takes; `predict` completes it."""
        scaled = self.scaled(image)
        wide = self.wide(scaled)
        grouped = self.grouped(scaled)
        narrow = self.narrow(grouped)
        both = self.both(torch.cat([wide, narrow], 1))
        spread = self.spread(scaled)
        pooled = self.pooled(spread)
        same = self.same(pooled)
        left = self.left(both)
        right = self.right(same)
        y = self.y(left * right)
        z = self.z(left + right)
        return y, z

    @torch.no_grad()
    def predict(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The outputs `y`, `z`, as at inference."""
        self.eval()
        y, z = self(image)
        return y, torch.softmax(z, 1)

    def load_weights(self, file: Path = WEIGHTS) -> None:
        """Takes the weights that were exported beside this file."""
        self.load_state_dict(load_file(file))

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draws the initial values of the spec."""
        for layer in [self.wide[0], self.grouped[0], self.narrow[0]]:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        for layer in [
            self.grouped[0],
            self.narrow[0],
            self.spread[0],
            self.pooled[0],
            self.y[1],
            self.z[2],
        ]:
            nn.init.zeros_(layer.bias)
        for layer in [self.spread[0], self.pooled[0], self.y[1], self.z[2]]:
            nn.init.xavier_uniform_(layer.weight)


def loss(outputs: tuple[Tensor, Tensor], targets: tuple[Tensor, Tensor]) -> Tensor:
    y, z = outputs
    y_target, z_target = targets
    total = F.mse_loss(y, y_target)
    total += 0.5 * F.cross_entropy(z, z_target)
    return total


def penalty(model: ImageLayers) -> Tensor:
    """What weights add to the loss: l2 * Σw² and l1 * Σ|w|."""
    weights = [model.y[1].weight]
    return 0.002 * weights[0].square().sum() + 0.001 * weights[0].abs().sum()


def make_optimizer(model: ImageLayers) -> torch.optim.Optimizer:
    """The optimizer of the spec."""
    return torch.optim.Adam(model.parameters(), lr=0.01)


def gradients(model: ImageLayers, image: Tensor, y_target: Tensor, z_target: Tensor) -> Tensor:
    """The gradients of all parameters by a batch. Returns its loss."""
    model.zero_grad()
    value = loss(model(image), (y_target, z_target)) + penalty(model)
    value.backward()
    return value.detach()


def update(model: ImageLayers, optimizer: torch.optim.Optimizer) -> None:
    """One step along the gradients."""
    optimizer.step()


@torch.no_grad()
def set_statistics(model: ImageLayers, data: TensorDataset) -> None:
    """Takes the statistics of each `Normalize` from the rows that reach it."""
    model.eval()
    for layer in model.modules():
        if isinstance(layer, Normalize):
            hook = layer.register_forward_pre_hook(lambda layer, inputs: layer.observe(*inputs))
            model(*data.tensors[:1])
            hook.remove()


@torch.no_grad()
def evaluate(model: ImageLayers, data: TensorDataset) -> dict[str, float]:
    """The loss and the metrics over all rows, as at inference."""
    model.eval()
    image, y_target, z_target = data.tensors
    y, z = model(image)
    figures = {
        "loss": loss((y, z), (y_target, z_target)) + penalty(model),
    }
    return {name: value.item() for name, value in figures.items()}


def train(
    model: ImageLayers,
    data: TensorDataset,
    validation: TensorDataset | None = None,
    epochs: int = 10,
    batch: int = 8,
    seed: int = 0,
) -> None:
    """Trains as the spec says. The model keeps the weights of the best epoch.

    A dataset has the tensors image, y_target, z_target.
    """
    torch.manual_seed(seed)
    set_statistics(model, data)
    optimizer = make_optimizer(model)
    loader = DataLoader(data, batch_size=batch, shuffle=True)
    best, kept, waited = float("inf"), None, 0
    for epoch in range(1, epochs + 1):
        model.train()
        total, rows = 0.0, 0
        for image, y_target, z_target in loader:
            found = gradients(model, image, y_target, z_target)
            update(model, optimizer)
            total, rows = total + found.item() * len(image), rows + len(image)
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
        model = ImageLayers().to(dtype)
        model.load_state_dict(part(numbers, "start."))
        for layer in model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        outputs = model.predict(numbers["input.image"])
        expected = part(numbers, "output.")
        found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}
        rows, parts, epoch_steps = golden["sizes"].tolist()
        optimizer = make_optimizer(model)
        model.train()
        for at in range(10):
            batch = slice(at * rows * parts, (at + 1) * rows * parts)
            value = gradients(model, 
                numbers["input.image"][batch],
                numbers["target.0"][batch],
                numbers["target.1"][batch],
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
