"""Writes the state dictionaries of this folder, and what PyTorch predicts with them.

Needs torch and safetensors. It was run with torch 1.13.1 and safetensors 0.8.0.
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = pathlib.Path(__file__).parent


def shake(model):
    """Gives every number of a model a value of its own, so that no two tensors can be mixed up."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.dtype.is_floating_point:
                noise = torch.rand(tensor.shape)
                positive = 0.5 + noise if "var" in name else noise - 0.5
                tensor.copy_(positive.to(tensor.dtype))


def image():
    """The modules have the names of values in `image.nn`."""
    model = nn.Sequential()
    model.add_module(
        "features",
        nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1, bias=False),
            nn.BatchNorm2d(4),
            nn.PReLU(4),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 4, 3, bias=False),
            nn.BatchNorm2d(4),
            nn.ReLU(),
        ),
    )
    model.add_module(
        "y",
        nn.Sequential(
            nn.Flatten(), nn.Linear(16, 6), nn.LayerNorm(6), nn.GELU(), nn.Linear(6, 6), nn.Softmax(1)
        ),
    )
    return model, torch.rand(3, 2, 8, 8)


class Text(nn.Module):
    """No module has the name of a value in `text.nn`."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.conv = nn.Conv1d(4, 6, 3, groups=2)
        self.norm = nn.GroupNorm(3, 6)
        self.fc10 = nn.Linear(5, 5)
        self.fc9 = nn.Linear(24, 5)
        self.fc11 = nn.Linear(5, 5)

    def forward(self, x):
        x = self.embed(x).transpose(1, 2)
        x = torch.relu(self.norm(self.conv(x))).flatten(1)
        return self.fc11(torch.tanh(self.fc10(torch.tanh(self.fc9(x)))))


def text():
    return Text(), torch.randint(0, 7, (3, 6))


def write(name, made):
    model, inputs = made
    model.eval()
    shake(model)
    state = model.state_dict()
    save_file(state, FOLDER / f"{name}.safetensors")
    # As DataParallel names them, and in half precision.
    if name == "image":
        half = {f"module.{key}": tensor.half() if tensor.dtype.is_floating_point else tensor for key, tensor in state.items()}
        save_file(half, FOLDER / f"{name}.half.safetensors")
    with torch.no_grad():
        outputs = model.double()(inputs.double() if inputs.dtype.is_floating_point else inputs)
    rows = {"inputs": inputs.flatten(1).tolist(), "outputs": outputs.tolist()}
    (FOLDER / f"{name}.json").write_text(json.dumps(rows) + "\n")


torch.manual_seed(16)
write("image", image())
write("text", text())
