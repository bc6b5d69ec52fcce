"""Writes Tests/Fixtures/npz: small .npz files, good and damaged, as numpy and Python's zipfile write them.

Usage: python3 generate_npz.py (needs numpy; written with numpy 2 and Python 3.11)

Images are 5 × 5 pixels; pixel (split s, image i, row r, column c, channel k) is
(17 s + 31 i + 7 r + 13 c + 5 k) mod 251 and label i is i mod 3.
"""

import io
import pathlib
import struct
import warnings
import zipfile
import zlib

import numpy as np

OUT = pathlib.Path(__file__).parent / "npz"
SPLITS = {"train": 7, "val": 4, "test": 5}
SIDE = 5


def arrays(channels=1):
    result = {}
    for s, (split, count) in enumerate(SPLITS.items()):
        i, r, c, k = np.ogrid[:count, :SIDE, :SIDE, :channels]
        images = ((17 * s + 31 * i + 7 * r + 13 * c + 5 * k) % 251).astype(np.uint8)
        result[f"{split}_images"] = images[..., 0] if channels == 1 else images
        result[f"{split}_labels"] = (np.arange(count) % 3).astype(np.uint8).reshape(-1, 1)
    return result


def npy(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return out.getvalue()


def write_zip(name, members, method=zipfile.ZIP_DEFLATED, target=None):
    """members: (name, bytes) pairs; like numpy with force_zip64."""
    with zipfile.ZipFile(target or OUT / name, "w", method) as archive:
        for member, data in members:
            info = zipfile.ZipInfo(member, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            with archive.open(info, "w", force_zip64=True) as out:
                out.write(data)


def members(changes=None, version=None, channels=1):
    all_arrays = arrays(channels) | (changes or {})
    return [(f"{k}.npy", npy(a, version)) for k, a in all_arrays.items() if a is not None]


class Pipe(io.RawIOBase):
    """A stream that cannot seek: zipfile then writes data descriptors."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


def patched(name, source, *patches):
    """A copy of `source` with bytes replaced: (offset, bytes) pairs."""
    data = bytearray((OUT / source).read_bytes())
    for offset, new in patches:
        data[offset : offset + len(new)] = new
    (OUT / name).write_bytes(data)


def central(source, member):
    """Offset of the central directory entry of `member`."""
    data = (OUT / source).read_bytes()
    return data.rindex(b"PK\x01\x02", 0, data.rindex(member.encode()))


def raw_zip(name, member, content, declared):
    """An otherwise good archive whose `member` is `content`, deflated, and declared to be `declared` bytes."""
    entries = [(n, d) for n, d in members() if n != member]
    out = bytearray()
    directory = bytearray()
    for n, d in [(member, None)] + entries:
        if d is None:
            data, size, crc, kind = deflate(content), declared, zlib.crc32(content), 8
        else:
            data, size, crc, kind = d, len(d), zlib.crc32(d), 0
        fixed = struct.pack("<HHHHHIII", 20, 0, kind, 0, 0x21, crc, len(data), size)
        offset = len(out)
        out += b"PK\x03\x04" + fixed + struct.pack("<HH", len(n), 0) + n.encode() + data
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + fixed
        directory += struct.pack("<HHHHHII", len(n), 0, 0, 0, 0, 0, offset) + n.encode()
    end = struct.pack("<HHHHIIH", 0, 0, 6, 6, len(directory), len(out), 0)
    (OUT / name).write_bytes(bytes(out + directory) + b"PK\x05\x06" + end)


def deflate(data):
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def good():
    np.savez(OUT / "stored.npz", **arrays())
    np.savez_compressed(OUT / "deflated.npz", **arrays())
    np.savez_compressed(OUT / "colour.npz", **arrays(3))
    fortran = {k: np.asfortranarray(a) for k, a in arrays().items()}
    write_zip("fortran.npz", members(fortran))
    fortran = {k: np.asfortranarray(a) for k, a in arrays(3).items()}
    write_zip("fortran-colour.npz", members(fortran))
    for version in (1, 0), (2, 0), (3, 0):
        write_zip(f"npy{version[0]}.npz", members(version=version))
    for kind in "|i1", "<i2", "<u4", ">i4", "<i8", ">i8", ">u8":
        labels = {f"{s}_labels": (np.arange(n) % 3).astype(kind) for s, n in SPLITS.items()}
        write_zip(f"labels-{ {'|': 'any', '<': 'little', '>': 'big'}[kind[0]] }-{kind[1:]}.npz", members(labels))
    pipe = Pipe()
    write_zip(None, members(), target=pipe)
    (OUT / "descriptors.npz").write_bytes(pipe.data)
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 16, 2
    write_zip("zip64.npz", members())
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
    with zipfile.ZipFile(OUT / "comment.npz", "w") as archive:
        for name, data in members():
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.comment = b"a comment with PK\x05\x06 in it" + bytes(30)


def wrong():
    base = arrays()
    write_zip("wrong-dtype.npz", members({"val_images": base["val_images"].astype(np.float32)}))
    write_zip("wrong-label-dtype.npz", members({"val_labels": base["val_labels"].astype(np.float64)}))
    write_zip("wrong-shape.npz", members({"test_images": base["test_images"][:, :4]}))
    write_zip("wrong-label-shape.npz", members({"test_labels": np.zeros((5, 2), np.uint8)}))
    write_zip("label-count.npz", members({"train_labels": base["train_labels"][:6]}))
    write_zip("label-range.npz", members({"train_labels": np.array([0, 1, 2, 3, 0, 1, 2], np.uint8)}))
    write_zip("label-negative.npz", members({"train_labels": np.array([0, 1, 2, -1, 0, 1, 2], np.int8)}))
    write_zip("empty-split.npz", members({"val_images": base["val_images"][:0], "val_labels": base["val_labels"][:0]}))
    write_zip("missing-member.npz", members({"val_labels": None}))
    write_zip("extra-member.npz", members({"notes": np.zeros(3, np.uint8)}))
    write_zip("structured.npz", members({"val_labels": np.zeros(4, [("a", "u1"), ("b", "i2")])}))
    write_zip("traversal.npz", members() + [("../outside.npy", b"x")])
    write_zip("absolute.npz", members() + [("/etc/outside.npy", b"x")])
    write_zip("bzip2.npz", members(), method=zipfile.ZIP_BZIP2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_zip("duplicate.npz", members() + members()[:1])
    data = (OUT / "deflated.npz").read_bytes()
    (OUT / "truncated.npz").write_bytes(data[: len(data) * 2 // 3])
    (OUT / "prepended.npz").write_bytes(b"#!/bin/sh\n" + data)
    (OUT / "empty.npz").write_bytes(b"")
    entry = central("stored.npz", "val_images.npy")
    patched("encrypted.npz", "stored.npz", (entry + 8, b"\1\0"))
    patched("outside.npz", "stored.npz", (entry + 42, struct.pack("<I", 1 << 30)))
    other = central("stored.npz", "train_images.npy")
    offset = (OUT / "stored.npz").read_bytes()[other + 42 : other + 46]
    patched("overlap.npz", "stored.npz", (entry + 42, offset))
    patched("disk.npz", "stored.npz", (entry + 34, b"\1\0"))
    end = (OUT / "stored.npz").read_bytes().rindex(b"PK\x05\x06")
    patched("disks.npz", "stored.npz", (end + 4, b"\2\0"))
    # A pixel of the stored val_images: only its CRC-32 tells.
    start = (OUT / "stored.npz").read_bytes().index(b"val_images.npy")
    patched("bit-flip.npz", "stored.npz", (start + 200, b"\xff"))


def archives():
    """Archives of images that MedMNIST did not write."""
    a = arrays()
    np.savez(OUT / "single.npz", a["test_images"])
    np.savez(OUT / "partly-labelled.npz", scan_images=a["train_images"], val_images=a["val_images"], val_labels=a["val_labels"])
    np.savez(OUT / "stray-labels.npz", images=a["val_images"], test_labels=a["test_labels"])
    np.savez(OUT / "one-channel.npz", images=a["val_images"][..., None], labels=a["val_labels"])
    np.savez(OUT / "oblong.npz", images=a["val_images"][:, :4])
    i, r, c, k = np.ogrid[:4, :28, :28, :3]
    np.savez_compressed(OUT / "scans-28.npz", images=((31 * i + 7 * r + 13 * c + 5 * k) % 251).astype(np.uint8))


def bombs():
    header = npy(np.zeros((7, SIDE, SIDE), np.uint8))
    # The stream yields a thousand times what is declared.
    raw_zip("bomb-long-stream.npz", "train_images.npy", header + bytes(300_000), len(header))
    # The member is declared, and is, larger than its array.
    raw_zip("bomb-long-member.npz", "train_images.npy", header + bytes(300_000), len(header) + 300_000)
    # The array is declared larger than its member.
    text = b"{'descr': '|u1', 'fortran_order': False, 'shape': (7777777777777, 5, 5), }"
    text = text.ljust(117) + b"\n"
    huge = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(175)
    raw_zip("bomb-shape.npz", "train_images.npy", huge, len(huge))
    # More than deflate can do.
    raw_zip("bomb-ratio.npz", "train_images.npy", header, 0xFFFFFFFE)
    # A header as long as it can say.
    long_header = b"\x93NUMPY\x02\x00" + struct.pack("<I", 0x7FFFFFFF) + bytes(1000)
    raw_zip("bomb-header.npz", "train_images.npy", long_header, len(long_header))
    # Thousands of opening brackets.
    text = b"(" * 60_000
    deep = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
    raw_zip("bomb-depth.npz", "train_images.npy", deep, len(deep))


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for old in OUT.glob("*.npz"):
        old.unlink()
    good()
    wrong()
    archives()
    bombs()
