"""What a file is, by its content alone: the magic numbers of the formats that can be attached.

Invariant: pure; a name and its ending decide nothing. A type is spelled as Google spells it (wire
reference 3.9). `None` is content without a known mark: text, or nothing that can be attached.
"""

from __future__ import annotations

import re

HEAD_BYTES = 64 * 1024
"""How much of the beginning tells a format."""

ZIP = "application/zip"  # a document, perhaps: its list of contents tells
SVG = "image/svg+xml"

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x00\x00\x01\xb3", "video/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"caff", "audio/x-caf"),
    (b"PK\x03\x04", ZIP),
)
# What follows the length of a RIFF or an IFF file.
_CHUNKED: dict[tuple[bytes, bytes], str] = {
    (b"RIFF", b"WAVE"): "audio/wav",
    (b"RF64", b"WAVE"): "audio/wav",
    (b"RIFF", b"AVI "): "video/avi",
    (b"RIFF", b"WEBP"): "image/webp",
    (b"FORM", b"AIFF"): "audio/aiff",
    (b"FORM", b"AIFC"): "audio/aiff",
}
# The first four letters of a brand of ISO 14496-12; what is not here is an mp4.
_BRANDS: tuple[tuple[tuple[bytes, ...], str], ...] = (
    ((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    ((b"mif1", b"msf1", b"mif2"), "image/heif"),
    ((b"avif", b"avis"), "image/avif"),
    ((b"qt  ",), "video/mov"),
    ((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
)
_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_EBML = b"\x1aE\xdf\xa3"
_SVG_TAG = re.compile(rb"<(?:\w+:)?svg[\s>/]")


def recognise(head: bytes) -> str | None:
    """The type of a file that begins with `head` (up to `HEAD_BYTES` of it)."""
    for start, mime in _STARTS:
        if head.startswith(start):
            return mime
    if found := _CHUNKED.get((head[:4], head[8:12])):
        return found
    return _container(head) or _sound(head) or _document(head) or _bitmap(head)


def _container(head: bytes) -> str | None:
    """Boxes (ISO, QuickTime), Matroska, ASF, and the packets of a transport stream."""
    if head[4:8] == b"ftyp":
        return _of_brand(head)
    if head[4:8] in _QUICKTIME:
        return "video/mov"
    if head.startswith(_EBML):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head.startswith(_ASF):
        return "video/wmv" if _ASF_VIDEO in head else "audio/x-ms-wma"
    plain, stamped = head[0 : 188 * 3 : 188], head[4 : 4 + 192 * 3 : 192]  # by a camcorder
    in_packets = any(len(found) == 3 and {*found} == {0x47} for found in (plain, stamped))
    return "video/mp2t" if in_packets else None


def _of_brand(head: bytes) -> str:
    """By the main brand; a picture's may be a general one, with its own among the others."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    main = head[8:12]
    others = [head[at : at + 4] for at in range(16, size, 4)]
    if main.startswith((b"3gp", b"3g2", b"3ge", b"3gg")):
        return "video/3gpp"
    if main in (b"mif1", b"msf1", b"mif2"):
        main = next((brand for brand in others if brand[:4] in (b"heic", b"heix", b"avif")), main)
    return next((mime for brands, mime in _BRANDS if main in brands), "video/mp4")


def _sound(head: bytes) -> str | None:
    """Ogg by its first packet; MPEG audio and AAC by their frames, behind an ID3 tag or without."""
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg"
    at, tagged = 0, head.startswith(b"ID3") and len(head) > 10
    if tagged:
        at = 10 + sum((byte & 0x7F) << (7 * (3 - place)) for place, byte in enumerate(head[6:10]))
    frame = head[at : at + 4]
    if len(frame) < 4:
        return "audio/mp3" if tagged else None
    if head[at : at + 4] == b"fLaC":
        return "audio/flac"
    if frame[0] == 0xFF and frame[1] & 0xF6 == 0xF0:
        return "audio/aac"
    layer_3 = frame[0] == 0xFF and frame[1] & 0xE6 == 0xE2 and frame[1] & 0x18 != 0x08
    good = frame[2] >> 4 not in (0, 15) and (frame[2] >> 2) & 3 != 3
    return "audio/mp3" if tagged or (layer_3 and good) else None


def _document(head: bytes) -> str | None:
    # A PDF may have something before its mark (ISO 32000, implementation notes).
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    return SVG if _SVG_TAG.match(_first_tag(head)) else None


def _first_tag(head: bytes) -> bytes:
    """XML from its first tag on, behind the declaration, comments and the document type."""
    rest = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    while rest.startswith((b"<?", b"<!")):
        if rest.startswith(b"<!--"):
            end = b"-->"
        elif rest.startswith(b"<?"):
            end = b"?>"
        else:
            end = b"]>" if b"[" in rest[: rest.find(b">")] else b">"
        rest = rest.partition(end)[2].lstrip()
    return rest[:64]


def _bitmap(head: bytes) -> str | None:
    is_bmp = head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS
    return "image/bmp" if is_bmp else None
