"""Notices under answers: what they say, what they offer, and the countdown of a retry."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shown_chat import HandChat, Show, chat_of, made

from app.advice import Action, Tone
from app.domain.errors import ErrorKind, Failure, Phase
from app.domain.message import Finish, FinishReason, Notice, Role, Text, Timing
from app.reply import Change, Countdown, ReplyState
from app.ui.transcript.overlay import OverlayButton
from app.ui.transcript.units.actions import ActionsUnit
from app.ui.transcript.units.card import CardUnit, action_words
from app.ui.transcript.units.plain import RemarksUnit
from app.ui.transcript.view import TranscriptView

LOST = Failure(
    kind=ErrorKind.TRUNCATED,
    message="closed the stream",
    phase=Phase.MID_STREAM,
    trace_id="2cf86e86",
    detail='{"error": "raw"}',
)


def ended(finish: Finish, text: str = "Some words of it.") -> HandChat:
    chat = chat_of("Q")
    chat.begin()
    if text:
        chat.answer(text)
    chat.end(finish)
    return chat


def card(view: TranscriptView) -> CardUnit:
    found = [
        unit
        for placed in view.stage.layout.placed
        if isinstance(unit := view.stage.layout.placed_row(placed).unit, CardUnit)
    ]
    assert len(found) == 1
    return found[0]


def button(view: TranscriptView, name: str) -> OverlayButton:
    found = [b for b in view.stage.overlay.buttons if b.accessibleName() == name]
    assert found, name
    return found[-1]


@pytest.mark.parametrize(
    ("finish", "tone"),
    [
        (Finish(reason=FinishReason.CANCELLED), Tone.STOPPED),
        (Finish(reason=None), Tone.CUT_OFF),
        (Finish(reason=FinishReason.CONTENT_FILTER), Tone.FILTERED),
        (Finish(failure=Failure(kind=ErrorKind.AUTH, message="no")), Tone.FAILED),
        (Finish(reason=FinishReason.LENGTH, complete=True), Tone.LIMIT),
    ],
)
def test_five_different_notices_stand_beside_the_text(
    show: Show, finish: Finish, tone: Tone
) -> None:
    view = show(ended(finish))
    assert card(view).advice.tone is tone
    rows = [row.built().text for row in view.stage.layout.items[1].rows]
    assert "Some words of it." in rows


def test_a_failure_without_an_answer_tells_no_time(show: Show) -> None:
    def usage(view: TranscriptView) -> str:
        (line,) = [
            row.unit for row in view.stage.layout.items[1].rows if isinstance(row.unit, ActionsUnit)
        ]
        return line.usage

    finish = Finish(failure=Failure(kind=ErrorKind.AUTH, message="no"))
    chat = chat_of("Q")
    message = made(
        Role.ASSISTANT, (), chat.conversation, finish=finish, timing=Timing(total_s=0.02)
    )
    assert usage(show(HandChat(chat.conversation.append(message)))) == ""
    said = replace(message, parts=(Text("So"),), timing=Timing(total_s=2.0))
    assert usage(show(HandChat(chat.conversation.append(said)))) == "2.0 s"


def test_a_good_end_has_no_notice(show: Show) -> None:
    view = show(chat_of("Q", "A"))
    assert not any(isinstance(row.unit, CardUnit) for row in view.stage.layout.items[1].rows)


def test_an_end_is_said_once(show: Show) -> None:
    chat = chat_of("Q")
    chat.begin()
    chat.answer("Some words.")
    assert chat.draft is not None
    chat.draft.note(Notice("length", "The answer reached its limit."))
    chat.draft.note(Notice("mended", "Sent without the temperature."))
    view = show(chat)
    chat.end(Finish(reason=FinishReason.LENGTH, native="length", complete=True))
    view.refresh()
    units = [row.built() for row in view.stage.layout.items[1].rows]
    remarks = [flow.text for u in units if isinstance(u, RemarksUnit) for flow in u._flows]
    assert remarks == ["Sent without the temperature."]
    assert card(view).advice.title == "The answer reached its limit."
    assert card(view).advice.note == ""


def test_nothing_arrived_nothing_to_copy(show: Show) -> None:
    view = show(ended(Finish(failure=LOST), text=""))
    names = [b.accessibleName() for b in view.stage.overlay.buttons]
    assert "Regenerate" in names
    assert "Copy" not in names[names.index(action_words(Action.RETRY)) :]


def test_buttons_tell_message_action_and_link(show: Show, qtbot: QtBot) -> None:
    view = show(ended(Finish(failure=LOST)))
    with qtbot.waitSignal(view.adviceTaken) as told:
        qtbot.mouseClick(button(view, action_words(Action.CONTINUE)), Qt.MouseButton.LeftButton)
    assert told.args == ["m1", Action.CONTINUE, ""]
    with qtbot.waitSignal(view.adviceTaken) as told:
        QTest.keyClick(button(view, action_words(Action.RETRY)), Qt.Key.Key_Enter)
    assert told.args == ["m1", Action.RETRY, ""]


def test_every_action_has_words() -> None:
    assert len({action_words(action) for action in Action}) == len(Action)


def test_details_fold_out_and_can_be_copied(show: Show, qtbot: QtBot) -> None:
    view = show(ended(Finish(failure=LOST)))
    assert card(view).text == ""
    qtbot.mouseClick(button(view, "Details"), Qt.MouseButton.LeftButton)
    view.refresh()
    assert "2cf86e86" in card(view).text
    assert '{"error": "raw"}' in card(view).text
    qtbot.mouseClick(button(view, "Copy details"), Qt.MouseButton.LeftButton)
    assert '{"error": "raw"}' in QGuiApplication.clipboard().text()
    qtbot.mouseClick(button(view, "Details"), Qt.MouseButton.LeftButton)
    view.refresh()
    assert card(view).text == ""


def test_the_copy_button_stands_in_the_details(show: Show, qtbot: QtBot) -> None:
    view = show(ended(Finish(failure=LOST)))
    qtbot.mouseClick(button(view, "Details"), Qt.MouseButton.LeftButton)
    view.refresh()
    below = button(view, action_words(Action.RETRY)).geometry().bottom()
    assert button(view, "Copy details").geometry().top() > below


@pytest.mark.parametrize("words", [4, 12, 14, 16, 18, 20, 22, 24])
def test_details_have_room_behind_a_note_of_any_length(show: Show, words: int) -> None:
    failure = replace(LOST, message="word " * words)
    view = show(ended(Finish(failure=failure)), 700, 600)
    control = next(each for each in card(view).controls() if each.name == "Details")
    assert control.rect.right() <= view.stage.layout.column_px
    assert control.rect.bottom() <= card(view).height - 8


def test_on_a_narrow_window_the_buttons_go_below(show: Show) -> None:
    wide = show(ended(Finish(failure=LOST)), 1000, 600)
    narrow = show(ended(Finish(failure=LOST)), 360, 600)
    assert card(narrow).height > card(wide).height
    right = narrow.stage.geometry.left_px + narrow.stage.layout.column_px
    for found in narrow.stage.overlay.buttons:
        assert found.x() >= 0
        assert found.geometry().right() <= right + 6


def test_a_countdown_counts_and_offers_to_go_on_or_stop(theme: object, qtbot: QtBot) -> None:
    now = [100.0]
    view = TranscriptView(theme, clock=lambda: now[0])  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(900, 600)
    chat = chat_of("Q")
    chat.begin()
    failure = Failure(kind=ErrorKind.RATE_LIMIT, message="slow down", http_status=429)
    chat.countdown = Countdown(due_at=108.0, attempt=2, of=3, failure=failure)
    chat.state = ReplyState.COUNTDOWN
    chat.tell(Change.STATE)
    view.set_chat(chat)
    with qtbot.waitExposed(view):
        view.show()
    view.refresh()
    unit = card(view)
    assert unit.advice.text == "Next try in 8 s (2 of 3)."
    height = unit.height
    now[0] = 103.5
    qtbot.waitUntil(lambda: unit.advice.text == "Next try in 5 s (2 of 3).")
    assert card(view) is unit
    assert unit.height == height
    with qtbot.waitSignal(view.adviceTaken) as told:
        qtbot.mouseClick(button(view, action_words(Action.STOP)), Qt.MouseButton.LeftButton)
    assert told.args == ["m1", Action.STOP, ""]


def test_waiting_is_said_after_a_moment(show: Show) -> None:
    chat = chat_of("Q")
    view = show(chat)
    chat.begin()
    view.refresh()
    item = view.stage.layout.items[1]
    assert item.going_on.status == ""
    assert chat.reply is not None
    chat.reply.timing = Timing(total_s=3.4)
    chat.tell(Change.STATE)
    view.refresh()
    assert item.going_on.status == "Waiting… 3 s"
    chat.state = ReplyState.KEYRING
    chat.tell(Change.STATE)
    view.refresh()
    assert item.going_on.status == "Waiting for the keyring…"
