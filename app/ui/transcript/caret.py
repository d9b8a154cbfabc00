"""The keyboard's caret in the transcript: shown and hidden, blinking, kept at its column.

Invariant: its place is the head of the selection, so that mouse and keys go on from each other;
it is painted only while it is shown and the transcript has the keyboard.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.transcript.geometry import Geometry
from app.ui.transcript.selection import Position, Selection
from app.ui.transcript.style import Style

WIDTH_PX = 2


class Caret(QObject):
    """`changed` asks for another painting."""

    changed = Signal()

    def __init__(self, selection: Selection, view: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._selection = selection
        self._view = view
        self._is_lit = True
        self.shown = False
        self.goal_x: float | None = None
        """The x that walking up and down keeps to, in the column."""
        self._blink = QTimer(self)
        self._blink.timeout.connect(self._on_blink)

    @property
    def place(self) -> Position | None:
        return self._selection.head

    def show_at(self, place: Position, *, selecting: bool) -> None:
        """Put it somewhere; `selecting` from where the selection began."""
        if selecting:
            self._selection.extend_to(place)
        else:
            self._selection.start_at(place)
        self.shown = True
        self.light()

    def light(self) -> None:
        """Begin to blink anew, as long as the system wants carets to blink."""
        self._is_lit = True
        cycle_ms = QApplication.cursorFlashTime()
        if self.shown and cycle_ms > 0 and self._view.hasFocus():
            self._blink.start(cycle_ms // 2)
        else:
            self._blink.stop()
        self.changed.emit()

    def hide(self) -> None:
        self.shown = False
        self.goal_x = None
        self._blink.stop()
        self.changed.emit()

    def rect(self, geometry: Geometry) -> QRectF | None:
        """Where it stands in the viewport; `None` where that is not visible."""
        if not self.shown or self.place is None:
            return None
        return geometry.caret(self.place)

    def paint(self, painter: QPainter, geometry: Geometry, style: Style) -> None:
        at = self.rect(geometry)
        if at is not None and self._is_lit and self._view.hasFocus():
            wide = WIDTH_PX * max(1.0, style.scale)
            bar = QRectF(at.left() - wide / 2, at.top() + 1, wide, at.height() - 2)
            painter.fillRect(bar, style.color("accent"))

    def _on_blink(self) -> None:
        if not self._view.hasFocus():
            self._blink.stop()
        self._is_lit = not self._is_lit
        self.changed.emit()
