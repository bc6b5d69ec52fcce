#!/usr/bin/env python3
"""Writes circuits/*.npz: circuits of the paper evaluated by PennyLane (default.qubit, float64), gradients by PyTorch.

    python3 Tests/Fixtures/generate_circuits.py

Needs: numpy, torch, pennylane.
"""

import pathlib

import numpy as np
import pennylane as qml
import torch

HERE = pathlib.Path(__file__).parent / "circuits"

CASES = {
    "qnn_q2_ring": (2, [(0, 1), (1, 0)], False),
    "qnn_q4_chain": (4, [(0, 1), (1, 2), (2, 3)], False),
    "qnn_q4_brick-ring": (4, [(0, 1), (2, 3), (1, 2), (3, 0)], False),
    "qnn_q6_hur_shared": (6, [(0, 5), (0, 1), (2, 3), (4, 5), (1, 2), (3, 4)], True),
}


def circuit(n, pairs):
    device = qml.device("default.qubit", wires=n)

    @qml.qnode(device, interface="torch", diff_method="backprop")
    def run(x, theta):
        for i in range(n):
            qml.RY(x[i], wires=i)
        for row, (a, b) in enumerate(pairs):
            first, second = theta[row % theta.shape[0]] if theta.shape[0] > 1 else theta[0]
            qml.RY(first, wires=a)
            qml.RY(second, wires=b)
            qml.CNOT(wires=[a, b])
        return [qml.expval(qml.PauliZ(i)) for i in range(n)]

    return run


def main():
    HERE.mkdir(exist_ok=True)
    for name, (n, pairs, shared) in CASES.items():
        rng = np.random.default_rng(len(name))
        x = torch.tensor(rng.normal(size=(5, n)) * 1.5, requires_grad=True)
        theta = torch.tensor(rng.uniform(0, 2 * np.pi, size=(1 if shared else len(pairs), 2)), requires_grad=True)
        weights = torch.tensor(rng.normal(size=(5, n)))
        run = circuit(n, pairs)
        output = torch.stack([torch.stack(run(row, theta)) for row in x])
        (output * weights).sum().backward()
        np.savez(
            HERE / f"{name}.npz",
            q=np.array([n]),
            pairs=np.array(pairs),
            x=x.detach().numpy(),
            theta=theta.detach().numpy(),
            output=output.detach().numpy(),
            grad_output=weights.numpy(),
            grad_x=x.grad.numpy(),
            grad_theta=theta.grad.numpy(),
        )


if __name__ == "__main__":
    main()
