"""Find in chat: every place of some words, the walk through them, reasoning included."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from shown_chat import Show, chat_of, long_chat

from app.domain.message import Reasoning, Text
from app.ui.theme import Theme
from app.ui.transcript.flow import Flow
from app.ui.transcript.reasoning import ReasoningSection
from app.ui.transcript.style import Run, Style
from app.ui.transcript.view import TranscriptView


def search(view: TranscriptView, qtbot: QtBot, words: str) -> list[tuple[int, int]]:
    """What `findChanged` says until the search is over."""
    told: list[tuple[int, int]] = []
    view.findChanged.connect(lambda number, total: told.append((number, total)))
    view.find_words(words)
    qtbot.waitUntil(lambda: not view.stage.finder.searching)
    view.refresh()
    return told


def current_text(view: TranscriptView) -> str:
    """The words of the hit that is the current one, as they stand in the visible rows."""
    hit = view.stage.finder.current
    assert hit is not None
    row = next(p for p in view.stage.layout.placed if (p.item, p.row) == hit[:2])
    return view.stage.layout.placed_row(row).built().copied(hit.start, hit.end)


def test_all_places_are_found_and_walked(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("A horse?", "Horses and **hor**se. A `horse`.", "Cat?", "no"))
    view.stage.layout.show(0)
    view.refresh()
    told = search(view, qtbot, "horse")
    assert told[-1] == (1, 4)
    assert current_text(view) == "horse"
    view.find_step(1)
    assert current_text(view) == "Horse"
    for _ in range(3):
        view.find_step(1)
    assert view.stage.finder.number == 1
    view.find_step(-1)
    assert view.stage.finder.number == 4


def test_the_reasoning_is_searched_and_opened(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", (Reasoning("A hidden zebra."), Text("An answer."))))
    assert search(view, qtbot, "zebra")[-1] == (1, 1)
    view.refresh()
    section = view.stage.layout.items[1].sections[0]
    assert isinstance(section, ReasoningSection)
    assert section.fold.is_open
    assert current_text(view) == "zebra"


def test_a_hit_beyond_the_edge_of_a_code_block_is_scrolled_to(show: Show, qtbot: QtBot) -> None:
    line = "a" + " word" * 100 + " zebra " + "word " * 100
    view = show(chat_of("Q", f"```text\nzebra\n{line}\n```"))
    search(view, qtbot, "zebra")
    hit = view.stage.finder.current
    assert hit is not None
    row = view.stage.layout.items[1].rows[hit.row]
    assert row.built().scroll_x() == 0
    view.find_step(1)
    hit = view.stage.finder.current
    assert hit is not None
    unit = row.built()
    assert unit.caret(hit.start).left() > 0
    assert unit.caret(hit.end).left() < view.stage.geometry.unit_width(row)
    view.find_step(-1)
    assert unit.scroll_x() == 0


def test_far_away_hits_are_brought_into_sight(show: Show, qtbot: QtBot) -> None:
    view = show(long_chat(600))
    view.stage.layout.show(300)
    view.refresh()
    assert search(view, qtbot, "Question 500?")[-1] == (1, 1)
    assert current_text(view) == "Question 500?"


def test_hits_are_marked_at_the_scroll_bar(show: Show, qtbot: QtBot) -> None:
    view = show(long_chat(200))
    search(view, qtbot, "Question 1")
    shares, current = view.stage.hit_shares()
    assert len(shares) > 10
    assert shares == sorted(shares)
    assert current is not None
    view.verticalScrollBar().grab()


def test_each_row_of_an_answer_with_a_find_has_a_mark(show: Show, qtbot: QtBot) -> None:
    answer = "\n\n".join("A word here." if n % 10 == 0 else "Nothing." for n in range(50))
    view = show(chat_of("Q", answer))
    search(view, qtbot, "word")
    shares, current = view.stage.hit_shares()
    assert len(shares) == 5
    assert current == shares[0]
    assert shares[-1] - shares[0] > 0.6


def test_a_table_that_is_built_anew_and_not_yet_laid_out_has_its_mark(
    show: Show, qtbot: QtBot
) -> None:
    cells = "\n".join(f"| cell {n} | {n} |" for n in range(40))
    view = show(chat_of("Q", f"| a | b |\n|---|---|\n{cells}"))
    search(view, qtbot, "cell 39")
    before, _ = view.stage.hit_shares()
    layout = view.stage.layout
    table = next(row for row in layout.item(1).rows if "cell 39" in row.built().text)
    table.mark_stale()
    table.unit = None
    table.built()
    shares, _ = view.stage.hit_shares()
    assert len(shares) == len(before) == 1
    table.measure(layout.column_px)


def test_nothing_found(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", "A"))
    assert search(view, qtbot, "elephant")[-1] == (0, 0)
    view.find_step(1)
    assert view.stage.finder.current is None


def test_the_end_of_finding_leaves_no_marks(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("word", "word"))
    search(view, qtbot, "word")
    view.find_words("")
    view.refresh()
    assert view.stage.finder.total == 0
    assert view.stage.hit_shares() == ([], None)


def test_an_answer_is_searched_when_it_is_over(show: Show, qtbot: QtBot) -> None:
    chat = chat_of("Q", "A word.", "More?")
    view = show(chat)
    search(view, qtbot, "word")
    assert view.stage.finder.total == 1
    chat.begin()
    chat.answer("Another word.")
    chat.end()
    view.refresh()
    qtbot.waitUntil(lambda: view.stage.finder.total == 2)


def test_words_with_markup_characters(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", "The file `my_file.py` and 2 * 3."))
    assert search(view, qtbot, "my_file")[-1] == (1, 1)
    assert search(view, qtbot, "2 * 3")[-1] == (1, 1)
    assert search(view, qtbot, "[a-z]")[-1] == (0, 0)


def test_a_hit_after_an_emoji_is_marked_where_it_is(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", "🎉🎉 party"))
    search(view, qtbot, "party")
    hit = view.stage.finder.current
    assert hit is not None
    assert (hit.start, hit.end) == (5, 10)


def test_marks_stand_where_qt_has_its_cursor(theme: Theme) -> None:
    """Of a long text the places of a line are asked for together; they are the same ones."""
    text = "$" * 400 + "$a " * 800 + "long words of a text, fi\u00e9 " * 40
    flow = Flow((Run(text),), Style(theme).body)
    flow.lay_out(500)
    layout = flow._layout
    for start in range(0, len(text), 7):
        end = start + 1
        line = layout.lineForTextPosition(start)
        last = line.textStart() + line.textLength()
        (rect,) = flow.rects(start, end)
        assert rect.left() == line.cursorToX(start)[0]
        assert rect.right() == pytest.approx(line.cursorToX(min(end, last))[0])
    assert [*flow.rects(len(text), len(text) + 3)] == []
    every = [*flow.rects(0, len(text))]
    assert len(every) == layout.lineCount()
    assert [rect.top() for rect in every] == sorted(rect.top() for rect in every)
