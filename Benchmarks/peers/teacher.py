#!/usr/bin/env python3
"""TinyViT-5M in timm, checked against ours, then timed: a line when it is ready, then one for every line it reads.

    teacher.py --case DIRECTORY --variant NAME
    teacher.py --versions

DIRECTORY is what `teacher-benchmark --task export` wrote. A line is a question, `{"task": "training", "threads": 1,
"seconds": 5}`. A model whose logits or gradients differ from ours by more than 1e-3 of the largest is not timed.
"""

import argparse
import json
import platform
import sys
import time

import timm
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from window import rate

BATCH = 32
TOLERANCE = 1e-3

# name: (channels last, compiled)
VARIANTS = {"eager": (False, False), "channels-last": (True, False), "compiled": (True, True)}


def load(directory, channels_last):
    state, case = load_file(f"{directory}/weights.safetensors"), load_file(f"{directory}/case.safetensors")
    model = timm.create_model("tiny_vit_5m_224", pretrained=False, drop_path_rate=0.0)
    qubits, classes = state["head.fc.0.weight"].shape[0], state["head.fc.2.weight"].shape[0]
    model.head.fc = torch.nn.Sequential(
        torch.nn.Linear(320, qubits), torch.nn.ReLU(), torch.nn.Linear(qubits, classes))
    model.load_state_dict(state, strict=True)
    images = ((case["images"].permute(0, 3, 1, 2) / 255 - 0.5) / 0.5).contiguous()
    if channels_last:
        model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    return model, images, case


def check(model, run, images, case):
    """The largest errors of logits and gradients, relative to the largest logit and the largest gradient."""
    model.train()
    logits = run(images)
    F.cross_entropy(logits, case["labels"]).backward()
    wanted = {name: case[f"gradient/{name}"] for name, _ in model.named_parameters()}
    scale = max(gradient.abs().max().item() for gradient in wanted.values())
    gradients = max(
        (parameter.grad - wanted[name]).abs().max().item() / scale for name, parameter in model.named_parameters())
    model.zero_grad()
    error = (logits - case["logits"]).abs().max().item() / max(1.0, case["logits"].abs().max().item())
    return error, gradients


def steps(model, run, channels_last):
    """By task: a function that takes a batch of random images once through."""
    images = torch.randn(BATCH, 3, 224, 224)
    if channels_last:
        images = images.to(memory_format=torch.channels_last)
    labels = torch.randint(0, model.head.fc[2].out_features, (BATCH,))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def training():
        model.train()
        F.cross_entropy(run(images), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def inference():
        model.eval()
        with torch.inference_mode():
            run(images)

    return {"training": training, "inference": inference}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case")
    parser.add_argument("--variant", choices=VARIANTS)
    parser.add_argument("--versions", action="store_true")
    options = parser.parse_args()
    if options.versions:
        return print(json.dumps(
            {"Python": platform.python_version(), "PyTorch": torch.__version__, "timm": timm.__version__}))
    torch.manual_seed(1)
    channels_last, compiled = VARIANTS[options.variant]
    model, images, case = load(options.case, channels_last)
    run = torch.compile(model, dynamic=False) if compiled else model
    logits, gradients = check(model, run, images, case)
    if not max(logits, gradients) <= TOLERANCE:
        sys.exit(f"timm disagrees with our teacher: logits by {logits:.1e}, gradients by {gradients:.1e}")
    tasks = steps(model, run, channels_last)
    # Compilation for the batch's size and the number of threads, caches.
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for step in tasks.values():
            step()
    print(json.dumps({"logits": logits, "gradients": gradients}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        torch.set_num_threads(question["threads"])
        # One thread by processor time, several by the time that passes.
        clock = time.process_time if question["threads"] == 1 else time.perf_counter
        found = rate(tasks[question["task"]], BATCH, question["seconds"], clock)
        print(json.dumps({"images_per_second": found}), flush=True)


if __name__ == "__main__":
    main()
