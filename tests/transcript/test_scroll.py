"""Scrolling: no pixel lost, nothing that is read moves, the end is followed by who is there."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shown_chat import HandChat, Show, chat_of, long_chat

from app.ui.transcript.scrolling import Glide
from app.ui.transcript.view import TranscriptView

LONG = "\n\n".join(f"Paragraph {n} with some words in it." for n in range(60))


def seen(view: TranscriptView) -> dict[tuple[int, int], int]:
    """Where each visible row stands."""
    return {(placed.item, placed.row): placed.y for placed in view.stage.layout.placed}


def turn(view: TranscriptView, pixels: int) -> None:
    """A touchpad's swipe by so many pixels down the content."""
    viewport = view.viewport()
    at = QPointF(viewport.rect().center())
    event = QWheelEvent(
        at,
        viewport.mapToGlobal(at),
        QPoint(0, -pixels),
        QPoint(0, -pixels),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.ScrollUpdate,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_a_thousand_turns_of_the_wheel_lose_no_pixel(show: Show) -> None:
    """Over heights that are only estimated until they are seen."""
    view = show(long_chat(1500))
    random = Random(7)
    for _ in range(1000):
        before = seen(view)
        step = random.choice((-73, -40, -3, -1, -250))
        turn(view, step)
        after = seen(view)
        both = before.keys() & after.keys()
        assert both
        assert {after[row] - before[row] for row in both} == {-step}


def test_down_again_ends_at_the_end(show: Show) -> None:
    view = show(long_chat(60))
    for _ in range(30):
        turn(view, -400)
    assert not view.stage.layout.follows
    for _ in range(60):
        turn(view, 400)
    assert view.stage.layout.follows
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_rows_touch_each_other(show: Show) -> None:
    view = show(long_chat(50))
    for _ in range(20):
        turn(view, -333)
        placed = view.stage.layout.placed
        assert all(above.y + above.height == below.y for above, below in pairwise(placed))


def test_resizing_keeps_the_top_row(show: Show) -> None:
    view = show(long_chat(200))
    turn(view, -5000)
    random = Random(3)
    top = (view.stage.layout.anchor.item, view.stage.layout.anchor.row)
    for _ in range(40):
        view.resize(random.randint(360, 1200), random.randint(300, 900))
        assert (view.stage.layout.anchor.item, view.stage.layout.anchor.row) == top


def test_streaming_below_moves_nothing_that_is_read(show: Show, qtbot: QtBot) -> None:
    chat = chat_of("One?", LONG, "Two?")
    view = show(chat)
    chat.begin()
    view.refresh()
    turn(view, -600)
    before = seen(view)
    for number in range(50):
        chat.answer(f"Another sentence, number {number}. " * 4)
        view.refresh()
        assert seen(view) == before
    assert view.jump_button.isVisible()


def test_the_end_is_followed_while_the_reader_is_there(show: Show) -> None:
    chat = chat_of("One?", LONG, "Two?")
    view = show(chat)
    chat.begin()
    for number in range(50):
        chat.answer(f"Another sentence, number {number}.\n\n")
        view.refresh()
        bar = view.verticalScrollBar()
        assert view.stage.layout.follows
        assert bar.value() == bar.maximum()
    assert not view.jump_button.isVisible()


def test_a_question_of_the_person_leads_to_the_end(show: Show) -> None:
    chat = chat_of("One?", LONG)
    view = show(chat)
    turn(view, -500)
    chat.say("And this?")
    view.refresh()
    assert view.stage.layout.follows


def test_jump_to_latest_counts_what_came_meanwhile(show: Show, qtbot: QtBot) -> None:
    chat = chat_of("One?", LONG, "Two?")
    view = show(chat)
    turn(view, -500)
    chat.begin()
    chat.answer("An answer.")
    view.refresh()
    button = view.jump_button
    assert button.isVisible()
    assert button.accessibleName() == "Jump to latest"
    assert button.accessibleDescription() == "1 new message"

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert view.stage.layout.follows
    assert not button.isVisible()


def test_short_chats_stand_at_the_top(show: Show) -> None:
    view = show(chat_of("Hello?", "Hello."))
    assert view.stage.layout.placed[0].y == 0
    assert view.verticalScrollBar().maximum() == 0
    turn(view, -50)
    turn(view, 50)
    assert view.stage.layout.placed[0].y == 0


@pytest.mark.parametrize(
    ("key", "direction"),
    [
        (Qt.Key.Key_PageUp, -1),
        (Qt.Key.Key_PageDown, 1),
        (Qt.Key.Key_Up, -1),
        (Qt.Key.Key_Down, 1),
    ],
)
def test_keys_scroll(show: Show, key: Qt.Key, direction: int) -> None:
    view = show(long_chat(100))
    view.stage.layout.show(50)
    view.refresh()
    before = view.stage.layout.value()
    QTest.keyClick(view, key)
    assert (view.stage.layout.value() - before) * direction > 0


def test_home_and_end(show: Show) -> None:
    view = show(long_chat(300))
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.stage.layout.placed[0][:3] == (0, 0, 0)
    assert view.verticalScrollBar().value() == 0
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.stage.layout.placed[-1].item == 299
    assert view.stage.layout.follows


def test_the_scroll_bar_reaches_every_message(show: Show) -> None:
    view = show(long_chat(500))
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    middle = view.stage.layout.placed[0].item
    assert 150 < middle < 350
    bar.setValue(0)
    assert view.stage.layout.placed[0].item == 0
    bar.setValue(bar.maximum())
    assert view.stage.layout.follows


def test_each_chat_is_left_and_found_where_it_was(show: Show) -> None:
    one, other = long_chat(100, "one"), long_chat(100, "other")
    view = show(one)
    turn(view, -2000)
    place = seen(view)

    view.set_chat(other)
    view.refresh()
    assert view.stage.layout.follows
    view.set_chat(one)
    view.refresh()

    assert seen(view) == place


def test_places_are_found_again_at_the_next_start(show: Show) -> None:
    view = show(long_chat(100, "one"))
    turn(view, -2000)
    place, kept = seen(view), view.follower.places_now()

    again = show(None)
    again.follower.places.read("no list of places")
    again.follower.places.read('{"one": 5, "two": ["m1"], "three": [1, 2, 3]}')
    again.follower.places.read(kept)
    again.set_chat(long_chat(100, "one"))
    again.refresh()

    assert seen(again) == place


def test_a_swipe_goes_on_by_itself(show: Show, qtbot: QtBot) -> None:
    view = show(long_chat(200))
    layout, port = view.stage.layout, view.viewport()
    screen = QTest.createTouchDevice()
    x, y = 200, 100
    QTest.touchEvent(port, screen).press(0, QPoint(x, y), port).commit()
    clock = QElapsedTimer()  # a swipe has a speed
    clock.start()
    for step in range(1, 9):
        qtbot.waitUntil(lambda due=8 * step: clock.elapsed() >= due)  # type: ignore[misc]
        y += 40
        QTest.touchEvent(port, screen).move(0, QPoint(x, y), port).commit()
    QTest.touchEvent(port, screen).release(0, QPoint(x, y), port).commit()
    released = layout.value()
    assert not layout.follows
    qtbot.waitUntil(lambda: layout.value() < released - 20)


def test_a_message_is_brought_into_sight(show: Show) -> None:
    view = show(long_chat(200))
    assert view.show_message("m40")
    assert view.stage.layout.placed[0].item == 40
    assert not view.show_message("nobody")


def test_an_empty_view_can_be_scrolled(show: Show) -> None:
    view = show(None)
    turn(view, -100)
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    QTest.keyClick(view, Qt.Key.Key_Home)
    view.set_chat(HandChat(chat_of().conversation))
    view.refresh()
    assert view.stage.layout.placed == []


def test_a_glide_moves_exactly_what_was_asked_for(qtbot: QtBot) -> None:
    moved: list[int] = []
    glide = Glide(moved.append, lambda wanted_ms: wanted_ms)
    for pixels in (120, 120, -60, 37, 200):
        glide.add(pixels)
    qtbot.waitUntil(lambda: glide.left_px == 0)
    assert sum(moved) == 120 + 120 - 60 + 37 + 200
    assert len(moved) > 3


def test_a_glide_without_motion_moves_at_once() -> None:
    moved: list[int] = []
    Glide(moved.append, lambda wanted_ms: 0).add(77)
    assert moved == [77]
