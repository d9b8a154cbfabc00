"""Many messages cost what few cost: only what is visible is built."""

from __future__ import annotations

from shown_chat import Show, long_chat

from app.ui.transcript.built import KEPT_AROUND, MAX_KEPT
from app.ui.transcript.view import TranscriptView


def built_units(view: TranscriptView) -> int:
    return sum(
        1
        for item in view.stage.layout.items.values()
        for row in item.rows
        if row.width >= 0  # measured
    )


def test_opening_builds_what_is_visible(show: Show) -> None:
    few = built_units(show(long_chat(100)))
    many = show(long_chat(10_000))
    assert built_units(many) <= few + 20
    assert len(many.stage.layout.items) < 20


def test_what_is_far_away_is_dropped(show: Show) -> None:
    view = show(long_chat(2_000))
    for _ in range(60):
        view.gestures.move(-500)
    kept = view.stage.layout.items
    visible = {placed.item for placed in view.stage.layout.placed}
    assert len(kept) <= MAX_KEPT + 2 * KEPT_AROUND
    assert max(abs(number - min(visible)) for number in kept) <= MAX_KEPT + KEPT_AROUND


def test_coming_back_keeps_the_height_of_the_whole(show: Show) -> None:
    """The thumb of the scroll bar does not drift over what was measured once."""
    view = show(long_chat(600))
    layout = view.stage.layout
    for _ in range(200):
        view.gestures.move(-500)
    layout.show(0)
    view.refresh()
    while not layout.follows:
        view.gestures.move(500)
    measured = layout.total_px
    layout.show(0)
    view.refresh()
    while not layout.follows:
        view.gestures.move(700)
    assert layout.total_px == measured


def test_a_hundred_thousand_messages(show: Show) -> None:
    view = show(long_chat(100_000))
    layout = view.stage.layout
    assert layout.placed[-1].item == 99_999
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 3)
    assert 20_000 < layout.placed[0].item < 50_000
    assert len(layout.items) < 100
