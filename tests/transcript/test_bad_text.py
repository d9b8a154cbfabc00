"""Text that nobody should write: never an exception, never a long wait, always readable."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot
from shown_chat import Show, chat_of

from app.domain.message import Media
from app.tex import FormulaKey, draw
from app.ui.theme import Theme
from app.ui.transcript.flow import Flow, char_index, utf16_length, utf16_offset, utf16_slice
from app.ui.transcript.formulas import Formulas
from app.ui.transcript.hidden import hidden_ranges, marked
from app.ui.transcript.means import Means
from app.ui.transcript.pictures import Pictures, decode
from app.ui.transcript.selection import Position, everything
from app.ui.transcript.style import Run, Style
from app.ui.transcript.units.bubble import pieces
from app.ui.transcript.units.code_lines import columns_of

LONGEST_S = 1.0
"""Of everything together, on a slow and busy machine; a hang is far beyond it."""

CASES = {
    "one long line": "word " * 40_000,
    "no space at all": "x" * 200_000,
    "long line of code": "```\n" + "x = 1; " * 150_000 + "\n```",
    "many lines of code": "```python\n" + "x = 1\n" * 100_000 + "```",
    "wide code": "```\n" + "中文🎉\t" * 20_000 + "\n```",
    "many rows": "| a | b |\n|---|---|\n" + "| 1 | two |\n" * 10_000,
    "many columns": "|" + " a |" * 200 + "\n|" + "---|" * 200 + "\n|" + " b |" * 200,
    "control characters": "a\x00b\x07c\u200bd\u202eevil\u202c\ufeff\x1b[31m",
    "in code": "```\nif x:\u202e} \u2066# hidden\u200b\x00\n```",
    "half a pair": "before \ud800 after",
    "half a pair in code": "```\n\ud800\n```",
    "bomb": "$" + "\\def\\a{\\a\\a}\\a" * 20 + "$",
    "broken formula": "$$\n\\frac{1}{\n$$",
    "deep quotes": "> " * 500 + "deep",
    "deep list": "".join("  " * n + f"- {n}\n" for n in range(200)),
    "nothing": "",
    "blank": "   \n\n  ",
    "many headings": "# h\n\n" * 3_000,
    "combining": "e" + "\u0301" * 5_000,
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES.keys())
def test_is_shown_scrolled_selected_and_copied(show: Show, text: str) -> None:
    start = time.process_time()
    view = show(chat_of(text, text), 700, 500)
    for step in (-300, -3000, 200, -100_000, 400):
        view.gestures.move(step)
        view.viewport().repaint()
    view.stage.layout.show(1)
    view.refresh()
    view.stage.selection.set(*everything(view.stage.layout))
    view.viewport().repaint()
    view.stage.idle.step(streaming=False)
    spent = time.process_time() - start
    words = view.selected_words()
    if text.strip():
        assert words
    assert spent < 4 * LONGEST_S


def test_hidden_characters_in_code_are_marked_one_for_one() -> None:
    line = "if x:\u202e}\u200b\t\x00"
    assert marked(line) == "if x:⇐}¦\t␀"
    assert len(marked(line)) == len(line)
    assert marked("plain") == "plain"
    assert [line[low:high] for low, high in hidden_ranges(line)] == ["\u202e", "\u200b", "\x00"]
    assert [*hidden_ranges("plain")] == []


@pytest.mark.parametrize("text", ["`a\u202eb`", "```\na\u202eb\n```"])
def test_marks_are_shown_and_never_copied(show: Show, text: str) -> None:
    view = show(chat_of("Q", text))
    view.stage.selection.set(Position(1, 1, 0), Position(1, 1, 3))
    assert view.selected_words() == "a\u202eb"


def test_marks_are_painted_in_a_colour_of_their_own(show: Show) -> None:
    plain = show(chat_of("Q", "```\na b\n```")).grab().toImage()
    view = show(chat_of("Q", "```\na\u202eb\n```"))
    image = view.grab().toImage()
    danger = view.stage.theme.color("danger")

    def reddish(of: QImage) -> int:
        return sum(
            of.pixelColor(x, y).red() > of.pixelColor(x, y).green() + 60
            for x in range(of.width())
            for y in range(of.height())
        )

    assert danger.red() > danger.green() + 60
    assert reddish(image) > reddish(plain)


def test_columns_of_wide_characters_and_tabs() -> None:
    assert columns_of("abc") == 3
    assert columns_of("\tx") == 5
    assert columns_of("中文") == 4


@pytest.mark.parametrize("text", ["plain", "über", "中文", "a🎉b", "👩‍💻", ""])
def test_offsets_of_qt_and_python(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2
    for index in range(len(text) + 1):
        offset = utf16_offset(text, index)
        assert char_index(text, offset) == index
        assert utf16_slice(text, 0, offset) == text[:index]
        assert utf16_slice(text, offset, utf16_length(text)) == text[index:]


def test_long_questions_are_cut_at_line_ends() -> None:
    text = "".join(f"line {number}\n" for number in range(5_000))
    found = pieces(text)
    assert "".join(found) == text
    assert len(found) > 3
    assert all(piece.endswith("\n") for piece in found[:-1])
    assert pieces("short") == ["short"]
    assert "".join(pieces("x" * 50_000)) == "x" * 50_000


def test_tex_that_cannot_be_drawn_has_no_picture() -> None:
    assert draw(FormulaKey("\\frac{1}{", True, 16)) is None


def test_formulas_come_later_and_are_kept(qtbot: QtBot) -> None:
    formulas = Formulas()
    assert formulas.get("x^2", display=False, size_px=16) is None
    qtbot.waitUntil(lambda: not formulas.waiting)
    found = formulas.get("x^2", display=False, size_px=16)
    assert found is not None
    assert found.width > 5
    assert found.ascent > found.descent >= 0
    assert formulas.get("x" * 5_000, display=False, size_px=16) is None
    assert not formulas.waiting


def test_a_formula_replaces_its_source_and_copies_it(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", "Let $x^2$ be.\n\n$$\ny^3\n$$"))
    item = view.stage.layout.items[1]
    qtbot.waitUntil(lambda: item.rows[1].built().text == "Let \u00a0 be.")
    view.refresh()
    view.stage.selection.set(*everything(view.stage.layout))
    assert view.selected_words() == "Q\n\nLet $x^2$ be.\n\n$$\ny^3\n$$"


def test_a_picture_that_cannot_be_decoded(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    assert decode(path, QSizeF(10, 10).toSize()).isNull()
    pictures = Pictures(Means(path_of=lambda sha256: path if sha256 == "broken" else None))
    with qtbot.waitSignal(pictures.ready):
        assert pictures.get(Media(mime="image/png", sha256="broken"), QSizeF(64, 64)) is None
    assert pictures.get(Media(mime="image/png", sha256="broken"), QSizeF(64, 64)) is None
    assert pictures.get(Media(mime="image/png", sha256="missing"), QSizeF(64, 64)) is None


def test_a_flow_is_as_wide_as_it_may_be(theme: Theme) -> None:
    style = Style(theme)
    flow = Flow((Run("some words that are wrapped"),), style.body)
    natural = flow.natural()
    one_line = flow.height
    flow.lay_out(natural / 2)
    assert flow.height >= 2 * one_line
    assert flow.natural_width <= natural / 2 + 1
    rects = list(flow.rects(0, len(flow)))
    assert len(rects) >= 2
    assert rects[0].bottom() == rects[1].top()


def test_formulas_in_tables(show: Show, qtbot: QtBot) -> None:
    table = "| name | area |\n|---|---:|\n| circle | $\\pi r^2$ |\n| odd | $\\frac{1}{$ and $x$ |"
    view = show(chat_of("Q", table))
    row = view.stage.layout.items[1].rows[1]
    qtbot.waitUntil(
        lambda: row.built().text == "name\tarea\ncircle\t\u00a0\nodd\t\\frac{1}{ and \u00a0"
    )
    view.refresh()
    view.stage.selection.set(*everything(view.stage.layout))
    assert view.selected_words().endswith(
        "name\tarea\ncircle\t$\\pi r^2$\nodd\t$\\frac{1}{$ and $x$"
    )
    length = row.built().length()
    view.stage.selection.set(Position(1, 1, 1), Position(1, 1, length - 1))
    view.acts.copy_selection()
    html = QGuiApplication.clipboard().mimeData().html()
    assert html.startswith("<table><tr><th>name</th><th>area</th></tr><tr><td>circle</td>")
    assert "<td>$\\pi r^2$</td>" in html
