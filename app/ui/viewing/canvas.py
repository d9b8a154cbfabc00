"""The picture itself, zoomed and moved about: by wheel, fingers, dragging and keys.

Invariant: the point under the pointer stays there when the zoom changes; a picture smaller than
the canvas stands in the middle, a larger one never leaves a gap at an edge it could fill. One
pixel of the picture is one pixel of the screen at 100 %.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.i18n import tr
from app.ui.buttons import paint_focus_ring
from app.ui.theme import SPACE, TYPE, Theme

STEP = 1.25
LARGEST = 16.0
NOTCH = 120
CHECK_PX = 8


class PictureCanvas(QWidget):
    """`zoom` is screen pixels for a pixel of the picture. `zoomChanged` comes with each change."""

    zoomChanged = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pixmap = QPixmap()
        self._words = ""
        self._fits = True
        self._zoom = 1.0
        self._center = QPointF()
        self._grabbed: QPointF | None = None
        self._ringed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Picture"))

    def set_image(self, image: QImage) -> None:
        """Show a picture as large as it fits."""
        self._pixmap = QPixmap.fromImage(image)
        self._words = ""
        self.fit()

    def set_words(self, words: str) -> None:
        """Say something in place of a picture."""
        self._pixmap = QPixmap()
        self._words = words
        self.setAccessibleDescription(words)
        self.fit()

    # Zoom --------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        return self._zoom

    @property
    def fits(self) -> bool:
        """Whether the zoom follows the size of the window."""
        return self._fits

    def fit(self) -> None:
        """As large as it fits, but not larger than it is."""
        self._fits = True
        self._center = QPointF(self._size.width() / 2, self._size.height() / 2)
        self._zoom = self._fitting_zoom()
        self._tell()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom in or out around a point of the canvas, else around its middle."""
        self.set_zoom(self._zoom * factor, at)

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        if self._pixmap.isNull():
            return
        at = at if at is not None else QPointF(self.rect().center())
        held = self._picture_point(at)
        self._zoom = min(max(zoom, min(self._fitting_zoom(), 1.0) / 2), LARGEST)
        self._fits = False
        moved = self._picture_point(at)
        self._center += held - moved
        self._clamp()
        self._tell()

    def move_by(self, x: float, y: float) -> None:
        """Look further to the right and down, by pixels of the window."""
        ratio = self._zoom / self.devicePixelRatioF()
        self._center += QPointF(x / ratio, y / ratio)
        self._clamp()
        self.update()

    @property
    def can_move(self) -> bool:
        """Whether the picture is larger than the canvas."""
        shown = self._shown_size()
        return shown.width() > self.width() + 1 or shown.height() > self.height() + 1

    # Painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("sidebar"))
        if self._pixmap.isNull():
            painter.setFont(theme.font(TYPE.body))
            painter.setPen(theme.color("muted"))
            room = self.rect().adjusted(SPACE.xl, SPACE.xl, -SPACE.xl, -SPACE.xl)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self._words)
        else:
            rect = self._shown_rect()
            if self._pixmap.hasAlphaChannel():
                self._paint_checks(painter, rect)
            # Whole pixels stay sharp when they are enlarged a lot.
            smooth = QPainter.RenderHint.SmoothPixmapTransform
            painter.setRenderHint(smooth, self._zoom < 3)
            painter.drawPixmap(rect, self._pixmap, QRectF(self._pixmap.rect()))
        if self._ringed:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_focus_ring(painter, QRectF(self.rect()), 0, theme.color("accent"))
        painter.end()

    def _paint_checks(self, painter: QPainter, rect: QRectF) -> None:
        """The usual squares behind what is transparent."""
        visible = rect.intersected(QRectF(self.rect()))
        painter.fillRect(visible, self._theme.color("window"))
        painter.save()
        painter.setClipRect(visible)
        color: QColor = self._theme.color("line")
        top = int(visible.top()) // CHECK_PX
        left = int(visible.left()) // CHECK_PX
        for row in range(top, int(visible.bottom()) // CHECK_PX + 1):
            start = left + (left + row) % 2
            for column in range(start, int(visible.right()) // CHECK_PX + 1, 2):
                x, y = column * CHECK_PX, row * CHECK_PX
                painter.fillRect(QRectF(x, y, CHECK_PX, CHECK_PX), color)
        painter.restore()

    # Inside ------------------------------------------------------------------------------

    @property
    def _size(self) -> QSizeF:
        return QSizeF(self._pixmap.size())

    def _shown_size(self) -> QSizeF:
        return self._size * (self._zoom / self.devicePixelRatioF())

    def _shown_rect(self) -> QRectF:
        ratio = self._zoom / self.devicePixelRatioF()
        corner = QPointF(self.width() / 2, self.height() / 2) - self._center * ratio
        return QRectF(corner, self._shown_size())

    def _picture_point(self, at: QPointF) -> QPointF:
        ratio = self._zoom / self.devicePixelRatioF()
        return self._center + (at - QPointF(self.width() / 2, self.height() / 2)) / ratio

    def _fitting_zoom(self) -> float:
        size = self._size
        if size.isEmpty() or not self.width() or not self.height():
            return 1.0
        room = QSizeF(self.size()) * self.devicePixelRatioF()
        return min(1.0, room.width() / size.width(), room.height() / size.height())

    def _clamp(self) -> None:
        """Leave no gap where the picture could fill it."""
        size, ratio = self._size, self._zoom / self.devicePixelRatioF()
        half_width, half_height = self.width() / 2 / ratio, self.height() / 2 / ratio
        self._center = QPointF(
            _clamped(self._center.x(), half_width, size.width()),
            _clamped(self._center.y(), half_height, size.height()),
        )

    def _tell(self) -> None:
        shape = Qt.CursorShape.OpenHandCursor if self.can_move else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.update()
        self.zoomChanged.emit()

    # Qt ----------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._ringed = event.reason() in reasons
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ringed = False
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:
            self.fit()
        else:
            self._clamp()

    def wheelEvent(self, event: QWheelEvent) -> None:
        exact, turned = event.pixelDelta(), event.angleDelta()
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not exact.isNull() and not zooms:  # a touchpad moves; its fingers zoom
            self.move_by(-exact.x(), -exact.y())
        else:
            self.zoom_by(STEP ** (turned.y() / NOTCH), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        zoom = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == zoom:
            self.zoom_by(1 + event.value(), event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position()
            if self.can_move:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None:
            by = self._grabbed - event.position()
            self._grabbed = event.position()
            self.move_by(by.x(), by.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self._tell()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._fits and self._zoom < 1.0:
            self.set_zoom(1.0, event.position())
        elif self._fits:
            self.set_zoom(2.0, event.position())
        else:
            self.fit()


def _clamped(center: float, half: float, whole: float) -> float:
    """The middle of what is seen along one side, `half` to both sides, of a `whole`."""
    return whole / 2 if 2 * half >= whole else min(max(center, half), whole - half)
