"""How words stand: on one line with their number, whole in a table, close to what follows."""

from __future__ import annotations

from pytestqt.qtbot import QtBot
from shown_chat import Show, chat_of

from app.markdown.tree import Align
from app.ui.theme import Theme
from app.ui.transcript.formulas import FormulaKey, draw
from app.ui.transcript.style import Mark, Run, Style
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


def test_a_table_that_is_read_from_the_right_begins_there(theme: Theme) -> None:
    style = Style(theme)
    unit = grid_of(style, ("الاسم", "العدد", "x"), ("الأول", "12", "note"))
    unit.lay_out(600)
    name, count, note = (unit.caret(at).left() for at in (0, 6, 12))
    assert name > count > note
    assert unit.offset_at(590, 5) <= len("الاسم")
    assert unit.offset_at(5, 5) >= 12
    wide = grid_of(style, *[tuple(["الاسم الطويل"] * 12)] * 2)
    wide.lay_out(400)
    assert wide.scroll_x() == wide.scroll_range() > 0, "its beginning is in sight"


def test_code_between_words_from_the_right_keeps_its_order(show: Show) -> None:
    view = show(chat_of("Q", "استخدم `print(x)` هنا"))
    unit = view.stage.layout.items[1].rows[1].built()
    assert "\u2066print(x)\u2069" in unit.text
    start = unit.text.index("print")
    xs = [unit.caret(start + at).left() for at in range(1, 8)]
    assert xs == sorted(xs)
    assert unit.copied(start, start + 5) == "print"
    assert unit.copied(0, unit.length()) == "استخدم print(x) هنا"


def test_a_formula_stands_in_its_gap_between_words_from_the_right(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", "المعادلة $x^2 + y^2 = z^2$ هنا"))
    row = view.stage.layout.items[1].rows[1]
    qtbot.waitUntil(lambda: "\u00a0" in row.built().text)
    view.refresh()
    unit = row.built()
    assert isinstance(unit, TextUnit)
    at = unit.text.index("\u00a0")
    right = unit.caret(at).left()
    assert right - unit.flow.spot(at)[0] > 60


def test_room_beside_code_within_chinese(theme: Theme) -> None:
    style = Style(theme)
    plain, padded = TextUnit(style, style.body), TextUnit(style, style.body)
    plain.set_runs((Run("这里有"), Run("和", Mark.PLAIN)))
    padded.set_runs((Run("这里有"), Run("和", Mark.CODE)))
    for unit in (plain, padded):
        unit.lay_out(500)
    assert padded.caret(3).left() >= plain.caret(3).left() + 3


def test_a_paragraph_of_hundreds_of_formulas_shows_the_rest_as_written(
    show: Show, qtbot: QtBot
) -> None:
    view = show(chat_of("Q", "$a$ " * 400))
    row = view.stage.layout.items[1].rows[1]
    qtbot.waitUntil(lambda: "\u00a0" in row.built().text)
    view.refresh()
    text = row.built().text
    assert text.count("\u00a0") == 300
    assert text.count("a") == 100
    assert row.built().copied(0, row.built().length()).count("$a$") == 400
