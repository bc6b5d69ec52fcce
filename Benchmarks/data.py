#!/usr/bin/env python3
"""Measures prepare-data on generated files of the real sizes and writes docs/benchmarks-data.md.

    make benchmark-data

A 224-pixel file of more than 4 GiB (Zip64 sizes and offsets), a 28-pixel file and a folder of JPEG slices are written below
.build, read, checked and removed: about 11 GB at a time. The rate of an archive is compared with `unzip -p FILE > /dev/null`
on the same file.
"""

import argparse
import datetime
import hashlib
import mmap
import multiprocessing
import os
import random
import shutil
import struct
import subprocess
import sys
import time
import zlib

from contest import ROOT, cpu_name, fail, note, output_of

TOOL = ROOT / ".build" / "release" / "prepare-data"
WORK = ROOT / ".build" / "benchmark-data"
GIB = 1 << 30
CLASSES = 9


# MARK: Archives as numpy writes them


def wide(*numbers):
    """The extra field that holds what 32 bits do not."""
    return struct.pack(f"<HH{len(numbers)}Q", 1, 8 * len(numbers), *numbers)


class Archive:
    """A .npz whose members are put together from pieces (plain bytes, the same as part of a deflate stream)."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.entries = []

    def add(self, name, pieces):
        name, start = name.encode(), self.file.tell()
        # As numpy: the sizes are in a Zip64 field whether they need it or not.
        self.file.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 8, 0, 33, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), 20))
        self.file.write(name + wide(0, 0))
        data, crc, size, digest = self.file.tell(), 0, 0, hashlib.sha256()
        for plain, packed, is_content in pieces:
            crc, size = zlib.crc32(plain, crc), size + len(plain)
            if is_content:
                digest.update(plain)
            self.file.write(packed)
        self.file.write(b"\3\0")  # an empty last block
        end = self.file.tell()
        self.file.seek(start + 14)
        self.file.write(struct.pack("<I", crc))
        self.file.seek(data - 20)
        self.file.write(wide(size, end - data))
        self.file.seek(end)
        self.entries.append((name, crc, end - data, size, start))
        return digest.hexdigest()

    def close(self):
        start, limit = self.file.tell(), 0xFFFFFFFF
        for name, crc, packed, size, offset in self.entries:
            large = [number for number in (size, packed, offset) if number >= limit]
            extra = wide(*large) if large else b""
            self.file.write(struct.pack(
                "<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 8, 0, 33, crc, min(packed, limit), min(size, limit),
                len(name), len(extra), 0, 0, 0, 0, min(offset, limit)) + name + extra)
        end, count = self.file.tell(), len(self.entries)
        if start >= limit:
            self.file.write(struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, end - start, start))
            self.file.write(struct.pack("<IIQI", 0x07064B50, 0, end, 1))
        self.file.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, end - start, min(start, limit), 0))
        self.file.close()


def deflated(data):
    """Part of a deflate stream that refers to nothing before it and ends at a byte."""
    stream = zlib.compressobj(6, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush(zlib.Z_FULL_FLUSH)


def stored(data):
    return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data


def texture(side, numbers):
    """Colour pixels that deflate to about 0.78 of their size, like the photographs of PathMNIST."""
    rows, middle = bytearray(), numbers.uniform(100, 150)
    for _ in range(side):
        middle = min(200, max(50, middle + numbers.uniform(-4, 4)))
        values = bytes(min(255, max(0, round(numbers.gauss(middle, 16)))) for _ in range(256))
        rows += numbers.randbytes(3 * side).translate(values)
    return bytes(rows)


def header(shape):
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text


def write_archive(path, side, total):
    """A file like PathMNIST's; returns the SHA-256 of the pixels of each split.

    A pool of textures is deflated once. No two images are the same: each begins with a number of its own, in 16 bytes.
    """
    note(f"writing {path.name}: {total} images of {side} pixels")
    numbers = random.Random(1)
    pool = [texture(side, numbers)[16:] for _ in range(64 if side > 28 else 4096)]
    pool = [(plain, deflated(plain), True) for plain in pool]
    archive, written, digests = Archive(path), 0, {}
    for split, share in (("train", 84), ("val", 9), ("test", 7)):
        count = total * share // 100

        def images():
            nonlocal written
            start = header((count, side, side, 3))
            yield start, stored(start), False
            for _ in range(count):
                number = struct.pack("<QQ", written, written * 0x9E3779B97F4A7C15 & 2**64 - 1)
                yield number, stored(number), True
                yield pool[written % len(pool)]
                written += 1

        digests[split] = archive.add(f"{split}_images.npy", images())
        labels = header((count, 1)) + bytes(index % CLASSES for index in range(count))
        archive.add(f"{split}_labels.npy", [(labels, deflated(labels), False)])
    archive.close()
    return written, digests


# MARK: Slices as JPEG


class Bits:
    def __init__(self):
        self.value, self.count = 0, 0

    def add(self, value, count):
        self.value, self.count = self.value << count | value, self.count + count

    def bytes(self):
        pad = -self.count % 8
        whole = (self.value << pad | (1 << pad) - 1).to_bytes((self.count + pad) // 8, "big")
        return whole.replace(b"\xff", b"\xff\0")


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg_rows(numbers):
    """One row of blocks, 496 x 16 pixels in colour, straight from random coefficients: nothing is transformed."""
    bits = Bits()

    def number(code_bits, run, value):
        size = abs(value).bit_length()
        bits.add(run << 4 | size, code_bits)
        bits.add(value if value > 0 else value + (1 << size) - 1, size)

    for _ in range(31):
        for _ in range(4):
            number(4, 0, round(numbers.gauss(0, 12)))
            for _ in range(max(0, round(numbers.gauss(4, 2)))):
                number(8, numbers.choice((0, 0, 1, 2)), numbers.choice((-3, -2, -1, 1, 2, 3)))
            bits.add(0, 8)
        bits.add(0, 12)  # no colour difference, in both components
        bits.add(0, 12)
    return bits.bytes()


def jpeg_frame():
    # All codes are equally long, so that a code is its symbol: 4 bits for the first coefficient, 8 for the others.
    first = bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12))
    others = bytes([0] * 7 + [251] + [0] * 8) + bytes(range(251))
    components = ((1, 0x22), (2, 0x11), (3, 0x11))
    return (
        b"\xff\xd8" + segment(0xDB, b"\0" + bytes([6] * 64))
        + segment(0xC0, struct.pack(">BHHB", 8, 248, 496, 3) + bytes(b for i, s in components for b in (i, s, 0)))
        + segment(0xC4, b"\0" + first) + segment(0xC4, b"\x10" + others) + segment(0xDD, struct.pack(">H", 31))
        + segment(0xDA, b"\3" + bytes(b for i, _ in components for b in (i, 0)) + b"\0\x3f\0"))


def write_slices(path, scans):
    """Folders like those of OASIS: 61 slices of 496 x 248 pixels of every scan; returns their number."""
    note(f"writing {path.name}: {4 * scans * 61} JPEG slices")
    numbers, frame = random.Random(1), jpeg_frame()
    rows = [jpeg_rows(numbers) for _ in range(256)]
    for label, name in enumerate(("Non Demented", "Very mild Dementia", "Mild Dementia", "Moderate Dementia")):
        (path / name).mkdir(parents=True)
        for scan in range(scans):
            for slice in range(100, 161):
                data = frame
                for row in range(16):
                    data += numbers.choice(rows) + (bytes([0xFF, 0xD0 + row % 8]) if row < 15 else b"\xff\xd9")
                (path / name / f"OAS1_{label * 1000 + scan:04}_MR1_mpr-1_{slice}.jpg").write_bytes(data)
    return 4 * scans * 61


# MARK: Measuring


def run(*command):
    """Seconds that passed, the processor's seconds, and peak memory in MB of a command."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        fail(f"exit code {process.returncode}: {' '.join(str(word) for word in command)}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def prepare(name, side, source, path, *options):
    artifact = WORK / "artifact.h5"
    figures = run(TOOL, "--quiet", "--dataset", name, "--resolution", side, "--source", source, "--input", path, *options,
                  "--profile", "paper", "--output", artifact)
    return artifact, figures


def check(artifact, digests):
    """The artifact states the SHA-256 of the pixels of each split as text."""
    with open(artifact, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for split, digest in digests.items():
            if content.find(digest.encode()) < 0:
                fail(f"{artifact}: the pixels of {split} are not those of the archive")


def elsewhere(function, *arguments):
    """Calls a function in a process of its own: what it takes of memory would count as that of later children."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(function, arguments)


def measure_archive(side, total, rounds):
    path = WORK / f"pixels-{side}.npz"
    count, digests = elsewhere(write_archive, path, side, total)
    result = {"images": count, "pixels": count * side * side * 3, "size": path.stat().st_size, "rounds": []}
    for _ in range(rounds):
        note("unzip -p")
        unzip = run("unzip", "-p", path)
        note("prepare-data")
        artifact, prepared = prepare("pathmnist", side, "npz", path, "--allow-unofficial")
        elsewhere(check, artifact, digests)
        artifact.unlink()
        result["rounds"].append((unzip, prepared))
    path.unlink()
    return result


def measure_folder(scans):
    path = WORK / "slices"
    count = elsewhere(write_slices, path, scans)
    size = sum(each.stat().st_size for each in path.rglob("*.jpg"))
    results = {"images": count, "size": size}
    for side in (28, 224):
        note(f"prepare-data at {side} pixels")
        artifact, results[side] = prepare("oasis", side, "oasis", path)
        artifact.unlink()
    shutil.rmtree(path)
    return results


# MARK: Report


def report(large, small, folder, load):
    lines = [
        "# Reading datasets", "",
        "Written by `make benchmark-data`; do not edit. `prepare-data` on generated files, from opening to the finished",
        "artifact on disk: MD5 and SHA-256 of the source, CRC-32, statistics, duplicates, digests of the content. Both programs",
        "find the archive in the file cache, where the machine has memory for it. What was read is checked. Seconds are those",
        "that passed; the processor's, of all threads together, follow in parentheses.", "",
        f"- date: {datetime.date.today().isoformat()}",
        f"- machine: {cpu_name()}, {len(os.sched_getaffinity(0))} processors, load {load:.1f} at the start",
        f"- {output_of(['unzip', '-v']).splitlines()[0].split(',')[0]}", "",
        "| archive | images | pixels | file | `unzip -p` | `prepare-data` | rate, `unzip -p` = 1 | peak memory |",
        "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for name, row in (("224 pixels, Zip64", large), ("28 pixels", small)):
        for (unzip, unzip_work, _), (seconds, work, memory) in row["rounds"]:
            lines.append(
                f"| {name} | {row['images']:,} | {row['pixels'] / GIB:.2f} GiB | {row['size'] / GIB:.2f} GiB "
                f"| {unzip:.1f} s ({unzip_work:.1f} s) | {seconds:.1f} s ({work:.1f} s) | {unzip / seconds:.2f} | {memory:.0f} MB |")
    lines += ["", "| JPEG slices of 496 × 248 pixels | images | files | `prepare-data` | images/s | peak memory |",
              "|---|---:|---:|---:|---:|---:|"]
    for side in (28, 224):
        seconds, work, memory = folder[side]
        lines.append(
            f"| to {side} pixels | {folder['images']:,} | {folder['size'] / 1e6:.0f} MB | {seconds:.1f} s ({work:.1f} s) "
            f"| {folder['images'] / seconds:,.0f} | {memory:.0f} MB |")
    lines += ["", "## Targets", "", "| | measured | target | |", "|---|---:|---:|---|"]

    def target(what, value, wanted, is_met, text):
        lines.append(f"| {what} | {text(value)} | {wanted} | {'met' if is_met else 'not met'} |")

    ratio = max(unzip[0] / prepared[0] for unzip, prepared in large["rounds"])
    memory = max([row[1][2] for each in (large, small) for row in each["rounds"]] + [folder[28][2], folder[224][2]])
    target("rate at 224 pixels, best round", ratio, "≥ 0.80", ratio >= 0.8, lambda value: f"{value:.2f}")
    target("peak memory", memory, "< 300 MB", memory < 300, lambda value: f"{value:.0f} MB")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=40_000, help="images at 224 pixels (40000: 5.6 GiB of pixels)")
    parser.add_argument("--rounds", type=int, default=2, help="how often each archive is read")
    options = parser.parse_args()
    if not os.access(TOOL, os.X_OK):
        fail("the tools are not built; make benchmark-data builds them")
    if not shutil.which("unzip"):
        fail("unzip is missing")
    load = os.getloadavg()[0]
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    try:
        folder = measure_folder(8)
        small = measure_archive(28, 107_180, options.rounds)
        large = measure_archive(224, options.images, options.rounds)
    finally:
        shutil.rmtree(WORK)
    path = ROOT / "docs" / "benchmarks-data.md"
    path.write_text(report(large, small, folder, load))
    note(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
