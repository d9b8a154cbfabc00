"""About how high messages are, before any of them is built.

Invariant: costs the same for any number of messages, since a chat may have a hundred thousand in
storage: the last ones are looked at, the others are taken for as high as those are on an average.
Errors only move the thumb of the scroll bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.domain.message import Message, Reasoning, Role, Text
from app.ui.transcript.style import Style

AVERAGE_CHAR_PX = 7.2
SHARE_OF_LINE_ENDS = 0.6
"""Of the line ends in a text; the others only part what is wrapped anyway."""

MOST_MESSAGES, MOST_CHARS = 100, 400_000
"""So many of the last messages are looked at."""


class Estimate(NamedTuple):
    """`heights` are those of the last messages; `before` those, each is taken for `each`."""

    heights: list[int]
    before: int
    each: int


def estimate(messages: Sequence[Message], first: int, style: Style, column_px: int) -> Estimate:
    """The heights of the messages from `first` on."""
    last: list[Message] = []
    chars = 0
    for number in range(len(messages) - 1, first - 1, -1):
        if len(last) == MOST_MESSAGES or chars > MOST_CHARS:
            break
        last.append(messages[number])
        chars += sum(len(part.text) for part in last[-1].parts if isinstance(part, Text))
    last.reverse()
    heights = estimated_heights(last, style, column_px)
    before = len(messages) - first - len(last)
    return Estimate(heights, before, sum(heights) // max(1, len(heights)))


def estimated_heights(messages: Iterable[Message], style: Style, column_px: int) -> list[int]:
    """The heights in pixels, gaps included, in a column of this width."""
    line_px = style.body.line_px
    per_char = line_px * AVERAGE_CHAR_PX * style.scale / max(1, column_px)
    per_end = line_px * SHARE_OF_LINE_ENDS
    question_px, answer_px = style.px(60) + line_px, style.px(100) + line_px
    reasoning_px = style.px(50)
    found: list[int] = []
    for message in messages:
        height = float(question_px if message.role is Role.USER else answer_px)
        for part in message.parts:
            if isinstance(part, Text):
                height += len(part.text) * per_char + part.text.count("\n") * per_end
            elif isinstance(part, Reasoning):
                height += reasoning_px
        found.append(int(height))
    return found
