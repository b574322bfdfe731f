"""Activations, a network of `net.nn`, in Keras 3.

Written by `nn export` 0.1.0. It needs keras and safetensors, and torch, jax or
tensorflow: the environment variable KERAS_BACKEND chooses.

    model = make_model()
    load_weights(model)  # from activations.keras.safetensors
    outputs = predict(model, x)
    train(model, [x], [target])

`python activations.py --check` compares it with the numbers in
activations.keras.golden.safetensors, which `nn export --golden` writes.
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

WEIGHTS = Path(__file__).with_name("activations.keras.safetensors")
GOLDEN = Path(__file__).with_name("activations.keras.golden.safetensors")


def gelu_tanh(x):
    """The approximation of gelu by tanh."""
    return ops.gelu(x, approximate=True)


def step(x):
    """1 where x > 0, else 0."""
    return ops.cast(x > 0, x.dtype)


def he_normal():
    """N(0, 2 / inputs). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def make_model() -> keras.Model:
    """Every activation, and norms over flat values."""
    x = keras.Input((6,), name="x")
    a = layers.Dense(6, kernel_initializer=he_normal(), name="a_0")(x)
    a = layers.LeakyReLU(0.2)(a)
    a = layers.Dense(6, kernel_initializer=he_normal(), name="a_1")(a)
    a = layers.ELU(0.7)(a)
    a = layers.LayerNormalization(axis=-1, epsilon=1e-5, name="a_2")(a)
    b = layers.Dense(6, kernel_initializer=he_normal(), name="b_0")(x)
    b = layers.Activation("selu")(b)
    b = layers.Dense(6, kernel_initializer=he_normal(), name="b_1")(b)
    b = layers.Activation("gelu")(b)
    b = layers.RMSNormalization(epsilon=1e-5, name="b_2")(b)
    c = layers.Dense(6, kernel_initializer=he_normal(), name="c_0")(x)
    c = layers.Activation(gelu_tanh)(c)
    c = layers.Dense(12, kernel_initializer=he_normal(), name="c_1")(c)
    c = layers.Activation("silu")(c)
    c = layers.GroupNormalization(2, epsilon=1e-5, name="c_2")(c)
    c = layers.Dense(6, name="c_3")(c)
    d = layers.Dense(6, name="d_0")(x)
    d = layers.Activation("softplus")(d)
    d = layers.Dense(6, name="d_1")(d)
    d = layers.Activation("hard_sigmoid")(d)
    d = layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25), name="d_2")(d)
    e = layers.Dense(6, name="e_0")(x)
    e = layers.Activation("hard_tanh")(e)
    e = layers.Dense(6, name="e_1")(e)
    e = layers.Activation("tanh")(e)
    e = layers.PReLU(
        alpha_initializer=keras.initializers.Constant(0.25),
        shared_axes=[1],
        name="e_2",
    )(e)
    f = layers.Dense(6, name="f_0")(x)
    f = layers.Softmax()(f)
    f = layers.Dense(6, name="f_1")(f)
    f = layers.Activation("log_softmax")(f)
    g = layers.Activation(step)(x)
    g = layers.Dense(6, name="g_0")(g)
    g = layers.Activation("sigmoid")(g)
    left = layers.Add()([a, b, c])
    right = layers.Multiply()([d, e])
    h = layers.Dense(6, kernel_initializer=he_normal(), name="h_0")(x)
    h = layers.Activation("hard_swish")(h)
    h = layers.Dense(6, kernel_initializer=he_normal(), name="h_1")(h)
    h = layers.ReLU(max_value=0.5)(h)
    h = layers.Dense(6, kernel_initializer=he_normal(), name="h_2")(h)
    h = layers.Activation("mish")(h)
    i = layers.Dense(6, kernel_initializer=he_normal(), name="i_0")(x)
    i = layers.ReLU(max_value=6.0)(i)
    i = layers.Dense(6, name="i_1")(i)
    y = layers.Activation("relu")(layers.Concatenate()([left, right, f, g, h, i]))
    y = layers.Dense(3, name="y_0")(y)
    return keras.Model(x, y, name="Activations")


def predict(model: keras.Model, x):
    """The outputs `y`, as at inference."""
    y = model.predict(x, verbose=0)
    return y


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
    return ops.sum(ops.square(y - target), -1)


def make_optimizer():
    """The optimizer of the spec."""
    return keras.optimizers.SGD(0.01)


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
    epochs: int = 10,
    batch: int = 8,
    seed: int = 0,
):
    """Trains as the spec says. The model keeps the weights of the best epoch.

    The arrays of `inputs` are [x].
    Those of `targets` are [target]; `validation` has both.
    """
    keras.utils.set_random_seed(seed)

    def arranged(inputs, targets):
        return inputs, [targets[0]]

    if validation:
        validation = Batches(arranged(*validation), batch, seed)
    batches = Batches(arranged(inputs, targets), batch, seed)
    model.compile(
        optimizer=make_optimizer(),
        loss=[y_loss],
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
    found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate([predict(model, *inputs)])]}
    rows, parts, epoch_steps = numbers["sizes"].tolist()
    optimizer = make_optimizer()
    losses = [y_loss]
    targets = [numbers["target.0"]]
    for at in range(10):
        values, slopes = [], []
        for start in range(at * rows * parts, (at + 1) * rows * parts, rows):
            batch = slice(start, start + rows)
            wanted = [array[batch] for array in targets]

            def value_of(outputs):
                outputs = [outputs]
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
