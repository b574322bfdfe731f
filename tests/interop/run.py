"""Exports networks to PyTorch and Keras, and compares each with what `nn` computes.

    python3 -m venv env
    env/bin/pip install -r tests/interop/requirements.txt
    env/bin/python tests/interop/run.py

Each spec of `specs/` and of `tests/interop/cases/` is exported with `--golden`. Its Python file
compares itself, by `check`, and then trains for two epochs on the same rows, which has to end.
Arguments are the names of specs, instead of all. NN is the program; without it, cargo builds it.
KERAS_BACKEND chooses torch, jax or tensorflow.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ["JAX_ENABLE_X64"] = "1"

ROOT = Path(__file__).resolve().parents[2]
NN = [os.environ["NN"]] if "NN" in os.environ else ["cargo", "run", "--quiet", "--release", "--"]


def export(spec: Path, framework: str, folder: Path):
    """Exports a spec, and imports the Python file."""
    file = folder / f"{spec.stem}_{framework}.py"
    # A copy: weights beside the spec are not for this.
    copy = folder / spec.name
    copy.write_text(spec.read_text())
    command = [*NN, "export", "--to", framework, "--golden", "--out", str(file), str(copy)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def train_pytorch(module) -> None:
    import torch

    golden = {name: value.float() if value.is_floating_point() else value for name, value in module.load_file(module.GOLDEN).items()}
    names = [name for name in golden if name.startswith("input.")]
    model = next(value for value in vars(module).values() if hasattr(value, "load_weights"))()
    order = model.forward.__code__.co_varnames[1 : 1 + len(names)]
    columns = [golden[f"input.{name}"] for name in order]
    columns += [golden[name] for name in sorted(golden) if name.startswith("target.")]
    columns += [golden[name] for name in golden if name == "weights"]
    data = module.TensorDataset(*columns)
    torch.set_default_dtype(torch.float32)
    module.train(model, data, data, epochs=2)


def train_keras(module) -> None:
    import keras

    keras.config.set_floatx("float32")
    golden = module.load_file(module.GOLDEN)
    arrays = {name: value.astype("float32") if value.dtype.kind == "f" else value for name, value in golden.items()}
    inputs = [arrays[name] for name in sorted(arrays) if name.startswith("input.")]
    targets = [arrays[name] for name in sorted(arrays) if name.startswith("target.")]
    weights = [arrays["weights"]] if "weights" in arrays else []
    rows = (inputs, targets, *weights)
    module.train(module.make_model(), *rows, validation=rows, epochs=2)


def main(names: list[str]) -> int:
    specs = sorted((ROOT / "specs").glob("*.nn")) + sorted((ROOT / "tests/interop/cases").glob("*.nn"))
    failed = []
    for spec in (spec for spec in specs if not names or spec.stem in names):
        for framework, train in (("pytorch", train_pytorch), ("keras", train_keras)):
            print(f"{spec.stem}, {framework}", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                try:
                    module = export(spec, framework, Path(folder))
                    agrees = module.check()
                    if hasattr(module, "train"):
                        train(module)
                except Exception as error:
                    print(f"{type(error).__name__}: {error}")
                    agrees = False
            if not agrees:
                failed.append(f"{spec.stem} ({framework})")
    print("all agree" if not failed else f"these differ: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
