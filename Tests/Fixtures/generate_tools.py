"""Writes Tests/Fixtures/tools: small unofficial files in MedMNIST's layout, for the tests of the tools.

Usage: python3 generate_tools.py (needs numpy; written with numpy 2 and Python 3.11)

Images are 28 × 28 pixels; those of a class share a brightness, so that a student can learn them.
"""

import io
import pathlib
import zipfile

import numpy as np

OUT = pathlib.Path(__file__).parent / "tools"


def images(labels, channels, seed):
    grain = np.random.default_rng(seed).integers(0, 24, (len(labels), 7, 7, channels))
    blocks = grain.repeat(4, axis=1).repeat(4, axis=2) + 28 * np.array(labels).reshape(-1, 1, 1, 1)
    return (blocks if channels == 3 else blocks[..., 0]).astype(np.uint8)


def write(name, train, val, test, channels=1):
    with zipfile.ZipFile(OUT / name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for seed, (split, labels) in enumerate({"train": train, "val": val, "test": test}.items()):
            arrays = {"images": images(labels, channels, seed), "labels": np.array(labels, np.uint8).reshape(-1, 1)}
            for kind, array in arrays.items():
                data = io.BytesIO()
                np.lib.format.write_array(data, array)
                archive.writestr(zipfile.ZipInfo(f"{split}_{kind}.npy"), data.getvalue(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for old in OUT.glob("*.npz"):
        old.unlink()
    both, many = [0, 1] * 6, list(range(8)) * 2
    write("breast.npz", both, both[:8], both[:6])
    write("breast-test-one-class.npz", both, both[:8], [1] * 6)
    write("breast-val-one-class.npz", both, [0] * 6, both[:6])
    write("breast-label-2.npz", both, both[:8], both[:5] + [2])
    write("breast-no-images.npz", both, both[:8], [])
    write("blood-test-without-3.npz", many, many[:8], [label for label in many if label != 3], channels=3)
    whole = (OUT / "breast.npz").read_bytes()
    (OUT / "breast-truncated.npz").write_bytes(whole[: len(whole) * 2 // 3])
    pixel = bytearray(whole)
    pixel[len(whole) // 4] ^= 0x10
    (OUT / "breast-damaged.npz").write_bytes(pixel)
