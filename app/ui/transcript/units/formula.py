"""A formula on lines of its own, centred: its picture, or its source until there is one.

Invariant: copying gives the TeX in its fences. A formula wider than the column scrolls sideways.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from app.ui.transcript.flow import Flow, utf16_length, utf16_slice
from app.ui.transcript.formulas import Formula
from app.ui.transcript.style import Mark, Run, Style
from app.ui.transcript.units.base import Scene, Unit

PAD_Y_PX = 4
HANDLE_PX = 6


class FormulaUnit(Unit):
    """`set_tex` with a picture shows it, without one the source."""

    __slots__ = ("_flow", "_formula", "_scroll_x", "_tex", "_width", "wants_formulas")

    def __init__(self, style: Style) -> None:
        super().__init__(style)
        self._tex = ""
        self._formula: Formula | None = None
        self._flow = Flow((), style.body)
        self._scroll_x = 0
        self._width = 0
        self.wants_formulas = False

    def set_tex(self, tex: str, formula: Formula | None) -> None:
        self._tex = tex.strip("\n")
        self._formula = formula
        self._flow = Flow((Run(self._tex.replace("\n", "\u2028"), Mark.MATH),), self.style.body)

    @property
    def text(self) -> str:
        return self._tex

    def length(self) -> int:
        return utf16_length(self._tex)

    def copied(self, start: int, end: int) -> str:
        part = utf16_slice(self._tex, start, end)
        return f"$$\n{part}\n$$" if part == self._tex else part

    def lay_out(self, width: int) -> int:
        self._width = width
        if self._formula is not None:
            tall = self._formula.ascent + self._formula.descent
            self._scroll_x = min(self._scroll_x, self.scroll_range())
            self.height = round(tall) + 2 * PAD_Y_PX + (HANDLE_PX if self.scroll_range() else 0)
        else:
            self._flow.natural()
            inner = min(width, int(self._flow.natural_width) + 2)
            self.height = self._flow.lay_out(inner) + 2 * PAD_Y_PX
        return self.height

    def offset_at(self, x: float, y: float) -> int:
        if self._formula is not None:
            return 0 if x < self._left + self._formula.width / 2 else self.length()
        return self._flow.offset_at(x - self._left, y - PAD_Y_PX)

    def caret(self, offset: int) -> QRectF:
        if self._formula is not None:
            x = self._left + (self._formula.width if offset else 0)
            return QRectF(x, 0, 1, self.height)
        return self._flow.caret(offset).translated(self._left, PAD_Y_PX)

    @property
    def _left(self) -> float:
        wide = self._formula.width if self._formula is not None else self._flow.width
        return max(0.0, (self._width - wide) / 2) - self._scroll_x

    def scroll_range(self) -> int:
        if self._formula is None:
            return 0
        return max(0, round(self._formula.width) - self._width)

    def scroll_x(self) -> int:
        return self._scroll_x

    def set_scroll_x(self, x: int) -> None:
        self._scroll_x = min(max(0, x), self.scroll_range())

    def handle_rect(self) -> QRectF:
        beyond = self.scroll_range()
        if not beyond:
            return QRectF()
        wide = max(32.0, self._width * self._width / (self._width + beyond))
        x = (self._width - wide) * self._scroll_x / beyond
        return QRectF(x, self.height - HANDLE_PX, wide, HANDLE_PX)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if self._formula is None:
            clip = scene.clip(scene.width)
            self._flow.paint(painter, self._left, PAD_Y_PX, clip, scene.marks)
            return
        painter.save()
        painter.setClipRect(QRectF(0, 0, self._width, self.height), Qt.ClipOperation.IntersectClip)
        formula = self._formula
        for _, _, color in scene.marks:
            ground = QRectF(self._left, 0, formula.width, self.height)
            painter.fillRect(ground, color)
        formula.paint(painter, self._left, PAD_Y_PX + formula.ascent, self.style.body.color)
        handle = self.handle_rect()
        if not handle.isEmpty():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.style.color("scroll_handle"))
            painter.drawRoundedRect(handle, HANDLE_PX / 2, HANDLE_PX / 2)
        painter.restore()
