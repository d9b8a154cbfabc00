"""Small changes to 64-bit ELF libraries: entries of the dynamic section that go.

Invariant: nothing moves; entries behind a removed one close the gap, and the end is filled up.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

PAGE = 4096
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 0, 1, 5, 15, 29


def without_needed(data: bytes, name: str) -> bytes:
    """The library, no longer asking for the library `name`."""
    text = name.encode() + b"\0"
    return _without(data, lambda tag, at: tag == _DT_NEEDED and data.startswith(text, at))


def without_absolute_paths(data: bytes) -> bytes:
    """The library, looking for others in no folder that begins with a slash."""
    return _without(
        data, lambda tag, at: tag in (_DT_RPATH, _DT_RUNPATH) and data.startswith(b"/", at)
    )


def loads(data: bytes) -> bool:
    """Whether the loader takes the segments: each lies on its page."""
    return all(
        (address - offset) % max(align, PAGE) == 0 and align % PAGE == 0
        for kind, _, offset, address, _, _, _, align in _headers(data)
        if kind == _PT_LOAD
    )


def _without(data: bytes, goes: Callable[[int, int], bool]) -> bytes:
    """`goes` is asked with the tag of an entry and the place of its text."""
    headers = _headers(data)
    changed = bytearray(data)
    for kind, _, offset, _, _, length, _, _ in headers:
        if kind != _PT_DYNAMIC:
            continue
        entries = list(struct.iter_unpack("<QQ", data[offset : offset + length // 16 * 16]))
        texts = next((value for tag, value in entries if tag == _DT_STRTAB), 0)
        place = next(
            (row[2] + texts - row[3] for row in headers
             if row[0] == _PT_LOAD and row[3] <= texts < row[3] + row[5]), texts)  # fmt: skip
        kept = [(tag, value) for tag, value in entries if not goes(tag, place + value)]
        kept += [(_DT_NULL, 0)] * (len(entries) - len(kept))
        changed[offset : offset + 16 * len(kept)] = b"".join(struct.pack("<QQ", *e) for e in kept)
    return bytes(changed)


def _headers(data: bytes) -> list[tuple[int, ...]]:
    """The program headers: kind, flags, offset, address, physical, file size, size, alignment."""
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    return [struct.unpack_from("<IIQQQQQQ", data, table + i * size) for i in range(count)]
