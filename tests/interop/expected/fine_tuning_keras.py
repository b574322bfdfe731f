"""FineTuning, a network of `net.nn`, in Keras 3.

Written by `nn export` 0.1.0. It needs keras and safetensors, and torch, jax or
tensorflow: the environment variable KERAS_BACKEND chooses.

    model = make_model()
    load_weights(model)  # from fine_tuning.keras.safetensors
    outputs = predict(model, x)
    train(model, [x], [target])

`python fine_tuning.py --check` compares it with the numbers in
fine_tuning.keras.golden.safetensors, which `nn export --golden` writes.
"""

import importlib.util
import os
import sys
from pathlib import Path

if "KERAS_BACKEND" not in os.environ:
    backends = [name for name in ("torch", "jax", "tensorflow") if importlib.util.find_spec(name)]
    os.environ["KERAS_BACKEND"] = backends[0] if backends else "torch"

import keras
import numpy as np
from keras import layers, ops
from safetensors.numpy import load_file

WEIGHTS = Path(__file__).with_name("fine_tuning.keras.safetensors")
GOLDEN = Path(__file__).with_name("fine_tuning.keras.golden.safetensors")


class BatchNorm(layers.BatchNormalization):
    """Keeps the unbiased variance of batches, where Keras keeps the biased one."""

    def __init__(self, rests=False, **settings):
        super().__init__(**settings)
        self.rests = rests  # works as at inference in a training, too

    def call(self, inputs, training=False):
        mean, variance = self.moving_mean, self.moving_variance
        if training and not self.rests:
            axes = list(range(len(inputs.shape) - 1))
            mean, variance = ops.moments(inputs, axes)
            count = ops.cast(ops.size(inputs), inputs.dtype) / inputs.shape[-1]
            unbiased = variance * count / ops.maximum(count - 1, 1)
            keep = self.momentum
            self.moving_mean.assign(keep * self.moving_mean + (1 - keep) * mean)
            self.moving_variance.assign(keep * self.moving_variance + (1 - keep) * unbiased)
        return self.gamma * (inputs - mean) / ops.sqrt(variance + self.epsilon) + self.beta


def he_normal():
    """N(0, 2 / inputs). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def make_model() -> keras.Model:
    """Frozen layers, learning rates of values, an output without a loss, one cycle of the rate."""
    x = keras.Input((6,), name="x")
    base = layers.Dense(
        8,
        use_bias=False,
        kernel_initializer=he_normal(),
        trainable=False,
        name="base_0",
    )(x)
    base = BatchNorm(momentum=0.9, epsilon=1e-5, rests=True, trainable=False, name="base_1")(base)
    base = layers.Activation("relu")(base)
    middle = layers.Dense(8, use_bias=False, kernel_initializer=he_normal(), name="middle_0")(base)
    middle = BatchNorm(momentum=0.9, epsilon=1e-5, name="middle_1")(middle)
    middle = layers.Activation("relu")(middle)
    still = layers.Dense(8, trainable=False, name="still_0")(middle)
    still = layers.Activation("tanh")(still)
    y = layers.Dense(3, name="y_0")(still)
    other = layers.Dense(2, use_bias=False, name="other_0")(base)
    other = BatchNorm(momentum=0.9, epsilon=1e-5, rests=True, name="other_1")(other)
    return keras.Model(
        x,
        [layers.Identity(name="y")(y), layers.Identity(name="other")(other)],
        name="FineTuning",
    )


def predict(model: keras.Model, x):
    """The outputs `y`, `other`, as at inference."""
    y, other = model.predict(x, verbose=0)
    return ops.convert_to_numpy(ops.softmax(y)), other


def assign(model: keras.Model, numbers: dict) -> None:
    """Gives the model's weights these numbers."""
    for name, value in numbers.items():
        layer, weight = name.rsplit(".", 1)
        getattr(model.get_layer(layer), weight).assign(value)


def load_weights(model: keras.Model, file: Path = WEIGHTS) -> None:
    """Takes the weights that were exported beside this file."""
    assign(model, load_file(file))


def y_loss(target, y):
    """The loss of each row; the loss of a batch is their mean."""
    target = ops.reshape(ops.cast(target, "int32"), (-1,))
    logs = ops.log_softmax(y)
    return -ops.take_along_axis(logs, target[:, None], -1)[:, 0]


def no_loss(target, y):
    """For outputs without a loss."""
    return 0.0 * ops.mean(ops.reshape(y, (len(y), -1)), -1)


class Adam(keras.optimizers.Optimizer):
    """w -= lr * m̂ / (√v̂ + epsilon), as in the paper, and w -= lr * decay * w.

    keras.optimizers.Adam adds epsilon to √v instead.
    """

    def __init__(self, learning_rate, beta_1, beta_2, epsilon, decay=0.0, **settings):
        super().__init__(learning_rate=learning_rate, **settings)
        self.beta_1, self.beta_2, self.epsilon, self.decay = beta_1, beta_2, epsilon, decay

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.m = [self.add_variable_from_reference(variable, "m") for variable in variables]
        self.v = [self.add_variable_from_reference(variable, "v") for variable in variables]

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        m, v = self.m[index], self.v[index]
        time = ops.cast(self.iterations + 1, variable.dtype)
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign(m, self.beta_1 * m + (1 - self.beta_1) * gradient)
        self.assign(v, self.beta_2 * v + (1 - self.beta_2) * ops.square(gradient))
        # 1 - beta ** time, which float32 cannot subtract exactly.
        mean = m / -ops.expm1(time * np.log(self.beta_1))
        square = v / -ops.expm1(time * np.log(self.beta_2))
        move = mean / (ops.sqrt(square) + self.epsilon) + self.decay * variable
        self.assign_sub(variable, rate * move)


FACTORS = {"middle_0": 0.1, "middle_1": 0.1}


class Optimizer(Adam):
    """With the conventions of the spec."""

    def _clip_gradients(self, grads):
        norm = ops.sqrt(sum(ops.sum(ops.square(gradient)) for gradient in grads))
        factor = ops.minimum(1.0, 0.5 / (norm + 1e-6))
        return [gradient * factor for gradient in grads]

    def apply(self, grads, trainable_variables=None):
        # No loss reaches some weights, but decay and the optimizer's memory act on them.
        variables = trainable_variables or self._trainable_variables
        filled = [ops.zeros_like(w) if g is None else g for g, w in zip(grads, variables)]
        super().apply(filled, trainable_variables)

    def update_step(self, gradient, variable, learning_rate):
        factor = FACTORS.get(variable.path.split("/")[-2], 1.0)
        super().update_step(gradient, variable, learning_rate * factor)


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of the spec."""

    def __init__(self, epochs: int, steps: int, accumulate: int = 1):
        self.epochs, self.steps, self.accumulate = epochs, steps, accumulate

    def __call__(self, step):
        step = ops.cast(step // self.accumulate, keras.config.floatx())
        last = self.epochs * self.steps - 1
        peak = 0.3 * (last + 1) - 1
        def curve(start, end, share):
            return end + (start - end) * (1 + ops.cos(np.pi * share)) / 2

        rising = curve(0.05 / 25, 0.05, step / peak)
        falling = curve(0.05, 0.05 / 25e4, (step - peak) / (last - peak))
        return ops.where(step <= peak, rising, falling)

    def get_config(self):
        return {"epochs": self.epochs, "steps": self.steps, "accumulate": self.accumulate}


def make_optimizer(epochs: int, steps: int):
    """The optimizer of the spec, for epochs of this many updates."""
    return Optimizer(Schedule(epochs, steps), beta_1=0.8, beta_2=0.999, epsilon=1e-8, decay=0.2)


def gradients(model, inputs, value_of):
    """The value of `value_of(outputs)` with the penalties, and its gradients by all weights."""
    weights = model.trainable_variables
    if keras.backend.backend() == "torch":
        for weight in weights:
            weight.value.grad = None
        value = value_of(model(inputs, training=True)) + sum(model.losses)
        value.backward()
        return value, [weight.value.grad for weight in weights]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = value_of(model(inputs, training=True)) + sum(model.losses)
        return value, tape.gradient(value, [weight.value for weight in weights])
    import jax

    def whole(values):
        others = [variable.value for variable in model.non_trainable_variables]
        outputs, others, losses = model.stateless_call(
            values, others, inputs, training=True, return_losses=True
        )
        return value_of(outputs) + sum(losses), others

    (value, others), slopes = jax.value_and_grad(whole, has_aux=True)([w.value for w in weights])
    for variable, other in zip(model.non_trainable_variables, others):
        variable.assign(other)
    return value, slopes


class Batches(keras.utils.PyDataset):
    """Rows in another order in each epoch."""

    def __init__(self, arrays, batch, seed, change=None, least=1):
        super().__init__()
        self.arrays, self.batch, self.change = arrays, batch, change
        self.random, self.rows = np.random.default_rng(seed), len(arrays[0][0])
        self.length = self.rows // batch + (self.rows % batch >= least)
        self.on_epoch_end()

    def __len__(self):
        return self.length

    def on_epoch_end(self):
        self.order = self.random.permutation(self.rows)

    def __getitem__(self, index):
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        inputs, *others = ([array[rows] for array in arrays] for arrays in self.arrays)
        if self.change:
            inputs = [self.change(a, self.random) if a.ndim == 4 else a for a in inputs]
        groups = (tuple(inputs), *map(tuple, others))
        return tuple(group[0] if len(group) == 1 else group for group in groups)


def train(
    model: keras.Model,
    inputs: list,
    targets: list,
    validation: tuple | None = None,
    epochs: int = 4,
    batch: int = 8,
    seed: int = 0,
):
    """Trains as the spec says. The model keeps the weights of the best epoch.

    The arrays of `inputs` are [x].
    Those of `targets` are [target]; `validation` has both.
    """
    keras.utils.set_random_seed(seed)

    def arranged(inputs, targets):
        return inputs, [targets[0], np.zeros(len(inputs[0]))]

    if validation:
        validation = Batches(arranged(*validation), batch, seed)
    batches = Batches(arranged(inputs, targets), batch, seed, least=2)
    model.compile(
        optimizer=make_optimizer(epochs, len(batches)),
        loss=[y_loss, no_loss],
    )
    name = "val_loss" if validation else "loss"
    best = keras.callbacks.EarlyStopping(
        name, min_delta=0.0, patience=epochs, mode="min",
        restore_best_weights=validation is not None,
    )
    return model.fit(batches, epochs=epochs, validation_data=validation, callbacks=[best])


def part(numbers: dict, prefix: str) -> dict:
    """The arrays whose names begin so, without the prefix."""
    names = [name for name in numbers if name.startswith(prefix)]
    return {name.removeprefix(prefix): numbers[name] for name in names}


def differ(found, expected, after_steps: bool = False) -> float:
    """The largest difference |a - b| / (1 + |b|).

    After steps, the mean: an adaptive optimizer turns the rounding of a gradient near 0 into a step.
    """
    found = ops.convert_to_numpy(found)
    difference = np.abs(found - expected) / (1 + np.abs(expected))
    return float(difference.mean() if after_steps else difference.max())


def differences(model: keras.Model, numbers: dict) -> list[float]:
    """How far the weights of the model are from these."""
    found = []
    for name, value in numbers.items():
        layer, weight = name.rsplit(".", 1)
        found.append(differ(getattr(model.get_layer(layer), weight), value, after_steps=True))
    return found


def report(found: dict[str, list[float]]) -> bool:
    """Prints the largest difference of each kind. Returns whether all are small enough."""
    agrees = True
    for name, distances in found.items():
        worst = max(distances, default=0.0)
        most = 2e-5 if name in ("ten steps", "losses") else 3e-6
        is_close = worst <= most
        agrees &= is_close
        verdict = "" if is_close else f"  more than {most:.0e}"
        print(f"{name:<10} {worst:.1e}{verdict}")
    return agrees


def tensor(array, dtype: str):
    """An array in a precision; classes stay integers."""
    return ops.convert_to_tensor(array, dtype if array.dtype.kind == "f" else None)


def check(file: Path = GOLDEN) -> bool:
    """Compares this file with numbers that `nn` computed in float64.

    Dropout is switched off, since its masks are random.
    """
    numbers, dtype = load_file(file), keras.config.floatx()
    model = make_model()
    assign(model, part(numbers, "start."))
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.0
    inputs = [numbers[f"input.{at}"].astype(dtype) for at in range(1)]
    expected = part(numbers, "output.")
    found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate(predict(model, *inputs))]}
    rows, parts, epoch_steps = numbers["sizes"].tolist()
    optimizer = make_optimizer(4, epoch_steps)
    losses = [y_loss, no_loss]
    targets = [numbers["target.0"], np.zeros(len(inputs[0]))]
    for at in range(10):
        values, slopes = [], []
        for start in range(at * rows * parts, (at + 1) * rows * parts, rows):
            batch = slice(start, start + rows)
            wanted = [array[batch] for array in targets]

            def value_of(outputs):
                triples = zip(losses, wanted, outputs)
                return sum(ops.mean(loss(tensor(t, dtype), y)) for loss, t, y in triples)

            value, slope = gradients(model, inputs[0][batch], value_of)
            values.append(value)
            slopes.append(slope)
            optimizer.apply(slope, model.trainable_variables)
        value = sum(map(ops.convert_to_numpy, values)) / parts
        found.setdefault("losses", []).append(differ(value, numbers["losses"][at]))
        if at == 0:
            found["gradients"] = []
            for weight, *slope in zip(model.trainable_variables, *slopes):
                expected = numbers[f"gradient.{'.'.join(weight.path.split('/')[-2:])}"]
                slope = sum(0 * expected if s is None else ops.convert_to_numpy(s) for s in slope) / parts
                found["gradients"].append(differ(slope, expected))
        if at in (0, 9):
            name = "one step" if at == 0 else "ten steps"
            found[name] = differences(model, part(numbers, f"after_{at + 1}."))
    return report(found)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if check() else 1)
    print(__doc__)
