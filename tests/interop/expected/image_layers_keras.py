"""ImageLayers, a network of `net.nn`, in Keras 3.

Written by `nn export` 0.1.0. It needs keras and safetensors, and torch, jax or
tensorflow: the environment variable KERAS_BACKEND chooses.

    model = make_model()
    load_weights(model)  # from image_layers.keras.safetensors
    outputs = predict(model, image)
    train(model, [image], [y_target, z_target])

`python image_layers.py --check` compares it with the numbers in
image_layers.keras.golden.safetensors, which `nn export --golden` writes.
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

WEIGHTS = Path(__file__).with_name("image_layers.keras.safetensors")
GOLDEN = Path(__file__).with_name("image_layers.keras.golden.safetensors")


class Normalize(layers.Layer):
    """(x - mean) / deviation for each feature, with the statistics of the training rows."""

    def build(self, shape):
        features = (shape[-1],)
        self.mean = self.add_weight(shape=features, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(
            shape=features, initializer="ones", trainable=False, name="deviation"
        )

    def observe(self, rows):
        """Takes the statistics of rows; a constant feature has the deviation 1."""
        rows = np.asarray(rows, "float64").reshape(-1, rows.shape[-1])
        is_constant = rows.max(0) == rows.min(0)
        self.mean.assign(rows.mean(0))
        self.deviation.assign(np.where(is_constant, 1.0, rows.std(0)))

    def call(self, inputs):
        return (inputs - self.mean) / self.deviation


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


class Pad(layers.Layer):
    """Pads before a maximum, by -inf."""

    def __init__(self, pads, **settings):
        super().__init__(**settings)
        self.pads = pads if isinstance(pads[0], tuple) else (pads,)

    def call(self, inputs):
        return ops.pad(inputs, ((0, 0), *self.pads, (0, 0)), constant_values=-float("inf"))


def he_normal():
    """N(0, 2 / inputs). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def make_model() -> keras.Model:
    """Every layer over images."""
    image = keras.Input((4, 9, 7), name="image")
    scaled = layers.Permute((2, 3, 1))(image)
    scaled = Normalize(name="scaled_0")(scaled)
    scaled = layers.Rescaling(0.5, 0.25)(scaled)
    wide = layers.ZeroPadding2D(((1, 1), (0, 0)))(scaled)
    wide = layers.Conv2D(
        6,
        (3, 2),
        strides=(2, 1),
        use_bias=False,
        kernel_initializer=he_normal(),
        name="wide_0",
    )(wide)
    wide = BatchNorm(momentum=0.8, epsilon=1e-5, name="wide_1")(wide)
    wide = layers.Activation("relu")(wide)
    grouped = layers.Conv2D(
        6,
        3,
        strides=(2, 1),
        padding="same",
        groups=2,
        kernel_initializer=he_normal(),
        name="grouped_0",
    )(scaled)
    grouped = layers.PReLU(
        alpha_initializer=keras.initializers.Constant(0.25),
        shared_axes=[1, 2],
        name="grouped_1",
    )(grouped)
    narrow = layers.Conv2D(6, (1, 2), kernel_initializer=he_normal(), name="narrow_0")(grouped)
    narrow = layers.GroupNormalization(3, epsilon=1e-5, name="narrow_1")(narrow)
    narrow = layers.Activation("silu")(narrow)
    both = Pad(((1, 1), (1, 0)))(layers.Concatenate()([wide, narrow]))
    both = layers.MaxPooling2D(3, strides=2)(both)
    both = layers.RMSNormalization(epsilon=1e-5, name="both_0")(both)
    spread = layers.ZeroPadding2D(((1, 1), (1, 1)))(scaled)
    spread = layers.Conv2D(12, 2, dilation_rate=(2, 1), name="spread_0")(spread)
    spread = layers.MaxPooling2D((2, 1))(spread)
    spread = layers.ZeroPadding2D(((0, 0), (0, 1)))(spread)
    spread = layers.AveragePooling2D(2, strides=(2, 1))(spread)
    spread = layers.Permute((3, 1, 2))(spread)
    spread = layers.LayerNormalization(axis=(1, 2, 3), epsilon=1e-5, name="spread_1")(spread)
    pooled = layers.Permute((2, 3, 1))(spread)
    pooled = layers.Conv2D(12, 1, name="pooled_0")(pooled)
    pooled = Pad(((2, 2), (1, 1)))(pooled)
    pooled = layers.MaxPooling2D((3, 2), strides=(1, 2))(pooled)
    same = layers.MaxPooling2D(2, strides=1, padding="same")(pooled)
    same = layers.PReLU(
        alpha_initializer=keras.initializers.Constant(0.25),
        shared_axes=[1, 2, 3],
        name="same_0",
    )(same)
    left = layers.GlobalAveragePooling2D()(both)
    right = layers.GlobalMaxPooling2D()(same)
    y = layers.Dropout(0.25)(layers.Multiply()([left, right]))
    y = layers.Dense(5, kernel_regularizer=keras.regularizers.L1L2(0.001, 0.002), name="y_0")(y)
    z = layers.Reshape((2, 6))(layers.Add()([left, right]))
    z = layers.Flatten()(z)
    z = layers.Dense(3, name="z_0")(z)
    return keras.Model(
        image,
        [layers.Identity(name="y")(y), layers.Identity(name="z")(z)],
        name="ImageLayers",
    )


def predict(model: keras.Model, image):
    """The outputs `y`, `z`, as at inference."""
    y, z = model.predict(image, verbose=0)
    return y, ops.convert_to_numpy(ops.softmax(z))


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
    target = ops.reshape(target, ops.shape(y))
    return ops.mean(ops.square(y - target), -1)


def z_loss(target, z):
    """The loss of each row; the loss of a batch is their mean."""
    target = ops.reshape(ops.cast(target, "int32"), (-1,))
    logs = ops.log_softmax(z)
    return 0.5 * (-ops.take_along_axis(logs, target[:, None], -1)[:, 0])


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


def make_optimizer():
    """The optimizer of the spec."""
    return Adam(0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-8)


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


def set_statistics(model: keras.Model, inputs: list) -> None:
    """Takes the statistics of each `Normalize` from the rows that reach it."""
    for layer in model.layers:
        if isinstance(layer, Normalize):
            before = keras.Model(model.inputs, layer.input)
            layer.observe(before.predict(inputs, verbose=0))


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
    epochs: int = 10,
    batch: int = 8,
    seed: int = 0,
):
    """Trains as the spec says. The model keeps the weights of the best epoch.

    The arrays of `inputs` are [image].
    Those of `targets` are [y_target, z_target]; `validation` has both.
    """
    keras.utils.set_random_seed(seed)
    set_statistics(model, inputs)

    def arranged(inputs, targets):
        return inputs, [targets[0], targets[1]]

    if validation:
        validation = Batches(arranged(*validation), batch, seed)
    batches = Batches(arranged(inputs, targets), batch, seed)
    model.compile(
        optimizer=make_optimizer(),
        loss=[y_loss, z_loss],
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
    optimizer = make_optimizer()
    losses = [y_loss, z_loss]
    targets = [numbers["target.0"], numbers["target.1"]]
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
