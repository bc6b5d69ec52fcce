#!/usr/bin/env python3
"""TinyViT-5M in timm, checked against ours, then timed: a line when it is ready, then one for every line it reads.

    teacher.py --case DIRECTORY --variant NAME --least X [--has-bfloat16]
    teacher.py --versions

DIRECTORY is what `teacher-benchmark --task export` wrote. A line is a question, `{"task": "training", "threads": 1,
"seconds": 5}`. Inference of what is compiled is with frozen weights. A model is not timed whose logits, in training and in inference, or gradients differ from ours by more than 1e-3 of the largest, or 1e-1 if it computes
in bfloat16. One that does less than X images/s is not timed either: the first line has its rates then.
"""

import argparse
import copy
import json
import platform
import sys
import time
import typing

import timm
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from window import rate

BATCH = 32


class Variant(typing.NamedTuple):
    channels_last: bool
    compiled: bool
    # "float32", "autocast" (bfloat16 where PyTorch's rules say so) or "bfloat16" (weights too).
    precision: str


VARIANTS = {
    "eager": Variant(False, False, "float32"),
    "channels-last": Variant(True, False, "float32"),
    "compiled": Variant(True, True, "float32"),
    "autocast": Variant(True, False, "autocast"),
    "autocast-compiled": Variant(True, True, "autocast"),
    "bfloat16": Variant(True, False, "bfloat16"),
    "bfloat16-compiled": Variant(True, True, "bfloat16"),
}


class Peer:
    """The model of a variant, and how it is called."""

    def __init__(self, directory, variant):
        self.variant = variant
        state, self.case = load_file(f"{directory}/weights.safetensors"), load_file(f"{directory}/case.safetensors")
        self.model = timm.create_model("tiny_vit_5m_224", pretrained=False, drop_path_rate=0.0)
        qubits, self.classes = state["head.fc.0.weight"].shape[0], state["head.fc.2.weight"].shape[0]
        self.model.head.fc = torch.nn.Sequential(
            torch.nn.Linear(320, qubits), torch.nn.ReLU(), torch.nn.Linear(qubits, self.classes))
        self.model.load_state_dict(state, strict=True)
        if variant.precision == "bfloat16":
            self.model = self.model.bfloat16()
        if variant.channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.run = torch.compile(self.model, dynamic=False) if variant.compiled else self.model
        # Constants take the place of the weights: of a copy, since training goes on.
        self.evaluate = torch.compile(
            copy.deepcopy(self.model).eval(), dynamic=False, options={"freezing": True}) if variant.compiled else self.model

    def prepare(self, images):
        """Images in the variant's type and layout."""
        if self.variant.precision == "bfloat16":
            images = images.bfloat16()
        return images.to(memory_format=torch.channels_last) if self.variant.channels_last else images

    def logits(self, run, images):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.variant.precision == "autocast"):
            return run(images).float()

    def inference(self, images):
        self.model.eval()
        # Compilation with frozen weights looks for this, not for inference mode.
        with torch.no_grad():
            return self.logits(self.evaluate, images)

    def check(self, times):
        """The largest errors of logits and gradients, relative to the largest logit and the largest gradient.

        The case's images so many times over are a batch of the same statistics, losses and gradients.
        """
        def repeated(name):
            return torch.cat([self.case[name]] * times)
        images = self.prepare(((repeated("images").permute(0, 3, 1, 2) / 255 - 0.5) / 0.5).contiguous())
        errors = [(self.inference(images), repeated("inference"))]
        self.model.train()
        logits = self.logits(self.run, images)
        F.cross_entropy(logits, repeated("labels")).backward()
        errors.append((logits.detach(), repeated("logits")))
        wanted = {name: self.case[f"gradient/{name}"] for name, _ in self.model.named_parameters()}
        scale = max(gradient.abs().max().item() for gradient in wanted.values())
        gradients = max(
            (parameter.grad.float() - wanted[name]).abs().max().item() / scale
            for name, parameter in self.model.named_parameters())
        self.model.zero_grad()
        return max((found - ours).abs().max().item() / max(1.0, ours.abs().max().item()) for found, ours in errors), gradients

    def steps(self, batch):
        """By task: a function that takes a batch of random images once through."""
        images = self.prepare(torch.randn(batch, 3, 224, 224))
        labels = torch.randint(0, self.classes, (batch,))
        optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True)

        def training():
            self.model.train()
            F.cross_entropy(self.logits(self.run, images), labels).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

        return {"training": training, "inference": lambda: self.inference(images)}


def slow_rates(peer, batch, least):
    """Images/s by task of a batch taken once, on one thread, if a training step is slower than `least`; None otherwise."""
    rates = {}
    for name, step in peer.steps(batch).items():
        start = time.process_time()
        step()
        rates[name] = batch / (time.process_time() - start)
    return rates if rates["training"] < least else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case")
    parser.add_argument("--variant", choices=VARIANTS)
    parser.add_argument("--least", type=float, default=0)
    parser.add_argument("--has-bfloat16", action="store_true", help="the processor has instructions for it")
    parser.add_argument("--versions", action="store_true")
    options = parser.parse_args()
    if options.versions:
        return print(json.dumps(
            {"Python": platform.python_version(), "PyTorch": torch.__version__, "timm": timm.__version__}))
    torch.manual_seed(1)
    # What is compiled is compiled anew for another number of threads, which must not count as its time.
    torch.set_num_threads(1)
    peer = Peer(options.case, VARIANTS[options.variant])
    # What is compiled is compiled for a size: for that of the batch, unless there is no hope.
    hopeful = peer.variant.precision == "float32" or options.has_bfloat16
    size = BATCH if peer.variant.compiled and hopeful else 4
    logits, gradients = peer.check(size // 4)
    if not max(logits, gradients) <= (1e-3 if peer.variant.precision == "float32" else 1e-1):
        sys.exit(f"timm disagrees with our teacher: logits by {logits:.1e}, gradients by {gradients:.1e}")
    slow = slow_rates(peer, size, options.least)
    if slow is None:
        tasks = peer.steps(BATCH)
        # Compilation for the batch's size and the number of threads, caches.
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for step in tasks.values():
                step()
    print(json.dumps({"logits": logits, "gradients": gradients, "slow": slow}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        torch.set_num_threads(question["threads"])
        # One thread by processor time, several by the time that passes.
        clock = time.process_time if question["threads"] == 1 else time.perf_counter
        found = rate(tasks[question["task"]], BATCH, question["seconds"], clock)
        print(json.dumps({"images_per_second": found}), flush=True)


if __name__ == "__main__":
    main()
