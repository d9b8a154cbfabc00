"""Times, sizes, days and names as a person reads them."""

from __future__ import annotations

from datetime import date

import pytest
from shown_chat import DAY_S, NOON, Show, chat_of, made

from app.domain.conversation import Conversation
from app.domain.message import Media, Role, Text
from app.ui.transcript import wording
from app.ui.transcript.units.plain import DividerUnit


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "Thinking…"), (0.4, "Thinking…"), (6.9, "Thinking… 6 s"), (75, "Thinking… 1 min 15 s")],
)
def test_thinking(seconds: float | None, words: str) -> None:
    assert wording.thinking(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "Thoughts"), (0.2, "Thought for 1 s"), (8.7, "Thought for 9 s")],
)
def test_thought(seconds: float | None, words: str) -> None:
    assert wording.thought(seconds) == words


def test_tokens_that_are_not_known_are_not_shown() -> None:
    assert wording.tokens(None) == ""
    assert wording.tokens(0) == ""
    assert wording.tokens(1) == "1 token"
    assert wording.tokens(1162) == "1,162 tokens"


def test_facts_of_an_attachment() -> None:
    picture = Media(
        mime="image/jpeg", sha256="a", size_bytes=1_800_000, width_px=4032, height_px=3024
    )
    assert wording.media_facts(picture) == "1.8 MB · 4032×3024"
    assert wording.media_facts(Media(mime="video/mp4", url="x", duration_s=12.4)) == "0:12"
    assert wording.media_facts(Media(mime="text/plain", url="x")) == ""


def test_days() -> None:
    today = wording.local_day(NOON)
    assert wording.day(NOON, today) == "Today"
    assert wording.day(NOON - DAY_S, today) == "Yesterday"
    assert "2025" in wording.day(NOON - 9 * DAY_S, today)
    assert wording.local_day(float("inf")) == date(1970, 1, 1)
    assert wording.clock_time(float("nan")) == ""


def test_a_line_between_days(show: Show) -> None:
    conversation = Conversation(id="chat")
    for number, role in enumerate((Role.USER, Role.ASSISTANT, Role.USER)):
        parts = (Text("Words."),)
        at = NOON + (number // 2) * DAY_S
        conversation = conversation.append(made(role, parts, conversation, created_at=at))
    chat = chat_of()
    chat.conversation = conversation
    view = show(chat)
    units = [view.stage.layout.placed_row(p).unit for p in view.stage.layout.placed]
    assert [isinstance(unit, DividerUnit) for unit in units].count(True) == 2
    assert isinstance(units[0], DividerUnit)
