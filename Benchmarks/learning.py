"""How long a fine-tuning takes to the validation AUC that ten epochs in single precision reach, ours and timm's.

Used by teacher.py. Every contestant fine-tunes the same model on the same images, from the same first weights, in the same order and
at the same learning rate, which stays as it is; what counts is the time from the first batch to the end of the epoch, its validation
included, whose AUC is at least that.
"""

import csv
import json
import os
import pathlib
import subprocess
import tempfile
import time

from contest import ROOT, fail, note, output_of

EPOCHS = 10
# Whoever has not reached the AUC after so many epochs has not reached it.
MOST_EPOCHS = 20


def settings(options, precision):
    training = {
        "batch_norm": "training", "batch_size": 32, "beta1": 0.9, "beta2": 0.999, "decay": 1, "epochs": MOST_EPOCHS,
        "epsilon": 1e-8, "learning_rate": options.learning_rate, "milestones": [], "selection": "best-validation-auc",
        "patience": None, "precision": precision}
    return {
        "data": {"normalisation": "half"}, "model": {"architecture": options.learning_teacher, "qubits": 4},
        "training": training, "weights": {"start": "pretrained" if options.learning_weights else "random"}}


def in_effect(whole):
    """Settings as they are recorded, without what is the default: what finetune_timm.py reads."""
    whole = json.loads(json.dumps(whole))
    del whole["training"]["patience"]
    if whole["training"]["precision"] == "float32":
        del whole["training"]["precision"]
    return whole


def ours(options, directory, precision, epochs):
    """Seconds from the first batch and validation AUC, by epoch."""
    name = directory / f"ours-{precision}"
    name.with_suffix(".json").write_text(json.dumps(settings(options, precision)))
    weights = ["--weights", options.learning_weights] if options.learning_weights else []
    command = [
        options.tools / "finetune-teacher", "--data", directory / "d.h5", "--config", name.with_suffix(".json"), *weights,
        "--seed", 1, "--epochs", epochs, "--threads", 2, "--quiet", "--output", name.with_suffix(".h5")]
    subprocess.run([str(part) for part in command], check=True)
    with open(f"{name}.timing.csv", encoding="utf-8") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    history = output_of([options.learning_python, "-c", HISTORY, name.with_suffix(".h5")])
    return [sum(seconds[:index + 1]) for index in range(len(seconds))], json.loads(history)


HISTORY = """
import h5py, json, sys
with h5py.File(sys.argv[1]) as file:
    print(json.dumps(file["history/val_auc"][:].tolist()))
"""


def timm(options, directory, precision, compiled):
    """The same of finetune_timm.py, watched by what it writes: the file of steps before the first, the checkpoint after an epoch."""
    name = directory / f"timm-{precision}{'-compiled' if compiled else ''}"
    name.with_suffix(".json").write_text(json.dumps(in_effect(settings(options, precision))))
    weights = ["--weights", options.learning_weights] if options.learning_weights else []
    output, steps = name.with_suffix(".safetensors"), name.with_suffix(".steps")
    checkpoint = pathlib.Path(f"{output}.ckpt")
    command = [
        options.learning_python, ROOT / "pipeline" / "finetune_timm.py", "--data", directory / "d.h5", "--config",
        name.with_suffix(".json"), *weights, "--seed", 1, "--device", "cpu", "--threads", 2, "--quiet", "--steps", steps,
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


def has_bfloat16():
    try:
        # avx512_bf16, amx_bf16, and bf16 on ARM.
        return "bf16" in pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


def measure(options, python):
    """By contestant: seconds and AUCs by epoch; and the AUC to reach."""
    options.learning_python = python
    options.tools = pathlib.Path(options.tools)
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        source = ["--source", "npz", "--input", options.learning_npz, "--allow-unofficial"] if options.learning_npz else [
            "--source", "sample"]
        output_of([
            options.tools / "prepare-data", "--dataset", "breastmnist", "--resolution", options.learning_resolution, *source,
            "--profile", "paper", "--quiet", "--output", directory / "d.h5"])
        runs = {}
        contestants = [
            ("**ours, float32**", lambda: ours(options, directory, "float32", EPOCHS)),
            ("**ours, bfloat16**", lambda: ours(options, directory, "bfloat16", MOST_EPOCHS)),
            ("timm, float32", lambda: timm(options, directory, "float32", False)),
            ("timm, float32, torch.compile", lambda: timm(options, directory, "float32", True)),
        ]
        if has_bfloat16():
            contestants += [
                ("timm, autocast", lambda: timm(options, directory, "bfloat16", False)),
                ("timm, autocast, torch.compile", lambda: timm(options, directory, "bfloat16", True))]
        for name, run in contestants:
            note(f"learning: {name.strip('*')}")
            runs[name] = run()
    return runs, max(runs["**ours, float32**"][1])


def reached(run, auc):
    """Epochs and seconds to the AUC, None if it was not reached."""
    return next(((epoch + 1, seconds) for epoch, (seconds, found) in enumerate(zip(*run)) if found >= auc), None)


def report(options, found):
    runs, auc = found
    images = os.path.basename(options.learning_npz) if options.learning_npz else "generated images"
    first = "the weights given" if options.learning_weights else "random weights"
    lines = [
        "", "## Time to a validation AUC", "",
        f"`{options.learning_teacher}` from {first} on {images} at {options.learning_resolution} pixels, batches of 32, constant",
        f"learning rate {options.learning_rate:g}, two threads, one run each: the time to the validation AUC that {EPOCHS} epochs of",
        f"ours in single precision reach, {auc:.4f}. Validation is in it; PyTorch's compilation too.", "",
        "| | epochs to it | seconds to it | seconds of an epoch after the first | best AUC |", "|---|---:|---:|---:|---:|"]
    for name, run in runs.items():
        seconds, aucs = run
        mean = (seconds[-1] - seconds[0]) / (len(seconds) - 1)
        hit = reached(run, auc)
        cells = [str(hit[0]), f"{hit[1]:.1f}"] if hit else [f"not in {len(aucs)}", "–"]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} | {mean:.2f} | {max(aucs):.4f} |")
    if not has_bfloat16():
        lines += ["", "timm's autocast is left out: this processor has no instructions for bfloat16, and PyTorch takes several times as",
                  "long with it (above)."]
    return lines
