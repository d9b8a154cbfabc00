"""A paragraph or heading: one flow, its formulas and its links.

Invariant: a formula in the text is one character as wide as its picture; everything else is what
the runs say. Right-to-left text aligns itself; who paints around the unit asks `right_to_left`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.ui.transcript.flow import utf16_length
from app.ui.transcript.formulas import Formula
from app.ui.transcript.long_prose import LongProse, grown
from app.ui.transcript.prose import Prose
from app.ui.transcript.style import Face, Run, Style
from app.ui.transcript.units.base import LinkSpot, Scene, Unit


class TextUnit(Unit):
    """`set_runs` replaces the text; an equal text keeps its layout."""

    __slots__ = ("_flow", "_same", "_width", "face", "wants_formulas")

    def __init__(self, style: Style, face: Face) -> None:
        super().__init__(style)
        self.face = face
        self._flow: Prose | LongProse = Prose((), face)
        self._same = 0
        self._width = 0
        self.wants_formulas = False

    def set_runs(self, runs: Sequence[Run], formulas: Sequence[Formula] = ()) -> None:
        """`formulas` are the pictures of the runs that have a width, in order."""
        if tuple(runs) == self._flow.runs:
            return
        self._same = min(self._same, _same_start(self._flow.runs, runs))
        self._flow = grown(self._flow, self._same, runs, self.face, formulas)

    @property
    def text(self) -> str:
        return self._flow.text

    @property
    def flow(self) -> Prose | LongProse:
        return self._flow

    @property
    def right_to_left(self) -> bool:
        return self._flow.right_to_left

    @property
    def heads(self) -> bool:
        return self.face in self.style.headings.values()

    def length(self) -> int:
        return len(self._flow)

    def lay_out(self, width: int) -> int:
        self.height = self._flow.lay_out(width)
        self.kept_px = self._unchanged_px() if width == self._width else 0
        self._width, self._same = width, len(self._flow)
        return self.height

    def _unchanged_px(self) -> int:
        """Down to the line before the first that changed: where that breaks may have changed."""
        changed = self._flow.caret(self._same).top() if self._same else 0
        if changed <= 0:
            return 0
        before = self._flow.offset_at(0, changed - 1)
        return int(self._flow.caret(before).top())

    def paint(self, painter: QPainter, scene: Scene) -> None:
        clip = scene.clip(scene.width)
        self._flow.paint(painter, 0, 0, clip, scene.marks, scene.underlined)

    def offset_at(self, x: float, y: float) -> int:
        return self._flow.offset_at(x, y)

    def caret(self, offset: int) -> QRectF:
        return self._flow.caret(offset)

    def baseline(self) -> float | None:
        return self._flow.baseline(0)

    def copied(self, start: int, end: int) -> str:
        return self._flow.copied(start, end)

    def link_at(self, x: float, y: float) -> LinkSpot | None:
        found = self._flow.run_at(x, y)
        if found is None or not found[1].href:
            return None
        start = found[0]
        return next((spot for spot in self.links() if spot.start <= start < spot.end), None)

    def links(self) -> Iterable[LinkSpot]:
        """One spot for all neighbouring runs with the same address."""
        if not any(run.href for run in self._flow.runs):
            return
        spans = list(self._flow.spans())
        at = 0
        while at < len(spans):
            start, end, run = spans[at]
            at += 1
            if not run.href:
                continue
            words = run.text
            while at < len(spans) and spans[at][2].href == run.href:
                words += spans[at][2].text
                end = spans[at][1]
                at += 1
            rect = next(iter(self._flow.rects(start, end)), QRectF())
            yield LinkSpot(run.href, words, start, end, rect)


def _same_start(old: Sequence[Run], new: Sequence[Run]) -> int:
    """How many of Qt's units both begin with, in the same look."""
    same = 0
    for one, other in zip(old, new, strict=False):
        if one == other:
            same += utf16_length(one.text)
            continue
        if one[1:] == other[1:] and other.text.startswith(one.text):
            same += utf16_length(one.text)
        break
    return same
