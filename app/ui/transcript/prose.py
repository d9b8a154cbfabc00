"""A flow with formulas in it: each is one character that is as wide as its picture.

Invariant: copying gives the TeX in its fences, and of everything else what it says.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.ui.transcript.flow import Flow, Marks, utf16_slice
from app.ui.transcript.formulas import Formula
from app.ui.transcript.hidden import APART
from app.ui.transcript.style import Face, Mark, Run


class Prose(Flow):
    """`formulas` are the pictures of the runs that have a width, in order."""

    __slots__ = ("_formulas",)

    def __init__(self, runs: Sequence[Run], face: Face, formulas: Sequence[Formula] = ()) -> None:
        super().__init__(runs, face)
        pictures = iter(formulas)
        self._formulas = {start: next(pictures) for start, _, run in self.spans() if run.width_px}

    @property
    def formula_count(self) -> int:
        return len(self._formulas)

    def lay_out(self, width: float, extra: dict[int, tuple[float, float]] | None = None) -> int:
        if self._formulas and extra is None:
            extra = {at: (f.ascent, f.descent) for at, f in self._formulas.items()}
        return super().lay_out(width, extra)

    def paint(
        self,
        painter: QPainter,
        x: float,
        y: float,
        clip: QRectF,
        marks: Marks = (),
        underlined: tuple[int, int] | None = None,
    ) -> None:
        super().paint(painter, x, y, clip, marks, underlined)
        if not self._formulas:
            return
        low, high = self.seen(clip.translated(-x, -y))
        for at, formula in self._formulas.items():
            if low <= at < high:
                left, baseline = self.spot(at)
                formula.paint(painter, x + left, y + baseline, self.face.color)

    def copied(self, start: int, end: int) -> str:
        """What a range says, formulas as TeX, marks for hidden characters as what they hide."""
        found: list[str] = []
        for low, high, run in self.spans():
            if low < end and high > start:
                whole = start <= low and high <= end
                if run.width_px or (whole and run.marks & Mark.MATH):
                    found.append(run.source)
                else:
                    words = run.source if run.marks & Mark.CODE and run.source else run.text
                    apart = 1 if run.text.startswith(APART) else 0
                    found.append(utf16_slice(words, max(0, start - low - apart), end - low - apart))
        return "".join(found).replace("\u2028", "\n")
