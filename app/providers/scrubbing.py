"""Takes a key out of a text, also when a provider echoes only parts of it (R30).

Invariant: no eight characters of the key in a row survive, nor its ends around a mask or as a word
of their own. Rather a harmless word too many goes than a part of a key too few stays.
"""

from __future__ import annotations

import re
from urllib.parse import quote

MARK = "[key]"
_PIECE = 8  # characters in a row that count as a part of the key
_END = 4  # characters of an end that count when they stand alone
_WORD = re.compile(r"[^\s\"'`<>(){}\[\],;:=]+")
_MASK = re.compile(r"\*{2,}|\.{3,}|…+|x{3,}|X{3,}|•{2,}|#{3,}|-{5,}")
_MARKS = re.compile(r"(?:\[key\]){2,}")
_EDGE = "*.…•-#!?"


def scrub(text: str, key: str | None) -> str:
    """`text` without `key` and its parts. O(text x key) in the worst case."""
    key = (key or "").strip()
    if not key or not text:
        return text
    if len(key) < _PIECE:
        return re.sub(rf"(?<![\w-]){re.escape(key)}(?![\w-])", lambda _: MARK, text)
    for written in {key, quote(key, safe="")}:
        text = text.replace(written, MARK)
    text = _WORD.sub(lambda found: _word(found[0], key), text)
    return _MARKS.sub(MARK, _without_pieces(text, key))


def _without_pieces(text: str, key: str) -> str:
    """Replace every longest run of eight or more characters that also stands in the key."""
    pieces = {key[i : i + _PIECE] for i in range(len(key) - _PIECE + 1)}
    done: list[str] = []
    at = kept = 0
    while at <= len(text) - _PIECE:
        if text[at : at + _PIECE] not in pieces:
            at += 1
            continue
        end = at + _PIECE
        while end < len(text) and text[end - _PIECE + 1 : end + 1] in pieces:
            end += 1
        done += (text[kept:at], MARK)
        at = kept = end
    return "".join((*done, text[kept:])) if done else text


def _word(word: str, key: str) -> str:
    """`word`, or the mark where it shows an end of the key alone or around a mask."""
    masked = _MASK.search(word)
    if masked is not None:
        head, tail = word[: masked.start()], _MASK.split(word)[-1].rstrip(_EDGE)
        if (head and key.startswith(head)) or (len(tail) > 1 and key.endswith(tail)):
            return MARK
    bare = word.strip(_EDGE)
    if len(bare) >= _END and len(key) > _PIECE and (key.startswith(bare) or key.endswith(bare)):
        return word.replace(bare, MARK)
    return word
