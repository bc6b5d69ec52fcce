#!/usr/bin/env python3
"""One peer, checked, then timed window by window: prints a line when it is ready, then one for every line it reads.

    serve.py --peer NAME --case FILE --task training|inference --seconds X
    serve.py --versions

A peer whose logits or gradients differ from our student's by more than 1e-4 of the largest is not timed.
"""

import argparse
import json
import platform
import sys

import torch
from torch.nn import functional as F

import circuits
from exported_case import ExportedCase
from students import ChannelMajorStudent, PeerStudent
from window import rate

BATCH = 32
TOLERANCE = 1e-4

# With channels outermost.
CHANNEL_MAJOR = ["vit-compiled-channels", "qvit-closed-form-channels"]

# name: (model, circuit, fused attention and convolution, compiled)
PEERS = {
    "vit-compiled-channels": ("vit", None, False, True),
    "qvit-closed-form-channels": ("qvit", circuits.closed_form, False, True),
    "vit-eager": ("vit", None, True, False),
    "vit-compiled-fused": ("vit", None, True, True),
    "vit-compiled": ("vit", None, False, True),
    "qvit-pennylane": ("qvit", circuits.pennylane, True, False),
    "qvit-state-vector": ("qvit", circuits.state_vector, True, False),
    "qvit-closed-form-fused": ("qvit", circuits.closed_form, True, True),
    "qvit-closed-form-eager": ("qvit", circuits.closed_form, True, False),
    "qvit-closed-form": ("qvit", circuits.closed_form, False, True),
}


def relative_error(found, wanted, scale):
    return (found - wanted).abs().max().item() / scale


def check(case, student, run):
    """The largest errors of logits and gradients, relative to the largest logit and the largest gradient."""
    with torch.no_grad():
        logits = relative_error(run(case.images), case.logits, max(1.0, case.logits.abs().max().item()))
    F.cross_entropy(run(case.images), case.labels).backward()
    scale = max(gradient.abs().max().item() for gradient in case.gradients.values())
    gradients = max(
        relative_error(getattr(student, student.names[name]).grad, wanted, scale)
        for name, wanted in case.gradients.items())
    student.zero_grad()
    return logits, gradients


def training(case, student, run):
    images = torch.randn(BATCH, 3, case.size, case.size)
    labels = torch.randint(0, case.classes, (BATCH,))
    optimizer = torch.optim.Adam(student.parameters(), lr=1e-3, fused=True)

    def step():
        F.cross_entropy(run(images), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def inference(case, student, run):
    images = torch.randn(BATCH, 3, case.size, case.size)

    def step():
        with torch.no_grad():
            run(images)

    return step


def say(**line):
    print(json.dumps(line), flush=True)


def versions():
    import pennylane

    return {"Python": platform.python_version(), "PyTorch": torch.__version__, "PennyLane": pennylane.__version__}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", choices=PEERS)
    parser.add_argument("--case")
    parser.add_argument("--task", choices=["training", "inference"], default="training")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--versions", action="store_true")
    options = parser.parse_args()
    if options.versions:
        return say(**versions())
    torch.set_num_threads(1)
    torch.manual_seed(1)

    case = ExportedCase(options.case)
    model, circuit, fused, compiled = PEERS[options.peer]
    if case.model != model:
        sys.exit(f"{options.peer} is a {model}, {options.case} holds a {case.model}")
    kind = ChannelMajorStudent if options.peer in CHANNEL_MAJOR else PeerStudent
    student = kind(case, fused, circuit(case.qubits, case.pairs) if circuit else None)
    run = torch.compile(student, dynamic=False) if compiled else student
    logits, gradients = check(case, student, run)
    if not max(logits, gradients) <= TOLERANCE:
        sys.exit(f"{options.peer} disagrees with our student: logits by {logits:.1e}, gradients by {gradients:.1e}")
    step = {"training": training, "inference": inference}[options.task](case, student, run)
    # Compilation for the batch's size, caches.
    for _ in range(3 if compiled else 1):
        step()
    say(ready=True, logits=logits, gradients=gradients)
    for _ in sys.stdin:
        say(images_per_second=rate(step, BATCH, options.seconds))


if __name__ == "__main__":
    main()
