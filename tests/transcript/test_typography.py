"""How words stand: on one line with their number, whole in a table, close to what follows."""

from __future__ import annotations

from pytestqt.qtbot import QtBot
from shown_chat import Show, chat_of

from app.markdown.tree import Align
from app.ui.theme import Theme
from app.ui.transcript.formulas import FormulaKey, draw
from app.ui.transcript.style import Run, Style
from app.ui.transcript.units.grid import Cell, Columns, GridUnit
from app.ui.transcript.units.text import TextUnit

ADDRESS = "generativelanguage.example.com"


def grid_of(style: Style, *rows: tuple[str, ...]) -> GridUnit:
    unit = GridUnit(style, Columns(style, [Align.NONE] * len(rows[0])))
    unit.set_rows([[Cell((Run(word),)) for word in row] for row in rows], head=True, last=True)
    return unit


def test_a_line_of_its_own_stands_where_its_face_says(theme: Theme) -> None:
    style = Style(theme)
    for face in (style.body, style.muted, style.heading(1)):
        unit = TextUnit(style, face)
        unit.set_runs((Run("words"),))
        unit.lay_out(500)
        assert unit.baseline() == face.baseline


def test_a_table_scrolls_rather_than_break_its_words(theme: Theme) -> None:
    style = Style(theme)
    row = (ADDRESS, *["some longer words here"] * 5)
    unit = grid_of(style, ("Address", *"abcde"), row)
    unit.lay_out(500)
    assert unit.scroll_range() > 0
    widths = unit.columns.widths
    assert widths[0] > 200, "the address stays whole"
    assert max(widths) <= style.px(260) + 20
    assert unit.height < style.px(34 + 34 + 30), "each cell keeps one line"


def test_a_table_breaks_lines_before_it_scrolls(theme: Theme) -> None:
    style = Style(theme)
    unit = grid_of(style, ("one", "two"), ("words " * 30, "more words " * 30))
    unit.lay_out(500)
    assert unit.scroll_range() == 0
    assert sum(unit.columns.widths) == 500


def test_a_very_long_word_is_broken_in_a_table(theme: Theme) -> None:
    style = Style(theme)
    unit = grid_of(style, ("one", "two"), ("x" * 400, "y"))
    unit.lay_out(500)
    assert unit.scroll_range() == 0


def test_a_comma_stands_close_to_the_formula_before_it() -> None:
    drawn = draw(FormulaKey("d", False, 16.8))
    assert drawn is not None
    assert 8 < drawn.width < 10


def test_numbers_of_items_stand_on_the_line_of_tall_formulas(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", "1. $\\frac{a^{b^2}}{\\frac{c}{d}}$ is tall\n2. plain"))
    row = view.stage.layout.items[1].rows[1]
    qtbot.waitUntil(lambda: "\u00a0" in row.built().text)
    view.refresh()
    style = view.stage.style
    tall, plain = (view.stage.layout.items[1].rows[at].built().baseline() for at in (1, 2))
    assert tall is not None
    assert plain == style.body.baseline
    assert tall > plain
