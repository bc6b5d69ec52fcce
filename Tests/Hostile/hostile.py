#!/usr/bin/env python3
"""Attacks the programs from outside: odd environments, closed descriptors, limits, odd paths, immediate restarts, failing
system calls, forged but sealed artifacts.

    Tests/Hostile/hostile.py --bin .build/release            # the long form: make check-hostile
    Tests/Hostile/hostile.py --bin DIR --small               # one of each kind, for every test run
    Tests/Hostile/hostile.py --bin DIR --only paths --seed 3

Whatever happens, a program ends by itself (no signal, no hang), says why in one line, and leaves the target as it was, absent
or whole; what succeeds gives the same bytes as ever. Exits with 1 if an attack got through, and prints each.

Needs Python 3 and nothing else; system calls fail by strace, without which these attacks are left out with a message.
"""

import argparse
import hashlib
import os
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sealed  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CODES = {0, 64, 65, 66, 69, 73, 74, 75}
TIME_LIMIT = 120


class Command:
    """A stage on the inputs, and what it makes."""

    def __init__(self, name, tool, words, outputs):
        self.name, self.tool, self.words, self.outputs = name, tool, words, outputs


class Harness:
    def __init__(self, arguments):
        self.bin = os.path.abspath(arguments.bin)
        self.small = arguments.small
        self.random = random.Random(arguments.seed)
        self.work = tempfile.mkdtemp(prefix="hostile-")
        self.inputs = os.path.join(self.work, "inputs")
        self.attacks = {}
        self.findings = []
        self.codes = {}
        self.skipped = []
        self.number = 0

    # MARK: Inputs, and what an undisturbed run gives

    def prepare(self):
        os.mkdir(self.inputs)
        config = os.path.join(ROOT, "pipeline/config")
        for name in os.listdir(config):
            if name.endswith(".json"):
                shutil.copy(os.path.join(config, name), self.inputs)
        shutil.copy(os.path.join(ROOT, "Tests/Fixtures/tools/breast.npz"), self.inputs)

        def write(name, text):
            with open(os.path.join(self.inputs, name), "w") as file:
                file.write(text)

        write("few.json", '{"extends": "vit", "training": {"epochs": 3, "batch_size": 8}}')
        write("long.json", '{"extends": "qvit", "training": {"epochs": 400, "batch_size": 8}}')
        write("t.json", '{"extends": "teacher", "weights": {"start": "random"}, "training": {"batch_size": 6}}')
        write("di.json", '{"extends": "distillation", "training": {"epochs": 3}}')
        npz = "--source npz --input breast.npz --allow-unofficial --profile paper"
        common = "--dataset breastmnist --resolution 28"
        for tool, words in [
            ("prepare-data", f"{common} {npz} --output d.h5"),
            ("finetune-teacher", "--data d.h5 --config t.json --seed 1 --epochs 0 --output t.h5"),
            ("distill", "--data d.h5 --teacher t.h5 --config few.json --distillation di.json --seed 1 --output i.h5"),
            ("train", "--data d.h5 --config few.json --seed 1 --output s.h5"),
            ("evaluate", "--data d.h5 --model s.h5 --output evaluations/few-scratch/breastmnist-28-s1.h5"),
        ]:
            os.makedirs(os.path.join(self.inputs, "evaluations/few-scratch"), exist_ok=True)
            self.must(tool, words)
        write("few-table.json", '{"caption": "x", "rows": [{"variant": "few", "regime": "scratch", "resolution": 28}]}')
        self.must(
            "plan", "--profile paper --root . --config . --tables few-table.json --datasets breastmnist --resolutions 28"
            " --seeds 1 --teacher-seeds 1 --teacher-resolution 28 --make make --output plan.mk")
        self.inputs_before = self.snapshot(self.inputs)
        source = self.inputs
        self.commands = [
            Command("prepare-data", "prepare-data",
                    f"{common} --source npz --input {source}/breast.npz --allow-unofficial --profile paper --quiet "
                    "--output OUT/d.h5", ["d.h5"]),
            Command("train", "train", f"--data {source}/d.h5 --config {source}/few.json --seed 1 --checkpoint-interval 0 "
                    "--quiet --output OUT/s.h5", ["s.h5"]),
            Command("distill", "distill",
                    f"--data {source}/d.h5 --teacher {source}/t.h5 --config {source}/few.json --distillation "
                    f"{source}/di.json --seed 1 --quiet --output OUT/i.h5", ["i.h5"]),
            Command("evaluate", "evaluate",
                    f"--data {source}/d.h5 --model {source}/s.h5 --quiet --output OUT/e.h5", ["e.h5"]),
            Command("report", "report", f"--table {source}/settings/tables/few-table.json --output OUT/t",
                    ["t.md", "t.csv", "t.tex"]),
            Command("finetune-teacher", "finetune-teacher",
                    f"--data {source}/d.h5 --config {source}/t.json --seed 1 --epochs 0 --quiet --output OUT/t.h5",
                    ["t.h5"]),
        ]
        if self.small:
            # Seconds each time.
            self.commands = self.commands[:-1]
        self.reference = {}
        for command in self.commands:
            out = self.directory()
            done = self.run(command, out)
            if done.returncode != 0:
                sys.exit(f"hostile: {command.name} fails undisturbed: {done.stderr.decode(errors='replace')}")
            self.reference[command.name] = self.digests(out, command)

    def must(self, tool, words):
        done = subprocess.run([f"{self.bin}/{tool}"] + words.split() + (["--quiet"] if tool != "plan" else []),
                              cwd=self.inputs, capture_output=True)
        if done.returncode != 0:
            sys.exit(f"hostile: {tool} {words}: {done.stderr.decode(errors='replace')}")

    def snapshot(self, top):
        """Which files there are, and that nobody has written to them."""
        found = {}
        for directory, _, names in os.walk(top):
            for name in names:
                path = os.path.join(directory, name)
                status = os.lstat(path)
                found[path] = (status.st_ino, status.st_size, status.st_mtime_ns)
        return found

    def directory(self):
        self.number += 1
        path = os.path.join(self.work, f"out{self.number}")
        os.mkdir(path)
        return path

    def digests(self, out, command):
        found = {}
        for name in command.outputs:
            path = os.path.join(out, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    found[name] = hashlib.sha256(file.read()).hexdigest()
        return found

    # MARK: Running and judging

    def run(self, command, out, environment=None, before=None, prefix=(), words=None, cwd=None, **streams):
        words = [word.replace("OUT", out) for word in (words or command.words.split(" "))]
        variables = dict(os.environ) if environment is None else environment
        streams.setdefault("stdin", subprocess.DEVNULL)
        streams.setdefault("stdout", subprocess.PIPE)
        streams.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(
            list(prefix) + [f"{self.bin}/{command.tool}"] + words, env=variables, preexec_fn=before, cwd=cwd, **streams)
        try:
            output, errors = process.communicate(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            return subprocess.CompletedProcess(words, "hang", output, errors)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    def judge(self, kind, what, command, done, out, expected=None, is_told=True, codes=CODES):
        """Checks how a run ended and what it left; `expected`: the codes it may end with."""
        self.attacks[kind] = self.attacks.get(kind, 0) + 1
        per_kind = self.codes.setdefault(kind, {})
        per_kind[done.returncode] = per_kind.get(done.returncode, 0) + 1
        problems = []
        code = done.returncode
        if code not in codes:
            problems.append(f"ended with {code}")
        elif expected is not None and code not in expected:
            problems.append(f"ended with {code}, expected {sorted(expected)}")
        errors = (done.stderr or b"").decode(errors="replace")
        if code not in (0, "hang") and is_told:
            lines = [line for line in errors.split("\n") if ": error: " in line]
            if len(lines) != 1:
                problems.append(f"{len(lines)} lines of error")
            if any(len(word) > 260 for line in lines for word in line.split(" ")):
                problems.append("a word of more than 260 characters")
        found = self.digests(out, command)
        reference = self.reference[command.name]
        if code == 0 and found != reference:
            problems.append("other bytes")
        if code != 0:
            for name, digest in found.items():
                if digest not in (reference[name], hashlib.sha256(b"old").hexdigest()):
                    problems.append(f"{name} is neither old nor whole")
        if self.snapshot(self.inputs) != self.inputs_before:
            problems.append("an input was changed")
            sys.exit(f"hostile: {kind}: {what}: {command.name} changed an input")
        if problems:
            self.findings.append(f"{kind}: {what}: {command.name}: {'; '.join(problems)}: {errors.strip()[:300]}")
        shutil.rmtree(out, ignore_errors=True)

    def some(self, items, count=1):
        items = list(items)
        return self.random.sample(items, min(count, len(items))) if self.small else items

    # MARK: Attacks

    def environment(self):
        variants = [{name: value} for name, value in [
            ("LC_ALL", "tr_TR.UTF-8"), ("LC_ALL", "C"), ("LC_ALL", "nonsense"), ("LC_NUMERIC", "de_DE.UTF-8"),
            ("LANG", ""), ("TZ", "Asia/Kathmandu"), ("TZ", ":/etc/passwd"), ("HOME", "/nowhere"), ("HOME", ""),
            ("TERM", ""), ("TERM", "\x1b[31m"), ("TERM", "dumb"), ("COLUMNS", "-3"), ("COLUMNS", "1"),
            ("HDF5_USE_FILE_LOCKING", "TRUE"), ("HDF5_USE_FILE_LOCKING", "BEST_EFFORT"),
            ("HDF5_USE_FILE_LOCKING", "nonsense"), ("HDF5_DEBUG", "all"), ("HDF5_PLUGIN_PATH", "/nowhere"),
            ("HDF5_PLUGIN_PRELOAD", "::"), ("HDF5_DRIVER", "core"), ("HDF5_DISABLE_VERSION_CHECK", "2"),
            ("MALLOC_PERTURB_", "165"), ("TMPDIR", "/nowhere"), ("PATH", ""),
        ]] + [{}]
        for change in self.some(variants, 4) + ([{"HDF5_USE_FILE_LOCKING": "TRUE"}] if self.small else []):
            for command in self.some(self.commands, 2):
                variables = {} if not change else {**os.environ, **change}
                out = self.directory()
                done = self.run(command, out, environment=variables)
                self.judge("environment", str(change or "empty"), command, done, out, {0})
        for mask in self.some([0o000, 0o022, 0o077, 0o377], 1):
            for command in self.some(self.commands, 2):
                out = self.directory()
                done = self.run(command, out, before=lambda: os.umask(mask))
                self.judge("umask", oct(mask), command, done, out, {0})

    def descriptors(self):
        for closed in self.some([(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)], 2):
            def close():
                for descriptor in closed:
                    os.close(descriptor)
            for command in self.some(self.commands, 2):
                out = self.directory()
                done = self.run(command, out, before=close)
                self.judge("closed descriptors", str(closed), command, done, out, {0})
        for command in self.some(self.commands, 1):
            out = self.directory()
            with open("/dev/full", "wb") as full:
                done = self.run(command, out, stderr=full)
            self.judge("standard error on a full disk", "", command, done, out, {0})
        # Nobody reads standard error: a signal must still save.
        command = Command("long", "train", "", ["l.h5"])
        for number in self.some([signal.SIGTERM, signal.SIGHUP], 2):
            out = self.directory()
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            try:
                while True:
                    os.write(writer, b"x" * 4096)
            except BlockingIOError:
                pass
            os.set_blocking(writer, True)
            process = subprocess.Popen(
                [f"{self.bin}/train"] + f"--data {self.inputs}/d.h5 --config {self.inputs}/long.json --seed 1 --epochs "
                f"100000 --output {out}/l.h5".split(), stdin=subprocess.DEVNULL, stderr=writer)
            os.close(writer)
            time.sleep(1)
            process.send_signal(number)
            try:
                code = process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                code = "hang"
            os.close(reader)
            self.reference["long"] = {}
            done = subprocess.CompletedProcess([], code, b"", b"")
            if code == 75 and not os.path.exists(f"{out}/l.ckpt.h5"):
                self.findings.append(f"blocked standard error: {number.name}: no checkpoint")
            self.judge("blocked standard error", number.name, command, done, out, {75}, is_told=False)

    def limits(self):
        limits = [(resource.RLIMIT_NOFILE, "files", value) for value in (3, 4, 5, 6, 7, 8, 10, 12, 16)]
        limits += [(resource.RLIMIT_FSIZE, "file size", value) for value in (0, 1, 511, 4096, 20_000)]
        limits += [(resource.RLIMIT_CORE, "core", 0), (resource.RLIMIT_NPROC, "processes", 0)]
        limits += [(resource.RLIMIT_STACK, "stack", value) for value in (256 << 10, 1 << 20)]
        for limit, name, value in self.some(limits, 3):
            def set_limit():
                resource.setrlimit(limit, (value, value))
            for command in self.some(self.commands, 2):
                out = self.directory()
                done = self.run(command, out, before=set_limit)
                # Too few descriptors for the loader of programs itself, before ours begins.
                if b"error while loading shared libraries" in done.stderr:
                    shutil.rmtree(out)
                    continue
                self.judge("limits", f"{name} {value}", command, done, out)

    def memory(self):
        """Address space: the smallest that a stage needs is found, and below it every step has to end with a line."""
        for command in self.some(self.commands, 1):
            for megabytes in self.some([60, 100, 150, 200, 250, 300, 400, 600, 1000], 2):
                def set_limit():
                    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
                out = self.directory()
                done = self.run(command, out, before=set_limit)
                if b"error while loading shared libraries" in done.stderr:
                    shutil.rmtree(out)
                    continue
                # What the language's runtime or a library allocates is not ours to check: no line, but nothing half-written.
                self.judge("memory", f"{megabytes} MB", command, done, out, is_told=done.returncode in CODES,
                           codes=CODES | {-signal.SIGABRT, -signal.SIGILL, -signal.SIGSEGV, -signal.SIGTRAP, 127})

    def paths(self):
        names = ["a b", "ünï", "-x", "--output", "a\nb", "a\tb", "'", '"', "$x", "%s", "*", "~", "a;b", "x" * 240,
                 "\u202ex", "e\u0301", "日本", ".hidden", "a,b", "a:b", "\x1b[31m", b"\xff\xfe", "x" * 256]
        for name in self.some(names, 4):
            for command in self.some(self.commands, 1) if self.small else self.commands:
                out = self.directory()
                encoded = os.fsencode(name) if isinstance(name, str) else name
                inner = os.path.join(os.fsencode(out), encoded)
                try:
                    os.mkdir(inner)
                except OSError:
                    inner = None
                words = [os.fsencode(word).replace(b"OUT", inner or os.path.join(os.fsencode(out), encoded))
                         for word in command.words.split(" ")]
                done = subprocess.run([f"{self.bin}/{command.tool}"] + words, stdin=subprocess.DEVNULL,
                                      capture_output=True, timeout=TIME_LIMIT)
                is_text = isinstance(name, str)
                if inner and is_text:
                    for output in command.outputs:
                        if os.path.exists(os.path.join(inner, os.fsencode(output))):
                            os.rename(os.path.join(inner, os.fsencode(output)), os.path.join(out, output))
                self.judge("paths", repr(name)[:40], command, done, out, {0} if inner and is_text else {64, 73})
        self.links()
        self.outputs_that_are_inputs()

    @staticmethod
    def place(kind, path, out):
        """Puts something that is no plain file of ours at a path; returns a file that must not be written through it."""
        victim = os.path.join(out, "victim")
        with open(victim, "w") as file:
            file.write("precious")
        if kind == "symbolic":
            os.symlink(victim, path)
        elif kind == "hard":
            os.link(victim, path)
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "directory":
            os.mkdir(path)
        elif kind == "dangling":
            os.symlink(os.path.join(out, "made"), path)
        elif kind == "device":
            os.symlink("/dev/null", path)
        else:
            with open(path, "w") as file:
                file.write("")
            if kind == "unreadable":
                os.chmod(path, 0)
        return victim

    def links(self):
        for command in self.some(self.commands, 2):
            for kind in self.some(["symbolic", "hard", "fifo", "directory", "dangling", "device"], 3):
                out = self.directory()
                victim = self.place(kind, os.path.join(out, command.outputs[0] + ".part"), out)
                done = self.run(command, out)
                with open(victim) as file:
                    if file.read() != "precious" or os.path.exists(os.path.join(out, "made")):
                        self.findings.append(f"links: {kind} .part: {command.name}: written through")
                self.judge("links", f"{kind} .part", command, done, out, {73})
        # A checkpoint that is something else is set aside.
        train = self.commands[1]
        for kind in self.some(["symbolic", "fifo", "directory", "dangling", "unreadable", "empty"], 2):
            out = self.directory()
            victim = self.place(kind, os.path.join(out, "s.ckpt.h5"), out)
            done = self.run(train, out)
            with open(victim) as file:
                if file.read() != "precious":
                    self.findings.append(f"links: {kind} checkpoint: written through")
            self.judge("checkpoints", kind, train, done, out, {0})

    def outputs_that_are_inputs(self):
        cases = [("train", "--data {0} --config few.json --seed 1 --output {1}", "d.h5"),
                 ("evaluate", "--data d.h5 --model {0} --output {1}", "s.h5"),
                 ("distill", "--data d.h5 --teacher {0} --config few.json --distillation di.json --seed 1 --output {1}",
                  "t.h5"),
                 ("prepare-data", "--dataset breastmnist --resolution 28 --source npz --input {0} --allow-unofficial "
                  "--profile paper --output {1}", "breast.npz"),
                 ("prepare-data", "--data {0} --montage {1}", "d.h5"),
                 ("finetune-teacher", "--data d.h5 --config t.json --seed 1 --epochs 0 --export {0} --output {1}",
                  "t.h5"),
                 ("report", "--table {0} --output {1}", "settings/tables/few-table.json")]
        for tool, words, name in self.some(cases, 2):
            for way in self.some(["same", "dot", "symbolic", "hard", "part"], 2):
                copy = self.directory()
                shutil.rmtree(copy)
                shutil.copytree(self.inputs, copy)
                os.chdir(copy)
                source, target = name, name
                if tool == "report":
                    source, target = "t.md", "t"
                    shutil.copy(name, source)
                other = "other" + ("" if tool == "report" else os.path.splitext(name)[1])
                if way == "dot":
                    target = "./" + target
                elif way in ("symbolic", "hard"):
                    (os.symlink if way == "symbolic" else os.link)(source, other + (".md" if tool == "report" else ""))
                    target = other
                elif way == "part":
                    part = target + (".md.part" if tool == "report" else ".part")
                    os.rename(source, part)
                    source = part
                before = self.snapshot(copy)
                done = subprocess.run([f"{self.bin}/{tool}"] + words.format(source, target).split(" "),
                                      stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT)
                if self.snapshot(copy) != before:
                    self.findings.append(f"output is input: {way}: {tool}: a file was changed")
                os.chdir(self.work)
                command = Command(tool, tool, "", [])
                self.judge("output is input", way, command, done, copy, {64})

    def restarts(self):
        """Killed, and started again at once: the lock of the dead process may last a while."""
        train = self.commands[1]
        words = train.words.replace("few.json", "long.json")
        command = Command("restart", "train", words, ["s.h5"])
        out = self.directory()
        done = self.run(command, out)
        if done.returncode != 0:
            sys.exit(f"hostile: {done.stderr.decode(errors='replace')}")
        self.reference["restart"] = self.digests(out, command)
        shutil.rmtree(out)
        for attempt in range(2 if self.small else 40):
            out = self.directory()
            for _ in range(3):
                process = subprocess.Popen([f"{self.bin}/train"] + words.replace("OUT", out).split(),
                                           stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(self.random.uniform(0.02, 0.6))
                process.kill()
                # Not waited for: it may still be dying.
                successor = subprocess.Popen([f"{self.bin}/train"] + words.replace("OUT", out).split(),
                                             stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
                time.sleep(self.random.uniform(0.02, 0.3))
                if successor.poll() is not None and successor.returncode not in (0, 75):
                    self.findings.append(f"restart {attempt}: {successor.stderr.read().decode(errors='replace')}")
                successor.kill()
                successor.communicate()
                process.wait()
            done = self.run(command, out)
            self.judge("restarts", str(attempt), command, done, out, {0})

    def faults(self):
        """System calls that fail."""
        if not shutil.which("strace") or subprocess.run(
                ["strace", "-o", "/dev/null", "true"], capture_output=True).returncode != 0:
            self.skipped.append("failing system calls: no strace here")
            return
        calls = [("openat", "EACCES"), ("openat", "EMFILE"), ("openat", "ENOSPC"), ("openat", "EIO"), ("flock", "ENOLCK"),
                 ("flock", "EOPNOTSUPP"), ("flock", "EIO"), ("fsync", "EIO"), ("fsync", "ENOSPC"), ("write", "ENOSPC"),
                 ("pwrite64", "EIO"), ("pwrite64", "ENOSPC"), ("pread64", "EIO"), ("read", "EIO"), ("read", "EINTR"),
                 ("ftruncate", "EIO"), ("rename", "EIO"), ("rename", "EXDEV"), ("unlink", "EACCES"), ("lseek", "EIO"),
                 ("fstat", "EIO"), ("newfstatat", "EACCES"), ("mkdir", "EACCES"), ("getdents64", "EIO"),
                 ("clone3", "EAGAIN"), ("mmap", "ENOMEM"), ("fcntl", "EMFILE"), ("sched_getaffinity", "EINVAL")]
        commands = [command for command in self.commands if command.name != "finetune-teacher"]
        for call, error in self.some(calls, 4):
            for command in self.some(commands, 1):
                for when in self.some(["1", "2", "3", "5+", "8", "13", "21", "34", "55+"], 1):
                    out = self.directory()
                    # What fails while the program is loaded is not ours.
                    prefix = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e",
                              f"inject={call}:error={error}:when={when}"]
                    done = self.run(command, out, prefix=prefix)
                    text = done.stderr
                    if b"shared librar" in text or b"strace:" in text or (
                            call in ("mmap", "openat", "read", "pread64", "fstat", "newfstatat")
                            and b": error: " not in text and done.returncode in (127, -signal.SIGKILL)):
                        shutil.rmtree(out)
                        continue
                    codes = CODES | ({-signal.SIGABRT, -signal.SIGILL, -signal.SIGSEGV, -signal.SIGTRAP, 127}
                                     if call == "mmap" else set())
                    # Where all further writes fail, the line that says so fails as well.
                    is_told = done.returncode in CODES and not (call == "write" and when.endswith("+"))
                    self.judge("system calls", f"{call} {error} when={when}", command, done, out,
                               is_told=is_told, codes=codes)

    def forgeries(self):
        """Sealed artifacts of every kind in which an attribute says something else."""
        checkpoint = self.checkpoint()
        consumers = {
            "d.h5": [("train", "--data {0} --config few.json --seed 1 --quiet --output {1}/o.h5"),
                     ("prepare-data", "--data {0} --montage {1}/o.png"),
                     ("evaluate", "--data {0} --model s.h5 --quiet --output {1}/o.h5")],
            "t.h5": [("distill", "--data d.h5 --teacher {0} --config few.json --distillation di.json --seed 1 --quiet "
                      "--output {1}/o.h5")],
            "i.h5": [("train", "--data d.h5 --config few.json --init {0} --seed 1 --quiet --output {1}/o.h5")],
            "s.h5": [("evaluate", "--data d.h5 --model {0} --quiet --output {1}/o.h5")],
            "e.h5": [("report", "--table settings/tables/few-table.json --output {1}/o")],
            "c.ckpt.h5": [("train", "--data d.h5 --config long.json --seed 1 --epochs 2000 --quiet --output {1}/c.h5")],
        }
        numbers = [struct.pack("<q", value) for value in (-1, 0, 1, 2**31, 2**53, 2**63 - 1, -2**63)] + [
            struct.pack("<d", value) for value in (float("nan"), float("inf"), -1.0, 1e308)]
        copy = self.directory()
        shutil.rmtree(copy)
        shutil.copytree(self.inputs, copy)
        for name, commands in consumers.items():
            place = "evaluations/few-scratch/breastmnist-28-s1.h5" if name == "e.h5" else name
            original = checkpoint if name == "c.ckpt.h5" else open(os.path.join(self.inputs, place), "rb").read()
            found = [attribute for attribute in sealed.attributes(original)
                     if attribute.name not in ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "sha256")]
            if not found:
                self.findings.append(f"forgeries: {name}: no attribute was found to be forged")
            for attribute in self.some(found, 3):
                if attribute.kind == "string":
                    values = [b"\xff" * attribute.size, b"x" * attribute.size, bytes(attribute.size)]
                else:
                    values = [value for value in numbers if attribute.size == 8]
                for value in self.some(values, 1):
                    data = sealed.forged(original, attribute, value)
                    out = self.directory()
                    path = os.path.join(copy, place)
                    if name == "c.ckpt.h5":
                        path = os.path.join(out, "c.ckpt.h5")
                    with open(path, "wb") as file:
                        file.write(data)
                    checks = commands + [("verify", "--root . --profile paper --quiet")]
                    for tool, words in self.some(checks, 1) if self.small else checks:
                        command = Command(tool + " forged", tool, "", [])
                        self.reference[command.name] = {}
                        done = self.run(command, out, words=words.format(place, out).split(" "), cwd=copy)
                        self.judge("forgeries", f"{name}@{attribute.name}={value[:12]!r}", command, done,
                                   self.directory(), is_told=tool != "verify")
                    shutil.rmtree(out, ignore_errors=True)
            if name != "c.ckpt.h5":
                shutil.copy(os.path.join(self.inputs, place), os.path.join(copy, place))
        shutil.rmtree(copy)

    def checkpoint(self):
        """What a training leaves that was stopped."""
        out = self.directory()
        process = subprocess.Popen(
            [f"{self.bin}/train"] + "--data d.h5 --config long.json --seed 1 --epochs 2000 --quiet --output".split()
            + [f"{out}/c.h5"], cwd=self.inputs, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(f"{out}/c.h5.part"):
            time.sleep(0.02)
        time.sleep(0.5)
        process.terminate()
        process.wait()
        with open(f"{out}/c.ckpt.h5", "rb") as file:
            return file.read()

    # MARK: All

    kinds = ["environment", "descriptors", "limits", "memory", "paths", "restarts", "faults", "forgeries"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--bin", required=True, help="directory of the programs")
    parser.add_argument("--small", action="store_true", help="a few attacks of each kind")
    parser.add_argument("--seed", type=int, default=1, help="of what the small form takes, and of moments")
    parser.add_argument("--only", choices=Harness.kinds, help="one kind")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Stopped by `timeout`, it still says what it found.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    harness = Harness(arguments)
    began = time.monotonic()
    try:
        harness.prepare()
        for kind in [arguments.only] if arguments.only else Harness.kinds:
            start = time.monotonic()
            getattr(harness, kind)()
            if not arguments.small:
                print(f"hostile: {kind}: {time.monotonic() - start:.0f} s", flush=True)
    except KeyboardInterrupt:
        harness.skipped.append("what was not reached when it was stopped")
    finally:
        os.chdir("/")
        subprocess.run(["chmod", "-R", "u+rwX", harness.work])
        shutil.rmtree(harness.work, ignore_errors=True)
    for kind, count in harness.attacks.items():
        codes = ", ".join(f"{code}: {number}" for code, number in sorted(harness.codes[kind].items(), key=str))
        print(f"hostile: {kind}: {count} attacks ({codes})")
    for line in harness.skipped:
        print(f"hostile: left out: {line}")
    for line in harness.findings:
        print(f"hostile: FOUND: {line}")
    total = sum(harness.attacks.values())
    print(f"hostile: {total} attacks in {time.monotonic() - began:.0f} s, {len(harness.findings)} got through")
    sys.exit(1 if harness.findings else 0)


if __name__ == "__main__":
    main()
