#!/usr/bin/env python3
"""Measures the students against PyTorch, JAX and PennyLane on this machine and writes docs/benchmarks.md.

    make benchmark                                   everything, a quarter of an hour
    make benchmark BENCHMARK_OPTIONS=--quick         one size, a few peers, two minutes

Peers run in processes of their own on the same core, are checked against our student before they are timed, and take
turns with it: window by window, A B C A B C. A ratio is taken within each round; the table gives the median of the rounds
and, in parentheses, their smallest and largest.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile

from contest import (
    PEERS, ROOT, Process, add_peer_options, circumstances, command_line, deliver, digits, fail, note, output_of, peer_python, require_tool,
    spread_of_ratios, spread_text, targets_table)

TITLES = {
    "vit-eager": "ViT, PyTorch eager, fused attention",
    "vit-compiled-fused": "ViT, torch.compile, fused attention",
    "vit-compiled": "ViT, torch.compile, attention written out",
    "qvit-pennylane": "QViT, PennyLane default.qubit, backprop",
    "qvit-state-vector": "QViT, PyTorch state vector",
    "qvit-closed-form-fused": "QViT, closed form, torch.compile, fused attention",
    "qvit-closed-form": "QViT, closed form, torch.compile, attention written out",
    "vit-compiled-channels": "ViT, torch.compile, channels outermost",
    "qvit-closed-form-channels": "QViT, closed form, torch.compile, channels outermost",
    "vit-jax": "ViT, JAX, channels outermost, steps in a scan",
    "qvit-jax": "QViT, JAX, closed form, channels outermost, steps in a scan",
    "qvit-jax-polynomial": "QViT, JAX, closed form, attention by moments, channels outermost, steps in a scan",
    "vit-jax-seeds": "ViT, JAX, the same, five seeds at once by vmap",
    "qvit-jax-seeds": "QViT, JAX, the same, five seeds at once by vmap",
    "qvit-jax-polynomial-seeds": "QViT, JAX, the same with attention by moments, five seeds at once by vmap",
}


def peer_command(python, peer, case, seconds):
    """How a peer is started: those in JAX have a script of their own."""
    script = PEERS / ("serve_jax.py" if "jax" in peer else "serve.py")
    return [python, script, "--peer", peer, "--case", case, "--seconds", seconds]


class Contestant(Process):
    """A process that measures one window for every line it is sent."""

    def __init__(self, name, command, core):
        super().__init__(name, command, core)
        self.rates = []

    def measure(self):
        self.rates.append(self.ask()["images_per_second"])


class Ours:
    """A process of our own for every window: where the system puts a program and its memory changes its rate by up to a
    tenth, and a median of several places says more than one place often."""

    def __init__(self, name, command, core):
        self.name, self.command, self.core = name, command, core
        self.rates = []

    def measure(self):
        process = Process(self.name, self.command, self.core)
        if not process.await_ready():
            fail(f"our own {self.name} did not start")
        self.rates.append(process.ask()["images_per_second"])
        process.close()

    def close(self):
        """Nothing runs between the windows."""


class Benchmark:
    def __init__(self, options, python):
        self.options, self.python = options, python
        self.core = max(os.sched_getaffinity(0))
        self.groups, self.parts = {}, {}

    def ours(self, task, model, size, qubits, threads=1, method="auto"):
        name = "-".join([model, task] + [f"{threads}-threads"] * (threads > 1) + [method] * (method != "auto"))
        command = [
            self.options.tool, "--serve", "--task", task, "--model", model, "--size", size, "--qubits", qubits,
            "--threads", threads, "--method", method, "--seconds", self.options.seconds]
        return Ours(name, command, self.core if threads == 1 else None)

    def run(self, title, size, qubits, peers, state_vector=False):
        """One group: our students, one and two threads, training and inference, and peers, taking turns."""
        note(f"{title}: checking and compiling")
        with tempfile.TemporaryDirectory() as directory:
            cases = {}
            for model in ("vit", "qvit"):
                cases[model] = f"{directory}/{model}.json"
                subprocess.run(
                    [self.options.tool, "--task", "export", "--model", model, "--size", str(size), "--qubits", str(qubits),
                     "--output", cases[model]], check=True)
            contestants = [
                Contestant(
                    peer, peer_command(self.python, peer, cases[peer.split("-")[0]], self.options.seconds), self.core)
                for peer in peers]
            contestants = [each for each in contestants if each.await_ready()]
        mine = []
        for model in ("vit", "qvit"):
            mine += [
                self.ours("training", model, size, qubits), self.ours("inference", model, size, qubits),
                self.ours("training", model, size, qubits, threads=2)]
        if state_vector:
            mine.append(self.ours("training", "qvit", size, qubits, method="state-vector"))
        contestants += mine
        for turn in range(self.options.rounds):
            note(f"{title}: round {turn + 1} of {self.options.rounds}")
            for each in contestants:
                each.measure()
        for each in contestants:
            each.close()
        self.groups[title] = {each.name: each for each in contestants}

    def measure_parts(self, size):
        """Cycles per image of each part of our training step."""
        note(f"{size} pixels: parts of a step")
        lines = output_of([
            self.options.tool, "--task", "parts", "--model", "qvit", "--size", str(size), "--windows",
            str(self.options.rounds), "--seconds", str(self.options.seconds / 4)]).splitlines()
        self.parts[size] = [json.loads(line) for line in lines]

    # MARK: Ratios

    def ratio(self, group, numerator, denominator):
        """[median, smallest, largest] over the rounds, or None where a side did not take part."""
        members = self.groups.get(group, {})
        if numerator not in members or denominator not in members:
            return None
        return spread_of_ratios(members[numerator].rates, members[denominator].rates)

    def best(self, group, names):
        members = self.groups.get(group, {})
        present = [name for name in names if name in members]
        return max(present, key=lambda name: statistics.median(members[name].rates), default=None)


# MARK: Targets

COMPILED_VIT = ["vit-compiled", "vit-compiled-fused"]
COMPILED_QVIT = ["qvit-closed-form", "qvit-closed-form-fused"]
ALL_VIT = [name for name in TITLES if name.startswith("vit-")]
ALL_QVIT = [name for name in TITLES if name.startswith("qvit-")]


def targets(benchmark):
    """(what, ratio, wanted, at most?) for everything that was measured."""
    rows = []

    def add(what, ratio, wanted, at_most=False):
        if ratio:
            rows.append((what, ratio, wanted, at_most))

    def against(group, ours, names, what, wanted):
        peer = benchmark.best(group, names)
        add(f"{group}: {what}", benchmark.ratio(group, ours, peer) if peer else None, wanted)

    for size, vit, pennylane, compiled in ((28, 12, 500, 25), (224, 10, 150, 12)):
        group = f"{size} pixels, q = 4"
        against(group, "vit-training", COMPILED_VIT, "ViT, rate over the best compiled PyTorch", vit)
        against(group, "qvit-training", ["qvit-pennylane"], "QViT, rate over PennyLane", pennylane)
        against(group, "qvit-training", COMPILED_QVIT, "QViT, rate over the best compiled PyTorch", compiled)
        add(f"{group}: QViT, training time over ViT's", benchmark.ratio(group, "vit-training", "qvit-training"), 1.0, True)
        against(group, "vit-training", ALL_VIT, "ViT, rate over the best of all", 10)
        against(group, "qvit-training", ALL_QVIT, "QViT, rate over the best of all", 10)
        for model, title in (("vit", "ViT"), ("qvit", "QViT")):
            add(f"{group}: {title}, two threads over one",
                benchmark.ratio(group, f"{model}-training-2-threads", f"{model}-training"), 1.85)
            add(f"{group}: {title}, inference over training",
                benchmark.ratio(group, f"{model}-inference", f"{model}-training"), 2.5)
    group = "28 pixels, q = 8"
    against(group, "qvit-training", ["qvit-pennylane"], "QViT, rate over PennyLane", 3000)
    against(group, "qvit-training-state-vector", ["qvit-pennylane"], "QViT by state vector, rate over PennyLane", 400)
    for part in benchmark.parts.get(28, []):
        if "share_of_limit" in part:
            add(f"28 pixels, q = 4: direct {part['part']}, share of the counted issue limit",
                [part["share_of_limit"]] * 3, 0.75)
    return rows


# MARK: Report


def report(benchmark, load):
    options = benchmark.options
    versions = {}
    for script in ("serve.py", "serve_jax.py"):
        versions |= json.loads(output_of([benchmark.python, str(PEERS / script), "--versions"]))
    command = command_line("make benchmark", options, "rounds", "seconds")
    lines = [
        "# Benchmarks", "",
        "Written by `make benchmark`; do not edit. How fast the machine is changes by the minute, so only ratios of windows",
        "measured in turn mean anything: the median over the rounds, in parentheses the smallest and the largest.", "",
        *circumstances(command, load, versions),
        f"- a window is at least {options.seconds} s of whole batches of 32 images; {options.rounds} rounds; one thread on",
        "  one core unless stated, by its processor time; two threads by the time that passes, which says something on an idle",
        "  machine only; every window of ours is a process of its own; float32, 10 classes, 3 channels, chain circuits",
        "- a training step is forward, backward and Adam; before a peer is timed, its logits and gradients must agree with",
        "  our student's within 10⁻⁴ of the largest", "",
    ]
    void = "machine not idle" if load > 0.5 else None
    lines += targets_table(
        [(*row, void if "two threads" in row[0] else None) for row in targets(benchmark)])
    for group, members in benchmark.groups.items():
        lines += [
            "", f"## Rates, {group}", "", "| | images/s | ours over it | largest error of logits, gradients |",
            "|---|---:|---:|---|"]
        for name, member in members.items():
            title, over, errors = TITLES.get(name), "", ""
            if title:
                ratio = benchmark.ratio(group, f"{name.split('-')[0]}-training", name)
                over = spread_text(ratio)
                errors = f"{member.ready['logits']:.0e}, {member.ready['gradients']:.0e}"
            else:
                model, rest = name.split("-", 1)
                title = f"**ours, {'ViT' if model == 'vit' else 'QViT'}, {rest.replace('-', ' ')}**"
            lines.append(f"| {title} | {digits(statistics.median(member.rates))} | {over} | {errors} |")
    if benchmark.parts:
        lines += [
            "", "## Parts of a step of QViT, q = 4", "",
            "In cycles per image, a cycle being the time in which the core issues two fused multiply-adds of 16 lanes. The",
            "two rows of attention are the direct one's, which a ViT's step runs; a QViT's whole step runs the polynomial one instead, so",
            "the rows do not add up to it. The counted limit is explained in Benchmarks/student-benchmark/Parts.swift. A core that also",
            "has units for additions alone can be quicker than it.", "",
            "| part | " + " | ".join(f"{size} pixels" for size in benchmark.parts) + " | counted limit |",
            "|---|" + "---:|" * (len(benchmark.parts) + 1)]
        for row in zip(*benchmark.parts.values()):
            limit = f"{row[0]['counted_limit']:,.0f}" if "counted_limit" in row[0] else ""
            name = row[0]["part"] + (" (direct)" if row[0]["part"].startswith("attention") else "")
            lines.append(
                f"| {name} | " + " | ".join(f"{part['cycles_per_image']:,.0f}" for part in row) + f" | {limit} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="28 pixels and four qubits only, fewer peers")
    add_peer_options(parser, "student-benchmark", seconds=0.7, rounds=9)
    parser.add_argument("--output", help="by default docs/benchmarks.md; with --quick the report is printed only")
    options = parser.parse_args()
    require_tool(options.tool)
    benchmark = Benchmark(options, peer_python(options.python))
    load = os.getloadavg()[0]
    if options.quick:
        benchmark.run("28 pixels, q = 4", 28, 4, ["vit-eager", "vit-compiled", "qvit-pennylane", "qvit-closed-form"])
    else:
        benchmark.run("28 pixels, q = 4", 28, 4, list(TITLES), state_vector=True)
        benchmark.run("224 pixels, q = 4", 224, 4, list(TITLES))
        benchmark.run("28 pixels, q = 8", 28, 8, [
            "vit-compiled", "qvit-pennylane", "qvit-state-vector", "qvit-closed-form"], state_vector=True)
        for size in (28, 224):
            benchmark.measure_parts(size)
    output = options.output or (None if options.quick else str(ROOT / "docs" / "benchmarks.md"))
    deliver(report(benchmark, load), output)


if __name__ == "__main__":
    main()
