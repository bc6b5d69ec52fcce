"""Writes Tests/Fixtures/images: small PNG and JPEG files, good and bad, and what PIL decodes them to.

Usage: python3 generate_images.py (needs numpy and Pillow; written with Pillow 13 and libjpeg-turbo)

NAME.rgb or NAME.grey beside an image holds its pixels [H, W, C] as PIL sees them (alpha laid on black).
"""

import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

OUT = pathlib.Path(__file__).parent / "images"
HEIGHT, WIDTH = 13, 22


def pixels(channels, dtype=np.uint8):
    """A smooth gradient with a sharp disc, the same every time."""
    y, x, k = np.ogrid[:HEIGHT, :WIDTH, :channels]
    smooth = (x * (9 - 3 * k) + y * (5 + 4 * k)) % 256
    disc = ((x - 8) ** 2 + (y - 6) ** 2 < 16) * 90
    values = np.clip(smooth + disc, 0, 255)
    if dtype == np.uint16:
        values = values * 257 - (x * y) % 200 * (values > 0)
    return values.astype(dtype)


def keep(name, expected):
    kind = "grey" if expected.ndim == 2 or expected.shape[2] == 1 else "rgb"
    (OUT / f"{name}.{kind}").write_bytes(np.ascontiguousarray(expected).astype(np.uint8).tobytes())


def on_black(array):
    alpha = array[..., -1:].astype(np.int64)
    return (array[..., :-1] * alpha + 127) // 255


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(header, data):
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def main():
    OUT.mkdir(exist_ok=True)
    grey, colour = pixels(1)[..., 0], pixels(3)
    alpha = np.dstack([colour, pixels(4)[..., 3]])
    grey_alpha = np.dstack([grey, pixels(2)[..., 1]])

    Image.fromarray(grey).save(OUT / "grey.png")
    keep("grey.png", grey)
    Image.fromarray(colour).save(OUT / "rgb.png")
    keep("rgb.png", colour)
    Image.fromarray(alpha, "RGBA").save(OUT / "rgba.png")
    keep("rgba.png", on_black(alpha))
    Image.fromarray(grey_alpha, "LA").save(OUT / "grey-alpha.png")
    keep("grey-alpha.png", on_black(grey_alpha))
    Image.fromarray(grey > 100).save(OUT / "bilevel.png")
    keep("bilevel.png", (grey > 100) * 255)
    palette = Image.fromarray(colour).quantize(16)
    palette.save(OUT / "palette.png")
    keep("palette.png", np.asarray(palette.convert("RGB")))

    wide = pixels(1, np.uint16)[..., 0]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in wide)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 0, 0, 0, 0)
    (OUT / "grey-16.png").write_bytes(png(header, zlib.compress(rows)))
    keep("grey-16.png", np.floor(wide / 257 + 0.5))
    # The gamma of a file must not change its values.
    gamma = chunk(b"gAMA", struct.pack(">I", 100000))
    data = (OUT / "grey.png").read_bytes()
    (OUT / "gamma.png").write_bytes(data[:33] + gamma + data[33:])
    keep("gamma.png", grey)

    Image.fromarray(grey).save(OUT / "grey.jpg", quality=85)
    Image.fromarray(colour).save(OUT / "rgb-420.jpg", quality=85)
    Image.fromarray(colour).save(OUT / "rgb-444.jpg", quality=90, subsampling=0)
    Image.fromarray(colour).save(OUT / "progressive.jpg", quality=85, progressive=True)
    for name in ["grey.jpg", "rgb-420.jpg", "rgb-444.jpg", "progressive.jpg"]:
        keep(name, np.asarray(Image.open(OUT / name)))
    keep("luma", np.asarray(Image.fromarray(colour).convert("L")))

    # What must be refused.
    Image.fromarray(np.dstack([colour, grey])).convert("CMYK").save(OUT / "bad-cmyk.jpg")
    for name in ["rgb.png", "rgb-420.jpg", "progressive.jpg"]:
        data = (OUT / name).read_bytes()
        (OUT / f"bad-truncated-{name}").write_bytes(data[: len(data) * 2 // 3])
    data = bytearray((OUT / "rgb.png").read_bytes())  # the CRC of its IDAT
    data[-14] ^= 4
    (OUT / "bad-bit.png").write_bytes(data)
    huge = zlib.compress(b"\0" * 1000)
    (OUT / "bad-huge.png").write_bytes(png(struct.pack(">IIBBBBB", 2000000000, 2000000000, 8, 2, 0, 0, 0), huge))
    (OUT / "bad-wide.png").write_bytes(png(struct.pack(">IIBBBBB", 16385, 1, 8, 0, 0, 0, 0), huge))
    (OUT / "bad-area.png").write_bytes(png(struct.pack(">IIBBBBB", 16384, 16384, 8, 2, 0, 0, 0), huge))
    data = bytearray((OUT / "grey.jpg").read_bytes())
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", 65000, 65000)
    (OUT / "bad-huge.jpg").write_bytes(data)
    (OUT / "bad-gif.png").write_bytes(b"GIF89a" + bytes(20))
    (OUT / "bad-empty.jpg").write_bytes(b"")
    (OUT / "bad-start.jpg").write_bytes(b"\xff\xd8\xff\xe0")


main()
