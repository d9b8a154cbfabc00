"""Cabinets that are packed anew: the same within, in less room, in the form of Windows."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

import pytest
from pack.cabinet import repacked
from pack.product import PackError

BLOCK = 32768
NAMES = b"what lies between the folder and its first block: the files"


def deflated(data: bytes) -> bytes:
    packing = zlib.compressobj(6, zlib.DEFLATED, -15)
    return b"CK" + packing.compress(data) + packing.flush()


def cabinet(content: bytes, flags: int = 0, method: int = 1) -> bytes:
    """One folder with `content`, each block packed for itself; the files are not looked at."""
    parts = [content[at : at + BLOCK] for at in range(0, len(content), BLOCK)]
    blocks = b"".join(
        struct.pack("<IHH", 0, len(packed), len(part)) + packed
        for part in parts
        for packed in [deflated(part)]
    )
    start = 36 + 8 + len(NAMES)
    size = start + len(blocks)
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, size, 0, 44, 0, 3, 1, 1, 1, flags, 0, 0)
    return head + struct.pack("<IHH", start, len(parts), method) + NAMES + blocks


def read_blocks(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The sum of each block, what it is of, and what is unpacked, as [MS-MCI] says."""
    at, count, _ = struct.unpack_from("<IHH", data, 36)
    before = b""
    for _ in range(count):
        total, packed, size = struct.unpack_from("<IHH", data, at)
        body = data[at + 4 : at + 8 + packed]
        before = zlib.decompressobj(-15, zdict=before).decompress(body[6:])
        assert body[4:6] == b"CK"
        assert len(before) == size
        yield total, body, before
        at += 8 + packed
    assert at == len(data)


def test_the_content_is_the_same_in_less_room() -> None:
    words = [random.Random(1).randbytes(200) for _ in range(40)]
    chosen = random.Random(2)
    content = b"".join(chosen.choice(words) for _ in range(2000))[: 10 * BLOCK + 77]
    before = cabinet(content)
    after = repacked(before)
    assert len(after) < len(before) * 0.9
    assert b"".join(plain for _, _, plain in read_blocks(after)) == content
    assert struct.unpack_from("<I", after, 8) == (len(after),)
    assert after[36 + 8 :].startswith(NAMES)
    assert repacked(after) == after


def test_each_block_has_its_sum() -> None:
    content = random.Random(3).randbytes(3 * BLOCK + 5)
    for total, body, _ in read_blocks(repacked(cabinet(content))):
        found = 0
        # The sizes come first; of the last bytes the first is the highest.
        rest = body[4:]
        for at in range(0, len(rest) - len(rest) % 4, 4):
            found ^= int.from_bytes(rest[at : at + 4], "little")
        found ^= int.from_bytes(rest[len(rest) - len(rest) % 4 :], "big")
        assert total == found ^ int.from_bytes(body[:4], "little")


def test_an_empty_cabinet() -> None:
    assert repacked(cabinet(b"")) == cabinet(b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MSCF",
        cabinet(b"text" * 100)[:-1],
        cabinet(b"text" * 100) + b"more",
        cabinet(b"text" * 100, flags=4),
        cabinet(b"text" * 100, method=3),
        cabinet(b"text" * 100).replace(b"CK", b"CKCK"),
    ],
)
def test_what_is_no_such_cabinet_is_refused(data: bytes) -> None:
    with pytest.raises(PackError):
        repacked(data)
