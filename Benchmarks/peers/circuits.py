"""The circuit of a QViT's projection, three ways. Each maps x [N, n] and theta [pairs, 2] to <Z_i> [N, n].

RY(x_i) on every qubit; then for every pair (a, b): RY(theta_1) on a, RY(theta_2) on b, CNOT from a to b.
"""

import torch


def pennylane(n, pairs):
    """PennyLane's default.qubit with backpropagation, tokens as a parameter broadcast: the paper's stack."""
    import pennylane as qml

    @qml.qnode(qml.device("default.qubit", wires=n), interface="torch", diff_method="backprop")
    def circuit(x, theta):
        for i in range(n):
            qml.RY(x[:, i], wires=i)
        for row, (a, b) in enumerate(pairs):
            qml.RY(theta[row, 0], wires=a)
            qml.RY(theta[row, 1], wires=b)
            qml.CNOT(wires=[a, b])
        return [qml.expval(qml.PauliZ(i)) for i in range(n)]

    return lambda x, theta: torch.stack(circuit(x, theta), dim=-1).to(x.dtype)


def state_vector(n, pairs):
    """The 2^n real amplitudes in plain PyTorch; qubit 0 is the most significant bit."""
    signs = torch.stack([1 - 2 * ((torch.arange(2**n) >> (n - 1 - i)) & 1).float() for i in range(n)], dim=1)

    def rotate(state, qubit, angle):
        c, s = torch.cos(angle / 2), torch.sin(angle / 2)
        zero, one = state.view(len(state), 2**qubit, 2, -1).unbind(2)
        return torch.stack((c * zero - s * one, s * zero + c * one), dim=2)

    def controlled_not(a, b):
        basis = torch.arange(2**n)
        return torch.where((basis >> (n - 1 - a)) & 1 == 1, basis ^ (1 << (n - 1 - b)), basis)

    flips = [controlled_not(a, b) for a, b in pairs]

    def circuit(x, theta):
        state = torch.ones(len(x), 1)
        for i in range(n):
            qubit = torch.stack((torch.cos(x[:, i] / 2), torch.sin(x[:, i] / 2)), dim=1)
            state = (state.unsqueeze(2) * qubit.unsqueeze(1)).reshape(len(x), -1)
        for row, (a, b) in enumerate(pairs):
            state = rotate(state, a, theta[row, 0])
            state = rotate(state, b, theta[row, 1])
            state = state.reshape(len(x), -1)[:, flips[row]]
        return state.square() @ signs

    return circuit


def closed_form(n, pairs):
    """Every qubit as its pair (<Z>, <X>), exact where each pair brings in a qubit that no earlier pair has touched (the
    chain): rotate both, then CNOT sets <Z_b> to <Z_a><Z_b> and leaves <X_b>; <X_a> is not needed again."""
    touched = {pairs[0][0]}
    for a, b in pairs:
        if a not in touched or b in touched:
            raise ValueError(f"no closed form for the pairs {pairs}")
        touched.add(b)
    last_use = {a: row for row, (a, _) in enumerate(pairs)}
    if any(last_use[a] != row for row, (a, _) in enumerate(pairs)):
        raise ValueError(f"a qubit controls twice in {pairs}")

    def rotate(z, x, angle):
        c, s = torch.cos(angle), torch.sin(angle)
        return z * c - x * s, x * c + z * s

    def circuit(x, theta, outermost=False):
        z, s = list(torch.cos(x).unbind(-1)), list(torch.sin(x).unbind(-1))
        for row, (a, b) in enumerate(pairs):
            z[a], s[a] = rotate(z[a], s[a], theta[row, 0])
            z[b], s[b] = rotate(z[b], s[b], theta[row, 1])
            z[b] = z[a] * z[b]
        return torch.stack(z, dim=0 if outermost else -1)

    return circuit
