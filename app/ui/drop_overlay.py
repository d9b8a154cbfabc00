"""What covers the chat while something is dragged over the window, and takes it when dropped.

Invariant: shown only for what could be attached; what another program drops anywhere on the window
is handed on, whatever it is: text too, and what nobody can read, so that something is said.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.offered import accept_copy, could_be_attached
from app.ui.theme import RADIUS, TYPE, Theme

MARGIN_PX = (60, 14)
ICON_PX = 40


class DropOverlay(QWidget):
    """Covers `page` while a drag is over `window`. `dropped` carries the `QMimeData`."""

    dropped = Signal(object)

    def __init__(self, theme: Theme, page: QWidget, window: QWidget) -> None:
        super().__init__(page)
        self._theme = theme
        self._window = window
        self.setAcceptDrops(True)
        self.setAccessibleName(tr("Drop to attach"))
        window.setAcceptDrops(True)
        for watched in (window, page):
            watched.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.DragEnter if watched is self._window:
                assert isinstance(event, QDragEnterEvent)
                if could_be_attached(event.mimeData()):
                    accept_copy(event)
                    self._cover()
                    return True
                if event.source() is None:
                    accept_copy(event)
                    return True
            case QEvent.Type.Drop if watched is self._window:
                assert isinstance(event, QDropEvent)
                self._take(event)
                return True
            case QEvent.Type.DragLeave if watched is self._window:
                # Over the overlay itself the window hears a leave, too.
                if not self.rect().contains(self.mapFromGlobal(self.cursor().pos())):
                    self.hide()
            case QEvent.Type.Resize if self.isVisible():
                self._cover()
        return False

    def _cover(self) -> None:
        page = self.parentWidget()
        assert page is not None
        self.setGeometry(page.rect())
        self.show()
        self.raise_()

    def _take(self, event: QDropEvent) -> None:
        accept_copy(event)
        self.hide()
        self.dropped.emit(event.mimeData())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if could_be_attached(event.mimeData()):
            accept_copy(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._take(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        painter.setOpacity(0.75)
        painter.fillRect(self.rect(), theme.color("window"))
        sides = min(MARGIN_PX[0], self.width() // 12)
        box = QRectF(self.rect()).adjusted(sides, MARGIN_PX[1], -sides, -MARGIN_PX[1])
        painter.setOpacity(0.9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent_soft"))
        painter.drawRoundedRect(box, RADIUS.l, RADIUS.l)
        painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent"), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box, RADIUS.l, RADIUS.l)
        middle = box.center()
        paint_icon(painter, "image", middle.x(), middle.y() - 40, ICON_PX, theme.color("accent"))
        painter.setFont(theme.font(TYPE.heading, QFont.Weight.DemiBold))
        painter.setPen(theme.color("accent"))
        line = QRectF(box.left(), middle.y() - 6, box.width(), 28)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, tr("Drop to attach"))
        painter.setFont(theme.font(TYPE.body))
        painter.setPen(theme.color("text"))
        painter.drawText(
            line.translated(0, 27),
            Qt.AlignmentFlag.AlignCenter,
            tr("Pictures, videos, sound, PDF, text and code"),
        )
