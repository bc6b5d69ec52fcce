#!/usr/bin/env python3
"""Writes students/*.npz: small students in PyTorch (float64), outputs and gradients, and words of the random streams.

    python3 Tests/Fixtures/generate_students.py
    python3 Tests/Fixtures/generate_students.py --check [CASE ...]

    python3 Tests/Fixtures/generate_students.py CASE ...

Needs: numpy, torch, pennylane. The model is written from its description, independently of the Swift sources. Every
circuit, and its derivatives, must agree with PennyLane's to 1e-12. `--check` writes nothing: it compares every gradient
of the cases named (otherwise of `everything`) with central differences, half a minute each.
"""

import functools
import math
import pathlib
import sys

import numpy as np
import pennylane as qml
import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent / "students"

CHAIN = [(0, 1), (1, 2), (2, 3)]
RING = [(0, 1), (1, 2), (2, 3), (3, 0)]

# name: model, q, heads, blocks, ratio, classes, channels, pairs, shared, per-head, class token, imagenet
CASES = {
    "vit_q6_h3_b2": dict(q=6, heads=3, blocks=2, ratio=1, classes=3, channels=1),
    "vit_q2_h1_classtoken": dict(q=2, heads=1, ratio=4, classes=2, channels=3, class_token=True, imagenet=True),
    "qvit_q4_h2_ring_shared": dict(q=4, heads=2, classes=4, channels=3, pairs=RING, shared=True),
    "qvit_q6_h2_perhead": dict(q=6, heads=2, classes=2, channels=1, pairs=[(0, 1), (1, 2)], per_head=True),
    "qvit_q4_h1_chain": dict(q=4, heads=1, classes=5, channels=3, pairs=CHAIN),
}


def variant(q=4, heads=2, classes=3, channels=1, **options):
    return dict(q=q, heads=heads, classes=classes, channels=channels, variant=True, **options)


# Also: output, dropout, layers, reuploading, entangler, frozen, uniform, and qkv: what computes queries, keys, values.
CASES |= {
    "qvit_output_circuit": variant(pairs=CHAIN, output="circuit"),
    "qvit_output_circuit_perhead": variant(q=6, heads=3, pairs=[(0, 1), (1, 0)], per_head=True, output="circuit"),
    "qvit_output_none": variant(pairs=CHAIN, output="none"),
    "vit_output_none": variant(output="none"),
    "vit_dropout_b2": variant(blocks=2, dropout=0.1),
    "qvit_dropout_classtoken": variant(pairs=CHAIN, class_token=True, dropout=0.25),
    "qvit_ratio_half": variant(pairs=CHAIN, ratio=0.5),
    "qvit_entangler_none": variant(pairs=CHAIN, entangler="none"),
    "qvit_layout_empty": variant(pairs=[]),
    "qvit_layers2_chain": variant(pairs=CHAIN, layers=2),
    "qvit_layers2_ring_shared_reuploading": variant(pairs=RING, shared=True, layers=2, reuploading=True),
    "qvit_layers3_chain_reuploading": variant(pairs=CHAIN, layers=3, reuploading=True),
    "qvit_frozen": variant(pairs=CHAIN, output="circuit", frozen=True),
    "circuit_circuit_linear": variant(pairs=CHAIN, qkv=["circuit", "circuit", "linear"]),
    "qvit_uniform": variant(pairs=CHAIN, uniform=True),
    "diagonal_cosine_identity": variant(qkv=["diagonal", "cosine", "identity"], output="none", ratio=0.5),
    "everything": variant(pairs=[(0, 1), (1, 0)], per_head=True, layers=2, reuploading=True, output="circuit",
                          qkv=["circuit", "tanh", "circuit"], class_token=True, dropout=0.1, ratio=0.5),
}

# Wide ones: their chains are evaluated by their closed form, which must agree with the state vector.
CASES |= {
    "vit_q32_h2": variant(q=32, ratio=0.5),
    "qvit_q16_h2_output_circuit": variant(q=16, pairs=[(i, i + 1) for i in range(15)], output="circuit", chain=True),
    "qvit_q64_h2_output_none": variant(q=64, pairs=[(i, i + 1) for i in range(63)], output="none", ratio=0.25, chain=True),
}

# What the numbers in the files mean.
KINDS = ["linear", "circuit", "diagonal", "cosine", "tanh", "identity"]
OUTPUTS = ["linear", "circuit", "none"]
ENTANGLERS = ["cnot", "none"]
PURPOSES = ["dropout: tokens", "dropout: attention", "dropout: attention branch", "dropout: mlp branch"]

# Masks are those of this seed and epoch; those of one image are in the files, of attention the first queries' only.
SEED, EPOCH, MASK_IMAGE, MASK_QUERIES = 7, 3, 1, 8


# The random streams


def mix(value):
    z = (value + 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


def philox(counter, key):  # four arrays and two numbers of 32 bits, held in 64
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        a, b = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = b >> 32 ^ c1 ^ k0, b & 0xFFFFFFFF, a >> 32 ^ c3 ^ k1, a & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def stream(seed, purpose, indices, count):
    purpose_hash = 0xCBF29CE484222325
    for byte in purpose.encode():
        purpose_hash = (purpose_hash ^ byte) * 0x100000001B3 % 2**64
    key = mix(mix(seed) ^ purpose_hash)
    for index in indices:
        key = mix(key ^ mix((index + 0x9E3779B97F4A7C15) % 2**64))
    block = np.arange(-(-count // 4), dtype=np.uint64)
    zero = np.zeros_like(block)
    words = philox((block & 0xFFFFFFFF, block >> 32, zero, zero), (key % 2**32, key >> 32))
    return np.stack(words, axis=1).reshape(-1)[:count]


@functools.cache
def kept(rate, shape, purpose, image, *indices):
    words = stream(SEED, PURPOSES[purpose], (EPOCH, image, *indices), math.prod(shape))
    return (words >= math.floor(rate * 2**32)).reshape(shape)


def dropout(rate, x, purpose, *indices):  # x: [images, ...]
    if not rate:
        return x
    masks = np.stack([kept(rate, tuple(x.shape[1:]), purpose, image, *indices) for image in range(len(x))])
    return x * torch.tensor(masks) * (1 / (1 - rate))


# Circuits


def angle_rows(case):  # of a layer
    return min(1, len(case["pairs"])) if case.get("shared") else len(case["pairs"])


def gates(case, n):  # ("x", qubit) turns by an input, ("theta", qubit, row, column) by an angle
    for layer in range(case.get("layers", 1)):
        if layer == 0 or case.get("reuploading"):
            yield from (("x", i) for i in range(n))
        for index, (a, b) in enumerate(case["pairs"]):
            row = layer * angle_rows(case) + (0 if case.get("shared") else index)
            yield "theta", a, row, 0
            yield "theta", b, row, 1
            if case.get("entangler", "cnot") == "cnot":
                yield "cnot", a, b


def chain(x, theta):  # the closed form of (0, 1) (1, 2) …: pair i's target is untouched, its control's z is final
    z, out = x[:, 0].cos(), []
    s = x[:, 0].sin()
    for i, (control, target) in enumerate(theta):
        out.append(z * control.cos() - s * control.sin())
        angle = x[:, i + 1] + target  # the target's rotation only adds to its input
        z, s = out[-1] * angle.cos(), angle.sin()
    return torch.stack(out + [z], dim=-1)


def circuit(case, x, theta):
    return chain(x, theta) if case.get("chain") else state_vector(case, x, theta)


def state_vector(case, x, theta):  # x: [tokens, n]; real amplitudes, qubit 0 is the most significant bit
    count, n = x.shape
    state = torch.zeros(count, 2**n)
    state[:, 0] = 1
    for kind, qubit, *rest in gates(case, n):
        if kind == "cnot":
            index = np.arange(2**n)
            state = state[:, index ^ (index >> (n - 1 - qubit) & 1) << (n - 1 - rest[0])]
        else:
            half = (x[:, qubit] if kind == "x" else theta[tuple(rest)]).reshape(-1, 1, 1) / 2
            zero, one = state.reshape(count, 2**qubit, 2, -1).unbind(2)
            c, s = half.cos(), half.sin()
            state = torch.stack([c * zero - s * one, s * zero + c * one], dim=2).reshape(count, -1)
    halves = [(state * state).reshape(count, 2**i, 2, -1).sum((1, 3)) for i in range(n)]
    return torch.stack([half[:, 0] - half[:, 1] for half in halves], dim=-1)


def pennylane_circuit(case, x, theta):
    n = x.shape[1]

    @qml.qnode(qml.device("default.qubit", wires=n), interface="torch", diff_method="backprop")
    def run(x, theta):
        for layer in range(case.get("layers", 1)):
            if layer == 0 or case.get("reuploading"):
                for i in range(n):
                    qml.RY(x[:, i], wires=i)
            rows = theta[layer * angle_rows(case):(layer + 1) * angle_rows(case)]
            for i, (a, b) in enumerate(case["pairs"]):
                angles = rows[0] if case.get("shared") else rows[i]
                qml.RY(angles[0], wires=a)
                qml.RY(angles[1], wires=b)
                if case.get("entangler", "cnot") == "cnot":
                    qml.CNOT(wires=[a, b])
        return [qml.expval(qml.PauliZ(i)) for i in range(n)]

    return torch.stack(run(x, theta), dim=-1)


def compare_chain(n):
    """The largest difference between a chain's closed form and its state vector, and between their derivatives."""
    case = {"pairs": [(i, i + 1) for i in range(n - 1)]}
    rng = np.random.default_rng(2)
    x = torch.tensor(rng.normal(size=(3, n)) * 2, requires_grad=True)
    theta = torch.tensor(rng.uniform(0, 7, size=(n - 1, 2)), requires_grad=True)
    weights = torch.tensor(rng.normal(size=(3, n)))
    results = []
    for y in (chain(x, theta), state_vector(case, x, theta)):
        results.append([y, *torch.autograd.grad((y * weights).sum(), [x, theta])])
    return max((a - b).abs().max().item() for a, b in zip(*results))


def compare_with_pennylane(case):
    """The largest difference between the two circuits, and between their derivatives."""
    n = case["q"] // case["heads"] if case.get("per_head") else case["q"]
    rng = np.random.default_rng(1)
    x = torch.tensor(rng.normal(size=(9, n)) * 2, requires_grad=True)
    theta = torch.tensor(rng.uniform(0, 7, size=(case.get("layers", 1) * angle_rows(case), 2)), requires_grad=True)
    weights = torch.tensor(rng.normal(size=(9, n)))
    results = []
    for run in (state_vector, pennylane_circuit):
        y = run(case, x, theta)
        gradients = torch.autograd.grad((y * weights).sum(), [x, theta], allow_unused=True)
        results.append([y] + [g for g in gradients if g is not None])
    assert len(results[0]) == len(results[1])
    return max((a - b).abs().max().item() for a, b in zip(*results) if a.numel())


# The model


def kinds(case):
    default = ["circuit" if "pairs" in case else "linear"] * 3
    return dict(zip("qkv", case.get("qkv", default)))


def parameters(case, rng):
    q, k, hidden = case["q"], case["classes"], int(case.get("ratio", 2) * case["q"])
    tokens = 196 + bool(case.get("class_token"))
    p = {
        "patch.weight": rng.normal(size=(q, 3, 2, 2)) * 0.5,
        "patch.bias": rng.normal(size=q) * 0.2,
        "pos": rng.normal(size=(tokens, q)) * 0.5,
    }
    if case.get("class_token"):
        p["class_token"] = rng.normal(size=q)

    def projection(name, kind):
        if kind == "circuit":
            rows = case.get("layers", 1) * angle_rows(case)
            shape = (case["heads"], rows, 2) if case.get("per_head") else (rows, 2)
            if rows:
                p[f"{name}.theta"] = rng.uniform(0, 2 * np.pi, size=shape)
        elif kind not in ("identity", "none"):
            p[f"{name}.weight"] = rng.normal(size=q if kind == "diagonal" else (q, q))
            p[f"{name}.bias"] = rng.normal(size=q) * 0.3

    for i in range(case.get("blocks", 1)):
        b = f"blocks.{i}"
        for ln in ("ln1", "ln2"):
            p[f"{b}.{ln}.weight"] = 1 + 0.3 * rng.normal(size=q)
            p[f"{b}.{ln}.bias"] = 0.3 * rng.normal(size=q)
        for role, kind in kinds(case).items():
            if role == "v" or not case.get("uniform"):
                projection(f"{b}.attn.{role}", kind)
        projection(f"{b}.attn.proj", case.get("output", "linear"))
        p[f"{b}.fc1.weight"] = rng.normal(size=(hidden, q))
        p[f"{b}.fc1.bias"] = rng.normal(size=hidden) * 0.3
        p[f"{b}.fc2.weight"] = rng.normal(size=(q, hidden))
        p[f"{b}.fc2.bias"] = rng.normal(size=q) * 0.3
    p["ln3.weight"] = 1 + 0.3 * rng.normal(size=q)
    p["ln3.bias"] = 0.5 + 0.3 * rng.normal(size=q)
    p["head.weight"] = rng.normal(size=(k, q))
    p["head.bias"] = rng.normal(size=k) * 0.3
    return {name: torch.tensor(value, requires_grad=True) for name, value in p.items()}


def project(case, p, name, kind, y):  # y: [images, tokens, q]
    if kind in ("identity", "none"):
        return y
    if kind == "circuit":
        theta = p.get(f"{name}.theta")
        flat = y.reshape(-1, case["q"])
        if not case.get("per_head"):
            return circuit(case, flat, theta).reshape(y.shape)
        parts = flat.chunk(case["heads"], dim=-1)
        parts = [circuit(case, part, None if theta is None else theta[head]) for head, part in enumerate(parts)]
        return torch.cat(parts, dim=-1).reshape(y.shape)
    weight, bias = p[f"{name}.weight"], p[f"{name}.bias"]
    if kind == "diagonal":
        return y * weight + bias
    function = {"linear": lambda z: z, "cosine": torch.cos, "tanh": torch.tanh}[kind]
    return function(F.linear(y, weight, bias))


def forward(case, p, images, training):
    q, h = case["q"], case["heads"]
    d = q // h
    rate = case.get("dropout", 0) if training else 0
    x = torch.tensor(images).permute(0, 3, 1, 2) / 255
    x = x.expand(-1, 3, -1, -1)
    mean, std = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)) if case.get("imagenet") else ((0.5,) * 3, (0.5,) * 3)
    x = (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    x = F.conv2d(x, p["patch.weight"], p["patch.bias"], stride=2).flatten(2).transpose(1, 2)
    if case.get("class_token"):
        x = torch.cat([x, p["class_token"].expand(len(x), 1, q)], dim=1)
    x = dropout(rate, x + p["pos"], 0)
    n_batch, t, _ = x.shape
    for i in range(case.get("blocks", 1)):
        b = f"blocks.{i}"
        y = F.layer_norm(x, (q,), p[f"{b}.ln1.weight"], p[f"{b}.ln1.bias"], eps=1e-5)

        def heads(role):
            z = project(case, p, f"{b}.attn.{role}", kinds(case)[role], y)
            return z.view(n_batch, t, h, d).transpose(1, 2)

        if case.get("uniform"):
            weights = torch.full((n_batch, h, t, t), 1 / t)
        else:
            weights = (heads("q") @ heads("k").transpose(-1, -2) / math.sqrt(d)).softmax(-1)
        weights = torch.stack([dropout(rate, weights[:, head], 1, i, head) for head in range(h)], dim=1)
        y = (weights @ heads("v")).transpose(1, 2).reshape(n_batch, t, q)
        y = project(case, p, f"{b}.attn.proj", case.get("output", "linear"), y)
        x = x + dropout(rate, y, 2, i)
        y = F.layer_norm(x, (q,), p[f"{b}.ln2.weight"], p[f"{b}.ln2.bias"], eps=1e-5)
        y = F.gelu(F.linear(y, p[f"{b}.fc1.weight"], p[f"{b}.fc1.bias"]))
        y = F.linear(y, p[f"{b}.fc2.weight"], p[f"{b}.fc2.bias"])
        x = x + dropout(rate, y, 3, i)
    x = F.layer_norm(x, (q,), p["ln3.weight"], p["ln3.bias"], eps=1e-5)
    pooled = x[:, -1] if case.get("class_token") else x.mean(1)
    penultimate = F.relu(pooled)
    return penultimate, F.linear(penultimate, p["head.weight"], p["head.bias"])


def losses(case, p, images, labels, target):
    penultimate, logits = forward(case, p, images, training=True)
    loss = F.cross_entropy(logits, torch.tensor(labels))
    return penultimate, logits, loss, F.mse_loss(penultimate, torch.tensor(target))


# The files


def inputs(name):
    case = CASES[name]
    rng = np.random.default_rng(list(CASES).index(name))
    images = rng.integers(0, 256, size=(2, 28, 28, case["channels"]), dtype=np.uint8)
    labels = rng.integers(0, case["classes"], size=2)
    target = np.abs(rng.normal(size=(2, case["q"])))
    return case, parameters(case, rng), images, labels, target


def option_members(case):
    members = {"output": [OUTPUTS.index(case.get("output", "linear"))], "dropout": [float(case.get("dropout", 0))],
               "ratio": [float(case.get("ratio", 2))], "layers": [case.get("layers", 1)],
               "entangler": [ENTANGLERS.index(case.get("entangler", "cnot"))]}
    for role, kind in zip(("query", "key", "value"), kinds(case).values()):
        members[role] = [KINDS.index(kind)]
    return members | {name: [int(case.get(name, 0))] for name in ("reuploading", "uniform", "frozen")}


def mask_members(case):
    rate, t, q = case["dropout"], 196 + bool(case.get("class_token")), case["q"]
    members = {"mask.tokens": kept(rate, (t, q), 0, MASK_IMAGE)}
    for i in range(case.get("blocks", 1)):
        heads = [kept(rate, (t, t), 1, MASK_IMAGE, i, head)[:MASK_QUERIES] for head in range(case["heads"])]
        members[f"mask.blocks.{i}.attention"] = np.stack(heads)
        members[f"mask.blocks.{i}.attention_branch"] = kept(rate, (t, q), 2, MASK_IMAGE, i)
        members[f"mask.blocks.{i}.mlp_branch"] = kept(rate, (t, q), 3, MASK_IMAGE, i)
    numbers = {"dropout_seed": [SEED], "dropout_epoch": [EPOCH], "mask_image": [MASK_IMAGE]}
    return numbers | {name: mask.astype(np.uint8) for name, mask in members.items()}


def write(name):
    case, p, images, labels, target = inputs(name)
    penultimate, logits, loss, kd_loss = losses(case, p, images, labels, target)
    out = {"q": [case["q"]], "heads": [case["heads"]], "blocks": [case.get("blocks", 1)],
           "ratio": [case.get("ratio", 2)], "classes": [case["classes"]],
           "class_token": [int(case.get("class_token", 0))], "imagenet": [int(case.get("imagenet", 0))],
           "pairs": np.array(case.get("pairs", []), dtype=np.int64).reshape(-1, 2),
           "shared": [int(case.get("shared", 0))], "per_head": [int(case.get("per_head", 0))],
           "image_u8": images, "labels": labels, "kd_target": target}
    if case.get("variant"):
        out |= option_members(case)
    if case.get("dropout"):
        out |= mask_members(case)
        out["act.logits_eval"] = forward(case, p, images, training=False)[1].detach().numpy()
    out = {key: np.array(value) for key, value in out.items()}
    out["act.penultimate"], out["act.logits"] = penultimate.detach().numpy(), logits.detach().numpy()
    out["loss"], out["kd_loss"] = np.array([loss.item()]), np.array([kd_loss.item()])
    body = {key: value for key, value in p.items() if not key.startswith("head.")}
    for kind, value, tensors in (("grad", loss, p), ("kdgrad", kd_loss, body)):
        for key, gradient in zip(tensors, torch.autograd.grad(value, tensors.values(), retain_graph=True)):
            fixed = case.get("frozen") and key.endswith("theta")
            out[f"{kind}.{key}"] = gradient.numpy() * (0 if fixed else 1)
    out |= {f"param.{key}": value.detach().numpy() for key, value in p.items()}
    np.savez(HERE / f"{name}.npz", **out)


def write_streams():
    """The first ten words of three streams: words[i] are of seed[i], PURPOSES[purpose[i]] and indices.i."""
    streams = [(7, 0, (3, 1)), (0, 2, (0, 0, 0)), (2**62 + 12345, 1, (2**40 + 99, 77, 1, 5))]
    out = {"seed": np.array([seed for seed, _, _ in streams]), "purpose": np.array([code for _, code, _ in streams]),
           "words": np.array([stream(s, PURPOSES[c], indices, 10).astype(np.int64) for s, c, indices in streams])}
    for i, (_, _, indices) in enumerate(streams):
        out[f"indices.{i}"] = np.array(indices)
    np.savez(HERE / "random_stream.npz", **out)


def central_differences(name, step=2e-6):
    """The largest difference of a gradient and its central difference, relative to the gradient's largest element."""
    case, p, images, labels, target = inputs(name)
    run = functools.partial(losses, case, p, images, labels, target)
    *_, loss, kd_loss = run()
    gradient = functools.partial(torch.autograd.grad, inputs=p.values(), retain_graph=True, allow_unused=True)
    gradients = [gradient(loss), gradient(kd_loss)]
    largest = [max(g.abs().max().item() for g in of_loss if g is not None) for of_loss in gradients]
    worst, count = 0, 0
    with torch.no_grad():
        for tensor, *of_losses in zip(p.values(), *gradients):
            flat = tensor.view(-1)
            for i in range(len(flat)):
                value = flat[i].item()
                flat[i] = value + step
                above = run()[2:]
                flat[i] = value - step
                below = run()[2:]
                flat[i] = value
                for a, b, exact, scale in zip(above, below, of_losses, largest):
                    expected = 0 if exact is None else exact.reshape(-1)[i].item()
                    worst = max(worst, abs((a - b).item() / (2 * step) - expected) / scale)
                count += 1
    return worst, count


def main():
    circuits = {name: compare_with_pennylane(case) for name, case in CASES.items()
                if "pairs" in case and not case.get("chain")}
    print(f"{len(circuits)} circuits differ from PennyLane's by {max(circuits.values()):.1e} at most")
    assert max(circuits.values()) < 1e-12, circuits
    chains = max(compare_chain(n) for n in (2, 3, 9, 16))
    print(f"the closed form of chains differs from their state vectors by {chains:.1e} at most")
    assert chains < 1e-12
    if sys.argv[1:2] == ["--check"]:
        for name in sys.argv[2:] or ["everything"]:
            worst, count = central_differences(name)
            print(f"{name}: {count} gradients differ from central differences by {worst:.1e} at most, relative")
            assert worst < 1e-6
        return
    HERE.mkdir(exist_ok=True)
    for name in sys.argv[1:] or CASES:
        write(name)
    write_streams()


if __name__ == "__main__":
    main()
