#!/usr/bin/env python3
"""Measures time and memory of the real tools on generated data of the published sizes and writes docs/benchmarks-grid.md.

    make benchmark-grid

`train` runs for a few epochs with the paper's settings; the time of an epoch is the difference of two runs, and the whole
student grid of both tables follows from it by counting images. Some gigabytes below .build are used and removed.
"""

import datetime
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

from contest import ROOT, cpu_name, fail, note, output_of

TOOLS = ROOT / ".build" / "release"
BENCHMARK = ROOT / ".build" / "benchmarks" / "release" / "student-benchmark"
WORK = ROOT / ".build" / "benchmark-grid"
CONFIGURATION = ROOT / "pipeline" / "config"
THREADS = len(os.sched_getaffinity(0))
STAGES = {"prepare-data", "train", "evaluate", "report", "finetune-teacher", "distill"}
MODELS = {"vit": "ViT", "qvit": "QViT"}

EPOCHS, PRETRAINING_EPOCHS, SEEDS = 100, 50, 5
# Of an image without backward pass, over one with it: docs/benchmarks.md has the measured ratios, 1.9 to 2.5.
VALIDATION_COST = 0.47
# No size is published for the balanced subset of OASIS; the rarest class has 488 slices, which are divided 65/10/25 as in the Makefile.
OASIS = {"train": 1268, "val": 196, "test": 488}


def run(*command):
    """Processor seconds, all threads together, and peak memory in MB of a command."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        fail(f"exit code {process.returncode}: {' '.join(str(word) for word in command)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def write_data(name, size, images=None):
    path = WORK / f"{name}-{size}-{images or 'all'}.h5"
    note(f"writing {path.name}")
    run(BENCHMARK, "--task", "write-data", "--dataset", name, "--size", size, "--output", path,
        *(["--images", images] if images else []))
    return path


def train(data, model, epochs):
    output = WORK / "student.h5"
    return run(
        TOOLS / "train", "--quiet", "--data", data, "--config", CONFIGURATION / f"{model}.json",
        "--seed", 1, "--threads", THREADS, "--epochs", epochs, "--output", output)


def cost(split):
    """Images of an epoch in units of a training image."""
    return split["train"] + VALIDATION_COST * split["val"]


def training_rates(data, split, few, many):
    """Per model: seconds per training image within an epoch, seconds outside epochs, peak memory in MB. Seconds are the
    processor's, divided by the threads that share the work: what passes on a machine that does nothing else."""
    rows = {}
    for model in MODELS:
        note(f"training {MODELS[model]} on {data.name}")
        (short, _), (long, memory) = train(data, model, few), train(data, model, many)
        short, long = short / THREADS, long / THREADS
        epoch = (long - short) / (many - few)
        rows[model] = {"image": epoch / cost(split), "rest": max(0.0, short - few * epoch), "memory": memory}
    return rows


def loading(data, repeats=5):
    command = [BENCHMARK, "--task", "load-data", "--data", data, "--threads", THREADS]
    return statistics.median(json.loads(output_of(command))["seconds"] / THREADS for _ in range(repeats))


def streaming(data, model, threads):
    """The rate of training on images read from the file, relative to images in memory."""
    command = [BENCHMARK, "--task", "streaming", "--data", data, "--model", model, "--threads", threads]
    return json.loads(output_of(command))["ratio"]["median"]


def start_up(tool, repeats=20):
    def seconds():
        start = time.perf_counter()
        run(TOOLS / tool, "--version")
        return time.perf_counter() - start

    return statistics.median(seconds() for _ in range(repeats))


def measure():
    sizes = json.loads(output_of([BENCHMARK, "--task", "sizes"]))
    sizes["oasis"] = sizes["oasis"] or OASIS
    path = sizes["pathmnist"]

    def scaled(images):
        return {split: count * images // path["train"] for split, count in path.items()}

    built = sorted(each.name for each in TOOLS.iterdir() if each.name in STAGES)
    results = {"sizes": sizes, "start": {tool: start_up(tool) for tool in built}}
    large, small = write_data("pathmnist", 28), write_data("breastmnist", 28)
    results["loading"] = {"PathMNIST, 28 pixels": loading(large), "BreastMNIST, 28 pixels": loading(small)}
    results[28] = training_rates(large, path, 1, 4)
    few, many = write_data("pathmnist", 224, 1000), write_data("pathmnist", 224, 4000)
    results[224] = training_rates(many, scaled(4000), 1, 6)
    results["streaming"] = {
        (model, threads): streaming(many, model, threads) for model in MODELS for threads in sorted({1, THREADS})}
    results["memory 224, 1,000 images"] = max(train(few, model, 1)[1] for model in MODELS)
    results["memory 224, 4,000 images"] = max(row["memory"] for row in results[224].values())
    return results


# MARK: Report


def hours(seconds):
    return f"{seconds / 3600:.2f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


def report(results):
    date = datetime.date.today().isoformat()
    lines = [
        "# Time and memory of the whole grid", "",
        "Written by `make benchmark-grid`; do not edit. The real `train`, with the paper's settings, on generated images of",
        "the published sizes, extrapolated from a few epochs. The teacher is not counted. Times are processor time divided by",
        "the threads, which is the time that passes on an otherwise idle machine; start-up is the time that passed.", "",
        f"- date: {date}",
        f"- machine: {cpu_name()}, {THREADS} threads, load {results['load']:.1f} at the start", "",
        "## Rates of `train`", "", "| student | images/s within an epoch | seconds outside epochs | peak memory |",
        "|---|---:|---:|---:|"]
    for size in (28, 224):
        for model, row in results[size].items():
            lines.append(f"| {MODELS[model]}_{size} | {1 / row['image']:,.0f} | {row['rest']:.2f} | {row['memory']:.0f} MB |")

    def seconds(model, size, split, epochs):
        row = results[size][model]
        # Loading and evaluation go with the number of images, here that of the measured file.
        measured = results["sizes"]["pathmnist"]["train"] if size == 28 else 4000
        return epochs * cost(split) * row["image"] + row["rest"] * split["train"] / measured

    lines += ["", "## Students of both tables, one seed", "",
              "| dataset | " + " | ".join(f"{MODELS[m]}_{s}" for s in (28, 224) for m in MODELS) + " | all, with -KD |",
              "|---|" + "---:|" * 5]
    total = 0.0
    for name, split in results["sizes"].items():
        scratch = [seconds(model, size, split, EPOCHS) for size in (28, 224) for model in MODELS]
        distilled = sum(
            seconds(model, size, split, EPOCHS + PRETRAINING_EPOCHS) for size in (28, 224) for model in MODELS)
        total += sum(scratch) + distilled
        lines.append(f"| {name} | " + " | ".join(hours(each) for each in scratch)
                     + f" | {hours(sum(scratch) + distilled)} |")
    lines += [
        "", f"Both tables: {hours(total)} for one seed, {hours(SEEDS * total)} for {SEEDS} "
        f"({EPOCHS} epochs; -KD another {PRETRAINING_EPOCHS}).", "",
        "OASIS: no size is published; 65% of 4 × 488 slices are assumed for training.", "",
        "## Targets", "", "| | measured | target | |", "|---|---:|---:|---|"]

    def target(what, value, wanted, unit, scale=1):
        lines.append(f"| {what} | {value * scale:.0f} {unit} | < {wanted} {unit} "
                     f"| {'met' if value * scale < wanted else 'not met'} |")

    for tool, value in results["start"].items():
        target(f"start-up of `{tool}`", value, 100, "ms", 1000)
    for what, value in results["loading"].items():
        target(f"loading {what}", value, 200, "ms", 1000)
    target("peak memory, PathMNIST at 28 pixels", max(row["memory"] for row in results[28].values()), 400, "MB")
    for (model, threads), ratio in results["streaming"].items():
        lines.append(f"| {MODELS[model]}_224 from the file, {threads} thread{'s' * (threads > 1)}, relative to memory "
                     f"| {ratio:.2f} | > 0.97 | {'met' if ratio > 0.97 else 'not met'} |")
    for images in ("1,000", "4,000"):
        target(f"peak memory, 224 pixels, {images} training images", results[f"memory 224, {images} images"], 300, "MB")
    target("students of both tables, one seed", total / 60, 60, "min")
    return "\n".join(lines) + "\n"


def main():
    if not os.access(BENCHMARK, os.X_OK):
        fail("the tools are not built; make benchmark-grid builds them")
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        load = os.getloadavg()[0]
        results = measure() | {"load": load}
    finally:
        shutil.rmtree(WORK)
    path = ROOT / "docs" / "benchmarks-grid.md"
    path.write_text(report(results))
    note(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
