"""Long messages are read slice by slice, and nothing that is seen moves for it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from shown_chat import HandChat, Show, chat_of

from app.domain.message import Reasoning, Text
from app.ui.transcript.item import MessageItem
from app.ui.transcript.selection import everything
from app.ui.transcript.view import TranscriptView

PARAGRAPHS = 1_500
LONG = "\n\n".join(f"Paragraph {n} of **many**." + " words" * (n % 40) for n in range(PARAGRAPHS))


def item_of(view: TranscriptView, number: int = 1) -> MessageItem:
    return view.stage.layout.item(number)


def wait_read(view: TranscriptView, qtbot: QtBot, number: int = 1) -> None:
    qtbot.waitUntil(lambda: item_of(view, number).unread is None)
    view.refresh()


def seen(view: TranscriptView) -> dict[str, int]:
    """Where the visible texts are."""
    layout = view.stage.layout
    return {layout.placed_row(p).built().text: p.y for p in layout.placed}


def test_the_end_of_a_long_message_comes_by_itself(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", LONG))
    assert item_of(view).unread is not None
    wait_read(view, qtbot)
    assert any(f"Paragraph {PARAGRAPHS - 1} " in text for text in seen(view))
    assert view.stage.layout.follows


def test_slices_make_the_rows_that_one_reading_makes(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", LONG))
    wait_read(view, qtbot)
    texts = [row.built().text for row in item_of(view).rows if row.built().text]
    assert len(texts) == PARAGRAPHS
    assert texts[700].startswith("Paragraph 700 of many.")


def test_the_top_does_not_move_while_the_rest_is_read(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", LONG, "Q2", "short"))
    view.stage.layout.show(1)
    view.refresh()
    before = seen(view)
    assert item_of(view).unread is not None
    wait_read(view, qtbot)
    after = seen(view)
    shared = before.keys() & after.keys() - {""}
    assert len(shared) > 5
    assert {text: before[text] for text in shared} == {text: after[text] for text in shared}


def test_what_is_below_does_not_move_either(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", LONG, "Q2", "\n\n".join(f"After {n}." for n in range(30))))
    view.stage.layout.show(2, 0, -200)
    view.refresh()
    before = seen(view)
    assert item_of(view).unread is not None
    wait_read(view, qtbot)
    after = seen(view)
    assert before["After 3."] == after["After 3."]
    assert any(f"Paragraph {PARAGRAPHS - 1} " in text for text in after)


def test_the_scroll_bar_leads_into_what_is_not_read(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", LONG, "Q2", "short"))
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    wait_read(view, qtbot)
    view.refresh()
    numbers = [int(text.split()[1]) for text in seen(view) if text.startswith("Paragraph")]
    assert PARAGRAPHS * 0.3 < min(numbers) < PARAGRAPHS * 0.7


def test_a_place_in_a_long_message_is_found_again(show: Show, qtbot: QtBot) -> None:
    chat, other = chat_of("Q", LONG), chat_of("Q", "other", chat_id="chat-2")
    view = show(chat)
    wait_read(view, qtbot)
    view.stage.layout.show(1, 900, 5)
    view.refresh()
    before = seen(view)
    view.set_chat(other)
    view.refresh()
    view.set_chat(chat)
    view.refresh()
    wait_read(view, qtbot)
    assert seen(view) == before


def test_all_of_it_is_copied_before_it_was_seen(show: Show) -> None:
    view = show(chat_of("Q", LONG))
    view.stage.selection.set(*everything(view.stage.layout))
    assert f"Paragraph {PARAGRAPHS - 1} of **many**." in view.selected_words()


def test_words_far_down_are_found(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", LONG, "Q2", "short"))
    view.find_words("Paragraph 1234")
    qtbot.waitUntil(lambda: not view.stage.finder.searching)
    assert view.stage.finder.total == 1
    view.refresh()
    assert any("Paragraph 1234 " in text for text in seen(view))


def test_long_reasoning_keeps_the_room_below_it(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", (Reasoning(LONG), Text("The answer."))))
    view.set_fold_reasoning(False)
    view.refresh()
    wait_read(view, qtbot)
    rooms = [row for row in item_of(view).rows if row.below]
    assert [row.built().text.split()[1] for row in rooms] == [str(PARAGRAPHS - 1)]


@pytest.mark.parametrize("chunk", [16, 200_000])
def test_an_answer_that_is_far_ahead_is_caught_up_with(
    show: Show, qtbot: QtBot, chunk: int
) -> None:
    chat: HandChat = chat_of("Q")
    chat.begin()
    for start in range(0, len(LONG), chunk):
        chat.answer(LONG[start : start + chunk])
    view = show(chat)
    qtbot.waitUntil(lambda: not view.stage.feed.behind)
    view.refresh()
    assert item_of(view).source == LONG
    chat.end()
    view.refresh()
    assert item_of(view).unread is None
