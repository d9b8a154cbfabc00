"""Dragging a chip to another place of its row: the chip dims, its picture follows, a mark shows
where it would stand.

Invariant: nothing is moved before the button is let go; Esc, or a chip that is gone meanwhile,
ends it as if nothing had happened. A press that goes nowhere is a click, and the chip's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget

from app.ui.attachment_chip import AttachmentChip
from app.ui.theme import SPACE, Theme

EDGE_PX = 28
STEP_PX = 9
STEP_MS = 16
MARK_PX = 3


class DropMark(QWidget):
    """A line between two chips."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(self.rect(), MARK_PX / 2, MARK_PX / 2)


class ChipDrag(QObject):
    """Watches the chips of `area`. `move(chip, at)` puts one before the `at`-th of the others."""

    def __init__(
        self,
        theme: Theme,
        area: QScrollArea,
        shown: Callable[[], Sequence[AttachmentChip]],
        move: Callable[[AttachmentChip, int], None],
    ) -> None:
        super().__init__(area)
        content = area.widget()
        assert content is not None
        self._area = area
        self._content = content
        self._shown = shown
        self._move = move
        self._chip: AttachmentChip | None = None
        self._given_up = False
        self._pressed_at = QPoint()
        self._pointer = QPoint()
        self.mark = DropMark(theme, content)
        self._ghost = QLabel(content)
        self._ghost.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ghost.hide()
        self._scrolling = QTimer(self, interval=STEP_MS)
        self._scrolling.timeout.connect(self._on_scrolling)

    def watch(self, chip: AttachmentChip) -> None:
        chip.installEventFilter(self)

    def forget(self, chip: AttachmentChip) -> None:
        if chip is self._chip:
            self._end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, AttachmentChip):
            return False
        match event:
            case QMouseEvent():
                return self._on_mouse(watched, event)
            case QKeyEvent() if event.type() == QEvent.Type.KeyPress:
                if self._chip is not None and event.key() == Qt.Key.Key_Escape:
                    self._end()
                    self._given_up = True
                    return True
        return False

    def _on_mouse(self, chip: AttachmentChip, event: QMouseEvent) -> bool:
        at = chip.mapTo(self._content, event.position().toPoint())
        match event.type():
            case QEvent.Type.MouseButtonPress if event.button() == Qt.MouseButton.LeftButton:
                self._pressed_at, self._given_up = at, False
            case QEvent.Type.MouseMove | QEvent.Type.MouseButtonRelease if self._given_up:
                return True
            case QEvent.Type.MouseMove if event.buttons() & Qt.MouseButton.LeftButton:
                far = (at - self._pressed_at).manhattanLength()
                if self._chip is None and far >= QApplication.startDragDistance():
                    self._begin(chip)
                if self._chip is not None:
                    self._follow(at)
                    return True
            case QEvent.Type.MouseButtonRelease if self._chip is not None:
                place = self._place(at)
                self._end()
                self._move(chip, place)
                return True
        return False

    def _begin(self, chip: AttachmentChip) -> None:
        if len(self._shown()) < 2:
            return
        self._chip = chip
        chip.setDown(False)
        picture: QPixmap = chip.grab()
        self._ghost.setPixmap(picture)
        self._ghost.resize(chip.size())
        self._ghost.show()
        self._ghost.raise_()
        chip.dragged = True
        chip.update()
        chip.setFocus(Qt.FocusReason.OtherFocusReason)  # Esc comes to it
        self._scrolling.start()

    def _follow(self, at: QPoint) -> None:
        assert self._chip is not None
        self._pointer = at
        self._ghost.move(self._chip.pos() + QPoint((at - self._pressed_at).x(), 0))
        others = [chip for chip in self._shown() if chip is not self._chip]
        place = self._place(at)
        if place < len(others):
            left = others[place].x() - SPACE.s // 2
        else:
            left = others[-1].geometry().right() + 1 + SPACE.s // 2
        tall = self._chip.height()
        self.mark.setGeometry(max(0, left - MARK_PX // 2), self._chip.y(), MARK_PX, tall)
        self.mark.show()
        self.mark.raise_()

    def _place(self, at: QPoint) -> int:
        """Before which of the other chips it would stand."""
        others = [chip for chip in self._shown() if chip is not self._chip]
        return sum(at.x() > chip.geometry().center().x() for chip in others)

    def _on_scrolling(self) -> None:
        """Near an end of what is seen, more of the row comes into sight."""
        bar = self._area.horizontalScrollBar()
        seen = self._content.mapTo(self._area.viewport(), self._pointer).x()
        by = 0
        if seen < EDGE_PX:
            by = -STEP_PX
        elif seen > self._area.viewport().width() - EDGE_PX:
            by = STEP_PX
        before = bar.value()
        bar.setValue(before + by)
        if bar.value() != before:
            self._follow(self._pointer + QPoint(bar.value() - before, 0))

    def _end(self) -> None:
        if self._chip is not None:
            self._chip.dragged = False
            self._chip.update()
        self._chip = None
        self._scrolling.stop()
        self._ghost.hide()
        self.mark.hide()
