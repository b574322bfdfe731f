"""JAX, compiled by XLA: `jax-jit` calls a compiled step each time, `jax-scan` does many steps within one call."""

import os

THREADS = os.environ.get("NN_BENCH_THREADS", "1")
if THREADS == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
from functools import partial

from task import Epochs, Predict, Steps
from workloads import channels_last

VERSION = f"jax {jax.__version__}"
EPS_NORM = 1e-5


def make(peer, workload, arrays):
    network = Network(workload)
    arrays = channels_last(workload, arrays)
    if not workload.trains:
        return Rows(network, arrays) if peer == "jax-jit" else None
    if workload.epochs:
        return (JitEpochs if peer == "jax-jit" else ScanEpochs)(network, arrays)
    return (JitSteps if peer == "jax-jit" else ScanSteps)(network, arrays)


class Network:
    """Pure functions of parameters, statistics, and what the optimizer remembers."""

    def __init__(self, workload):
        self.workload = workload

    def first(self, arrays):
        """The state before the first step: parameters, statistics, moments, and how many steps were done."""
        statistic = lambda name: "running" in name
        parameters = {k: jnp.array(v) for k, v in arrays.items() if k not in "xy" and not statistic(k)}
        statistics = {k: jnp.array(v) for k, v in arrays.items() if statistic(k)}
        zeros = {k: jnp.zeros_like(v) for k, v in parameters.items()}
        moments = (zeros, {k: jnp.zeros_like(v) for k, v in parameters.items()})
        return parameters, statistics, moments, jnp.zeros((), jnp.int32)

    def forward(self, parameters, statistics, x, key=None):
        """The last layer's sums, and the statistics after them. With a key for dropout in training mode."""
        w = self.workload
        hidden = len(w.widths) - 2
        statistics = dict(statistics)
        for number, (_, _, padding) in enumerate(w.convolutions):
            layout = ("NHWC", "HWIO", "NHWC")
            x = jax.lax.conv_general_dilated(
                x, parameters[f"{number}.weight"], (1, 1), [(padding, padding)] * 2, dimension_numbers=layout
            )
            x = jax.nn.relu(x + parameters[f"{number}.bias"])
            # Faster than a window that is reduced, whose gradient XLA scatters.
            rows, height, width, channels = x.shape
            x = x.reshape(rows, height // 2, 2, width // 2, 2, channels).max((2, 4))
        x = x.reshape(len(x), -1)
        for index, (dense, norm) in enumerate(w.layers()):
            x = x @ parameters[f"{dense}.weight"]
            if norm is None:
                x = x + parameters[f"{dense}.bias"]
            else:
                x = self.batch_norm(parameters, statistics, norm, x, key is not None)
            if index < hidden:
                x = jnp.tanh(x) if w.activation == "tanh" else jax.nn.relu(x)
                if key is not None and w.dropout > 0:
                    key, mask = jax.random.split(key)
                    kept = jax.random.bernoulli(mask, 1 - w.dropout, x.shape)
                    x = jnp.where(kept, x / (1 - w.dropout), 0)
        return x, statistics

    def batch_norm(self, parameters, statistics, number, x, training):
        mean, variance = statistics[f"{number}.running_mean"], statistics[f"{number}.running_variance"]
        if training:
            rows = x.shape[0]
            running = (mean, variance)
            mean, variance = x.mean(0), x.var(0)
            statistics[f"{number}.running_mean"] = 0.9 * running[0] + 0.1 * mean
            statistics[f"{number}.running_variance"] = 0.9 * running[1] + 0.1 * variance * rows / (rows - 1)
        normal = (x - mean) * jax.lax.rsqrt(variance + EPS_NORM)
        return normal * parameters[f"{number}.gamma"] + parameters[f"{number}.beta"]

    def outputs(self, parameters, statistics, x):
        z, _ = self.forward(parameters, statistics, x)
        return {"linear": lambda z: z, "sigmoid": jax.nn.sigmoid, "softmax": jax.nn.softmax}[self.workload.head](z)

    def loss(self, parameters, statistics, x, y, key):
        z, statistics = self.forward(parameters, statistics, x, key)
        if self.workload.head == "linear":
            loss = jnp.mean((z - y) ** 2)
        elif self.workload.head == "sigmoid":
            loss = jnp.mean(jax.nn.softplus(z) - z * y)
        else:
            loss = -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1))
        if self.workload.l2 > 0:
            weights = [v for k, v in parameters.items() if k.endswith("weight")]
            loss = loss + self.workload.l2 * sum(jnp.sum(weight**2) for weight in weights)
        return loss, statistics

    def step(self, state, x, y):
        """The state after a step, and the loss before it."""
        parameters, statistics, (m, v), steps = state
        key = jax.random.fold_in(jax.random.key(0, impl="rbg"), steps)
        (loss, statistics), g = jax.value_and_grad(self.loss, has_aux=True)(parameters, statistics, x, y, key)
        steps = steps + 1
        lr, update = self.workload.lr, jax.tree.map
        if self.workload.optimizer == "momentum":
            m = update(lambda m, g: self.workload.momentum * m - lr * g, m, g)
            parameters = update(jnp.add, parameters, m)
        else:
            m = update(lambda m, g: 0.9 * m + 0.1 * g, m, g)
            v = update(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
            rate, scale = lr / (1 - 0.9**steps), 1 / (1 - 0.999**steps)
            move = lambda w, m, v: w - rate * m / (jnp.sqrt(v * scale) + 1e-8)
            parameters = update(move, parameters, m, v)
        return (parameters, statistics, (m, v), steps), loss


def targets(workload, arrays):
    return jnp.array(arrays["y"].astype(np.int32) if workload.head == "softmax" else arrays["y"])


class Rows(Predict):
    def __init__(self, network, arrays):
        parameters, statistics, _, _ = network.first(arrays)
        self.compiled = jax.jit(partial(network.outputs, parameters, statistics))
        self.x = jnp.array(arrays["x"])

    def predict(self):
        self.compiled(self.x).block_until_ready()

    def outputs(self):
        return np.asarray(self.compiled(self.x)).ravel()


class JitSteps(Steps):
    def __init__(self, network, arrays):
        super().__init__(network.workload)
        self.network = network
        self.first = network.first(arrays)
        self.x, self.y = jnp.array(arrays["x"]), targets(network.workload, arrays)
        self.compiled = jax.jit(network.step, donate_argnums=0)

    def restart(self):
        self.state = jax.tree.map(jnp.copy, self.first)

    def step(self):
        self.state, self.last = self.compiled(self.state, self.x, self.y)
        self.last.block_until_ready()

    def loss(self):
        return float(self.last)

    def outputs(self):
        return np.asarray(self.network.outputs(self.state[0], self.state[1], self.x)).ravel()

    def run(self, iterations):
        if self.done == 0:
            self.restart()
        super().run(iterations)


class ScanSteps(JitSteps):
    """All steps from one start to the next in one call."""

    def __init__(self, network, arrays):
        super().__init__(network, arrays)
        self.unit = network.workload.period
        body = lambda x, y, state, _: network.step(state, x, y)

        @jax.jit
        def scan(state, x, y):
            return jax.lax.scan(partial(body, x, y), state, length=self.unit)

        self.scan = scan

    def run(self, iterations):
        for _ in range(iterations // self.unit):
            _, losses = self.scan(self.first, self.x, self.y)
            losses.block_until_ready()


class JitEpochs(Epochs):
    """A call for each step; rows are gathered by numpy."""

    def __init__(self, network, arrays):
        self.network, self.workload = network, network.workload
        self.first = network.first(arrays)
        self.x, self.y = arrays["x"], np.asarray(targets(network.workload, arrays))
        self.compiled = jax.jit(network.step, donate_argnums=0)

    def outputs(self):
        return np.asarray(self.network.outputs(self.first[0], self.first[1], self.x)).ravel()

    def train(self):
        state = jax.tree.map(jnp.copy, self.first)
        random = np.random.default_rng(0)
        for _ in range(self.workload.epochs):
            order, losses = random.permutation(len(self.x)), []
            for start in range(0, len(order), self.workload.batch):
                rows = order[start : start + self.workload.batch]
                state, loss = self.compiled(state, self.x[rows], self.y[rows])
                losses.append((loss, len(rows)))
        return float(sum(float(loss) * rows for loss, rows in losses) / len(self.x))


class ScanEpochs(JitEpochs):
    """The whole training in one call: a scan over epochs, in each a scan over whole batches, then what is left."""

    def __init__(self, network, arrays):
        super().__init__(network, arrays)
        rows, batch = len(self.x), self.workload.batch
        whole = rows // batch * batch

        def epoch(x, y, state, key):
            order = jax.random.permutation(key, rows)
            step = lambda state, rows: network.step(state, x[rows], y[rows])
            state, losses = jax.lax.scan(step, state, order[:whole].reshape(-1, batch))
            total = losses.sum() * batch
            if whole < rows:
                state, loss = step(state, order[whole:])
                total = total + loss * (rows - whole)
            return state, total / rows

        @jax.jit
        def training(state, x, y):
            keys = jax.random.split(jax.random.key(0), self.workload.epochs)
            _, losses = jax.lax.scan(partial(epoch, x, y), state, keys)
            return losses[-1]

        self.training = training

    def train(self):
        return float(self.training(self.first, self.x, self.y))
