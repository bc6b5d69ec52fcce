#!/usr/bin/env python3
"""Measures the students against PyTorch and PennyLane on this machine and writes docs/benchmarks.md.

    make benchmark                                   everything, a quarter of an hour
    make benchmark BENCHMARK_OPTIONS=--quick         one size, a few peers, about a minute

Peers run in processes of their own on the same core, are checked against our student before they are timed, and take
turns with it: window by window, A B C A B C. A ratio is taken within each round; the table gives the median of the rounds
and, in parentheses, their smallest and largest.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ROOT / "Benchmarks" / "peers"
ENVIRONMENT = ROOT / ".build" / "benchmark-venv"
# The builds without GPU libraries; if it cannot be reached, PyTorch comes from pip's default index.
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
NO_PEERS = "pip could not install the peers; --python PATH takes an environment that has them"

TITLES = {
    "vit-eager": "ViT, PyTorch eager, fused attention",
    "vit-compiled-fused": "ViT, torch.compile, fused attention",
    "vit-compiled": "ViT, torch.compile, attention written out",
    "qvit-pennylane": "QViT, PennyLane default.qubit, backprop",
    "qvit-state-vector": "QViT, PyTorch state vector",
    "qvit-closed-form-fused": "QViT, closed form, torch.compile, fused attention",
    "qvit-closed-form": "QViT, closed form, torch.compile, attention written out",
}


def fail(message):
    sys.exit(f"benchmark: error: {message}")


def note(message):
    print(f"benchmark: {message}", file=sys.stderr, flush=True)


# MARK: Python for the peers


def peer_python(given):
    """An interpreter with PyTorch and PennyLane: the given one, or an environment of our own below .build."""
    if given:
        return given
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "complete").exists():
        note(f"installing PyTorch and PennyLane in {ENVIRONMENT.relative_to(ROOT)}")
        venv.create(ENVIRONMENT, clear=True, with_pip=True)

        def install(*packages):
            return subprocess.run([python, "-m", "pip", "install", "--quiet", *packages]).returncode == 0

        if not install("torch", "--index-url", TORCH_INDEX, "--retries", "1"):
            note(f"{TORCH_INDEX} cannot be reached; the default index has PyTorch too, some gigabytes with its GPU libraries")
            if not install("torch"):
                fail(NO_PEERS)
        if not install("pennylane"):
            fail(NO_PEERS)
        (ENVIRONMENT / "complete").touch()
    return str(python)


# MARK: Contestants


class Contestant:
    """A process that measures one window for every line it is sent."""

    def __init__(self, name, command, core):
        self.name, self.core, self.rates = name, core, []
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})

    def await_ready(self):
        """Waits until it has been checked and warmed up, then pins it. False if it cannot take part."""
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            reasons = self.errors.read().strip().splitlines() or ["no reason given"]
            note(f"left out: {self.name}: {reasons[-1]}")
            self.close()
            return False
        self.ready = json.loads(line)
        if self.core is not None:
            os.sched_setaffinity(self.process.pid, {self.core})
        return True

    def measure(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            fail(f"{self.name} ended while it was measured")
        self.rates.append(json.loads(line)["images_per_second"])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


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
        return Contestant(name, command, self.core if threads == 1 else None)

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
                    peer,
                    [self.python, PEERS / "serve.py", "--peer", peer, "--case", cases[peer.split("-")[0]],
                     "--seconds", self.options.seconds], self.core)
                for peer in peers]
            contestants = [each for each in contestants if each.await_ready()]
        mine = []
        for model in ("vit", "qvit"):
            mine += [
                self.ours("training", model, size, qubits), self.ours("inference", model, size, qubits),
                self.ours("training", model, size, qubits, threads=2)]
        if state_vector:
            mine.append(self.ours("training", "qvit", size, qubits, method="state-vector"))
        for each in mine:
            if not each.await_ready():
                fail(f"our own {each.name} did not start")
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
        ratios = [a / b for a, b in zip(members[numerator].rates, members[denominator].rates)]
        return [statistics.median(ratios), min(ratios), max(ratios)]

    def best(self, group, names):
        members = self.groups.get(group, {})
        present = [name for name in names if name in members]
        return max(present, key=lambda name: statistics.median(members[name].rates), default=None)


# MARK: Targets

COMPILED_VIT = ["vit-compiled", "vit-compiled-fused"]
COMPILED_QVIT = ["qvit-closed-form", "qvit-closed-form-fused"]


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


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cpu_name():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def output_of(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def report(benchmark, load):
    options = benchmark.options
    versions = json.loads(output_of([benchmark.python, str(PEERS / "serve.py"), "--versions"]))
    swift = next((line for line in output_of(["swift", "--version"]).splitlines() if "Swift version" in line), "Swift")
    command = "make benchmark"
    given = [word for word in sys.argv[1:] if word == "--quick" or word.startswith(("--rounds", "--seconds"))]
    if given:
        command += f" BENCHMARK_OPTIONS={shlex.quote(' '.join(given))}"
    lines = [
        "# Benchmarks", "",
        "Written by `make benchmark`; do not edit. How fast the machine is changes by the minute, so only ratios of windows",
        "measured in turn mean anything: the median over the rounds, in parentheses the smallest and the largest.", "",
        f"- command: `{command}`",
        f"- date: {datetime.date.today().isoformat()}",
        f"- machine: {cpu_name()}, {len(os.sched_getaffinity(0))} processors, load {load:.1f} before the first round",
        f"- software: {swift.split(' (')[0]}, instruction set {os.environ.get('QVIT_MARCH', 'native')}; "
        + ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"- a window is at least {options.seconds} s of whole batches of 32 images; {options.rounds} rounds; one thread on",
        "  one core unless stated, by its processor time; two threads by the time that passes, which says something on an idle",
        "  machine only; float32, 10 classes, 3 channels, chain circuits",
        "- a training step is forward, backward and Adam; before a peer is timed, its logits and gradients must agree with",
        "  our student's within 10⁻⁴ of the largest", "",
        "## Targets", "", "| ratio | measured | target | |", "|---|---:|---:|---|"]
    for what, (middle, low, high), wanted, at_most in targets(benchmark):
        met = "met" if (middle <= wanted if at_most else middle >= wanted) else "not met"
        if "two threads" in what and load > 0.5:
            met = "machine not idle"
        spread = f" ({digits(low)}–{digits(high)})" if low < high else ""
        lines.append(
            f"| {what} | {digits(middle)}{spread} | {'≤' if at_most else '≥'} {wanted:,} | {met} |")
    for group, members in benchmark.groups.items():
        lines += [
            "", f"## Rates, {group}", "", "| | images/s | ours over it | largest error of logits, gradients |",
            "|---|---:|---:|---|"]
        for name, member in members.items():
            title, over, errors = TITLES.get(name), "", ""
            if title:
                ratio = benchmark.ratio(group, f"{name.split('-')[0]}-training", name)
                over = f"{digits(ratio[0])} ({digits(ratio[1])}–{digits(ratio[2])})"
                errors = f"{member.ready['logits']:.0e}, {member.ready['gradients']:.0e}"
            else:
                model, rest = name.split("-", 1)
                title = f"**ours, {'ViT' if model == 'vit' else 'QViT'}, {rest.replace('-', ' ')}**"
            lines.append(f"| {title} | {digits(statistics.median(member.rates))} | {over} | {errors} |")
    if benchmark.parts:
        lines += [
            "", "## Parts of a step of QViT, q = 4", "",
            "In cycles per image, a cycle being the time in which the core issues two fused multiply-adds of 16 lanes. Attention",
            "is the direct one; the counted limit is explained in Benchmarks/student-benchmark/Parts.swift. A core that also has units",
            "for additions alone can be quicker than it.", "",
            "| part | " + " | ".join(f"{size} pixels" for size in benchmark.parts) + " | counted limit |",
            "|---|" + "---:|" * (len(benchmark.parts) + 1)]
        for row in zip(*benchmark.parts.values()):
            limit = f"{row[0]['counted_limit']:,.0f}" if "counted_limit" in row[0] else ""
            lines.append(
                f"| {row[0]['part']} | " + " | ".join(f"{part['cycles_per_image']:,.0f}" for part in row) + f" | {limit} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="28 pixels and four qubits only, fewer peers and rounds")
    parser.add_argument("--python", default=os.environ.get("QVIT_BENCHMARK_PYTHON"),
                        help="an interpreter that has PyTorch and PennyLane; by default an environment below .build")
    parser.add_argument("--tool", default=str(ROOT / ".build" / "release" / "student-benchmark"))
    parser.add_argument("--seconds", type=float, help="length of a window")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--output", help="by default docs/benchmarks.md; with --quick the report is printed only")
    options = parser.parse_args()
    options.seconds = options.seconds or (0.3 if options.quick else 0.7)
    options.rounds = options.rounds or (5 if options.quick else 9)
    if not os.access(options.tool, os.X_OK):
        fail(f"{options.tool} is not there; make benchmark builds it")

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
    text = report(benchmark, load)
    output = options.output or (None if options.quick else str(ROOT / "docs" / "benchmarks.md"))
    if output:
        pathlib.Path(output).write_text(text)
        note(f"written: {output}")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
