#!/usr/bin/env python3
"""Measures how long a fine-tuning takes to a validation AUC, ours and timm's, and writes docs/benchmarks-learning.md.

    make benchmark-learning BENCHMARK_OPTIONS="--npz data/raw/breastmnist.npz"                            TinyViT-5M, an hour for each seed
    make benchmark-learning BENCHMARK_OPTIONS="--teacher tiny-vit-sample --seeds 5 --npz data/raw/breastmnist.npz"        a quarter of an hour

Every contestant fine-tunes the same model on the same images, from the same first weights, in the same order and at the same learning
rate, which stays as it is; what counts is the time from the first batch to the end of the epoch, its validation included, whose AUC is at
least what ten epochs of ours in single precision reach: with several seeds, their median.
"""

import argparse
import csv
import json
import math
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from contest import (
    PEERS, ROOT, add_python_option, circumstances, command_line, deliver, fail, has_bfloat16, note, output_of, peer_python,
    require_tool)

EPOCHS = 10
# Whoever has not reached the AUC after so many epochs has not reached it.
MOST_EPOCHS = 20
# Whose AUC it is.
OURS = "**ours, float32**"


def settings(options, precision):
    training = {
        "batch_norm": "training", "batch_size": 32, "beta1": 0.9, "beta2": 0.999, "decay": 1, "epochs": MOST_EPOCHS,
        "epsilon": 1e-8, "learning_rate": options.rate, "milestones": [], "selection": "best-validation-auc",
        "patience": None, "precision": precision}
    return {
        "data": {"normalisation": "half"}, "model": {"architecture": options.teacher, "qubits": 4},
        "training": training, "weights": {"start": "pretrained" if options.weights else "random"}}


def in_effect(whole):
    """Settings as they are recorded, without what is the default: what finetune_timm.py reads."""
    whole = json.loads(json.dumps(whole))
    del whole["training"]["patience"]
    if whole["training"]["precision"] == "float32":
        del whole["training"]["precision"]
    return whole


def ours(options, directory, precision, seed):
    """Seconds from the first batch and validation AUC, by epoch."""
    name = directory / f"ours-{precision}-{seed}"
    name.with_suffix(".json").write_text(json.dumps(settings(options, precision)))
    weights = ["--weights", options.weights] if options.weights else []
    command = [
        options.tools / "finetune-teacher", "--data", directory / "d.h5", "--config", name.with_suffix(".json"), *weights,
        "--seed", seed, "--threads", 2, "--quiet", "--output", name.with_suffix(".h5")]
    subprocess.run([str(part) for part in command], check=True)
    with open(f"{name}.timing.csv", encoding="utf-8") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    history = output_of([options.python, "-c", HISTORY, name.with_suffix(".h5")])
    return [sum(seconds[:index + 1]) for index in range(len(seconds))], json.loads(history)


HISTORY = """
import h5py, json, sys
with h5py.File(sys.argv[1]) as file:
    print(json.dumps(file["history/val_auc"][:].tolist()))
"""


def timm(options, directory, precision, compiled, seed):
    """The same of finetune_timm.py, watched by what it writes: the file of steps before the first, the checkpoint after an epoch."""
    name = directory / f"timm-{precision}{'-compiled' if compiled else ''}-{seed}"
    name.with_suffix(".json").write_text(json.dumps(in_effect(settings(options, precision))))
    weights = ["--weights", options.weights] if options.weights else []
    output, steps = name.with_suffix(".safetensors"), name.with_suffix(".steps")
    checkpoint = pathlib.Path(f"{output}.ckpt")
    command = [
        options.python, ROOT / "pipeline" / "finetune_timm.py", "--data", directory / "d.h5", "--config",
        name.with_suffix(".json"), *weights, "--seed", seed, "--device", "cpu", "--threads", 2, "--quiet", "--steps", steps,
        "--output", output, *["--compile"] * compiled]
    process = subprocess.Popen([str(part) for part in command])
    start, seconds, last = None, [], None
    while process.poll() is None:
        now = time.monotonic()
        if start is None and steps.exists():
            start = now
        try:
            saved = checkpoint.stat().st_mtime_ns
        except FileNotFoundError:
            saved = None
        if saved and saved != last:
            seconds.append(now - start)
            last = saved
        time.sleep(0.02)
    if process.returncode != 0:
        fail(f"{name.name} ended with exit code {process.returncode}")
    with open(output, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    history = json.loads(header["__metadata__"]["qvit.finetuning"])["history"]
    # The last checkpoint may be gone before it is seen.
    return seconds, [epoch["val_auc"] for epoch in history][:len(seconds)]


def measure(options):
    """By contestant the runs of its seeds, each seconds and AUCs by epoch; and the AUC to reach."""
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        source = ["--source", "npz", "--input", options.npz, "--allow-unofficial"] if options.npz else [
            "--source", "sample"]
        output_of([
            options.tools / "prepare-data", "--dataset", "breastmnist", "--resolution", options.resolution, *source,
            "--profile", "paper", "--quiet", "--output", directory / "d.h5"])
        contestants = {
            OURS: lambda seed: ours(options, directory, "float32", seed),
            "**ours, bfloat16**": lambda seed: ours(options, directory, "bfloat16", seed),
            "timm, float32": lambda seed: timm(options, directory, "float32", False, seed),
            "timm, float32, torch.compile": lambda seed: timm(options, directory, "float32", True, seed),
        }
        if has_bfloat16():
            contestants |= {
                "timm, autocast": lambda seed: timm(options, directory, "bfloat16", False, seed),
                "timm, autocast, torch.compile": lambda seed: timm(options, directory, "bfloat16", True, seed)}
        if options.without_eager:
            contestants = {name: run for name, run in contestants.items() if not is_eager(name)}
        runs = {}
        for name, run in contestants.items():
            note(f"{name.strip('*')}, seeds: {options.seeds}")
            runs[name] = [run(seed) for seed in range(1, options.seeds + 1)]
    return runs, statistics.median(max(aucs[:EPOCHS]) for _, aucs in runs[OURS])


def is_eager(name):
    return name.startswith("timm") and "torch.compile" not in name


def reached(run, auc):
    """Epochs and seconds to the AUC, infinite if it was not reached."""
    hits = ((epoch + 1, seconds) for epoch, (seconds, found) in enumerate(zip(*run)) if found >= auc)
    return next(hits, (math.inf, math.inf))


def report(options, load, versions, runs, auc):
    images = os.path.basename(options.npz) if options.npz else "generated images"
    first = "the weights given" if options.weights else "random weights"
    lines = [
        "# Time to a validation AUC", "",
        "Written by `make benchmark-learning`; do not edit.", "",
        *circumstances(command_line("make benchmark-learning", options, "teacher", "resolution", "rate", "seeds", "without-eager"), load, versions),
        f"- `{options.teacher}` from {first} on {images} at {options.resolution} pixels, batches of 32, constant learning rate,",
        f"  two threads, seeds: {options.seeds}",
        f"- the AUC to reach is what {EPOCHS} epochs of ours in single precision do, {auc:.4f} (the median over the seeds); everybody has",
        f"  {MOST_EPOCHS} epochs. Medians over the seeds, one that does not reach it counting as the slowest",
        "- validation is in the time; PyTorch's compilation too, where it does not find it in its cache", "",
        "| | seeds that reach it | epochs to it | seconds to it | seconds of an epoch after the first | best AUC |",
        "|---|---:|---:|---:|---:|---:|"]
    for name, each in runs.items():
        hits = [reached(run, auc) for run in each]
        epochs, seconds = (statistics.median(column) for column in zip(*hits))
        mean = statistics.median((times[-1] - times[0]) / (len(times) - 1) for times, _ in each)
        best = statistics.median(max(aucs) for _, aucs in each)
        count = sum(hit[0] < math.inf for hit in hits)
        cells = [f"{epochs:g}", f"{seconds:.1f}"] if seconds < math.inf else ["–", "–"]
        lines.append(f"| {name} | {count} of {options.seeds} | {cells[0]} | {cells[1]} | {mean:.2f} | {best:.4f} |")
    if not has_bfloat16():
        lines += ["", "timm's autocast is left out: this processor has no instructions for bfloat16, and PyTorch takes several times as",
                  "long with it ([benchmarks-teacher.md](benchmarks-teacher.md))."]
    if options.without_eager:
        lines += ["", "timm without torch.compile was left out (`--without-eager`): its epochs take longer, at the same course."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_python_option(parser)
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / ".build" / "release", help="folder of our tools")
    parser.add_argument("--teacher", default="tiny-vit-5m", help="architecture")
    parser.add_argument("--npz", help="BreastMNIST's file; generated images without")
    parser.add_argument("--resolution", type=int, default=28, help="pixels along a side of its images")
    parser.add_argument("--weights", help="weights to begin with (.safetensors); random ones without")
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--seeds", type=int, default=1, help="seeds, of which the medians are taken")
    parser.add_argument(
        "--without-eager", action="store_true", help="leave timm without torch.compile out, whose epochs take longer")
    parser.add_argument("--output", default=str(ROOT / "docs" / "benchmarks-learning.md"))
    options = parser.parse_args()
    require_tool(options.tools / "finetune-teacher")
    options.python = peer_python(options.python)
    versions = json.loads(output_of([options.python, PEERS / "teacher.py", "--versions"]))
    load = os.getloadavg()[0]
    deliver(report(options, load, versions, *measure(options)), options.output)


if __name__ == "__main__":
    main()
