"""Selecting with mouse and keys, and what a copy of it holds."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shown_chat import Show, chat_of

from app.domain.message import Reasoning, Text
from app.reply import Change
from app.ui.transcript.selection import Position, everything
from app.ui.transcript.view import TranscriptView

ANSWER = """First paragraph with **bold** words and [a link](https://example.org).

- one item
- two items

```python
x = 1
y = "two"
```

| a | b |
|---|---|
| 1 | 2 |

Last paragraph."""


def point_of(view: TranscriptView, words: str, *, end: bool = False) -> QPoint:
    """Where some visible words begin, or end."""
    for placed in view.stage.layout.placed:
        unit = view.stage.layout.placed_row(placed).built()
        at = unit.text.find(words)
        if at >= 0:
            rect = unit.caret(at + (len(words) if end else 0))
            middle = QPointF(rect.left() + 0.5, rect.center().y())
            return (middle + view.stage.geometry.origin(placed)).toPoint()
    raise AssertionError(f"{words!r} is not to be seen")


def drag(view: TranscriptView, start: QPoint, end: QPoint) -> None:
    viewport = view.viewport()
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(viewport, left, pos=start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, left, pos=end)


def clear_clicks(view: TranscriptView) -> None:
    """Let the next press be a first one."""
    view.gestures.pointer._since_click.invalidate()


def test_dragging_over_blocks_and_messages(show: Show) -> None:
    view = show(chat_of("The question?", ANSWER), height=900)
    drag(view, point_of(view, "question"), point_of(view, "items", end=True))
    assert view.selected_words() == (
        "question?\n\nFirst paragraph with bold words and a link.\n\n• one item\n• two items"
    )


def test_dragging_upwards_selects_the_same(show: Show) -> None:
    view = show(chat_of("The question?", ANSWER), height=900)
    drag(view, point_of(view, "bold", end=True), point_of(view, "paragraph"))
    assert view.selected_words() == "paragraph with bold"


def test_within_code_and_cells(show: Show) -> None:
    view = show(chat_of("Q", ANSWER), height=900)
    drag(view, point_of(view, "= 1"), point_of(view, '"two"', end=True))
    assert view.selected_words() == '= 1\ny = "two"'
    clear_clicks(view)
    drag(view, point_of(view, "1\t"), point_of(view, "2", end=True))
    assert "1\t2" in view.selected_words()


def test_double_and_triple_click(show: Show) -> None:
    view = show(chat_of("Q", ANSWER), height=900)
    at = point_of(view, "graph with")
    viewport = view.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    assert view.selected_words() == "paragraph"
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    assert view.selected_words() == "First paragraph with bold words and a link."


def test_a_triple_click_takes_a_line_of_code(show: Show) -> None:
    view = show(chat_of("Q", ANSWER), height=900)
    at = point_of(view, 'y = "two"')
    for _ in range(3):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert view.selected_words() == 'y = "two"'


def test_selected_words_are_dragged_out_in_all_forms(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[tuple[str, str, list[str]]] = []

    def take(drag: QDrag, *actions: Qt.DropAction) -> Qt.DropAction:
        mime = drag.mimeData()
        dragged.append((mime.text(), mime.html(), mime.formats()))
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", take)
    view = show(chat_of("Q", "Some **bold** words."))
    port = view.viewport()
    view.stage.selection.set(*everything(view.stage.layout))
    at = point_of(view, "bold")
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at)
    for step in range(1, 6):
        moved = QPointF(at.x() + 10 * step, at.y())
        QApplication.sendEvent(
            port,
            QMouseEvent(
                QEvent.Type.MouseMove,
                moved,
                port.mapToGlobal(moved),
                Qt.MouseButton.NoButton,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            ),
        )
    ((text, html, formats),) = dragged
    assert "Some bold words." in text
    assert "<strong>bold</strong>" in html
    assert "text/markdown" in formats
    assert not view.stage.selection.is_empty, "the selection stays"


def test_shift_click_extends(show: Show) -> None:
    view = show(chat_of("Q", ANSWER), height=900)
    viewport, left = view.viewport(), Qt.MouseButton.LeftButton
    QTest.mouseClick(viewport, left, pos=point_of(view, "First"))
    clear_clicks(view)
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(viewport, left, shift, point_of(view, "bold", end=True))
    assert view.selected_words() == "First paragraph with bold"


def test_a_click_drops_the_selection(show: Show) -> None:
    view = show(chat_of("Q", ANSWER), height=900)
    drag(view, point_of(view, "First"), point_of(view, "bold", end=True))
    clear_clicks(view)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point_of(view, "graph"))
    assert view.selected_words() == ""


def test_keys_extend_the_selection(show: Show) -> None:
    view = show(chat_of("Q", ANSWER), height=900)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point_of(view, "First"))
    shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(view, Qt.Key.Key_Right, shift)
    assert view.selected_words() == "F"
    QTest.keyClick(view, Qt.Key.Key_Right, shift | control)
    assert view.selected_words() == "First"
    QTest.keyClick(view, Qt.Key.Key_End, shift)
    assert view.selected_words().startswith("First paragraph with bold")
    QTest.keyClick(view, Qt.Key.Key_Down, shift)
    assert "one" in view.selected_words() or "• " in view.selected_words()
    for _ in range(60):
        QTest.keyClick(view, Qt.Key.Key_Left, shift)
    assert view.selected_words() != ""


def test_select_all_and_copy(show: Show) -> None:
    view = show(chat_of("The question?", ANSWER, "More?", "Yes."), height=300)
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("The question?")
    assert text.endswith("Yes.")
    assert 'y = "two"' in text


def test_the_clipboard_holds_three_forms(show: Show) -> None:
    view = show(chat_of("Q", ANSWER), height=900)
    view.stage.selection.set(*everything(view.stage.layout))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    mime = QGuiApplication.clipboard().mimeData()
    assert "First paragraph with bold words" in mime.text()
    assert bytes(mime.data("text/markdown").data()).decode() == f"Q\n\n{ANSWER}"
    html = mime.html()
    for part in ("<strong>bold</strong>", '<a href="https://example.org">', "<li>", "<table>"):
        assert part in html
    assert '<code class="language-python">' in html


def test_part_of_a_paragraph_is_copied_as_words(show: Show) -> None:
    view = show(chat_of("Q", ANSWER), height=900)
    drag(view, point_of(view, "bold"), point_of(view, "words", end=True))
    view.acts.copy_selection()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text() == "bold words"
    assert bytes(mime.data("text/markdown").data()).decode() == "bold words"
    assert mime.html() == "<p>bold words</p>"


def test_closed_reasoning_is_not_copied(show: Show) -> None:
    parts = (Reasoning("A secret thought."), Text("The answer."))
    view = show(chat_of("Q", parts))
    view.stage.selection.set(*everything(view.stage.layout))
    assert view.selected_words() == "Q\n\nThe answer."


def test_characters_beyond_the_first_plane(show: Show) -> None:
    view = show(chat_of("Q", "A 🎉 party 👩‍💻 for **всех** and 中文."))
    drag(view, point_of(view, "party"), point_of(view, "всех", end=True))
    selection = view.stage.selection
    assert selection.anchor is not None
    # Offsets are Qt's, so the finder above, which counts Python's, is off by the emoji before.
    view.stage.selection.set(
        selection.anchor._replace(offset=5), selection.anchor._replace(offset=10)
    )
    assert view.selected_words() == "party"


def test_a_selection_survives_what_streams_in(show: Show) -> None:
    chat = chat_of("The question?", "An answer.", "More?")
    view = show(chat, height=900)
    chat.begin()
    chat.answer("The beginning of it. ")
    view.refresh()
    drag(view, point_of(view, "question"), point_of(view, "beginning", end=True))
    before = view.stage.selection.ends()
    words = view.selected_words()
    for number in range(30):
        chat.answer(f"More of it, {number}.\n\n- item\n")
        view.refresh()
        assert view.stage.selection.ends() == before
        assert view.selected_words() == words
    chat.end()
    view.refresh()
    assert view.selected_words() == words


def test_a_selection_in_a_message_that_is_replaced_goes(show: Show) -> None:
    chat = chat_of("One?", "An answer.")
    view = show(chat)
    view.stage.selection.set(Position(1, 1, 0), Position(1, 1, 5))
    chat.conversation = chat_of("One?", "Another one.").conversation
    chat.tell(Change.TREE)
    view.refresh()
    assert view.selected_words() == ""


def test_dragging_beyond_the_edge_scrolls(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", "\n\n".join(f"Paragraph {n}." for n in range(80))), height=300)
    viewport, left = view.viewport(), Qt.MouseButton.LeftButton
    before = view.stage.layout.value()
    QTest.mousePress(viewport, left, pos=QPoint(200, 150))
    QTest.mouseMove(viewport, QPoint(200, 100))
    QTest.mouseMove(viewport, QPoint(200, -40))
    qtbot.waitUntil(lambda: view.stage.layout.value() < before - 100)
    QTest.mouseRelease(viewport, left, pos=QPoint(200, -40))
    assert len(view.selected_words().splitlines()) > 10


def test_a_very_long_selection_copies_its_source(show: Show) -> None:
    answer = "word **bold** " * 12_000
    view = show(chat_of("One?", answer, "Two?", answer, "Three?", answer))
    view.stage.selection.set(*everything(view.stage.layout))
    assert "**bold**" in view.selected_words()


@pytest.mark.parametrize("words", ["שלום עולם", "مرحبا"])
def test_right_to_left_text_is_at_the_right(show: Show, words: str) -> None:
    view = show(chat_of("Q", words))
    placed = view.stage.layout.placed[-2]
    unit = view.stage.layout.placed_row(placed).built()
    assert unit.right_to_left
    assert unit.caret(0).left() > view.stage.layout.column_px / 2
    view.stage.selection.set(*everything(view.stage.layout))
    assert view.selected_words().endswith(words)


def test_some_rows_of_a_long_table(show: Show) -> None:
    rows = [f"| a{n} | **b{n}** |" for n in range(80)]
    view = show(chat_of("Q", "| x | y |\n|---|---|\n" + "\n".join(rows)))
    layout = view.stage.layout
    second = layout.item(1).rows[2].built()
    end = second.text.index("a40")
    view.stage.selection.set(Position(1, 1, 0), Position(1, 2, end - 1))
    view.acts.copy_selection()
    mime = QGuiApplication.clipboard().mimeData()
    lines = mime.text().split("\n")
    assert lines[0] == "x\ty"
    assert lines[1:] == [f"a{n}\tb{n}" for n in range(40)]
    assert mime.html().count("<table>") == 1
    assert mime.html().count("<tr>") == 41
    assert "a40" not in mime.html()


def test_a_huge_table_is_copied_as_cells(show: Show) -> None:
    rows = "\n".join(f"| a{n} | **b{n}** and more words |" for n in range(6_000))
    view = show(chat_of("Q", f"| x | y |\n|---|---|\n{rows}"))
    last = len(view.stage.layout.whole_item(1).rows) - 2
    view.stage.selection.set(Position(1, 1, 0), Position(1, last, 1 << 30))
    view.acts.copy_selection()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text().startswith("x\ty\na0\t**b0** and more words\n")
    assert mime.html().count("<tr>") == 6_001


def test_the_pieces_of_a_very_long_paragraph_are_joined(show: Show) -> None:
    text = " ".join(f"word{n}" for n in range(4_000))
    view = show(chat_of("Q", text))
    assert len(view.stage.layout.whole_item(1).rows) > 4
    view.stage.selection.set(Position(1, 1, 0), Position(1, 1 << 30, 1 << 30))
    assert view.selected_words() == text
