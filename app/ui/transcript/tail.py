"""What stands under an answer that is over: sources, remarks, a card, the actions.

Invariant: a card that only changes its words keeps its unit, so that a countdown does not flicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app import advice
from app.advice import Advice
from app.domain.message import Message, Timing
from app.ui.transcript import wording
from app.ui.transcript.rows import Row, fixed
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.actions import ActionsUnit
from app.ui.transcript.units.card import CardUnit
from app.ui.transcript.units.plain import RemarksUnit
from app.ui.transcript.units.sources import SourcesUnit, sources_of
from app.ui.transcript.versions import Versions

ENDS = frozenset({"length", "content_filter", "finish"})
"""Codes of remarks about the end of an answer, which its card says with more words."""


def finished_tail(
    around: Surroundings, message: Message, versions: Versions, old: Sequence[Row]
) -> list[Row]:
    """Under an answer that is over."""
    style = around.style
    tail: list[Row] = []
    if sources := sources_of(message.extras):
        tail.append(fixed(SourcesUnit(style, sources), style.px(52), style.px(12)))
    found = advice.for_message(message, around.service_of(message.service_id))
    said = ENDS if found is not None else frozenset()
    remarks = [notice.text for notice in message.notices if notice.code not in said]
    if remarks:
        unit = RemarksUnit(style, remarks)
        tail.append(fixed(unit, style.px(20) * len(remarks), style.px(10)))
    if found is not None:
        if style.paged:
            found = replace(found, actions=(), details="")
        tail.append(card_row(around, message.id, found, old))
    failed = found is not None and not message.parts
    usage = wording.usage_line(message.usage, Timing() if failed else message.timing)
    actions = ActionsUnit(style, versions, usage, copies=bool(message.text))
    return [*tail, fixed(actions, style.px(30), style.px(10))]


def card_row(around: Surroundings, message_id: str, found: Advice, old: Sequence[Row]) -> Row:
    """The card, as it was before where there was one."""
    style = around.style
    is_open = around.choices.shows_details(message_id)
    for row in old:
        card = row.unit
        if isinstance(card, CardUnit):
            if card.advice != found or card.is_open != is_open:
                card.set_advice(found)
                card.is_open = is_open
                row.width = -1
            return row
    card = CardUnit(style, found)
    card.is_open = is_open
    return fixed(card, style.px(64), style.px(10))
