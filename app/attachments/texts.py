"""Text in any encoding as UTF-8, and the telling of text from everything else.

Invariant: for a thread; what is taken for text is text: bytes that only look like it in some rare
encoding are refused. Line ends become LF.
"""

from __future__ import annotations

import codecs

from app.attachments.encodings import two_byte_encoding, usual_encoding
from app.attachments.refusal import RefusedError
from app.i18n import tr

SAMPLE_BYTES = 256 * 1024
"""How much of a long text tells its encoding."""

ENOUGH_LETTERS = 24
"""With fewer letters beyond ASCII the usual encoding of western Windows is taken."""

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAIN_CONTROLS = frozenset(b"\t\n\f\r\x1b\x08")
_CONTROLS = bytes(code for code in range(32) if code not in _PLAIN_CONTROLS)
_CONTROL_SHARE = 0.002


def read_text(data: bytes, name: str) -> str:
    """`data` as text. Raises RefusedError for what is none."""
    encoding = next((found for mark, found in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        encoding = _without_mark(data)
    if encoding is None:
        raise RefusedError(unknown_words(name))
    text = data.decode(encoding, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unknown_words(name: str) -> str:
    """Said of what no row of the table names."""
    return tr("{name} is of a kind that Linnet does not know, and no text either.", name=name)


def looks_like_text(data: bytes) -> bool:
    """Whether `data`, which may be a beginning, can be text in an encoding of bytes."""
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return controls <= len(data) * _CONTROL_SHARE


def _without_mark(data: bytes) -> str | None:
    """The encoding of a text that does not name it; `None` for what is no text."""
    sample = data[:SAMPLE_BYTES]
    if b"\0" in sample:
        return two_byte_encoding(sample)
    if not looks_like_text(sample):
        return None
    if b"\x1b$" in sample and (japanese := usual_encoding(sample)) is not None:
        return japanese
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=len(sample) == len(data))
    except UnicodeDecodeError:
        return _guessed(sample)
    return "utf-8"


def _guessed(sample: bytes) -> str | None:
    if (usual := usual_encoding(sample)) is not None:
        return usual
    special = len(sample.translate(None, bytes(range(128))))
    if special < ENOUGH_LETTERS and special * 4 <= len(sample):
        return "cp1252"  # a few umlauts or accents are no evidence for anything rarer
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return None if best is None else best.encoding
