"""A peer in Python, served to nn-bench: `serve.py PEER FOLDER`. The protocol is told in `benches/protocol/src/lib.rs`."""

import importlib
import os
import sys
import time
from pathlib import Path

import numpy as np

from workloads import WORKLOADS

MODULES = {
    "onnxruntime": "onnxruntime_peer",
    "jax-jit": "jax_peer",
    "jax-scan": "jax_peer",
    "torch-eager": "torch_peer",
    "torch-compiled": "torch_peer",
    "tensorflow": "tensorflow_peer",
    "sklearn": "sklearn_peer",
}


def read_arrays(folder, name):
    """The arrays of a workload by their names."""
    values = np.fromfile(folder / f"{name}.f32", dtype="<f4")
    arrays, start = {}, 0
    for line in (folder / f"{name}.txt").read_text().splitlines():
        array, *shape = line.split()
        shape = [int(size) for size in shape]
        end = start + int(np.prod(shape))
        arrays[array] = values[start:end].reshape(shape).copy()
        start = end
    return arrays


class Server:
    def __init__(self, peer, module, folder):
        self.peer, self.module, self.folder = peer, module, folder
        self.tasks = {}
        self.iteration = {}

    def answer(self, line):
        command, name, *rest = line.split()
        task = self.task(name)
        if task is None:
            return "none"
        if command == "check":
            words = ["numbers"]
            for group, numbers in task.check().items():
                words += [group, *(repr(float(number)) for number in numbers)]
            return " ".join(words)
        if command == "time":
            nanoseconds, iterations = self.time(name, task, float(rest[0]))
            return f"time {nanoseconds} {iterations}"
        raise ValueError(f"not understood: {line}")

    def task(self, name):
        if name not in self.tasks:
            workload = WORKLOADS.get(name)
            make = self.module.make
            self.tasks[name] = workload and make(self.peer, workload, read_arrays(self.folder, name))
        return self.tasks[name]

    def time(self, name, task, seconds):
        # For a quarter of the time before it, iterations are not timed: threads wake up, and the system finds a core for each.
        if name in self.iteration:
            run(task, self.fitting(name, task, seconds / 4))
        else:
            self.iteration[name] = warm_up(task, seconds / 4)
        iterations = self.fitting(name, task, seconds)
        return run(task, iterations) / iterations * 1e9, iterations

    def fitting(self, name, task, seconds):
        return max(1, int(seconds / (self.iteration[name] * task.unit))) * task.unit


def warm_up(task, least):
    """Seconds of an iteration."""
    iterations = task.unit
    while True:
        elapsed = run(task, iterations)
        if elapsed >= least:
            return elapsed / iterations
        iterations *= 2


def run(task, iterations):
    start = time.perf_counter()
    task.run(iterations)
    return time.perf_counter() - start


def main():
    peer, folder = sys.argv[1], Path(sys.argv[2])
    # What libraries print goes to standard error: standard output is the protocol's.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module = importlib.import_module(MODULES[peer])
    print(f"ready {peer} {module.VERSION}", file=output, flush=True)
    server = Server(peer, module, folder)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        try:
            answer = server.answer(line)
        except Exception as error:  # whatever a library throws is told, and the next workload has its chance
            answer = "error " + f"{type(error).__name__}: {error}".replace("\n", " ")
        print(answer, file=output, flush=True)


if __name__ == "__main__":
    main()
