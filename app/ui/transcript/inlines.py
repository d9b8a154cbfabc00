"""Inline nodes of the render tree as runs of a flow.

Invariant: what a run's `text` shows stands in reading order; what copying must give instead
(a formula drawn as a picture) is its `source`. Images are never fetched: their words stand here,
and `figures_of` says where frames for them belong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from app.i18n import tr
from app.markdown.direction import has_right_to_left
from app.markdown.tree import (
    Code,
    Emphasis,
    FootnoteRef,
    HardBreak,
    Image,
    Inline,
    Link,
    Math,
    SoftBreak,
    Strike,
    Strong,
    Text,
)
from app.ui.transcript.hidden import APART, END_APART, marked
from app.ui.transcript.style import Mark, Run
from app.ui.transcript.units.figures import Figure

FOOTNOTE_SCHEME = "footnote:"
"""Addresses that lead to a place in the same message."""

PICTURE_ADDRESSES = ("https://", "http://", "data:image/")

FormulaWidth = Callable[[str, bool], float]
"""The width of the picture of TeX, on its own line or not, in pixels; 0 while there is none."""


def _no_pictures(tex: str, display: bool) -> float:
    return 0.0


def runs_of(nodes: Iterable[Inline], formula_px: FormulaWidth = _no_pictures) -> list[Run]:
    """The runs that show `nodes`; neighbours that look alike are joined."""
    found: list[Run] = []
    _collect(nodes, Mark.PLAIN, "", formula_px, found)
    found = _joined(found)
    if has_right_to_left("".join([run.text for run in found])):
        return [_set_apart(run) if run.marks & Mark.CODE else run for run in found]
    return found


def _set_apart(run: Run) -> Run:
    """Code keeps its order between words that run from the right."""
    return run._replace(text=f"{APART}{run.text}{END_APART}", source=run.source or run.text)


def figures_of(nodes: Iterable[Inline]) -> tuple[list[Figure], bool]:
    """The pictures that `nodes` name by address, and whether they name anything besides."""
    found: list[Figure] = []
    words = False
    for node in nodes:
        match node:
            case Image(src, _, alt) if src.lower().startswith(PICTURE_ADDRESSES):
                found.append(Figure(src, alt))
            case Link(_, _, children) | Strong(children) | Emphasis(children) | Strike(children):
                inner, others = figures_of(children)
                found += inner
                words = words or others
            case SoftBreak() | HardBreak():
                pass
            case Text(text) if not text.strip():
                pass
            case _:
                words = True
    return found, words


def words_of(nodes: Iterable[Inline]) -> str:
    """What copying `nodes` gives: their words, formulas as TeX."""
    return "".join(run.source or run.text for run in runs_of(nodes)).replace("\u2028", "\n")


def _collect(
    nodes: Iterable[Inline], marks: int, href: str, formula_px: FormulaWidth, out: list[Run]
) -> None:
    for node in nodes:
        match node:
            case Text(text):
                out.append(Run(text, marks, href))
            case SoftBreak():
                out.append(Run(" ", marks, href))
            case HardBreak():
                out.append(Run("\u2028", marks, href))
            case Code(text):
                seen = marked(text)
                source = text if seen != text else ""
                out.append(Run(seen, marks | Mark.CODE, href, source))
            case Math(tex, display, closed):
                width_px = formula_px(tex, display) if closed else 0.0
                fence = "$$" if display else "$"
                shown = "\u00a0" if width_px else tex
                out.append(Run(shown, marks | Mark.MATH, href, f"{fence}{tex}{fence}", width_px))
            case Strong(children):
                _collect(children, marks | Mark.BOLD, href, formula_px, out)
            case Emphasis(children):
                _collect(children, marks | Mark.ITALIC, href, formula_px, out)
            case Strike(children):
                _collect(children, marks | Mark.STRIKE, href, formula_px, out)
            case Link(address, _, children):
                _collect(children, marks, address or href, formula_px, out)
            case Image(src, _, alt):
                words = alt or src.rpartition("/")[2] or tr("picture")
                out.append(Run(words, marks | Mark.IMAGE, src or href))
            case FootnoteRef(label, number):
                out.append(Run(str(number), marks | Mark.RAISED, FOOTNOTE_SCHEME + label))
            case _:
                assert_never(node)


def _joined(runs: list[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        last = joined[-1] if joined else None
        plain = last is not None and not (last.source or run.source)
        if last is not None and plain and last[1:] == run[1:]:
            joined[-1] = Run(last.text + run.text, run.marks, run.href)
        else:
            joined.append(run)
    return joined
