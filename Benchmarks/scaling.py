#!/usr/bin/env python3
"""Measures training steps of QViTs of 4 to 64 qubits beside PyTorch, JAX and PennyLane and writes docs/benchmarks-scaling.md.

    make benchmark-scaling                                          all widths, half an hour: programs of many qubits compile long
    make benchmark-scaling BENCHMARK_OPTIONS="--qubits 4 16"        some of them, printed only

As in run.py peers are checked before they are timed and take turns with our student, window by window, on the same core.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile

from contest import (
    PEERS, ROOT, add_peer_options, circumstances, command_line, deliver, digits, note, output_of, peer_python, require_tool,
    spread_of_ratios, spread_text, targets_table)
from run import Contestant, Ours, peer_command

WIDTHS = [4, 8, 16, 32, 64]
# name: (title, the largest q with which it takes part: beyond, a step of it, or its compilation, takes many minutes)
TITLES = {
    "qvit-pennylane": ("PennyLane default.qubit, backprop", 8),
    "qvit-closed-form-eager": ("PyTorch, closed form, fused attention", 64),
    "qvit-closed-form-fused": ("PyTorch, closed form, torch.compile, fused attention", 16),
    "qvit-closed-form-channels": ("PyTorch, closed form, torch.compile, channels outermost", 16),
    "qvit-jax": ("JAX, closed form, channels outermost, steps in a scan", 16),
    "qvit-jax-scan": ("JAX, closed form by a scan, channels outermost, steps in a scan", 64),
    "qvit-jax-polynomial": ("JAX, closed form, attention by moments, steps in a scan", 4),
}


class Scaling:
    def __init__(self, options, python):
        self.options, self.python = options, python
        self.core = max(os.sched_getaffinity(0))
        self.members, self.parts = {}, {}

    def tool(self, task, qubits, model="qvit", **more):
        words = [self.options.tool, "--task", task, "--model", model, "--size", 28, "--qubits", qubits]
        return [str(word) for word in words + [w for name, value in more.items() for w in (f"--{name}", value)]]

    def run(self, qubits):
        note(f"q = {qubits}: checking and compiling")
        with tempfile.TemporaryDirectory() as directory:
            case = f"{directory}/case.json"
            subprocess.run(self.tool("export", qubits, output=case), check=True)
            contestants = [
                Contestant(peer, peer_command(self.python, peer, case, self.options.seconds), self.core)
                for peer, (_, largest) in TITLES.items()
                if qubits <= largest and peer in (self.options.peers or TITLES)]
            contestants = [each for each in contestants if each.await_ready()]
        for model in ("qvit", "vit"):
            contestants.append(Ours(
                model, self.tool("training", qubits, model, threads=1, seconds=self.options.seconds) + ["--serve"], self.core))
        for turn in range(self.options.rounds):
            note(f"q = {qubits}: round {turn + 1} of {self.options.rounds}")
            for each in contestants:
                each.measure()
        for each in contestants:
            each.close()
        self.members[qubits] = {each.name: each for each in contestants}
        lines = output_of(self.tool("parts", qubits, windows=self.options.rounds, seconds=self.options.seconds / 4)).splitlines()
        self.parts[qubits] = {line["part"]: line for line in map(json.loads, lines)}

    def ratio(self, qubits, peer):
        members = self.members[qubits]
        return spread_of_ratios(members["qvit"].rates, members[peer].rates) if peer in members else None

    def best(self, qubits):
        members = self.members[qubits]
        present = [name for name in TITLES if name in members]
        return max(present, key=lambda name: statistics.median(members[name].rates), default=None)


def report(scaling, load):
    options = scaling.options
    command = command_line("make benchmark-scaling", options, "rounds", "seconds")
    chosen = [f"--{name} {' '.join(map(str, values))}" for name in ("qubits", "peers") if (values := getattr(options, name))]
    command = command[:-1] + "".join(f" {words}" for words in chosen) + command[-1]
    versions = {}
    for script in ("serve.py", "serve_jax.py"):
        versions |= json.loads(output_of([scaling.python, str(PEERS / script), "--versions"]))
    lines = [
        "# Training steps against qubits", "",
        "Written by `make benchmark-scaling`; do not edit. QViT at 28 pixels, two heads, chain circuits by their closed form, linear",
        "output; a step is forward, backward and Adam on 32 images, on one thread of one core. Only ratios of windows measured in",
        "turn mean anything: the median over the rounds, in parentheses the smallest and the largest.", "",
        *circumstances(command, load, versions),
        f"- a window is at least {options.seconds} s; {options.rounds} rounds; before a peer is timed, its logits and gradients must agree with",
        "  our student's within 10⁻⁴ of the largest; a peer takes part up to the width at which a step of it, or its compilation, would take many minutes", "",
    ]
    targets = []
    for qubits in scaling.members:
        best = scaling.best(qubits)
        if best:
            targets.append((f"q = {qubits}: rate over the best peer, {TITLES[best][0]}", scaling.ratio(qubits, best), 10, False, None))
    lines += targets_table(targets)
    widths = list(scaling.members)
    lines += ["", "## Rates", "", "Images/s, and ours over it.", "",
              "| | " + " | ".join(f"q = {q}" for q in widths) + " |", "|---|" + "---:|" * len(widths)]
    for name in ("qvit", "vit"):
        rates = [digits(statistics.median(scaling.members[q][name].rates)) for q in widths]
        lines.append(f"| **ours, {'QViT' if name == 'qvit' else 'ViT'}** | " + " | ".join(rates) + " |")
    for name, (title, _) in TITLES.items():
        cells = []
        for q in widths:
            member = scaling.members[q].get(name)
            cells.append(f"{digits(statistics.median(member.rates))}: {spread_text(scaling.ratio(q, name))}" if member else "")
        if any(cells):
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    lines += [
        "", "## Where our time goes", "",
        "Cycles per image and qubit (a cycle being the time in which the core issues two multiply-adds of 16 lanes): a part that is",
        "linear in q has the same number everywhere, one that grows with its square a number that doubles. In parentheses the share",
        "that attention reaches of its counted limit (Benchmarks/student-benchmark/Parts.swift), of a machine whose registers have 16",
        "lanes. At q = 4 the attention measured is the direct one, which a QViT does not use there.", "",
        "| part | " + " | ".join(f"q = {q}" for q in widths) + " |", "|---|" + "---:|" * len(widths)]
    for part in ("circuits", "norms", "patch embedding", "attention forward", "attention backward", "MLP", "whole step"):
        cells = []
        for q in widths:
            found = scaling.parts[q][part]
            share = f" ({found['share_of_limit']:.2f})" if "share_of_limit" in found else ""
            cells.append(digits(found["cycles_per_image"] / q) + share)
        lines.append(f"| {part} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_peer_options(parser, "student-benchmark", seconds=0.7, rounds=5)
    parser.add_argument("--qubits", type=int, nargs="+", help="by default all; some are printed only")
    parser.add_argument("--peers", choices=TITLES, nargs="+", help="by default all")
    parser.add_argument("--output", help="by default docs/benchmarks-scaling.md")
    options = parser.parse_args()
    require_tool(options.tool)
    scaling = Scaling(options, peer_python(options.python))
    load = os.getloadavg()[0]
    for qubits in options.qubits or WIDTHS:
        scaling.run(qubits)
    output = options.output or (None if options.qubits else str(ROOT / "docs" / "benchmarks-scaling.md"))
    deliver(report(scaling, load), output)


if __name__ == "__main__":
    main()
