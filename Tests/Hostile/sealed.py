"""Forged artifacts: a value of an attribute is changed, and every checksum and the seal are made to fit.

The seal is against damage, not against malice (docs/hostile-input.md): whoever can compute a SHA-256 can do this. The
readers must refuse such a file, or take it, but never crash on it.
"""

import hashlib
import struct

MARKER = b"\nqvit-sha256 "
APART = b"\nqvit-apart"
SEAL = len(MARKER) + 64 + 1
MASK = 0xFFFFFFFF


def rotate(value, bits):
    return ((value << bits) | (value >> (32 - bits))) & MASK


def lookup3(data):
    """Bob Jenkins' hash, HDF5's checksum of metadata."""
    length = len(data)
    a = b = c = (0xDEADBEEF + length) & MASK
    place = 0
    while length - place > 12:
        x, y, z = struct.unpack_from("<III", data, place)
        a, b, c = (a + x) & MASK, (b + y) & MASK, (c + z) & MASK
        a = (a - c) & MASK ^ rotate(c, 4)
        c = (c + b) & MASK
        b = (b - a) & MASK ^ rotate(a, 6)
        a = (a + c) & MASK
        c = (c - b) & MASK ^ rotate(b, 8)
        b = (b + a) & MASK
        a = (a - c) & MASK ^ rotate(c, 16)
        c = (c + b) & MASK
        b = (b - a) & MASK ^ rotate(a, 19)
        a = (a + c) & MASK
        c = (c - b) & MASK ^ rotate(b, 4)
        b = (b + a) & MASK
        place += 12
    if length == place:
        return c
    x, y, z = struct.unpack("<III", bytes(data[place:]) + bytes(12 - (length - place)))
    a, b, c = (a + x) & MASK, (b + y) & MASK, (c + z) & MASK
    c = ((c ^ b) - rotate(b, 14)) & MASK
    a = ((a ^ c) - rotate(c, 11)) & MASK
    b = ((b ^ a) - rotate(a, 25)) & MASK
    c = ((c ^ b) - rotate(b, 16)) & MASK
    a = ((a ^ c) - rotate(c, 4)) & MASK
    b = ((b ^ a) - rotate(a, 14)) & MASK
    return ((c ^ b) - rotate(b, 24)) & MASK


class Block:
    """A stretch of the file with a checksum of its own."""

    def __init__(self, start, end, checksum, is_inside):
        self.start, self.end, self.checksum, self.is_inside = start, end, checksum, is_inside

    def sum(self, data):
        if not self.is_inside:
            return lookup3(data[self.start:self.checksum])
        zeroed = data[self.start:self.checksum] + bytes(4) + data[self.checksum + 4:self.end]
        return lookup3(zeroed)

    def fits(self, data):
        return self.end <= len(data) and self.sum(data) == struct.unpack_from("<I", data, self.checksum)[0]


def positions(data, signature):
    place = data.find(signature)
    while place >= 0:
        yield place
        place = data.find(signature, place + 1)


def blocks(data):
    """Object headers, their continuations and the blocks of fractal heaps, as far as their checksums confirm them."""
    found = []
    continuations = []
    for place in positions(data, b"OHDR\x02"):
        flags = data[place + 5]
        start = place + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(data[start:start + width], "little")
        end = start + width + size
        block = Block(place, end + 4, end, False)
        if size < 1 << 20 and block.fits(data):
            found.append(block)
            head = 6 if flags & 4 else 4
            message = start + width
            while message + head <= end:
                kind, length = data[message], struct.unpack_from("<H", data, message + 1)[0]
                if kind == 0x10:
                    continuations.append(struct.unpack_from("<QQ", data, message + head))
                message += head + length
    for offset, length in continuations:
        block = Block(offset, offset + length, offset + length - 4, False)
        if data[offset:offset + 4] == b"OCHK" and block.fits(data):
            found.append(block)
    for place in positions(data, b"FHDB\x00"):
        for size in (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536):
            for head in (13 + 1, 13 + 2, 13 + 3, 13 + 4, 13 + 5):
                block = Block(place, place + size, place + head, True)
                if block.fits(data):
                    found.append(block)
    return found


class Attribute:
    """Where the value of an attribute lies."""

    def __init__(self, name, start, size, kind, block):
        self.name, self.start, self.size, self.kind, self.block = name, start, size, kind, block


def attributes(data):
    """The attributes of all objects whose value is a number of eight bytes or a string."""
    found = []
    for block in blocks(data):
        for place in range(block.start, block.end - 16):
            if data[place] != 3 or data[place + 1] > 3:
                continue
            name_size, type_size, space_size = struct.unpack_from("<HHH", data, place + 2)
            if not 2 <= name_size <= 64 or not 8 <= type_size <= 32 or not 4 <= space_size <= 16:
                continue
            name = data[place + 9:place + 9 + name_size]
            if name[-1:] != b"\0" or not name[:-1].replace(b"_", b"a").isalnum():
                continue
            kind = data[place + 9 + name_size]
            size = struct.unpack_from("<I", data, place + 9 + name_size + 4)[0]
            start = place + 9 + name_size + type_size + space_size
            if kind & 15 in (0, 1, 3) and size <= block.end - start:
                found.append(Attribute(name[:-1].decode(), start, size, "int float - string".split()[kind & 15], block))
    return found


def sealed(content):
    """The content with a seal, its bytes set apart left out."""
    gaps = []
    line = content.rfind(APART + b" ")
    if line >= len(content) - 200 and line >= 0:
        for word in content[line + len(APART):].split():
            start, count = word.split(b"+")
            gaps.append((int(start), int(count)))
    digest = hashlib.sha256()
    place = 0
    for start, count in gaps + [(len(content), 0)]:
        digest.update(content[place:start])
        place = start + count
    return content + MARKER + digest.hexdigest().encode() + b"\n"


def forged(data, attribute, value):
    """The artifact with another value of an attribute; `value` has the attribute's size."""
    content = bytearray(data[:-SEAL])
    content[attribute.start:attribute.start + attribute.size] = value
    block = attribute.block
    struct.pack_into("<I", content, block.checksum, block.sum(content))
    return sealed(bytes(content))
