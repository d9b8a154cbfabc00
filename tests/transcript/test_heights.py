"""The height of a message is that of its rows, however they came and whatever they show."""

from __future__ import annotations

from shown_chat import Show, chat_of

from app.ui.transcript.view import TranscriptView

TEXT = (
    "# Title\n\nSome words of a paragraph [^1] and [later].\n\n- one\n- two\n\n"
    "  ```python\n  x = 1\n  ```\n\n| a | b |\n|---|---|\n"
    + "| 1 | 2 |\n"
    * 70
    + "\nThe end.\n\n[later]: https://a.b\n"
    "[^1]: A note.\n"
)


def check(view: TranscriptView) -> None:
    layout = view.stage.layout
    for number, item in layout.items.items():
        assert item.height == sum(row.shown for row in item.rows)
        assert layout.index.top(number + 1) - layout.index.top(number) == item.height
    assert view.verticalScrollBar().value() == layout.value()


def test_they_agree_while_an_answer_is_written(show: Show) -> None:
    chat = chat_of("One?", TEXT, "Two?")
    view = show(chat)
    chat.begin()
    chat.think("Thinking of it.\n\nAnd once more.")
    view.refresh()
    check(view)
    for start in range(0, len(TEXT), 37):
        chat.answer(TEXT[start : start + 37])
        view.refresh()
        check(view)
    chat.end()
    view.refresh()
    check(view)


def test_they_agree_while_the_fold_moves(show: Show) -> None:
    chat = chat_of("One?")
    view = show(chat)
    chat.begin()
    chat.think("A thought.\n\nAnother one.")
    view.refresh()
    item = view.stage.layout.item(1)
    for progress in (0.0, 0.3, 0.7, 1.0, 0.5):
        section = item.sections[0]
        section.move(progress)  # type: ignore[union-attr]
        assert item.height == sum(row.shown for row in item.rows)


def test_they_agree_away_from_the_end(show: Show) -> None:
    chat = chat_of("One?", TEXT * 8, "Two?", TEXT * 8)
    view = show(chat)
    bar = view.verticalScrollBar()
    for value in (0, 400, 5000, bar.maximum() // 2, bar.maximum()):
        bar.setValue(value)
        view.refresh()
        check(view)
