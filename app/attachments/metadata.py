"""Takes out of a picture's file what is no picture: place, camera, texts, what is hung on its end.

Invariant: pure and lossless; not one pixel is touched, and a file without such data comes back as
it is. `None` for a file whose parts do not fit together: it has to be written anew.
"""

from __future__ import annotations

import re

STEP_BYTES = 128 * 1024

_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # not a stuffed byte, not a restart
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
_JPEG_COMMENT = 0xFE
_JPEG_JFIF, _JPEG_ADOBE = 0xE0, 0xEE
_JPEG_SHARED = 0xE2  # colour profiles, and what cameras hide there
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
_WEBP_TEXTS = frozenset({b"EXIF", b"XMP "})
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def without_metadata(data: bytes, mime: str) -> bytes | None:
    """The same picture without metadata. The colour profile stays, the orientation goes too."""
    match mime:
        case "image/jpeg":
            return _jpeg(data)
        case "image/png":
            return _png(data)
        case "image/webp":
            return _webp(data)
        case _:
            return None


def _jpeg(data: bytes) -> bytes | None:
    """Segment by segment (ITU T.81, annex B) up to the end of the first picture."""
    kept, at = [data[:2]], 2
    while (marker := _MARKER.match(data, at)) is not None:
        start, code = marker.end() - 2, data[marker.end() - 1]
        if code == _JPEG_END:
            return b"".join((*kept, b"\xff\xd9"))
        size = int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        end = marker.end() + size
        if size < 2 or end > len(data):
            return None
        if code == _JPEG_SCAN:
            following = _next_marker(data, end)
            if following is None:
                return None
            end = following
        if _is_picture_part(code, data[marker.end() + 2 : marker.end() + 14]):
            kept.append(data[start:end])
        at = end
    return None


def _next_marker(data: bytes, start: int) -> int | None:
    """Where the next marker behind coded pixels begins.

    In small steps: a search holds all of Python up, and the window with it.
    """
    for at in range(start, len(data), STEP_BYTES):
        found = _MARKER.search(data, max(start, at - 1), at + STEP_BYTES)
        if found is not None:
            return found.start()
    return None


def _is_picture_part(code: int, beginning: bytes) -> bool:
    if code == _JPEG_SHARED:
        return beginning.startswith(b"ICC_PROFILE")
    is_application = 0xE0 <= code <= 0xEF
    return code != _JPEG_COMMENT and (not is_application or code in (_JPEG_JFIF, _JPEG_ADOBE))


def _png(data: bytes) -> bytes | None:
    kept, at = [_PNG_START], len(_PNG_START)
    while at + 12 <= len(data):
        name = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if name not in _PNG_TEXTS:
            kept.append(data[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
    return None


def _webp(data: bytes) -> bytes | None:
    """The flags of the extended header must not promise what is taken out."""
    length = int.from_bytes(data[4:8], "little") + 8
    kept, at = [], 12
    while at + 8 <= min(length, len(data)):
        name = data[at : at + 4]
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        chunk = data[at:end]
        if end > len(data):
            return None
        if name == b"VP8X":
            flags = chunk[8] & ~(_WEBP_EXIF | _WEBP_XMP) & 0xFF
            chunk = chunk[:8] + bytes([flags]) + chunk[9:]
        if name not in _WEBP_TEXTS:
            kept.append(chunk)
        at = end
    body = b"".join(kept)
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body if kept else None
