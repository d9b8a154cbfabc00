"""An answer that grows: only its end is built again, and the stored one is what was streamed."""

from __future__ import annotations

import pytest
import shiboken6
from pytestqt.qtbot import QtBot
from shown_chat import DONE, HandChat, Show, chat_of, made

from app.domain.message import Finish, FinishReason, Media, Reasoning, Role, Text, ToolCall
from app.domain.settings import Palette
from app.domain.stream import Draft
from app.reply import Change, ReplyState
from app.ui.transcript.units.grid import GridUnit
from app.ui.transcript.view import TranscriptView

MIXED = """# Title

A paragraph with **bold** and `code`.

- one
- two
  - nested

1. first
2. second

> quoted

```python
def f(x):
    return x
```

| a | b |
|---|--:|
| 1 | 2 |

$$
x^2
$$

---

The end[^1].

[^1]: A note.
"""


def begun(show: Show) -> tuple[HandChat, TranscriptView]:
    chat = chat_of("Q")
    view = show(chat, 900, 1400)
    chat.begin()
    view.refresh()
    return chat, view


def shapes(view: TranscriptView, number: int) -> list[tuple[str, str, int]]:
    """Kind, text and height of each row of a message, all measured."""
    item = view.stage.layout.item(number)
    found = []
    for row in item.rows:
        row.measure(view.stage.layout.column_px)
        unit = row.built()
        found.append((type(unit).__name__, unit.text, row.height))
    return found


@pytest.mark.parametrize("step", [1, 3, 8, 50, 10_000])
def test_streamed_and_stored_look_the_same(show: Show, step: int) -> None:
    chat, view = begun(show)
    for start in range(0, len(MIXED), step):
        chat.answer(MIXED[start : start + step])
        view.refresh()
    chat.end()
    view.refresh()
    streamed = shapes(view, 1)
    view.stage.layout.forget_units()
    view.refresh()
    assert shapes(view, 1) == streamed


def test_the_end_of_an_answer_builds_nothing_again(show: Show) -> None:
    chat, view = begun(show)
    chat.answer(MIXED)
    view.refresh()
    item = view.stage.layout.items[1]
    units = [row.unit for row in item.rows[:-1]]
    chat.end()
    view.refresh()
    assert view.stage.layout.items[1] is item
    assert [row.unit for row in item.rows[: len(units)]] == units


def test_the_last_words_do_not_build_the_answer_again(show: Show) -> None:
    chat = chat_of("One?", "An answer.", "Two?")
    view = show(chat)
    chat.begin()
    chat.answer("A paragraph.\n\n- one\n- two\n\nAnd")
    view.refresh()
    rows = list(view.stage.layout.item(3).rows)
    chat.answer(" the last words, which come between two frames.")
    chat.end()
    view.refresh()
    after = view.stage.layout.item(3).rows
    assert after[:3] == rows[:3]
    assert "between two frames" in view.stage.layout.item(3).source


def test_a_delta_makes_only_the_last_rows_stale(show: Show) -> None:
    chat, view = begun(show)
    for number in range(200):
        chat.answer(f"Paragraph number {number}.\n\n")
    view.refresh()
    item = view.stage.layout.items[1]
    for row in item.rows:
        row.measure(view.stage.layout.column_px)
    units = [row.unit for row in item.rows]
    chat.answer("Some more")
    view.follower.flush()
    stale = [number for number, row in enumerate(item.rows) if row.stale]
    assert all(number >= len(units) - 1 for number in stale)
    assert [row.unit for row in item.rows[: len(units) - 1]] == units[:-1]


def test_deltas_are_taken_over_once_a_frame(show: Show, qtbot: QtBot) -> None:
    chat, view = begun(show)
    taken: list[int] = []
    view.follower.due.connect(lambda: taken.append(1))
    for _ in range(500):
        chat.answer("word ")
    assert taken == []
    qtbot.waitUntil(lambda: view.stage.layout.items[1].source == "word " * 500)
    assert len(taken) <= 2


def test_an_answer_without_words_yet_shows_that_it_waits(show: Show) -> None:
    chat, view = begun(show)
    item = view.stage.layout.items[1]
    assert item.live
    assert item.going_on.status == ""
    assert item.caret_row == len(item.rows) - 1
    chat.answer("Now")
    view.refresh()
    assert item.going_on.status is None
    assert item.rows[item.caret_row].built().text == "Now"


def test_an_answer_that_goes_on_is_one_answer(show: Show) -> None:
    chat, view = begun(show)
    chat.answer("The first half, ")
    cut = chat.end(Finish(reason=FinishReason.LENGTH, complete=True))
    view.refresh()
    chat.draft = Draft(cut)
    chat.state = ReplyState.ANSWERING
    chat.tell(Change.TREE)
    chat.answer("and the second.")
    view.refresh()
    item = view.stage.layout.items[1]
    assert item.source == "The first half, and the second."
    assert len(item.sections) == 1


def test_parts_come_in_their_order(show: Show) -> None:
    parts = (
        Reasoning("Hm."),
        Text("First."),
        ToolCall(id="1", name="search", arguments="{}"),
        Media(mime="image/png", sha256="0" * 64, width_px=10, height_px=10),
        Text("Second."),
    )
    view = show(chat_of("Q", parts))
    names = [type(section).__name__ for section in view.stage.layout.items[1].sections]
    assert names == [
        "ReasoningSection",
        "TextSection",
        "ToolSection",
        "MediaSection",
        "TextSection",
    ]


def test_a_long_table_is_built_in_pieces(show: Show) -> None:
    chat, view = begun(show)
    chat.answer("| a | b |\n|---|---|\n")
    for number in range(300):
        chat.answer(f"| {number} | text |\n")
        if number % 40 == 0:
            view.refresh()
    view.refresh()
    grids = [row for row in view.stage.layout.items[1].rows if isinstance(row.unit, GridUnit)]
    assert len(grids) > 5
    chat.end()
    view.refresh()
    text = "\n".join(text for kind, text, _ in shapes(view, 1) if kind == "GridUnit")
    assert text.split("\n") == ["a\tb", *(f"{number}\ttext" for number in range(300))]


def test_another_chat_costs_the_first_one_nothing(show: Show) -> None:
    chat, view = begun(show)
    view.set_chat(chat_of("Other?", "Other.", chat_id="other"))
    view.refresh()
    chat.answer("Not read by anybody.")
    view.refresh()
    assert [m.id for m in view.stage.feed.messages] == ["m0", "m1"]
    view.set_chat(chat)
    view.refresh()
    assert view.stage.layout.items[1].source == "Not read by anybody."


def test_versions_change_only_what_follows(show: Show) -> None:
    chat = chat_of("Q", "First answer.")
    view = show(chat)
    question = view.stage.layout.items[0]
    chat.conversation = chat.conversation.select("m0")
    first = chat.conversation.messages["m1"]
    parts = (Text("Second answer."),)
    other = made(Role.ASSISTANT, parts, chat.conversation, finish=DONE, parent_id="m0")
    chat.conversation = chat.conversation.append(other)
    chat.tell(Change.TREE)
    view.refresh()
    assert view.stage.layout.items[0] is question
    assert view.stage.layout.items[1].setting.versions.ids == (first.id, other.id)
    assert view.stage.layout.items[1].setting.versions.at == 1


def test_a_change_of_theme_builds_what_is_visible_again(show: Show) -> None:
    chat, view = begun(show)
    chat.answer(MIXED)
    view.refresh()
    view.stage.theme.set_choice(Palette.DARK)
    view.refresh()
    item = view.stage.layout.items[1]
    assert item.source == MIXED
    assert view.grab().toImage().pixelColor(3, 3) == view.stage.theme.color("window")
    chat.answer("\nAnd more.")
    view.refresh()
    assert item.source == MIXED + "\nAnd more."


def test_text_size_grows_rows_and_column(show: Show) -> None:
    view = show(chat_of("Q", MIXED), 1300, 900)
    before = [height for _, _, height in shapes(view, 1)]
    view.stage.theme.set_text_px(28)
    view.refresh()
    assert view.stage.layout.column_px > 1000
    after = [height for _, _, height in shapes(view, 1)]
    assert all(large > small for small, large in zip(before, after, strict=True))


def test_a_view_that_is_gone_hears_nothing_more(show: Show, qtbot: QtBot) -> None:
    chat, _ = begun(show)
    other = TranscriptView(show(None).stage.theme)
    other.set_chat(chat)
    listeners = len(chat._listeners)
    shiboken6.delete(other)
    assert len(chat._listeners) == listeners - 1
    chat.answer("Nobody minds.")
