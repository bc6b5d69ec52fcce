#!/usr/bin/env python3
"""Puts faults into the sources, one at a time, and says which of them no test notices.

All faults of faults.py are put into one copy of the tree at once, each behind a switch:

    original   becomes   (mutant(17) ? (replacement) : (original))

The copy (.build/mutants) is built once. A run of the tests with QVIT_MUTANT=17 in the environment then has fault 17;
the tools that tests start inherit it. The tests named with a fault run one module (or suite) after the other, as they
are listed; the first test that fails, a crash or a run beyond the time limit finds the fault.

A fault whose original is no longer in its file, or not unique there, is an error: the table has to follow the sources.
The copy has none of the data beside the package, so what is found is found by the tests of a fresh clone.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time

from faults import FAULTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / ".build" / "mutants"
BUNDLE = COPY / ".build" / "release" / "qvitPackageTests.xctest"
BUILD = ["swift", "build", "-c", "release", "-Xswiftc", "-enable-testing", "--build-tests"]

# A C module, because reading a global of it is one load that the compiler may keep in a register: the switch stands in
# the innermost loops.
HEADER = """\
#include <stdbool.h>
extern int qvit_mutant;
static inline bool mutant(int number) { return qvit_mutant == number; }
"""
SWITCH = """\
#include <stdlib.h>
#include "mutants.h"
int qvit_mutant;
__attribute__((constructor)) static void read_mutant(void) {
  const char *number = getenv("QVIT_MUTANT");
  qvit_mutant = number ? atoi(number) : 0;
}
"""

Outcome = collections.namedtuple("Outcome", "fault found by seconds")


# MARK: Faults in the sources


def place(fault, text):
    """Where the original stands in the text of its file, and what is wrong if it is not there exactly once."""
    context = fault.at or fault.original
    if text.count(context) != 1:
        return None, f"found {text.count(context)} times: {context!r}"
    if context.count(fault.original) != 1:
        return None, f"found {context.count(fault.original)} times in its context: {fault.original!r}"
    start = text.index(context) + context.index(fault.original)
    return (start, start + len(fault.original)), None


# What no expression begins with: a label, an operator between two operands, a keyword.
LEADING = r"[A-Za-z_]+: |[*/%+<>=&|] |&&|\|\||==|!=|\?|:|(where|let|var|if|guard|return|public|static|func|for) "


def misplaced(fault):
    """Why a fault cannot stand behind a switch, whose branches are expressions; None if it can."""
    if fault.statement:
        return None
    for text in (fault.original, fault.replacement):
        open_brackets = []
        for letter in re.sub(r'"(\\.|[^"\\])*"', "", text):
            if letter in "([{":
                open_brackets.append(letter)
            elif letter in ")]}" and (not open_brackets or "([{".index(open_brackets.pop()) != ")]}".index(letter)):
                return f"brackets of {text!r} do not match"
        if open_brackets:
            return f"brackets of {text!r} do not match"
        if not text or re.match(LEADING, text):
            return f"{text!r} is no expression"
        if re.search(r"( [-*/%+<>=&|?:]|&&|\|\||==|!=|,|:)$", text):
            return f"{text!r} is no expression"
    return None


def guarded(fault, number, original):
    if fault.statement:
        return f"if mutant({number}) {{ {fault.replacement} }} else {{ {original} }}"
    return f"(mutant({number}) ? ({fault.replacement}) : ({original}))"


def instrumented(path, text, faults):
    """The text with its faults; faults of the very same original are put in one around the other."""
    places, problems = collections.defaultdict(list), []
    for number, fault in faults:
        span, problem = place(fault, text)
        problem = problem or misplaced(fault)
        if problem:
            problems.append(f"{path}: {fault.name}: {problem}")
        else:
            places[span].append((number, fault))
    ordered = sorted(places)
    for (_, end), (start, _) in zip(ordered, ordered[1:]):
        if start < end:
            names = [fault.name for span in ordered if start in range(*span) for _, fault in places[span]]
            problems.append(f"{path}: these overlap: {', '.join(names)}")
    for start, end in reversed(ordered):
        inside = text[start:end]
        for number, fault in places[start, end]:
            inside = guarded(fault, number, inside)
        text = text[:start] + inside + text[end:]
    return "public import CMutants\n" + text, problems


def write(path, data):
    """Writes a file only if that changes it, so that the next build is incremental."""
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def make_copy():
    """The tree with all faults. Returns what is wrong with the table."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
        capture_output=True, text=True)
    files = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    by_file = collections.defaultdict(list)
    for number, fault in enumerate(FAULTS, 1):
        by_file[fault.file].append((number, fault))
    problems = [f"{name}: no such file" for name in sorted(set(by_file) - files)]
    problems += filter(None, map(missing, dict.fromkeys(tests for fault in FAULTS for tests in fault.tests)))
    for name in sorted(files):
        data = (ROOT / name).read_bytes()
        if name in by_file:
            text, found = instrumented(name, data.decode(), by_file[name])
            problems += found
            data = text.encode()
        elif name == "Package.swift":
            data = package(data.decode()).encode()
        elif name == "Tests/Tools/ToolTests/Bench.swift":
            # Its make runs in a clean environment.
            data = replaced(data.decode(), '["PATH", ', '["PATH", "QVIT_MUTANT", ').encode()
        write(COPY / name, data)
        os.chmod(COPY / name, (ROOT / name).stat().st_mode)
    for path in [path for folder in ("Sources", "Tests") for path in (COPY / folder).rglob("*") if path.is_file()]:
        if str(path.relative_to(COPY)) not in files and "CMutants" not in path.parts:
            path.unlink()
    target = COPY / "Sources" / "C" / "CMutants"
    write(target / "mutants.c", SWITCH.encode())
    write(target / "include" / "mutants.h", HEADER.encode())
    return problems


def package(text):
    """Package.swift with the switch as a module that all modules see, and with warnings that do not stop the build."""
    text = replaced(text, "  .treatAllWarnings(as: .error),\n", "")
    text = replaced(
        text, "let c: [Target] = [\n", 'let c: [Target] = [\n  .target(name: "CMutants", path: "Sources/C/CMutants"),\n')
    start, end = text.index("func module("), text.index("func tests(")
    modules = replaced(text[start:end], "dependencies: dependencies,", 'dependencies: dependencies + ["CMutants"],')
    return text[:start] + modules + text[end:]


def replaced(text, old, new):
    if text.count(old) != 1:
        sys.exit(f"mutants: expected once: {old!r}")
    return text.replace(old, new)


# MARK: Running tests


def run_tests(number, pattern, limit):
    """What the tests of a pattern say with a fault: the first failure, or None if all pass."""
    environment = dict(os.environ, QVIT_MUTANT=str(number))
    process = subprocess.Popen(
        [str(BUNDLE), "--testing-library", "swift-testing", "--filter", pattern], env=environment, cwd=COPY,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    late = threading.Event()

    def end():
        # Tests start tools, and those belong to the same session.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def give_up():
        late.set()
        end()

    timer = threading.Timer(limit, give_up)
    timer.start()
    failure, passed = None, False
    for line in process.stdout:
        text = re.sub(r"\x1b\[[0-9;]*m", "", line).strip()
        if match := re.match(r"\S+ Test (.+?) (?:recorded an issue|failed after)", text):
            if not failure and not match[1].startswith("run with"):
                failure = match[1]
                end()
        passed = passed or bool(re.match(r"\S+ Test run with [1-9]\d* tests? .*passed", text))
    process.wait()
    timer.cancel()
    if failure:
        return failure
    if late.is_set():
        return f"no end after {limit} s"
    if process.returncode == os.EX_UNAVAILABLE:
        sys.exit(f"mutants: error: no tests fit {pattern}")
    if process.returncode != 0 or not passed:
        return f"ended with {process.returncode}"
    return None


def missing(tests):
    """What there is no module or suite of tests for; None if there is."""
    module, _, suite = tests.partition("/")
    files = list((ROOT / "Tests").glob(f"*/{module}Tests/**/*.swift"))
    declared = re.compile(rf"\b(struct|class|enum|extension) {suite}\b")
    if not files or suite and not any(declared.search(file.read_text()) for file in files):
        return f"there are no tests {tests!r}"
    return None


def pattern(tests):
    """`Metrics` is a module of tests, `Metrics/BootstrapTests` a suite of it."""
    module, _, suite = tests.partition("/")
    return rf"^{module}Tests\." + (rf"{suite}/" if suite else "")


def examine(number, fault, limit):
    start = time.monotonic()
    for tests in fault.tests:
        failure = run_tests(number, pattern(tests), limit)
        if failure:
            return Outcome(fault, True, f"{tests}: {failure}", time.monotonic() - start)
    return Outcome(fault, False, "", time.monotonic() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="says the faults and checks that they fit the sources")
    parser.add_argument("--only", metavar="REGEX", help="only faults whose file or name fits")
    parser.add_argument("--sample", type=int, metavar="N", help="only N faults, by chance")
    parser.add_argument("--seed", type=int, default=1, help="of --sample")
    parser.add_argument("--limit", type=int, default=300, metavar="SECONDS", help="for one module's tests with a fault")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="faults at a time")
    parser.add_argument("--skip-build", action="store_true", help="the copy is there and up to date")
    options = parser.parse_args()

    chosen = [(number, fault) for number, fault in enumerate(FAULTS, 1)
              if not options.only or re.search(options.only, f"{fault.file} {fault.name}")]
    if options.sample is not None:
        chosen = sorted(random.Random(options.seed).sample(chosen, min(options.sample, len(chosen))), key=lambda c: c[0])
    start = time.monotonic()
    problems = [] if options.skip_build else make_copy()
    if options.list:
        for number, fault in chosen:
            note = f" (equivalent: {fault.equivalent})" if fault.equivalent else ""
            print(f"{number:4} {fault.file}: {fault.name}{note}")
        print(f"{len(chosen)} faults in {len({fault.file for _, fault in chosen})} files")
    for problem in problems:
        print(f"mutants: error: {problem}", file=sys.stderr)
    if problems or options.list:
        sys.exit(1 if problems else 0)
    if not options.skip_build and subprocess.run(BUILD, cwd=COPY).returncode != 0:
        sys.exit("mutants: error: the faults do not compile")
    built = time.monotonic()

    for tests in dict.fromkeys(tests for _, fault in chosen for tests in fault.tests):
        failure = run_tests(0, pattern(tests), options.limit * 2)
        if failure:
            sys.exit(f"mutants: error: fails without a fault: {tests}: {failure}")
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(lambda choice: examine(*choice, options.limit), chosen):
            outcomes.append(outcome)
            expected = bool(outcome.fault.equivalent)
            word = "found" if outcome.found else "equivalent" if expected else "SURVIVES"
            print(f"{word:10} {outcome.seconds:5.1f} s  {outcome.fault.file}: {outcome.fault.name}"
                  + (f"  [{outcome.by}]" if outcome.found else ""), flush=True)
    survivors = [o for o in outcomes if not o.found and not o.fault.equivalent]
    wrong = [o for o in outcomes if o.found and o.fault.equivalent]
    print(f"\n{len(outcomes)} faults: {sum(o.found for o in outcomes)} found, {len(survivors)} survive, "
          f"{sum(bool(o.fault.equivalent) for o in outcomes)} known to be equivalent; "
          f"build {built - start:.0f} s, tests {time.monotonic() - built:.0f} s")
    for outcome in wrong:
        print(f"said to be equivalent, but found: {outcome.fault.file}: {outcome.fault.name}")
    sys.exit(1 if survivors or wrong else 0)


if __name__ == "__main__":
    main()
