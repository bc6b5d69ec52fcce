#!/usr/bin/env python3
"""One JAX peer, checked, then timed window by window, as serve.py does it for PyTorch.

    serve_jax.py --peer NAME --case FILE --seconds X
"""

import argparse
import functools
import json
import os
import sys

# One thread: XLA reads both before it is imported.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

import jax_students  # noqa: E402
from window import rate  # noqa: E402

BATCH, STEPS = 32, 4
TOLERANCE = 1e-4

# name: (model, polynomial attention, circuits by a scan)
PEERS = {
    "vit-jax": ("vit", False, False),
    "qvit-jax": ("qvit", False, False),
    "qvit-jax-scan": ("qvit", False, True),
    "qvit-jax-polynomial": ("qvit", True, False),
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


def check(case, run):
    """The largest errors of logits and gradients, relative to the largest logit and the largest gradient."""
    logits = np.abs(run(case.parameters, case.patches) - case.logits).max() / max(1.0, np.abs(case.logits).max())
    found = jax.jit(jax.grad(jax_students.cross_entropy), static_argnums=3)(
        case.parameters, case.patches, case.labels, run)
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
    model, polynomial, scanned = PEERS[options.peer]
    if case.model != model:
        sys.exit(f"{options.peer} is a {model}, {options.case} holds a {case.model}")
    run = jax.jit(functools.partial(
        jax_students.forward, heads=case.heads, quantum=model == "qvit", polynomial=polynomial, scanned=scanned))
    logits, gradients = check(case, run)
    if not max(logits, gradients) <= TOLERANCE:
        sys.exit(f"{options.peer} disagrees with our student: logits by {logits:.1e}, gradients by {gradients:.1e}")

    rng = np.random.default_rng(1)
    images = rng.normal(size=(STEPS * BATCH, 3, case.size, case.size)).astype(np.float32)
    inputs = jax_students.patches(images).reshape(-1, STEPS, BATCH, jax_students.TOKENS).swapaxes(0, 1)
    batches = (jnp.array(inputs), jnp.array(rng.integers(0, case.logits.shape[1], size=(STEPS, BATCH))))
    zeros = jax.tree.map(jnp.zeros_like, case.parameters)
    state = (case.parameters, (zeros, zeros), jnp.zeros((), jnp.int32))
    steps = jax_students.training_steps(run)

    def step():
        nonlocal state
        state, losses = steps(state, batches)
        losses.block_until_ready()

    step()  # compilation
    say(ready=True, logits=logits, gradients=gradients)
    for _ in sys.stdin:
        say(images_per_second=rate(step, STEPS * BATCH, options.seconds))


if __name__ == "__main__":
    main()
