"""What assistive technology reads: a list of messages with author, time and text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtTest import QTest
from shown_chat import Show, chat_of, long_chat

from app.domain.errors import ErrorKind, Failure
from app.domain.message import Finish
from app.ui.transcript.view import TranscriptView

ANSWER = "With **bold** words and\n\n- a list\n\n| a | b |\n|---|---|\n| 1 | 2 |"


def interface(view: TranscriptView):  # type: ignore[no-untyped-def]
    return QAccessible.queryAccessibleInterface(view)


def test_a_list_of_messages(show: Show) -> None:
    view = show(chat_of("The question?", ANSWER))
    root = interface(view)
    assert root.role() == QAccessible.Role.List
    assert root.text(QAccessible.Text.Name) == "Transcript"
    assert root.childCount() == 3
    question, answer = root.child(0), root.child(1)
    assert question.role() == QAccessible.Role.ListItem
    assert question.text(QAccessible.Text.Name) == "You, 15:06"
    assert answer.text(QAccessible.Text.Name) == "model-1, 15:06"
    assert answer.text(QAccessible.Text.Value) == "With bold words and\n• a list\na, b\n1, 2"
    assert root.indexOfChild(answer) == 1
    assert answer.parent().object() is view
    assert not answer.rect().isEmpty()
    assert root.child(2).object() is view.viewport()
    assert root.child(3) is None


def test_every_message_of_a_long_chat_is_there(show: Show) -> None:
    view = show(long_chat(5_000))
    root = interface(view)
    assert root.childCount() == 5_001
    first = root.child(0)
    assert first.text(QAccessible.Text.Value) == "Question 0?"
    assert first.rect().isEmpty()
    assert first.state().offscreen


def test_a_failure_is_part_of_the_text(show: Show) -> None:
    chat = chat_of("Q")
    chat.begin()
    chat.answer("Some words.")
    chat.end(Finish(failure=Failure(kind=ErrorKind.TRUNCATED, message="gone")))
    view = show(chat)
    value = interface(view).child(1).text(QAccessible.Text.Value)
    assert value.startswith("Some words.\nThe answer was cut off.")


@pytest.mark.parametrize(
    ("finish", "words"),
    [
        (None, "model-1 has answered."),
        (Finish(failure=Failure(kind=ErrorKind.TRUNCATED, message="gone")), "The answer was cut"),
    ],
)
def test_the_end_of_an_answer_is_said_and_nothing_before(
    show: Show, monkeypatch: pytest.MonkeyPatch, finish: Finish | None, words: str
) -> None:
    said: list[str] = []

    def note(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    chat = chat_of("Q")
    view = show(chat)
    chat.begin()
    for _ in range(20):
        chat.answer("words ")
        view.refresh()
    assert said == []
    chat.end(*([finish] if finish is not None else []))
    view.refresh()
    assert len(said) == 1
    assert said[0].startswith(words)


def test_messages_are_walked_by_keyboard(show: Show) -> None:
    view = show(long_chat(50))
    control = Qt.KeyboardModifier.ControlModifier
    view.stage.layout.show(10)
    view.refresh()
    QTest.keyClick(view, Qt.Key.Key_Down, control)
    QTest.keyClick(view, Qt.Key.Key_Down, control)
    assert view.reading.current() == 11
    assert view.stage.layout.placed[0].item == 11
    QTest.keyClick(view, Qt.Key.Key_Up, control)
    assert view.reading.current() == 10
    image = view.grab().toImage()
    edge = view.stage.theme.color("accent")
    colors = {image.pixelColor(view.stage.geometry.left_px - 8, y).name() for y in range(60)}
    assert edge.name() in colors
