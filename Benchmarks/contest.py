"""What the benchmarks against other software share: the peers' Python, processes that take turns, ratios of what they did."""

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
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
# What each environment holds; `complete` lists it, so that an older environment is made anew.
PACKAGES = ["torch", "pennylane", "timm", "safetensors", "jax", "h5py"]


def fail(message):
    sys.exit(f"benchmark: error: {message}")


def note(message):
    print(f"benchmark: {message}", file=sys.stderr, flush=True)


# MARK: Python for the peers


def add_python_option(parser):
    """The option of every benchmark."""
    parser.add_argument("--python", default=os.environ.get("QVIT_BENCHMARK_PYTHON"),
                        help="an interpreter that has the peers' packages; by default an environment below .build")


def add_peer_options(parser, tool, seconds, rounds):
    """The options of those that measure windows: the peers' Python, our tool, the length of a window, rounds."""
    add_python_option(parser)
    parser.add_argument("--tool", default=str(ROOT / ".build" / "benchmarks" / "release" / tool))
    parser.add_argument("--seconds", type=float, default=seconds, help="length of a window")
    parser.add_argument("--rounds", type=int, default=rounds)


def command_line(verb, options, *names):
    """What to type for these options."""
    values = {name: getattr(options, name.replace("-", "_")) for name in names}
    words = [f"--{name}" if value is True else f"--{name} {value}" for name, value in values.items() if value is not False]
    return f"{verb} BENCHMARK_OPTIONS={shlex.quote(' '.join(words))}"


def require_tool(tool):
    if not os.access(tool, os.X_OK):
        fail(f"{tool} is not there; make builds it")


def peer_python(given):
    """An interpreter with the peers' packages: the given one, or an environment of our own below .build."""
    if given:
        return given
    python, complete = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "complete"
    if not complete.exists() or complete.read_text().split() != PACKAGES:
        note(f"installing {', '.join(PACKAGES)} in {ENVIRONMENT.relative_to(ROOT)}")
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet"]
        # PyTorch's own index has wheels without CUDA, a tenth of the size.
        if subprocess.run([*pip, "--retries", "0", "torch", "--index-url", TORCH_INDEX]).returncode != 0:
            note("PyTorch's index cannot be reached; taking PyTorch from the default one")
        if subprocess.run([*pip, *PACKAGES]).returncode != 0:
            fail("pip could not install the peers; --python PATH takes an environment that has them")
        complete.write_text("\n".join(PACKAGES))
    return str(python)


# MARK: Contestants


class Process:
    """A process that answers every line it is sent with a line of JSON; `core` pins it."""

    def __init__(self, name, command, core=None, environment=None):
        self.name, self.core = name, core
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env={**os.environ, **(environment or {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})})

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
            # All its threads: a process's affinity is that of its first one.
            for thread in os.listdir(f"/proc/{self.process.pid}/task"):
                os.sched_setaffinity(int(thread), {self.core})
        return True

    def ask(self, question=""):
        try:
            self.process.stdin.write(question + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            fail(f"{self.name} ended while it was measured, with {self.process.wait()} (-9: killed, as when memory is short)")
        return json.loads(line)

    def peak_memory(self):
        """The most bytes it has had in memory so far."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def spread_of_ratios(numerators, denominators):
    """[median, smallest, largest] of the ratios within each round."""
    ratios = [a / b for a, b in zip(numerators, denominators)]
    return [statistics.median(ratios), min(ratios), max(ratios)]


def has_bfloat16():
    """Whether the processor has instructions for it: avx512_bf16, amx_bf16, and bf16 on ARM."""
    try:
        return "bf16" in pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


# MARK: Report


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread_text(spread):
    middle, low, high = spread
    return digits(middle) + (f" ({digits(low)}–{digits(high)})" if low < high else "")


def cpu_name():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    facts = {}
    for line in lines:
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    if "model name" not in facts:
        return platform.machine()
    # A virtual machine may tell no more than the maker's name; family and model tell the generation.
    return f"{facts['model name']} (family {facts.get('cpu family', '?')}, model {facts.get('model', '?')})"


def output_of(command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout.strip()


def deliver(text, output):
    """Writes a report to a file, or prints it where there is none."""
    if output:
        pathlib.Path(output).write_text(text)
        note(f"written: {output}")
    else:
        print(text, end="")


def circumstances(command, load, versions):
    """The lines that say where and how it was measured."""
    swift = next((line for line in output_of(["swift", "--version"]).splitlines() if "Swift version" in line), "Swift")
    return [
        f"- command: `{command}`",
        f"- date: {datetime.date.today().isoformat()}",
        f"- machine: {cpu_name()}, {len(os.sched_getaffinity(0))} processors, load {load:.1f} before the first round",
        f"- software: {swift.split(' (')[0]}, instruction set {os.environ.get('QVIT_MARCH', 'native')}; "
        + ", ".join(f"{name} {version}" for name, version in versions.items()),
    ]


def targets_table(rows):
    """Rows of (what, spread, wanted, at most?, reason why it says nothing or None)."""
    lines = ["## Targets", "", "| ratio | measured | target | |", "|---|---:|---:|---|"]
    for what, spread, wanted, at_most, void in rows:
        met = void or ("met" if (spread[0] <= wanted if at_most else spread[0] >= wanted) else "not met")
        lines.append(f"| {what} | {spread_text(spread)} | {'≤' if at_most else '≥'} {wanted:,} | {met} |")
    return lines
