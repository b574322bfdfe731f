"""TensorFlow: Keras layers and optimizers, in a step compiled by tf.function."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf

from task import Epochs, Predict, Steps
from workloads import channels_last

VERSION = f"tensorflow {tf.__version__}"
THREADS = int(os.environ.get("NN_BENCH_THREADS", "1"))
tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(THREADS)


def make(_, workload, arrays):
    if not workload.trains:
        return Rows(workload, arrays)
    return (KerasEpochs if workload.epochs else KerasSteps)(workload, arrays)


def build(workload, arrays):
    """The network without the last activation, with the first weights."""
    # Its kernels on CPUs take channels last.
    arrays = channels_last(workload, arrays)
    layers, values = [keras.layers.Input(arrays["x"].shape[1:])], []
    for number, (channels, kernel, padding) in enumerate(workload.convolutions):
        assert padding in (0, kernel // 2), "Keras pads so that the size stays, or not"
        layers.append(keras.layers.Conv2D(channels, kernel, padding="same" if padding else "valid"))
        layers += [keras.layers.Activation("relu"), keras.layers.MaxPooling2D(2)]
        values += [arrays[f"{number}.weight"], arrays[f"{number}.bias"]]
    if workload.convolutions:
        layers.append(keras.layers.Flatten())
    hidden = len(workload.widths) - 2
    for index, (dense, norm) in enumerate(workload.layers()):
        layers.append(keras.layers.Dense(workload.widths[index + 1], use_bias=norm is None))
        values.append(arrays[f"{dense}.weight"])
        if norm is None:
            values.append(arrays[f"{dense}.bias"])
        else:
            layers.append(keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
            values += [arrays[f"{norm}.{name}"] for name in ("gamma", "beta", "running_mean", "running_variance")]
        if index < hidden:
            layers.append(keras.layers.Activation(workload.activation))
            if workload.dropout > 0:
                layers.append(keras.layers.Dropout(workload.dropout, seed=0))
    model = keras.Sequential(layers)
    # Dropout has a variable of its own, which is not among the weights.
    model.set_weights(values)
    return model, values


def head(workload, z):
    return {"linear": tf.identity, "sigmoid": tf.sigmoid, "softmax": tf.nn.softmax}[workload.head](z)


class Rows(Predict):
    def __init__(self, workload, arrays):
        model, _ = build(workload, arrays)
        self.compiled = tf.function(lambda x: head(workload, model(x, training=False)))
        self.x = tf.constant(channels_last(workload, arrays)["x"])

    def predict(self):
        return self.compiled(self.x)

    def outputs(self):
        return self.predict().numpy().ravel()


class Training:
    def __init__(self, workload, arrays):
        self.workload = workload
        self.model, self.first = build(workload, arrays)
        self.weights = [layer.kernel for layer in self.model.layers if isinstance(layer, keras.layers.Dense)]
        self.x = tf.constant(channels_last(workload, arrays)["x"])
        self.y = tf.constant(arrays["y"].astype(np.int32) if workload.head == "softmax" else arrays["y"])
        if workload.optimizer == "momentum":
            self.optimizer = keras.optimizers.SGD(workload.lr, momentum=workload.momentum)
        else:
            # Its epsilon stands beside a root that is not yet divided by √(1 − β₂ᵗ), so in the first steps it weighs
            # up to 32 times as much as the 1e-8 of all others.
            self.optimizer = keras.optimizers.Adam(workload.lr, epsilon=1e-9)
        self.optimizer.build(self.model.trainable_variables)
        self.first_state = [variable.numpy() for variable in self.optimizer.variables]
        self.step = tf.function(self.eager_step, reduce_retracing=True)

    def eager_step(self, x, y):
        with tf.GradientTape() as tape:
            loss = self.loss_of(self.model(x, training=True), y)
        variables = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    def loss_of(self, z, y):
        if self.workload.head == "linear":
            loss = tf.reduce_mean(tf.square(z - y))
        elif self.workload.head == "sigmoid":
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))
        else:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, z))
        if self.workload.l2 > 0:
            loss += self.workload.l2 * tf.add_n([tf.reduce_sum(tf.square(weight)) for weight in self.weights])
        return loss

    def start(self):
        self.model.set_weights(self.first)
        for variable, value in zip(self.optimizer.variables, self.first_state):
            variable.assign(value)

    def outputs(self):
        return head(self.workload, self.model(self.x, training=False)).numpy().ravel()


class KerasSteps(Steps):
    def __init__(self, workload, arrays):
        super().__init__(workload)
        self.training = Training(workload, arrays)

    def restart(self):
        self.training.start()

    def step(self):
        self.last = self.training.step(self.training.x, self.training.y)

    def loss(self):
        return float(self.last)

    def outputs(self):
        return self.training.outputs()


class KerasEpochs(Epochs):
    def __init__(self, workload, arrays):
        self.workload = workload
        self.training = Training(workload, arrays)

    def outputs(self):
        self.training.start()
        return self.training.outputs()

    def train(self):
        training, rows = self.training, len(self.training.x)
        training.start()
        data = tf.data.Dataset.from_tensor_slices((training.x, training.y))
        data = data.shuffle(rows, seed=0).batch(self.workload.batch)
        for _ in range(self.workload.epochs):
            total = 0.0
            for x, y in data:
                total += training.step(x, y) * float(len(x))
        return float(total) / rows
