#!/usr/bin/env python3
"""One JAX peer, checked, then timed window by window, as serve.py does it for PyTorch.

    serve_jax.py --peer NAME --case FILE --seconds X
"""

import argparse
import functools
import json
import os
import sys

# One thread: XLA reads the first two before it is imported, and makes as many threads as there are processors to run on.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

import jax_students  # noqa: E402
from window import rate  # noqa: E402

BATCH, STEPS = 32, 4
TOLERANCE = 1e-4

# name: (model, polynomial attention, circuits by a scan, students of so many seeds at once by vmap)
PEERS = {
    "vit-jax": ("vit", False, False, 1),
    "vit-jax-seeds": ("vit", False, False, 5),
    "qvit-jax": ("qvit", False, False, 1),
    "qvit-jax-seeds": ("qvit", False, False, 5),
    "qvit-jax-scan": ("qvit", False, True, 1),
    "qvit-jax-polynomial": ("qvit", True, False, 1),
    "qvit-jax-polynomial-seeds": ("qvit", True, False, 5),
}


class Case:
    """What exported_case.py reads, without PyTorch."""

    def __init__(self, path):
        with open(path) as file:
            found = json.load(file)
        self.model = found["model"]
        self.size, self.heads, self.qubits = (int(found[key]) for key in ("size", "heads", "qubits"))
        if self.model == "qvit" and found["pairs"] != [[i, i + 1] for i in range(self.qubits - 1)]:
            sys.exit("no closed form for these pairs in JAX")
        self.labels = np.array(found["labels"], dtype=np.int32)
        self.logits = np.array(found["logits"], dtype=np.float32).reshape(len(self.labels), -1)
        images = np.array(found["images"], dtype=np.float32).reshape(len(self.labels), self.size, self.size, 3)
        self.patches = jax_students.patches(((images / 255 - 0.5) / 0.5).transpose(0, 3, 1, 2))
        self.parameters, self.gradients = {}, {}
        for name, entry in found["parameters"].items():
            shape = [int(n) for n in entry["shape"]]
            self.parameters[name] = jnp.array(np.array(entry["values"], dtype=np.float32).reshape(shape))
            self.gradients[name] = np.array(entry["gradient"], dtype=np.float32).reshape(shape)


def repeated(tree, seeds):
    """The arrays of a tree, with a first axis of students where there are several."""
    return tree if seeds == 1 else jax.tree.map(lambda x: jnp.stack([x] * seeds), tree)


def each(function, seeds):
    """A function of one student as one of several, each with batches of its own."""
    return function if seeds == 1 else jax.vmap(function)


def check(case, run, seeds):
    """The largest errors of logits and gradients, relative to the largest logit and the largest gradient."""
    parameters, patches, labels = repeated((case.parameters, jnp.array(case.patches), jnp.array(case.labels)), seeds)
    found = jax.jit(each(run, seeds))(parameters, patches)
    logits = np.abs(found - case.logits).max() / max(1.0, np.abs(case.logits).max())
    gradient = jax.grad(lambda *arguments: jax_students.cross_entropy(*arguments, run))
    found = jax.jit(each(gradient, seeds))(parameters, patches, labels)
    scale = max(np.abs(gradient).max() for gradient in case.gradients.values())
    return float(logits), float(max(np.abs(found[name] - wanted).max() / scale for name, wanted in case.gradients.items()))


def say(**line):
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", choices=PEERS)
    parser.add_argument("--case")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--versions", action="store_true")
    options = parser.parse_args()
    if options.versions:
        return say(JAX=jax.__version__)
    case = Case(options.case)
    model, polynomial, scanned, seeds = PEERS[options.peer]
    if case.model != model:
        sys.exit(f"{options.peer} is a {model}, {options.case} holds a {case.model}")
    run = jax.jit(functools.partial(
        jax_students.forward, heads=case.heads, quantum=model == "qvit", polynomial=polynomial, scanned=scanned))
    logits, gradients = check(case, run, seeds)
    if not max(logits, gradients) <= TOLERANCE:
        sys.exit(f"{options.peer} disagrees with our student: logits by {logits:.1e}, gradients by {gradients:.1e}")

    rng = np.random.default_rng(1)
    count = seeds * STEPS * BATCH
    images = rng.normal(size=(count, 3, case.size, case.size)).astype(np.float32)
    inputs = jax_students.patches(images).reshape(-1, seeds, STEPS, BATCH, jax_students.TOKENS).transpose(1, 2, 0, 3, 4)
    batches = (jnp.array(inputs), jnp.array(rng.integers(0, case.logits.shape[1], size=(seeds, STEPS, BATCH))))
    if seeds == 1:
        batches = jax.tree.map(lambda x: x[0], batches)
    parameters = repeated(case.parameters, seeds)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, (zeros, zeros), repeated(jnp.zeros((), jnp.int32), seeds))
    steps = jax.jit(each(jax_students.training_steps(run), seeds))

    def step():
        nonlocal state
        state, losses = steps(state, batches)
        losses.block_until_ready()

    step()  # compilation
    say(ready=True, logits=logits, gradients=gradients)
    for _ in sys.stdin:
        say(images_per_second=rate(step, count, options.seconds))


if __name__ == "__main__":
    main()
