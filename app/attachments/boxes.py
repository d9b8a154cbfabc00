"""Length, size and tracks of mp4, mov and 3gp files, read from their boxes (ISO 14496-12).

Invariant: reads the few boxes that tell and seeks over the rest; nothing raises for a broken
file, what cannot be read is unknown. For machines without ffprobe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MOST_BOXES = 10_000
MOST_BOX_BYTES = 1_000_000
_FOLDERS = frozenset({b"moov", b"trak", b"mdia"})
_TOLD = frozenset({b"mvhd", b"tkhd", b"hdlr"})


@dataclass(slots=True)
class Movie:
    """`handlers` are the kinds of the tracks: `vide`, `soun` and others."""

    duration_s: float | None = None
    width_px: int | None = None
    height_px: int | None = None
    handlers: list[bytes] = field(default_factory=list)


def read_movie(file: BinaryIO) -> Movie:
    """What the boxes of `file` say. Raises OSError."""
    movie = Movie()
    size = file.seek(0, 2)
    for name, content in _boxes(file, 0, size):
        if name == b"mvhd":
            movie.duration_s = _duration(content)
        elif name == b"hdlr" and len(content) >= 12:
            movie.handlers.append(content[8:12])
        elif name == b"tkhd":
            _note_size(movie, content)
    return movie


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """The boxes that tell, whatever folder they lie in, in the order of the file."""
    open_until = [end]
    at = start
    for _ in range(MOST_BOXES):
        while open_until and at + 8 > open_until[-1]:
            open_until.pop()
        if not open_until:
            return
        file.seek(at)
        head = file.read(16)
        size, name, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = open_until[-1] - at
        if len(head) < 8 or size < header:
            return
        if name in _FOLDERS:
            open_until.append(min(at + size, open_until[-1]))
            at += header
            continue
        if name in _TOLD and size <= MOST_BOX_BYTES:
            file.seek(at + header)
            yield name, file.read(size - header)
        at += size


def _duration(content: bytes) -> float | None:
    if content[:1] == b"\1":
        scale, length = content[20:24], content[24:32]
    else:
        scale, length = content[12:16], content[16:20]
    per_second, ticks = int.from_bytes(scale, "big"), int.from_bytes(length, "big")
    unknown = set(length) <= {0xFF}
    return ticks / per_second if per_second and ticks and not unknown else None


def _note_size(movie: Movie, content: bytes) -> None:
    """Width and height stand last, in 16.16; a quarter turn stands in the matrix before them."""
    if len(content) < 44:
        return
    wide, high = content[-8:-4], content[-4:]
    width, height = int.from_bytes(wide, "big") >> 16, int.from_bytes(high, "big") >> 16
    if not (width and height):
        return  # a track of sound
    matrix = content[-44:-8]
    if not any(matrix[0:4]) and any(matrix[4:8]):
        width, height = height, width
    movie.width_px, movie.height_px = width, height
