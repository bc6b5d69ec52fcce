#!/usr/bin/env python3
"""The teacher's matrix products by the OpenBLAS of NumPy: a line when it is ready, then one for every line it reads.

    products.py --shapes FILE --seconds X

FILE is what `teacher-benchmark --task shapes` printed. OPENBLAS_CORETYPE forces OpenBLAS's kernels; the first line tells
which ones it took.
"""

import argparse
import ctypes
import json
import pathlib
import sys

import numpy as np

from window import rate


def kernels():
    """The name of OpenBLAS's kernels in use."""
    package = pathlib.Path(np.__file__).parent
    for library in [*package.parent.glob("numpy.libs/*openblas*"), *package.glob(".libs/*openblas*")]:
        loaded = ctypes.CDLL(str(library))
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
            if hasattr(loaded, name):
                function = getattr(loaded, name)
                function.restype = ctypes.c_char_p
                return function().decode()
    sys.exit("this NumPy has no OpenBLAS of its own")


def product(shape):
    """A function that does one product, and its operations."""
    random = np.random.default_rng(1)
    rows, inputs, outputs = (int(shape[key]) for key in ("rows", "inputs", "outputs"))

    def matrix(*size):
        return random.uniform(-1, 1, size).astype(np.float32)

    x, dy, weight = matrix(rows, inputs), matrix(rows, outputs), matrix(outputs, inputs)
    a, b = {
        "forward": (x, weight.T), "input gradient": (dy, weight), "weight gradient": (dy.T, x)}[shape["pass"]]
    result = np.empty((a.shape[0], b.shape[1]), np.float32)
    return (lambda: np.matmul(a, b, out=result)), 2 * rows * inputs * outputs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shapes", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    products = [product(shape) for shape in json.loads(pathlib.Path(options.shapes).read_text())["products"]]
    print(json.dumps({"kernels": kernels()}), flush=True)
    for _ in sys.stdin:
        found = [rate(step, operations / 1e9, options.seconds / len(products)) for step, operations in products]
        print(json.dumps({"gflops": found}), flush=True)


if __name__ == "__main__":
    main()
