"""A long paragraph that grows is laid out in parts that nobody can tell from one."""

from __future__ import annotations

import pytest

from app.markdown.stream import StreamDocument
from app.ui.theme import Theme
from app.ui.transcript.inlines import runs_of
from app.ui.transcript.long_prose import LongProse
from app.ui.transcript.prose import Prose
from app.ui.transcript.style import Run, Style
from app.ui.transcript.units.text import TextUnit

WIDTH = 480
TEXTS = {
    "plain": "words that go on, as every finished sentence does; " * 90,
    "marked": "a *lean* and **heavy** word, `code of it`, [a link](https://a.b), and so on; " * 60,
    "wide": "words und Wörter 以及 一些 漢字 and 😀 pictures of it, as they come; " * 60,
}


def runs(text: str) -> list[Run]:
    document = StreamDocument()
    document.push(text)
    document.flush()
    return runs_of(document.leaf_inlines(document.leaves[-1]))


@pytest.mark.parametrize("name", TEXTS)
def test_parts_answer_as_one(theme: Theme, name: str) -> None:
    style = Style(theme)
    unit = TextUnit(style, style.body)
    text = TEXTS[name]
    for end in range(100, len(text), 130):
        unit.set_runs(runs(text[:end]))
        unit.lay_out(WIDTH)
        if end % 17:
            continue
        whole = Prose(runs(text[:end]), style.body)
        whole.lay_out(WIDTH)
        assert unit.height == whole.height
        assert unit.text == whole.text
    flow = unit.flow
    assert isinstance(flow, LongProse)
    assert len(flow.parts) > 2
    whole = Prose(flow.runs, style.body)
    whole.lay_out(WIDTH)
    assert len(flow) == len(whole)
    for offset in range(0, len(whole) + 1, 7):
        assert flow.caret(offset) == whole.caret(offset)
        assert flow.baseline(offset) == whole.baseline(offset)
    for y in range(0, whole.height, 9):
        for x in (0, 100, 300, WIDTH):
            assert flow.offset_at(x, y) == whole.offset_at(x, y)
    for start in range(0, len(whole), 211):
        assert list(flow.rects(start, start + 400)) == list(whole.rects(start, start + 400))
        assert flow.copied(start, start + 400) == whole.copied(start, start + 400)
    found = flow.run_at(5, whole.height - 5)
    expected = whole.run_at(5, whole.height - 5)
    assert (found is None) == (expected is None)


def test_another_width_makes_it_one_again(theme: Theme) -> None:
    style = Style(theme)
    unit = TextUnit(style, style.body)
    text = TEXTS["plain"]
    for end in range(100, len(text), 130):
        unit.set_runs(runs(text[:end]))
        unit.lay_out(WIDTH)
    unit.lay_out(WIDTH - 60)
    whole = Prose(unit.flow.runs, style.body)
    whole.lay_out(WIDTH - 60)
    assert unit.height == whole.height
    assert unit.caret(2_000) == whole.caret(2_000)


def test_another_beginning_makes_it_one_again(theme: Theme) -> None:
    style = Style(theme)
    unit = TextUnit(style, style.body)
    text = TEXTS["plain"]
    for end in range(100, len(text), 130):
        unit.set_runs(runs(text[:end]))
        unit.lay_out(WIDTH)
    unit.set_runs(runs("Other " + text))
    unit.lay_out(WIDTH)
    assert unit.text.startswith("Other words")
    whole = Prose(unit.flow.runs, style.body)
    assert unit.height == whole.lay_out(WIDTH)


def test_words_from_the_right_stay_one(theme: Theme) -> None:
    style = Style(theme)
    unit = TextUnit(style, style.body)
    text = TEXTS["plain"][:2_400] + "\u05e9\u05dc\u05d5\u05dd " * 100
    for end in range(100, len(text), 130):
        unit.set_runs(runs(text[:end]))
        unit.lay_out(WIDTH)
    assert isinstance(unit.flow, Prose)
