"""Emphasis, strong emphasis and strikethrough (CommonMark 6.2, GFM 6.5).

Delimiter runs are paired on a stack, each closer with the nearest opener that fits. Next to
Chinese, Japanese and Korean text, punctuation does not keep a run from opening or closing (the
"CJK-friendly" amendment), because no spaces stand between words there. Time is linear: failed
searches are remembered. Nesting deeper than `MAX_NESTING` is flattened.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from app.markdown.tree import Emphasis, Inline, Strike, Strong, Text

MAX_NESTING = 64

_Wrap: TypeAlias = type[Emphasis] | type[Strong] | type[Strike]


@dataclass(slots=True, eq=False)
class Delimiter:
    """A run of `*`, `_` or `~`; `count` is what is left of it. `inside_word`: both sides are."""

    char: str
    count: int
    can_open: bool
    can_close: bool
    inside_word: bool
    original: int
    serial: int = 0
    opened: list[_Wrap] = field(default_factory=list)
    """Innermost first."""
    closed: int = 0


@dataclass(slots=True, eq=False)
class Bracket:
    """A `[` or `![` that is not (yet) a link: text, unless it is `hidden`."""

    image: bool
    position: int
    """Where the text behind it begins."""
    index: int
    """Its place among the items."""
    followed: bool = False
    """Another bracket opened after it, so that it cannot hold a label."""
    hidden: bool = False


Item: TypeAlias = str | Inline | Delimiter | Bracket


class _Neighbour(NamedTuple):
    """What stands beside a run. Emoji are wide; they are punctuation, and so are symbols."""

    space: bool
    punctuation: bool
    wide: bool

    @property
    def mark(self) -> bool:
        """Punctuation that keeps words apart, which East Asian punctuation need not do."""
        return self.punctuation and not self.wide


_LETTER = _Neighbour(space=False, punctuation=False, wide=False)


@lru_cache(maxsize=4096)
def _neighbour(char: str) -> _Neighbour:
    category = unicodedata.category(char)
    if category == "Zs" or char in "\t\n\f\r":
        return _Neighbour(True, False, False)
    wide = char >= "\u1100" and unicodedata.east_asian_width(char) in "WFH"
    return _Neighbour(False, category[0] in "PS", wide)


def read_run(text: str, start: int, end: int) -> Delimiter:
    """The run `text[start:end]` with what it can do by its neighbours."""
    char, count = text[start], end - start
    char_before = text[start - 1] if start else "\n"
    char_after = text[end] if end < len(text) else "\n"
    before, after = _neighbour(char_before), _neighbour(char_after)
    left = not after.space and (not after.mark or before != _LETTER)
    right = not before.space and (not before.mark or after != _LETTER)
    if char == "*" or (char == "~" and count == 2):
        can_open, can_close = left, right
    elif char == "_" or count == 1:
        # Not within words: neither snake_case nor ranges such as 5~10.
        can_open = left and (not right or before.punctuation)
        can_close = right and (not left or after.punctuation)
    else:
        can_open = can_close = False
    inside_word = char_before.isalnum() and char_after.isalnum()
    return Delimiter(char, count, can_open, can_close, inside_word, count)


def resolve(items: Sequence[Item], *, unfinished: bool = False) -> tuple[Inline, ...]:
    """Pair the runs among `items` and build the nodes.

    With `unfinished`, runs that are still open are closed at the end.
    """
    openers: list[Delimiter] = []
    bottoms: dict[tuple[str, bool, int], int] = {}
    for serial, item in enumerate(items):
        if isinstance(item, Delimiter):
            item.serial = serial
            if item.can_close:
                _close(item, openers, bottoms)
            if item.can_open and item.count:
                openers.append(item)
    end: list[Item] = _close_open(openers) if unfinished and openers else []
    return _build(items, end)


def _close(
    closer: Delimiter, openers: list[Delimiter], bottoms: dict[tuple[str, bool, int], int]
) -> None:
    by_length = closer.count if closer.char == "~" else closer.original % 3
    key = (closer.char, closer.can_open, by_length)
    bottom = bottoms.get(key, -1)
    while closer.count:
        at = len(openers) - 1
        while at >= 0 and openers[at].serial > bottom and not _fits(openers[at], closer):
            at -= 1
        if at < 0 or openers[at].serial <= bottom:
            bottoms[key] = openers[-1].serial if openers else bottom
            return
        opener = openers[at]
        _wrap(opener, closer)
        del openers[at + bool(opener.count) :]


def _fits(opener: Delimiter, closer: Delimiter) -> bool:
    if opener.char != closer.char:
        return False
    if opener.char == "~":
        return opener.count == closer.count
    if opener.can_close or closer.can_open:
        return (opener.original + closer.original) % 3 != 0 or closer.original % 3 == 0
    return True


def _wrap(opener: Delimiter, closer: Delimiter) -> None:
    wrap: _Wrap
    if opener.char == "~":
        used, wrap = opener.count, Strike
    elif opener.count >= 2 and closer.count >= 2:
        used, wrap = 2, Strong
    else:
        used, wrap = 1, Emphasis
    opener.count -= used
    closer.count -= used
    opener.opened.append(wrap)
    closer.closed += 1


def _close_open(openers: list[Delimiter]) -> list[Item]:
    """A closing run for all that is open, as if the text ended with it."""
    end = Delimiter("*", 0, False, False, False, 0)
    for opener in reversed(openers):
        if opener.count > 3 or (opener.count == 1 and (opener.inside_word or opener.char == "~")):
            continue
        closer = Delimiter(opener.char, opener.count, False, True, False, opener.count)
        while opener.count:
            _wrap(opener, closer)
        end.closed += closer.closed
    return [end]


def _build(items: Sequence[Item], end: Sequence[Item]) -> tuple[Inline, ...]:
    out: list[Inline] = []
    text: list[str] = []
    outer: list[tuple[_Wrap | None, list[Inline]]] = []
    for item in (*items, *end):
        if isinstance(item, str):
            text.append(item)
        elif isinstance(item, Bracket):
            if not item.hidden:
                text.append("![" if item.image else "[")
        elif isinstance(item, Delimiter):
            for _ in range(item.closed):
                _flush(text, out)
                wrap, above = outer.pop()
                if wrap is not None:
                    if out:
                        above.append(wrap(tuple(out)))
                    out = above
            text.append(item.char * item.count)
            for wrap in reversed(item.opened):
                if len(outer) < MAX_NESTING:
                    _flush(text, out)
                    outer.append((wrap, out))
                    out = []
                else:
                    outer.append((None, out))
        else:
            _flush(text, out)
            out.append(item)
    _flush(text, out)
    return tuple(out)


def _flush(text: list[str], out: list[Inline]) -> None:
    if text:
        joined = "".join(text)
        if joined:
            out.append(Text(joined))
        text.clear()
