"""PyTorch: `torch-eager` as it is, `torch-compiled` with model and loss through torch.compile. Adam is the fused one."""

import os

import torch
from torch import nn

from task import Epochs, Predict, Steps

VERSION = f"torch {torch.__version__}"
torch.set_num_threads(int(os.environ.get("NN_BENCH_THREADS", "1")))


def make(peer, workload, arrays):
    compiled = peer == "torch-compiled"
    if not workload.trains:
        return Rows(workload, arrays, compiled)
    return (TorchEpochs if workload.epochs else TorchSteps)(workload, arrays, compiled)


def build(workload, arrays):
    """The network without the last activation, with the first weights."""
    modules = []
    hidden = len(workload.widths) - 2
    with torch.no_grad():
        inputs = workload.image[0] if workload.image else 0
        for number, (channels, kernel, padding) in enumerate(workload.convolutions):
            convolution = nn.Conv2d(inputs, channels, kernel, padding=padding)
            convolution.weight.copy_(torch.from_numpy(arrays[f"{number}.weight"]))
            convolution.bias.copy_(torch.from_numpy(arrays[f"{number}.bias"]))
            modules += [convolution, nn.ReLU(), nn.MaxPool2d(2)]
            inputs = channels
        if workload.convolutions:
            modules.append(nn.Flatten())
        for index, (dense, norm) in enumerate(workload.layers()):
            inputs, units = workload.widths[index : index + 2]
            linear = nn.Linear(inputs, units, bias=norm is None)
            linear.weight.copy_(torch.from_numpy(arrays[f"{dense}.weight"]).T)
            modules.append(linear)
            if norm is None:
                linear.bias.copy_(torch.from_numpy(arrays[f"{dense}.bias"]))
            else:
                batch_norm = nn.BatchNorm1d(units)
                names = {"weight": "gamma", "bias": "beta", "running_mean": "running_mean", "running_var": "running_variance"}
                for there, here in names.items():
                    getattr(batch_norm, there).copy_(torch.from_numpy(arrays[f"{norm}.{here}"]))
                modules.append(batch_norm)
            if index < hidden:
                modules.append(nn.Tanh() if workload.activation == "tanh" else nn.ReLU())
                if workload.dropout > 0:
                    modules.append(nn.Dropout(workload.dropout))
    return channels_last(workload, nn.Sequential(*modules))


def load_inputs(workload, arrays):
    return channels_last(workload, torch.from_numpy(arrays["x"]))


def channels_last(workload, model_or_images):
    """The layout of images that its convolutions are fastest in."""
    return model_or_images.to(memory_format=torch.channels_last) if workload.convolutions else model_or_images


def head(workload):
    return {"linear": nn.Identity(), "sigmoid": nn.Sigmoid(), "softmax": nn.Softmax(dim=1)}[workload.head]


class Rows(Predict):
    def __init__(self, workload, arrays, compiled):
        model = nn.Sequential(build(workload, arrays), head(workload)).eval()
        self.model = torch.compile(model) if compiled else model
        self.x = load_inputs(workload, arrays)

    def predict(self):
        with torch.inference_mode():
            return self.model(self.x)

    def outputs(self):
        return self.predict().flatten().tolist()

    def run(self, iterations):
        with torch.inference_mode():
            for _ in range(iterations):
                self.model(self.x)


class Training:
    """A model with its optimizer; `start` takes both back to where they began."""

    def __init__(self, workload, arrays, compiled):
        self.workload = workload
        self.model = build(workload, arrays)
        self.first = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.weights = [module.weight for module in self.model if isinstance(module, nn.Linear)]
        losses = {"linear": nn.MSELoss(), "sigmoid": nn.BCEWithLogitsLoss(), "softmax": nn.CrossEntropyLoss()}
        self.criterion = losses[workload.head]
        self.forward = torch.compile(self.loss_of) if compiled else self.loss_of
        self.x = load_inputs(workload, arrays)
        y = torch.from_numpy(arrays["y"])
        self.y = y.long() if workload.head == "softmax" else y
        if workload.optimizer == "momentum":
            self.optimizer = torch.optim.SGD(self.model.parameters(), workload.lr, workload.momentum, fused=True)
        else:
            self.optimizer = torch.optim.Adam(self.model.parameters(), workload.lr, fused=True)

    def loss_of(self, x, y):
        loss = self.criterion(self.model(x), y)
        if self.workload.l2 > 0:
            loss = loss + self.workload.l2 * sum(weight.square().sum() for weight in self.weights)
        return loss

    def start(self):
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                value.copy_(self.first[name])
            for state in self.optimizer.state.values():
                for value in state.values():
                    if value is not None:
                        value.zero_()
        self.model.train()

    def step(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward(x, y)
        loss.backward()
        self.optimizer.step()
        return loss

    def outputs(self):
        self.model.eval()
        with torch.inference_mode():
            outputs = head(self.workload)(self.model(self.x)).flatten().tolist()
        self.model.train()
        return outputs


class TorchSteps(Steps):
    def __init__(self, workload, arrays, compiled):
        super().__init__(workload)
        self.training = Training(workload, arrays, compiled)

    def restart(self):
        self.training.start()

    def step(self):
        self.last = self.training.step(self.training.x, self.training.y)

    def loss(self):
        return self.last.item()

    def outputs(self):
        return self.training.outputs()


class TorchEpochs(Epochs):
    def __init__(self, workload, arrays, compiled):
        self.workload = workload
        self.training = Training(workload, arrays, compiled)

    def outputs(self):
        self.training.start()
        return self.training.outputs()

    def train(self):
        training = self.training
        training.start()
        for _ in range(self.workload.epochs):
            total = torch.zeros(())
            for rows in torch.randperm(len(training.x)).split(self.workload.batch):
                total += training.step(training.x[rows], training.y[rows]).detach() * len(rows)
        return total.item() / len(training.x)
