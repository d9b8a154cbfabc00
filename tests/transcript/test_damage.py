"""Painting only what changed gives the picture that painting everything gives."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from shown_chat import HandChat, Show, chat_of, long_chat

from app.ui.transcript.damage import Changes
from app.ui.transcript.view import TranscriptView

ANSWER = (
    "A paragraph with **bold** and `code` and a [link](https://example.org), long enough to be "
    "wrapped at the width of this view, which is not much.\n\n"
    "- one\n- two\n  - three\n\n> quoted\n> words\n\n"
    "```python\n" + "def f(x):\n    return x + 1  # more\n\n" * 6 + "```\n\n"
    "| a | b |\n|---|---|\n" + "| cell | another cell |\n" * 12 + "\n---\n\nThe *end* of it.\n\n"
)


def on_screen(view: TranscriptView) -> QImage:
    """What really stands on the screen, as opposed to what painting now would give."""
    QApplication.processEvents()
    viewport = view.viewport()
    window = view.window()
    picture = window.screen().grabWindow(window.winId()).toImage()
    corner = viewport.mapTo(window, QPoint(0, 0))
    return picture.copy(QRect(corner, viewport.size())).convertToFormat(QImage.Format.Format_RGB32)


def check(view: TranscriptView) -> None:
    while view.stage.finder.searching or any(
        timer.isActive() and not timer.interval() for timer in view.findChildren(QTimer)
    ):
        QApplication.processEvents()
    while view.stage.idle.step(streaming=True) is not None:
        pass  # colours come by themselves, and not between the two pictures
    before = on_screen(view)
    view.viewport().update()
    after = on_screen(view)
    rows = [
        y
        for y in range(after.height())
        if before.constScanLine(y) != after.constScanLine(y)
        and any(differ(before.pixel(x, y), after.pixel(x, y)) for x in range(after.width()))
    ]
    assert not rows, f"{len(rows)} rows of pixels differ, from {rows[0]} to {rows[-1]}"


def differ(one: int, other: int) -> bool:
    """Corners are rounded a little otherwise when only a part of a box is painted."""
    return any(abs((one >> at & 255) - (other >> at & 255)) > 4 for at in (0, 8, 16))


def stream(view: TranscriptView, chat: HandChat, text: str, size: int) -> None:
    for start in range(0, len(text), size):
        chat.answer(text[start : start + size])
        view.follower.due.emit()
        check(view)


def test_while_an_answer_is_written(show: Show) -> None:
    chat = chat_of("One?", "An answer.", "Two?")
    view = show(chat, 640, 420)
    chat.begin()
    chat.think("A thought.\n\nAnother thought that is a little longer than the first one.")
    view.follower.due.emit()
    check(view)
    stream(view, chat, ANSWER * 2, 41)
    chat.end()
    view.follower.due.emit()
    check(view)


def test_while_an_answer_is_written_and_something_else_is_read(show: Show) -> None:
    chat = long_chat(30)
    view = show(chat, 640, 420)
    chat.say("More?")
    chat.begin()
    view.refresh()
    stream(view, chat, ANSWER, 97)
    view.gestures.move(-150)
    check(view)
    stream(view, chat, ANSWER, 97)


@pytest.mark.parametrize("seed", range(4))
def test_while_scrolling(show: Show, seed: int) -> None:
    chance = random.Random(seed)
    chat = chat_of("One?", ANSWER * 3, "Two?", ANSWER * 3, *(["More?", "A word."] * 10))
    view = show(chat, 640, 420)
    for _ in range(40):
        view.gestures.move(chance.choice([-700, -120, -37, -1, 1, 40, 119, 500]))
        check(view)


def test_while_scrolling_and_changing(show: Show, qapp: QApplication) -> None:
    chat = chat_of("One?", ANSWER * 2, "Two?", ANSWER * 2)
    view = show(chat, 640, 420)
    steps: list[Callable[[], object]] = [
        lambda: view.gestures.move(-90),
        lambda: view.find_words("cell"),
        lambda: view.gestures.move(-60),
        lambda: view.resize(610, 420),
        lambda: view.gestures.move(33),
        lambda: view.find_words(""),
        lambda: view.gestures.move(-250),
        view.setFocus,
        lambda: view.gestures.move(20),
    ]
    for step in steps:
        step()
        check(view)


@pytest.mark.parametrize("at", [1, -2])
@pytest.mark.parametrize("by_px", [16, -9])
def test_a_row_between_others_that_changes_its_height(show: Show, at: int, by_px: int) -> None:
    chat = chat_of("One?", ANSWER * 3)
    view = show(chat, 640, 420)
    layout = view.stage.layout
    for _ in range(3):
        row = layout.placed_row(layout.placed[at])
        row.below += by_px
        row.width = -1
        view.refresh(whole=False)
        check(view)


def test_gaps_are_what_is_not_kept() -> None:
    assert list(Changes(0, ((0, 10), (10, 30), (50, 80))).gaps(100)) == [(30, 50), (80, 100)]
    assert list(Changes(0, ((-5, 120),)).gaps(100)) == []
    assert list(Changes(3, ()).gaps(100)) == [(0, 100)]
