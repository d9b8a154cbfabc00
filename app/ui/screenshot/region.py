"""Choosing a rectangle of the screen: each screen is frozen under a veil, which is drawn away.

Invariant: the screens are looked at once, before anything is laid over them; what is chosen is cut
from that picture, in the pixels of the screen.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from app.i18n import tr
from app.ui.theme import RADIUS, SPACE, TYPE, Theme

LEAST_PX = 6
"""A smaller rectangle is a click that went astray."""


class RegionGrab(QObject):
    """`taken` carries the `QImage` of the rectangle."""

    taken = Signal(object)
    failed = Signal(str)
    given_up = Signal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self.veils: list[Veil] = []

    def begin(self) -> None:
        """Look at all screens and cover them."""
        pictures = [(screen, screen.grabWindow(0)) for screen in QGuiApplication.screens()]
        if any(picture.isNull() for _, picture in pictures) or not pictures:
            self.failed.emit(
                tr("The screen could not be seen. Allow this program to record the screen.")
            )
            return
        for screen, picture in pictures:
            veil = Veil(self._theme, screen, picture)
            veil.chosen.connect(self._on_chosen)
            veil.given_up.connect(self._on_given_up)
            self.veils.append(veil)
            veil.cover()

    def _on_chosen(self, image: object) -> None:
        self._close()
        self.taken.emit(image)

    def _on_given_up(self) -> None:
        self._close()
        self.given_up.emit()

    def _close(self) -> None:
        for veil in self.veils:
            veil.hide()
            veil.deleteLater()
        self.veils.clear()


class Veil(QWidget):
    """Covers one screen with its own picture, darkened but for the rectangle that is drawn."""

    chosen = Signal(object)
    given_up = Signal()

    def __init__(self, theme: Theme, screen: QScreen, picture: QPixmap) -> None:
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        super().__init__(None, flags)
        self._theme = theme
        self._place = screen
        self._picture = picture
        self._start: QPoint | None = None
        self.rectangle = QRect()
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setWindowTitle(tr("Choose a region"))
        self.setAccessibleName(tr("Choose a region"))
        self.setAccessibleDescription(self._hint)

    @property
    def _hint(self) -> str:
        return tr("Draw a rectangle. Enter takes the whole screen, Esc cancels.")

    def cover(self) -> None:
        self.setScreen(self._place)
        self.setGeometry(self._place.geometry())
        self.showFullScreen()
        self.raise_()
        self.activateWindow()
        self.setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = event.position().toPoint()
            self.rectangle = QRect()
        else:
            self.given_up.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            drawn = QRectF(QPointF(self._start), event.position()).normalized().toRect()
            self.rectangle = drawn.intersected(self.rect())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is None:
            return
        self._start = None
        if min(self.rectangle.width(), self.rectangle.height()) >= LEAST_PX:
            self._choose(self.rectangle)
        else:
            self.rectangle = QRect()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.given_up.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(self.rect())

    def _choose(self, rectangle: QRect) -> None:
        across = self._picture.width() / max(1, self.width())
        down = self._picture.height() / max(1, self.height())
        part = QRectF(
            rectangle.x() * across,
            rectangle.y() * down,
            rectangle.width() * across,
            rectangle.height() * down,
        ).toAlignedRect()
        image: QImage = self._picture.copy(part).toImage()
        image.setDevicePixelRatio(1.0)
        self.chosen.emit(image)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._picture)
        theme = self._theme
        veil = theme.color("scrim")
        veil.setAlphaF(0.45)
        inside = self.rectangle
        if inside.isEmpty():
            painter.fillRect(self.rect(), veil)
            self._paint_hint(painter)
            return
        whole = self.rect()
        for part in (
            QRect(0, 0, whole.width(), inside.top()),
            QRect(0, inside.bottom() + 1, whole.width(), whole.height()),
            QRect(0, inside.top(), inside.left(), inside.height()),
            QRect(inside.right() + 1, inside.top(), whole.width(), inside.height()),
        ):
            painter.fillRect(part, veil)
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.drawRect(inside)

    def _paint_hint(self, painter: QPainter) -> None:
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(TYPE.body))
        words = painter.fontMetrics().boundingRect(self._hint)
        box = QRectF(0, 0, words.width() + 2 * SPACE.xl, words.height() + 2 * SPACE.m)
        box.moveCenter(QRectF(self.rect()).center())
        painter.setPen(QPen(theme.color("control_border"), 1))
        painter.setBrush(theme.color("window"))
        painter.drawRoundedRect(box, RADIUS.m, RADIUS.m)
        painter.setPen(theme.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._hint)
