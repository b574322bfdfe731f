"""scikit-learn: its multi-layer perceptrons, by `partial_fit` where a step is asked for."""

import warnings

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from task import Epochs, Predict, Steps

VERSION = f"scikit-learn {sklearn.__version__}"
warnings.filterwarnings("ignore", category=ConvergenceWarning)


def make(_, workload, arrays):
    if workload.norm or workload.convolutions:
        return None  # It has neither.
    if not workload.trains:
        return Rows(workload, arrays)
    return (SklearnEpochs if workload.epochs else SklearnSteps)(workload, arrays)


def build(workload, arrays):
    """A model with the first weights. A first step makes what a model has; then the weights are put in."""
    regresses = workload.head == "linear"
    classes = 2 if workload.head == "sigmoid" else workload.widths[-1]
    options = dict(
        hidden_layer_sizes=workload.widths[1:-1],
        activation=workload.activation,
        alpha=0.0,
        learning_rate_init=workload.lr,
        solver="sgd" if workload.optimizer == "momentum" else "adam",
        momentum=workload.momentum,
        nesterovs_momentum=False,
        max_iter=workload.epochs or 1,
        n_iter_no_change=10**6,
        tol=0.0,
        batch_size=workload.batch or len(arrays["x"]),
        warm_start=workload.epochs > 0,
    )
    x = arrays["x"]
    if regresses:
        model = MLPRegressor(**options)
        y = arrays["y"] if "y" in arrays else np.zeros((len(x), workload.widths[-1]), np.float32)
        y = y.ravel() if y.shape[-1] == 1 else y
        model.partial_fit(x, y)
    else:
        model = MLPClassifier(**options)
        y = arrays["y"].ravel().astype(np.int64) if "y" in arrays else np.arange(len(x)) % classes
        if workload.trains:
            model.partial_fit(x, y, classes=np.arange(classes))
        else:
            rows = np.zeros((classes, workload.widths[0]), np.float32)
            model.set_params(batch_size=classes).partial_fit(rows, np.arange(classes), classes=np.arange(classes))
    reset(model, workload, arrays)
    return model, y


def reset(model, workload, arrays):
    for layer, (number, _) in enumerate(workload.layers()):
        model.coefs_[layer][...] = arrays[f"{number}.weight"]
        model.intercepts_[layer][...] = arrays[f"{number}.bias"]
    optimizer = model._optimizer
    for moments in ("ms", "vs", "velocities"):
        for moment in getattr(optimizer, moments, []):
            moment[...] = 0
    optimizer.t = 0
    model.t_ = 0


def outputs(model, workload, x):
    if workload.head == "linear":
        return model.predict(x).ravel()
    probabilities = model.predict_proba(x)
    return (probabilities[:, 1] if workload.head == "sigmoid" else probabilities).ravel()


class Rows(Predict):
    def __init__(self, workload, arrays):
        self.workload, self.x = workload, arrays["x"]
        self.model, _ = build(workload, arrays)

    def predict(self):
        return outputs(self.model, self.workload, self.x)

    def outputs(self):
        return self.predict()


class SklearnSteps(Steps):
    def __init__(self, workload, arrays):
        super().__init__(workload)
        self.arrays = arrays
        self.model, self.y = build(workload, arrays)

    def restart(self):
        reset(self.model, self.workload, self.arrays)

    def step(self):
        self.model.partial_fit(self.arrays["x"], self.y)

    def loss(self):
        # Its squared error is half of ours, which Adam does not see.
        return self.model.loss_ * (2 if self.workload.head == "linear" else 1)

    def outputs(self):
        return outputs(self.model, self.workload, self.arrays["x"])


class SklearnEpochs(Epochs):
    def __init__(self, workload, arrays):
        self.workload, self.arrays = workload, arrays
        self.model, self.y = build(workload, arrays)

    def outputs(self):
        reset(self.model, self.workload, self.arrays)
        return outputs(self.model, self.workload, self.arrays["x"])

    def train(self):
        reset(self.model, self.workload, self.arrays)
        self.model.loss_curve_ = []
        self.model.n_iter_ = 0
        self.model.fit(self.arrays["x"], self.y)
        return self.model.loss_
