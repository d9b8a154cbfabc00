"""Takes out of mp4, mov and 3gp files what is no film: place, camera, dates, what sensors recorded.

Invariant: pure; a file keeps its length and its offsets, because boxes (ISO 14496-12) become free
space and are filled with zeros. Heads of boxes are read and short tables, never the film. In a
file whose boxes do not fit together, what is behind the last of them is taken out as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

Span = Callable[[int, int], bytes]
"""So many bytes from an offset on; fewer at the end."""

BOXED = frozenset({"video/mp4", "video/mov", "video/3gpp"})
MOST_BOXES = 10_000
MOST_TABLE_BYTES = 4_000_000
_FILM = frozenset(
    b"ftyp styp mdat imda wide moof mfra sidx ssix pdin prft".split()  # 14496-12, 6.2.3
)
"""What stands beside `moov`. Telephones hang more on the end, with places in it."""
_TOLD = frozenset({b"udta", b"meta", b"uuid"})
_FREE = frozenset({b"free", b"skip"})
_DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_SENSORS = frozenset({b"meta", b"mdta", b"camm"})
"""Tracks of places, movements and faces, sample by sample, beside the film."""


@dataclass(frozen=True, slots=True)
class Patch:
    """What is written over the bytes from `start` to `end`: `data`, and zeros behind it."""

    start: int
    end: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class _Box:
    name: bytes
    start: int
    content: int
    end: int


def patches(size: int, span: Span) -> tuple[Patch, ...]:
    """What has to be written over a file of `size` bytes. In the order of the file."""
    found: list[Patch] = []
    boxes = tuple(_boxes(span, 0, size))
    for box in boxes:
        if box.name == b"moov":
            found += _of_movie(span, box)
        elif box.name in _FREE:
            found.append(Patch(box.content, box.end))
        elif box.name not in _FILM:
            found += _freed(box) if box.end < size else (Patch(box.start, size),)
    if 0 < len(boxes) < MOST_BOXES:  # else a film of fragments may go on
        found.append(Patch(boxes[-1].end, size))  # what is no box
    whole = (patch for patch in found if patch.start < patch.end)
    return tuple(sorted(whole, key=lambda patch: patch.start))


def patched(pieces: Iterable[bytes], found: Sequence[Patch]) -> Iterator[bytes]:
    """A file with `found` written over it, piece by piece."""
    at = first = 0
    for piece in pieces:
        end = at + len(piece)
        number, changed = first, None
        while number < len(found) and found[number].start < end:
            if found[number].end > at:
                changed = bytearray(piece) if changed is None else changed
                _write(changed, at, found[number])
            number += 1
        while first < len(found) and found[first].end <= end:
            first += 1
        yield piece if changed is None else bytes(changed)
        at = end


def _write(piece: bytearray, at: int, patch: Patch) -> None:
    start, end = max(patch.start, at), min(patch.end, at + len(piece))
    data = patch.data[start - patch.start : end - patch.start]
    piece[start - at : end - at] = data + bytes(end - start - len(data))


def _boxes(span: Span, start: int, end: int) -> Iterator[_Box]:
    """The boxes beside each other from `start` to `end`."""
    at = start
    for _ in range(MOST_BOXES):
        head = span(at, 16) if at + 8 <= end else b""
        if len(head) < 8:
            return
        size, content = int.from_bytes(head[:4], "big"), at + 8
        if size == 1:
            size, content = int.from_bytes(head[8:16], "big"), at + 16
        elif size == 0:
            size = end - at
        if at + size < content:
            return
        yield _Box(head[4:8], at, min(content, end), min(at + size, end))
        at += size


def _of(span: Span, box: _Box) -> Iterator[Patch]:
    """A box that is told of wherever it lies."""
    if box.name in _TOLD:
        yield from _freed(box)
    elif box.name in _FREE:
        yield Patch(box.content, box.end)
    elif box.name in _DATED:
        wide = span(box.content, 1) == b"\1"  # two times, of 64 or 32 bits, behind the version
        yield Patch(box.content + 4, min(box.content + (20 if wide else 12), box.end))


def _freed(box: _Box) -> Iterator[Patch]:
    yield Patch(box.start + 4, box.start + 8, b"free")
    yield Patch(box.content, box.end)


def _of_movie(span: Span, movie: _Box) -> Iterator[Patch]:
    """Sensors beside a film go; of what is nothing else, somebody is to be told."""
    inner = tuple(_boxes(span, movie.content, movie.end))
    tracks = [box for box in inner if box.name == b"trak"]
    sensors = [track for track in tracks if _handler(span, _media(span, track)) in _SENSORS]
    for box in inner:
        if box.name != b"trak":
            yield from _of(span, box)
        elif box in sensors and len(sensors) < len(tracks):
            yield from _samples(span, _media(span, box))
            yield from _freed(box)
        else:
            for part in (*_boxes(span, box.content, box.end), *_media(span, box)):
                yield from _of(span, part)


def _media(span: Span, track: _Box) -> tuple[_Box, ...]:
    media = _first(_boxes(span, track.content, track.end), b"mdia")
    return tuple(_boxes(span, media.content, media.end)) if media is not None else ()


def _handler(span: Span, media: Iterable[_Box]) -> bytes:
    handler = _first(media, b"hdlr")
    return span(handler.content + 8, 4) if handler is not None else b""


def _first(boxes: Iterable[_Box], name: bytes) -> _Box | None:
    return next((box for box in boxes if box.name == name), None)


# Where the samples of a track lie


def _samples(span: Span, media: Iterable[_Box]) -> Iterator[Patch]:
    """What a track says lies elsewhere in the file, chunk by chunk."""
    information = _first(media, b"minf")
    if information is None:
        return
    within = tuple(_boxes(span, information.content, information.end))
    table = _first(within, b"stbl")
    boxes = tuple(_boxes(span, table.content, table.end)) if table is not None else ()
    wide = _first(boxes, b"co64")
    offsets = _numbers(span, wide or _first(boxes, b"stco"), 8 if wide else 4, skip=8)
    runs = _numbers(span, _first(boxes, b"stsc"), 4, skip=8)
    sizes = _numbers(span, _first(boxes, b"stsz"), 4, skip=4)
    if len(sizes) < 2 or len(runs) < 3:
        return
    same, count, each = sizes[0], sizes[1], sizes[2:]
    starts = dict(zip(runs[0::3], runs[1::3], strict=False))
    sample = in_chunk = 0
    for number, offset in enumerate(offsets, 1):
        in_chunk = starts.get(number, in_chunk)
        until = min(sample + in_chunk, count)
        length = same * (until - sample) if same else sum(each[sample:until])
        sample = until
        if length:
            yield Patch(offset, offset + length)


def _numbers(span: Span, box: _Box | None, width: int, *, skip: int) -> tuple[int, ...]:
    """A table of numbers, behind `skip` bytes of version and count."""
    length = box.end - box.content - skip if box is not None else 0
    if box is None or not 0 < length <= MOST_TABLE_BYTES:
        return ()
    data = span(box.content + skip, length)
    return tuple(
        int.from_bytes(data[at : at + width], "big")
        for at in range(0, len(data) - width + 1, width)
    )
