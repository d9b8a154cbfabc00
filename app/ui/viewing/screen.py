"""Where a video is seen, or the sign of a recording, or why nothing can be.

Invariant: the picture keeps its proportions and is as large as there is room.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.theme import SPACE, TYPE, Theme

SIGN_PX = 72
PLAY_PX = 64
ICON_PX = 30


class Screen(QWidget):
    """`clicked`: somebody wants it to play, or to pause."""

    clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image = QImage()
        self._icon = ""
        self._words = ""
        self._playing = False
        self._pressed = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(tr("Video"))

    def set_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def set_face(self, icon: str, words: str) -> None:
        """What is shown where there is no picture."""
        self._icon, self._words = icon, words
        self.setAccessibleDescription(words)
        self.update()

    @property
    def words(self) -> str:
        return self._words

    @property
    def room_px(self) -> QSize:
        """In pixels of the screen."""
        return self.size() * self.devicePixelRatioF()

    @property
    def image(self) -> QImage:
        return self._image

    def set_playing(self, playing: bool) -> None:
        self._playing = playing
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, room = self._theme, QRectF(self.rect())
        painter.fillRect(room, theme.color("sidebar"))
        if not self._image.isNull():
            place = self._place()
            exact = abs(place.width() * self.devicePixelRatioF() - self._image.width()) < 1
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
            painter.drawImage(place, self._image, QRectF(self._image.rect()))
        elif self._icon:
            self._paint_face(painter, room)
        if not self._playing and not self._words and not self._image.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("scrim"))
            painter.drawEllipse(room.center(), PLAY_PX / 2, PLAY_PX / 2)
            at, color = room.center(), theme.color("on_scrim")
            paint_icon(painter, "play", at.x() + 1, at.y(), ICON_PX, color)
        painter.end()

    def _paint_face(self, painter: QPainter, room: QRectF) -> None:
        theme, at = self._theme, room.center()
        color = theme.color("muted")
        up = SPACE.xl if self._words else 0
        paint_icon(painter, self._icon, at.x(), at.y() - up, SIGN_PX - up, color)
        if self._words:
            painter.setFont(theme.font(TYPE.body))
            painter.setPen(theme.color("text"))
            below = room.adjusted(SPACE.xl, 0, -SPACE.xl, 0)
            below.setTop(at.y() + SPACE.xl)
            flags = (
                Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
            )
            painter.drawText(below, int(flags), self._words)

    def _place(self) -> QRectF:
        room = QSizeF(self.size())
        size = QSizeF(self._image.size()).scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (room.width() - size.width()) / 2, (room.height() - size.height()) / 2
        return QRectF(QPointF(left, top), size)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.button() == Qt.MouseButton.LeftButton

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
        self._pressed = False
