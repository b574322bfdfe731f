"""WithoutLoss, a network of `net.nn`, in Keras 3.

Written by `nn export` 0.1.0. It needs keras and safetensors, and torch, jax or
tensorflow: the environment variable KERAS_BACKEND chooses.

    model = make_model()
    load_weights(model)  # from without_loss.keras.safetensors
    outputs = predict(model, state)

`python without_loss.py --check` compares it with the numbers in
without_loss.keras.golden.safetensors, which `nn export --golden` writes.
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

WEIGHTS = Path(__file__).with_name("without_loss.keras.safetensors")
GOLDEN = Path(__file__).with_name("without_loss.keras.golden.safetensors")


def make_model() -> keras.Model:
    """A network whose loss the caller computes."""
    state = keras.Input((4,), name="state")
    trunk = layers.Dense(8, kernel_regularizer=keras.regularizers.L2(0.001), name="trunk_0")(state)
    trunk = layers.Activation("tanh")(trunk)
    action = layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.001), name="action_0")(trunk)
    action = layers.Softmax()(action)
    value = layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.001), name="value_0")(trunk)
    return keras.Model(
        state,
        [layers.Identity(name="action")(action), layers.Identity(name="value")(value)],
        name="WithoutLoss",
    )


def predict(model: keras.Model, state):
    """The outputs `action`, `value`, as at inference."""
    action, value = model.predict(state, verbose=0)
    return action, value


def assign(model: keras.Model, numbers: dict) -> None:
    """Gives the model's weights these numbers."""
    for name, value in numbers.items():
        layer, weight = name.rsplit(".", 1)
        getattr(model.get_layer(layer), weight).assign(value)


def load_weights(model: keras.Model, file: Path = WEIGHTS) -> None:
    """Takes the weights that were exported beside this file."""
    assign(model, load_file(file))


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


class Optimizer(Adam):
    """With the conventions of the spec."""

    def _clip_gradients(self, grads):
        norm = ops.sqrt(sum(ops.sum(ops.square(gradient)) for gradient in grads))
        factor = ops.minimum(1.0, 0.1 / (norm + 1e-6))
        return [gradient * factor for gradient in grads]


def make_optimizer():
    """The optimizer of the spec."""
    return Optimizer(0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-8)


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
    targets = [numbers["output_gradient.0"], numbers["output_gradient.1"]]
    for at in range(10):
        values, slopes = [], []
        for start in range(at * rows * parts, (at + 1) * rows * parts, rows):
            batch = slice(start, start + rows)
            wanted = [array[batch] for array in targets]

            def value_of(outputs):
                return sum(ops.sum(tensor(g, dtype) * y) for g, y in zip(wanted, outputs))

            value, slope = gradients(model, inputs[0][batch], value_of)
            values.append(value)
            slopes.append(slope)
            optimizer.apply(slope, model.trainable_variables)
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
