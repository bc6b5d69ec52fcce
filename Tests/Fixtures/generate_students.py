#!/usr/bin/env python3
"""Writes students/*.npz: small students in PyTorch (float64) with PennyLane's circuits, outputs and gradients.

    python3 Tests/Fixtures/generate_students.py

Needs: numpy, torch, pennylane. The model is written from its description, independently of the Swift sources.
"""

import math
import pathlib

import numpy as np
import pennylane as qml
import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent / "students"

# name: model, q, heads, blocks, ratio, classes, channels, pairs, shared, per-head, class token, imagenet
CASES = {
    "vit_q6_h3_b2": dict(q=6, heads=3, blocks=2, ratio=1, classes=3, channels=1),
    "vit_q2_h1_classtoken": dict(q=2, heads=1, ratio=4, classes=2, channels=3, class_token=True, imagenet=True),
    "qvit_q4_h2_ring_shared": dict(q=4, heads=2, classes=4, channels=3,
                                   pairs=[(0, 1), (1, 2), (2, 3), (3, 0)], shared=True),
    "qvit_q6_h2_perhead": dict(q=6, heads=2, classes=2, channels=1, pairs=[(0, 1), (1, 2)], per_head=True),
    "qvit_q4_h1_chain": dict(q=4, heads=1, classes=5, channels=3, pairs=[(0, 1), (1, 2), (2, 3)]),
}


def quantum(n, pairs):
    device = qml.device("default.qubit", wires=n)

    @qml.qnode(device, interface="torch", diff_method="backprop")
    def run(x, theta):  # x: [tokens, n], broadcast over tokens
        for i in range(n):
            qml.RY(x[:, i], wires=i)
        for row, (a, b) in enumerate(pairs):
            angles = theta[0] if theta.shape[0] == 1 else theta[row]
            qml.RY(angles[0], wires=a)
            qml.RY(angles[1], wires=b)
            qml.CNOT(wires=[a, b])
        return [qml.expval(qml.PauliZ(i)) for i in range(n)]

    return lambda x, theta: torch.stack(run(x, theta), dim=-1)


def parameters(case, rng):
    q, k, ratio = case["q"], case["classes"], case.get("ratio", 2)
    tokens = 196 + bool(case.get("class_token"))
    p = {
        "patch.weight": rng.normal(size=(q, 3, 2, 2)) * 0.5,
        "patch.bias": rng.normal(size=q) * 0.2,
        "pos": rng.normal(size=(tokens, q)) * 0.5,
    }
    if case.get("class_token"):
        p["class_token"] = rng.normal(size=q)
    for i in range(case.get("blocks", 1)):
        b = f"blocks.{i}"
        for ln in ("ln1", "ln2"):
            p[f"{b}.{ln}.weight"] = 1 + 0.3 * rng.normal(size=q)
            p[f"{b}.{ln}.bias"] = 0.3 * rng.normal(size=q)
        for name in "qkv":
            if "pairs" in case:
                rows = 1 if case.get("shared") else len(case["pairs"])
                shape = (case["heads"], rows, 2) if case.get("per_head") else (rows, 2)
                p[f"{b}.attn.{name}.theta"] = rng.uniform(0, 2 * np.pi, size=shape)
            else:
                p[f"{b}.attn.{name}.weight"] = rng.normal(size=(q, q))
                p[f"{b}.attn.{name}.bias"] = rng.normal(size=q) * 0.3
        p[f"{b}.attn.proj.weight"] = rng.normal(size=(q, q))
        p[f"{b}.attn.proj.bias"] = rng.normal(size=q) * 0.3
        p[f"{b}.fc1.weight"] = rng.normal(size=(ratio * q, q))
        p[f"{b}.fc1.bias"] = rng.normal(size=ratio * q) * 0.3
        p[f"{b}.fc2.weight"] = rng.normal(size=(q, ratio * q))
        p[f"{b}.fc2.bias"] = rng.normal(size=q) * 0.3
    p["ln3.weight"] = 1 + 0.3 * rng.normal(size=q)
    p["ln3.bias"] = 0.5 + 0.3 * rng.normal(size=q)
    p["head.weight"] = rng.normal(size=(k, q))
    p["head.bias"] = rng.normal(size=k) * 0.3
    return {name: torch.tensor(value, requires_grad=True) for name, value in p.items()}


def forward(case, p, images):
    q, h = case["q"], case["heads"]
    d = q // h
    x = torch.tensor(images).permute(0, 3, 1, 2) / 255
    x = x.expand(-1, 3, -1, -1)
    mean, std = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)) if case.get("imagenet") else ((0.5,) * 3, (0.5,) * 3)
    x = (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    x = F.conv2d(x, p["patch.weight"], p["patch.bias"], stride=2).flatten(2).transpose(1, 2)
    if case.get("class_token"):
        x = torch.cat([x, p["class_token"].expand(len(x), 1, q)], dim=1)
    x = x + p["pos"]
    n_batch, t, _ = x.shape
    for i in range(case.get("blocks", 1)):
        b = f"blocks.{i}"
        y = F.layer_norm(x, (q,), p[f"{b}.ln1.weight"], p[f"{b}.ln1.bias"], eps=1e-5)

        def project(name):
            if "pairs" not in case:
                return F.linear(y, p[f"{b}.attn.{name}.weight"], p[f"{b}.attn.{name}.bias"])
            theta = p[f"{b}.attn.{name}.theta"]
            flat = y.reshape(-1, q)
            if case.get("per_head"):
                run = quantum(d, case["pairs"])
                parts = [run(flat[:, i * d:(i + 1) * d], theta[i]) for i in range(h)]
                return torch.cat(parts, dim=-1).reshape(n_batch, t, q)
            return quantum(q, case["pairs"])(flat, theta).reshape(n_batch, t, q)

        heads = [project(name).view(n_batch, t, h, d).transpose(1, 2) for name in "qkv"]
        scores = heads[0] @ heads[1].transpose(-1, -2) / math.sqrt(d)
        y = (scores.softmax(-1) @ heads[2]).transpose(1, 2).reshape(n_batch, t, q)
        x = x + F.linear(y, p[f"{b}.attn.proj.weight"], p[f"{b}.attn.proj.bias"])
        y = F.layer_norm(x, (q,), p[f"{b}.ln2.weight"], p[f"{b}.ln2.bias"], eps=1e-5)
        y = F.gelu(F.linear(y, p[f"{b}.fc1.weight"], p[f"{b}.fc1.bias"]))
        x = x + F.linear(y, p[f"{b}.fc2.weight"], p[f"{b}.fc2.bias"])
    x = F.layer_norm(x, (q,), p["ln3.weight"], p["ln3.bias"], eps=1e-5)
    pooled = x[:, -1] if case.get("class_token") else x.mean(1)
    penultimate = F.relu(pooled)
    return penultimate, F.linear(penultimate, p["head.weight"], p["head.bias"])


def main():
    HERE.mkdir(exist_ok=True)
    for seed, (name, case) in enumerate(CASES.items()):
        rng = np.random.default_rng(seed)
        images = rng.integers(0, 256, size=(2, 28, 28, case["channels"]), dtype=np.uint8)
        labels = rng.integers(0, case["classes"], size=2)
        target = np.abs(rng.normal(size=(2, case["q"])))
        p = parameters(case, rng)
        penultimate, logits = forward(case, p, images)
        loss = F.cross_entropy(logits, torch.tensor(labels))
        out = {"q": [case["q"]], "heads": [case["heads"]], "blocks": [case.get("blocks", 1)],
               "ratio": [case.get("ratio", 2)], "classes": [case["classes"]],
               "class_token": [int(case.get("class_token", 0))], "imagenet": [int(case.get("imagenet", 0))],
               "pairs": np.array(case.get("pairs", []), dtype=np.int64).reshape(-1, 2),
               "shared": [int(case.get("shared", 0))], "per_head": [int(case.get("per_head", 0))],
               "image_u8": images, "labels": labels, "kd_target": target}
        out = {key: np.array(value) for key, value in out.items()}
        out["act.penultimate"], out["act.logits"] = penultimate.detach().numpy(), logits.detach().numpy()
        out["loss"] = np.array([loss.item()])
        for key, gradient in zip(p, torch.autograd.grad(loss, p.values(), retain_graph=True)):
            out[f"param.{key}"], out[f"grad.{key}"] = p[key].detach().numpy(), gradient.numpy()
        kd_loss = F.mse_loss(penultimate, torch.tensor(target))
        out["kd_loss"] = np.array([kd_loss.item()])
        body = {key: value for key, value in p.items() if not key.startswith("head.")}
        for key, gradient in zip(body, torch.autograd.grad(kd_loss, body.values())):
            out[f"kdgrad.{key}"] = gradient.numpy()
        np.savez(HERE / f"{name}.npz", **out)


if __name__ == "__main__":
    main()
