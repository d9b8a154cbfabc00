"""About how high messages are, before any of them is built.

Invariant: costs a look at the length of each message, well under a microsecond a message, since
a chat may have a hundred thousand; errors only move the thumb of the scroll bar.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.message import Message, Reasoning, Role, Text
from app.ui.transcript.style import Style

AVERAGE_CHAR_PX = 7.2
SHARE_OF_LINE_ENDS = 0.6
"""Of the line ends in a text; the others only part what is wrapped anyway."""


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
