"""InitialValues, a network of `net.nn`, in Keras 3.

Written by `nn export` 0.1.0. It needs keras and safetensors, and torch, jax or
tensorflow: the environment variable KERAS_BACKEND chooses.

    model = make_model()
    load_weights(model)  # from initial_values.keras.safetensors
    outputs = predict(model, x, tokens)

`python initial_values.py --check` compares it with the numbers in
initial_values.keras.golden.safetensors, which `nn export --golden` writes.
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

WEIGHTS = Path(__file__).with_name("initial_values.keras.safetensors")
GOLDEN = Path(__file__).with_name("initial_values.keras.golden.safetensors")


def he_normal():
    """N(0, 2 / inputs). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def glorot_normal():
    """N(0, 2 / (inputs + outputs)). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(1.0, "fan_avg", "untruncated_normal")


def lecun_normal():
    """N(0, 1 / inputs). Keras cuts it off at two deviations."""
    return keras.initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal")


def make_model() -> keras.Model:
    """Every initialiser."""
    x = keras.Input((4,), name="x")
    tokens = keras.Input((4,), name="tokens")
    table = layers.Embedding(
        9,
        4,
        embeddings_initializer=keras.initializers.RandomNormal(0.0, 0.4714045207910317),
        name="table_0",
    )(tokens)
    table = layers.Permute((2, 1))(table)
    table = layers.Flatten()(table)
    a = layers.Dense(5, kernel_initializer="he_uniform", name="a_0")(x)
    a = layers.Activation("relu")(a)
    a = layers.Dense(5, kernel_initializer=glorot_normal(), name="a_1")(a)
    a = layers.Activation("tanh")(a)
    b = layers.Dense(5, kernel_initializer=lecun_normal(), name="b_0")(a)
    b = layers.Activation("tanh")(b)
    b = layers.Dense(5, kernel_initializer=keras.initializers.RandomNormal(0.0, 0.3), name="b_1")(b)
    b = layers.Activation("relu")(b)
    c = layers.Dense(5, kernel_initializer=keras.initializers.RandomUniform(-0.2, 0.2), name="c_0")(b)
    c = layers.Activation("relu")(c)
    c = layers.Dense(5, kernel_initializer=keras.initializers.Constant(0.1), name="c_1")(c)
    c = layers.Activation("relu")(c)
    joined = layers.Concatenate()([c, table])
    y = layers.Dense(4, kernel_initializer=he_normal(), name="y_0")(joined)
    y = layers.Activation("relu")(y)
    y = layers.Dense(2, name="y_1")(y)
    return keras.Model([x, tokens], y, name="InitialValues")


def predict(model: keras.Model, x, tokens):
    """The outputs `y`, as at inference."""
    y = model.predict([x, tokens], verbose=0)
    return y


def assign(model: keras.Model, numbers: dict) -> None:
    """Gives the model's weights these numbers."""
    for name, value in numbers.items():
        layer, weight = name.rsplit(".", 1)
        getattr(model.get_layer(layer), weight).assign(value)


def load_weights(model: keras.Model, file: Path = WEIGHTS) -> None:
    """Takes the weights that were exported beside this file."""
    assign(model, load_file(file))


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
    inputs = [numbers[f"input.{at}"].astype(dtype) for at in range(2)]
    expected = part(numbers, "output.")
    found = {"outputs": [differ(y, expected[str(at)]) for at, y in enumerate([predict(model, *inputs)])]}
    return report(found)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if check() else 1)
    print(__doc__)
