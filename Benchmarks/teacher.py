#!/usr/bin/env python3
"""Measures the teacher against PyTorch + timm and OpenBLAS on this machine and writes docs/benchmarks-teacher.md.

    make benchmark-teacher                                                a quarter of an hour
    make benchmark-teacher BENCHMARK_OPTIONS="--rounds 2 --seconds 2"     a quick look

timm's TinyViT-5M gets our weights and is checked against our logits and gradients before it is timed, in every variant. All take
turns, window by window; a ratio is taken within each round.
"""

import argparse
import json
import os
import pathlib
import statistics
import tempfile

from contest import (
    PEERS, ROOT, Process, add_peer_options, circumstances, command_line, digits, has_bfloat16, note, output_of, peer_python, require_tool,
    spread_of_ratios, spread_text, targets_table)

# All but the first are channels-last.
VARIANTS = {
    "eager": "timm, eager", "channels-last": "timm, channels-last", "compiled": "timm, torch.compile",
    "autocast": "timm, autocast", "autocast-compiled": "timm, autocast, torch.compile",
    "bfloat16": "timm, all bfloat16", "bfloat16-compiled": "timm, all bfloat16, torch.compile"}
# By precision; no name may be one of timm's.
OURS = {"float32": "ours-float32", "bfloat16": "ours-bfloat16"}
# What OpenBLAS is told to take the processor for, with the flag of its instructions; empty: as it comes.
KERNELS = {
    "": "", "Haswell": "avx2", "Zen": "avx2", "SkylakeX": "avx512bw", "Cooperlake": "avx512_bf16", "SapphireRapids": "amx_tile"}
GIB = 1 << 30
# What has to be free before another variant of timm starts: its own memory, and that of our two trainings.
MEMORY_NEEDED = 9 * GIB


def free_memory():
    """Bytes that processes could still have."""
    lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def measure_models(options, python):
    """Rates by (who, task, threads), errors by variant, peak memory by who, rates of one step of who is too slow."""
    rates, errors, memory, slow = {}, {}, {}, {}
    with tempfile.TemporaryDirectory() as directory:
        output_of([options.tool, "--task", "export", "--output", directory])
        note("teacher: checking and compiling")
        peers = {}
        # One after the other: compiling takes memory and all processors. The quickest first, should memory not do for all.
        for name in sorted(VARIANTS, key=lambda name: not name.endswith("compiled")):
            if name in options.without:
                continue
            if free_memory() < MEMORY_NEEDED:
                note(f"left out: {VARIANTS[name]}: not enough memory beside the others")
                options.without.append(name)
                continue
            peer = Process(
                name, [python, PEERS / "teacher.py", "--case", directory, "--variant", name, "--least", options.least,
                       *["--has-bfloat16"] * has_bfloat16()],
                environment={"OMP_NUM_THREADS": "2"})
            if not peer.await_ready():
                continue
            errors[name] = peer.ready
            if peer.ready["slow"]:
                note(f"too slow to be timed: {VARIANTS[name]}")
                slow[name] = peer.ready["slow"]
                memory[name] = peer.peak_memory()
                peer.close()
            else:
                peers[name] = peer
    for task in ("training", "inference"):
        for threads in (1, 2):
            ours = {
                precision: Process(
                    f"ours {precision} {task} {threads}",
                    [options.tool, "--serve", "--task", task, "--threads", threads, "--precision", precision, "--seconds",
                     options.seconds])
                for precision in OURS}
            for each in ours.values():
                each.await_ready()
            for turn in range(options.rounds):
                note(f"teacher: {task}, threads: {threads}, round {turn + 1} of {options.rounds}")
                question = {"task": task, "threads": threads, "seconds": options.seconds}
                for name, peer in peers.items():
                    found = peer.ask(json.dumps(question))
                    rates.setdefault((name, task, threads), []).append(found["images_per_second"])
                for precision, each in ours.items():
                    rates.setdefault((OURS[precision], task, threads), []).append(each.ask()["images_per_second"])
            for precision, each in ours.items():
                if task == "training":
                    memory[OURS[precision]] = each.peak_memory()
                each.close()
    for name, peer in peers.items():
        memory[name] = peer.peak_memory()
    for peer in peers.values():
        peer.close()
    return rates, errors, memory, slow


def measure_products(options, python):
    """Shapes, GFLOP/s by who, round and shape, the contestants' titles, and the core's limit by round."""
    core = max(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as directory:
        shapes = pathlib.Path(directory) / "shapes.json"
        shapes.write_text(output_of([options.tool, "--task", "shapes"]))
        seconds = 2 * options.seconds
        contestants = {"ours": Process(
            "ours", [options.tool, "--serve", "--task", "products", "--seconds", seconds], core)}
        flags = pathlib.Path("/proc/cpuinfo").read_text().split()
        for kernels, flag in KERNELS.items():
            if flag and flag not in flags:
                continue
            environment = {"OPENBLAS_NUM_THREADS": "1"} | ({"OPENBLAS_CORETYPE": kernels} if kernels else {})
            contestants[kernels] = Process(
                f"OpenBLAS {kernels}", [python, PEERS / "products.py", "--shapes", shapes, "--seconds", seconds], core,
                environment)
        contestants = {name: each for name, each in contestants.items() if each.await_ready()}
        products = json.loads(shapes.read_text())["products"]
    # OpenBLAS takes others where it was not built with the kernels it was asked for.
    for name, each in list(contestants.items()):
        if name and name != "ours" and each.ready["kernels"].lower() != name.lower():
            each.close()
            del contestants[name]
    rates, peaks = {name: [] for name in contestants}, []
    for turn in range(options.rounds):
        note(f"matrix products: round {turn + 1} of {options.rounds}")
        for name, each in contestants.items():
            found = each.ask()
            rates[name].append(found["gflops"])
            if "peak" in found:
                peaks.append(found["peak"])
    titles = {name: f"OpenBLAS, {name}" for name in contestants} | {"ours": "ours"}
    if "" in contestants:
        titles[""] = f"OpenBLAS as it comes ({contestants[''].ready['kernels']})"
    for each in contestants.values():
        each.close()
    return products, rates, titles, peaks


def operations(product):
    return 2 * product["rows"] * product["inputs"] * product["outputs"] * product["count"]


def whole(products, rates):
    """GFLOP/s of all products of a training step together, by round."""
    return [
        sum(map(operations, products)) / sum(operations(product) / rate for product, rate in zip(products, row))
        for row in rates]


def report(options, load, versions, models, matrices):
    rates, errors, memory, slow = models
    products, gflops, titles, peaks = matrices
    command = command_line(
        "make benchmark-teacher", options, "rounds", "seconds", "least")
    lines = [
        "# Benchmark of the teacher", "",
        "Written by `make benchmark-teacher`; do not edit. Only ratios of windows measured in turn mean anything: the median over",
        "the rounds, in parentheses the smallest and the largest.", "",
        *circumstances(command, load, versions),
        f"- TinyViT-5M at 224 pixels, batches of 32 images; a window is at least {options.seconds} s of whole batches;",
        f"  {options.rounds} rounds; one thread by its processor time, two by the time that passes",
        "- a training step is forward, backward and Adam; before timm is timed, it gets our weights, and its logits, in training and",
        "  in inference, and gradients must agree with ours in float32 within 10⁻³ of the largest, those in bfloat16 within 10⁻¹",
        "- all of timm but the first row is channels-last, and with torch.compile weights are frozen in inference; bfloat16 of ours",
        "  are the operands of products ([teacher.md](teacher.md))"
        + ("" if has_bfloat16() else ";\n  this processor has no instructions for bfloat16: ours computes the same bits without"), ""]
    rows = []
    for task in ("training", "inference"):
        for threads in (1, 2):
            peers = [name for name in VARIANTS if (name, task, threads) in rates]
            best = max(peers, key=lambda name: statistics.median(rates[name, task, threads]))
            void = "machine not idle" if threads > 1 and load > 0.5 else None
            for precision in OURS:
                rows.append((
                    f"{task}, threads: {threads}, {precision} over the best of timm ({VARIANTS[best].removeprefix('timm, ')})",
                    spread_of_ratios(rates[OURS[precision], task, threads], rates[best, task, threads]), 1.5, False, void))
    totals = {name: whole(products, gflops[name]) for name in gflops}
    blas = max((name for name in totals if name != "ours"), key=lambda name: statistics.median(totals[name]))
    rows.append((
        f"all matrix products of a training step, one thread, over {titles[blas]}",
        spread_of_ratios(totals["ours"], totals[blas]), 1.2, False, None))
    rows.append((
        "all matrix products of a training step, one thread, share of what the core can issue",
        spread_of_ratios(totals["ours"], peaks), 0.9, False, None))
    rows.append(("peak memory of training, GB", [memory[OURS["float32"]] / 1e9] * 3, 2, True, None))
    lines += targets_table(rows)
    lines += ["", "## Images per second", "",
              "| | training, 1 thread | training, 2 threads | inference, 1 thread | inference, 2 threads | peak memory | errors of logits, gradients |",
              "|---|---:|---:|---:|---:|---:|---|"]
    everyone = {name: VARIANTS[name] for name in errors} | {name: f"**ours, {precision}**" for precision, name in OURS.items()}
    for name, title in everyone.items():
        cells = []
        for task in ("training", "inference"):
            for threads in (1, 2):
                if (name, task, threads) in rates:
                    cells.append(digits(statistics.median(rates[name, task, threads])))
                else:
                    cells.append(f"≈ {digits(slow[name][task])}" if threads == 1 else "–")
        checked = f"{errors[name]['logits']:.0e}, {errors[name]['gradients']:.0e}" if name in errors else ""
        lines.append(f"| {title} | {' | '.join(cells)} | {memory[name] / GIB:.1f} GiB | {checked} |")
    lines += ["", "Peak memory is that of training and inference in one process for timm, of training for ours."]
    if options.without:
        lines += ["", f"Not measured: {', '.join(VARIANTS[name] for name in options.without)}."]
    if slow:
        lines += ["", f"≈: trains less than {options.least:g} images/s; one step is all that was measured."]
    lines += ["",
              "## Matrix products, GFLOP/s of one thread", "",
              "For one image: M tokens, K terms, N results, as often as a training step has them. Ours has the packing of weights",
              "in it, once per batch.", "",
              "| pass | M × K × N | times | " + " | ".join(titles.values()) + " | ours over the best |",
              "|---|---|---:|" + "---:|" * (len(titles) + 1)]
    for index, product in enumerate(products):
        tokens, inputs, outputs = (int(product[key]) for key in ("rows", "inputs", "outputs"))
        size = {
            "forward": (tokens, inputs, outputs), "input gradient": (tokens, outputs, inputs),
            "weight gradient": (outputs, tokens, inputs)}[product["pass"]]
        columns = {name: [row[index] for row in gflops[name]] for name in titles}
        best = max((name for name in titles if name != "ours"), key=lambda name: statistics.median(columns[name]))
        lines.append(
            f"| {product['pass']} | {' × '.join(map(str, size))} | {int(product['count'])} | "
            + " | ".join(digits(statistics.median(columns[name])) for name in titles)
            + f" | {spread_text(spread_of_ratios(columns['ours'], columns[best]))} |")
    lines.append(
        "| **all** | | | " + " | ".join(digits(statistics.median(totals[name])) for name in titles)
        + f" | {spread_text(spread_of_ratios(totals['ours'], totals[blas]))} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_peer_options(parser, "teacher-benchmark", seconds=5, rounds=5)
    parser.add_argument("--without", nargs="*", default=[], choices=VARIANTS, help="variants of timm to leave out")
    parser.add_argument("--least", type=float, default=1, help="images/s below which a variant of timm is not timed")
    parser.add_argument("--output", default=str(ROOT / "docs" / "benchmarks-teacher.md"))
    options = parser.parse_args()
    require_tool(options.tool)
    python = peer_python(options.python)
    versions = json.loads(output_of([python, PEERS / "teacher.py", "--versions"]))
    load = os.getloadavg()[0]
    matrices = measure_products(options, python)
    models = measure_models(options, python)
    pathlib.Path(options.output).write_text(report(options, load, versions, models, matrices))
    note(f"written: {options.output}")


if __name__ == "__main__":
    main()
