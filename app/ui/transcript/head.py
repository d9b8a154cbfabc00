"""What stands at the beginning of a message: lines above it, a person's words, or a model's name.

Invariant: the rows of a head are made once for a message and its setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.conversation import Conversation
from app.domain.message import Message, Role
from app.i18n import tr
from app.ui.theme import RADIUS
from app.ui.transcript import wording
from app.ui.transcript.rows import Box, Row, fixed
from app.ui.transcript.sections import MediaSection
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.bubble import BubbleUnit, pieces
from app.ui.transcript.units.plain import DividerUnit, NameUnit
from app.ui.transcript.versions import NO_VERSIONS, Versions

FIRST_GAP_PX = 22
MESSAGE_GAP_PX = 20


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a message stands: what is written above it, and its versions."""

    first: bool = False
    day: str = ""
    sent_from_here: bool = False
    versions: Versions = NO_VERSIONS


def setting_of(
    messages: Sequence[Message], number: int, conversation: Conversation | None, today: date
) -> Setting:
    """The setting of message `number`; a day is written where it changes."""
    message = messages[number]
    versions = Versions((message.id,))
    cut = False
    if conversation is not None:
        ids = conversation.children.get(message.parent_id, ())
        if message.id in ids:
            versions = Versions(ids, ids.index(message.id))
        cut = conversation.context_start_id == message.id
    at = wording.local_day(message.created_at)
    before = wording.local_day(messages[number - 1].created_at) if number else today
    day = wording.day(message.created_at, today) if at != before else ""
    return Setting(number == 0, day, cut, versions)


def head_rows(around: Surroundings, message: Message, setting: Setting) -> list[Row]:
    """The rows before what an answer says; of a person's message all rows."""
    style = around.style
    gap = style.px(FIRST_GAP_PX if setting.first else MESSAGE_GAP_PX)
    found: list[Row] = []
    if setting.day:
        found.append(fixed(DividerUnit(style, setting.day), style.px(20), gap))
        gap = style.px(16)
    if setting.sent_from_here:
        words = tr("Messages above are not sent any more")
        found.append(fixed(DividerUnit(style, words, again=True), style.px(26), gap))
        gap = style.px(16)
    if message.role is Role.USER:
        return found + _bubble_rows(around, message, setting, gap)
    name = NameUnit(style, wording.author(message))
    return [*found, fixed(name, style.px(20), gap)]


def _bubble_rows(around: Surroundings, message: Message, setting: Setting, gap: int) -> list[Row]:
    """What the person said: files first, then the bubble."""
    style = around.style
    found: list[Row] = []
    if message.media:
        section = MediaSection(around, message.media, from_right=True)
        section.rows[0].gap = gap
        section.rows[0].height += gap
        found += section.rows
        gap = style.px(8)
    texts = pieces(message.text) if message.text or not message.media else []
    box = Box(("bubble", message.id), "user", "", RADIUS.l, hugging=True)
    for at, text in enumerate(texts):
        unit = BubbleUnit(style, text, first=at == 0, last=at == len(texts) - 1)
        unit.versions = setting.versions
        lines = text.count("\n") + 1 + len(text) // 90
        above = gap if at == 0 else 0
        found.append(fixed(unit, lines * style.bubble.line_px + 18, above, box))
    return found
