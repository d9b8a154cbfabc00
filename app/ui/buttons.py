"""The painted buttons: an icon, a pill with words, and the round button that sends and stops.

Invariant: every one has an accessible name, a tip, and a focus ring that is seen only while it has
the focus; none takes the focus by a click, so that typing goes on. Colours come from the theme.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui.icons import icon, paint_icon
from app.ui.theme import RADIUS, SPACE, TYPE, Theme
from app.ui.tips import plain_tip

FOCUS_RING_PX = 2.0
ICON_PX = 18
ICON_GAP_PX = 4


def paint_focus_ring(painter: QPainter, rect: QRectF, radius_px: float, color: QColor) -> None:
    """The ring around what has the keyboard, inside `rect`."""
    inset = FOCUS_RING_PX / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, FOCUS_RING_PX))
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius_px, radius_px)


def paint_shadow(painter: QPainter, box: QRectF, radius_px: float, depth_px: int) -> None:
    """A soft shadow around `box`, a little lower than it."""
    shadow = QColor(0, 0, 0, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(shadow, 2))
    for step in range(depth_px, 0, -1):
        around = box.adjusted(-step, -step + 2, step, step + 2)
        painter.drawRoundedRect(around, radius_px + step, radius_px + step)


def give_icon(button: QAbstractButton, name: str, color: QColor) -> None:
    """Put an icon before the words of a button, a little farther away than Qt has it."""
    button.setIcon(icon(name, color, ICON_PX, ICON_GAP_PX))
    button.setIconSize(QSize(ICON_PX + ICON_GAP_PX, ICON_PX))


class PaintedButton(QAbstractButton):
    """What the painted buttons share: repaint on hover, Enter presses, tip from name and keys."""

    def __init__(self, theme: Theme, name: str, keys: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self.theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_name(name, keys)

    def set_name(self, name: str, keys: str = "") -> None:
        """The accessible name; the tip adds the keys that do the same."""
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(f"{name}  ({keys})" if keys else name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _hovered(self) -> bool:
        return self.isEnabled() and self.underMouse()


class IconButton(PaintedButton):
    """A square that shows only an icon."""

    def __init__(
        self,
        theme: Theme,
        icon_name: str,
        name: str,
        keys: str = "",
        parent: QWidget | None = None,
        *,
        side_px: int = 32,
        icon_px: int = 18,
    ):
        super().__init__(theme, name, keys, parent)
        self._icon_name = icon_name
        self._icon_px = icon_px
        self.setFixedSize(side_px, side_px)

    def set_icon(self, icon_name: str) -> None:
        self._icon_name = icon_name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        theme = self.theme
        if self.isDown() or self.isChecked() or self._hovered():
            ground = "accent_soft" if self.isDown() or self.isChecked() else "selected"
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(ground))
            painter.drawRoundedRect(rect, RADIUS.s + 2, RADIUS.s + 2)
        if self.hasFocus():
            paint_focus_ring(painter, rect, RADIUS.s + 1, theme.color("accent"))
        color = "muted" if self.isEnabled() else "disabled"
        if self._hovered():
            color = "text"
        if self.isChecked():
            color = "accent"
        at = rect.center()
        paint_icon(painter, self._icon_name, at.x(), at.y(), self._icon_px, theme.color(color))


class PillButton(PaintedButton):
    """A rounded button with words: an icon, a text, a fainter second text, an arrow for a menu.

    `soft` is the tinted look of a setting that is on. The first text shrinks before it is cut.
    """

    def __init__(self, theme: Theme, name: str, keys: str = "", parent: QWidget | None = None):
        super().__init__(theme, name, keys, parent)
        self._icon_name = ""
        self._second = ""
        self._arrow = False
        self._soft = False
        self._framed = True
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(30)

    def set_look(
        self,
        *,
        icon_name: str = "",
        text: str = "",
        second: str = "",
        arrow: bool = False,
        soft: bool = False,
        framed: bool = True,
    ) -> None:
        self._icon_name, self._second, self._arrow = icon_name, second, arrow
        self._soft, self._framed = soft, framed
        self.setText(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.theme.font(TYPE.small))
        width = 2 * SPACE.m + metrics.horizontalAdvance(self.text())
        if self._icon_name:
            width += 22
        if self._second:
            width += 6 + metrics.horizontalAdvance(self._second)
        if self._arrow:
            width += 20
        return QSize(width, 30)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 88), 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.theme
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = rect.height() / 2
        ground = "accent_soft" if self._soft or self.isDown() else ""
        if self._hovered() and not ground:
            ground = "selected"
        framed = self._framed and not self._soft
        painter.setPen(QPen(theme.color("line"), 1) if framed else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(ground) if ground else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, radius, radius)
        if self.hasFocus():
            paint_focus_ring(painter, rect, radius, theme.color("accent"))
        self._paint_content(painter, rect)

    def _paint_content(self, painter: QPainter, rect: QRectF) -> None:
        theme = self.theme
        color = theme.color("accent" if self._soft else "text" if self.isEnabled() else "disabled")
        left, right = rect.left() + SPACE.m, rect.right() - SPACE.m
        if self._icon_name:
            paint_icon(painter, self._icon_name, left + 7, rect.center().y(), 16, color)
            left += 21
        if self._arrow:
            faint = color if self._soft else theme.color("muted")
            paint_icon(painter, "chevron-down", right - 5, rect.center().y(), 16, faint)
            right -= 19
        font = theme.font(TYPE.small)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(color)
        room = right - left
        second = self._second
        if second and metrics.horizontalAdvance(self.text()) + 40 > room:
            second = ""
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room) + 1)
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, rect.top(), room, rect.height()), vertical, shown)
        left += metrics.horizontalAdvance(shown) + 6
        if second and right > left:
            painter.setPen(theme.color("muted"))
            shown = metrics.elidedText(second, Qt.TextElideMode.ElideRight, int(right - left) + 1)
            painter.drawText(QRectF(left, rect.top(), right - left, rect.height()), vertical, shown)


class RoundButton(PaintedButton):
    """The one filled circle: it sends, and while an answer is written it stops."""

    SIDE_PX = 34

    def __init__(self, theme: Theme, name: str, keys: str = "", parent: QWidget | None = None):
        super().__init__(theme, name, keys, parent)
        self._icon_name = "send"
        self.setFixedSize(self.SIDE_PX + 4, self.SIDE_PX + 4)

    def set_icon(self, icon_name: str) -> None:
        self._icon_name = icon_name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.theme
        ground = "accent_hover" if self._hovered() or self.isDown() else "accent"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(ground if self.isEnabled() else "line"))
        at = QPointF(QRectF(self.rect()).center())
        painter.drawEllipse(at, self.SIDE_PX / 2, self.SIDE_PX / 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text"), FOCUS_RING_PX))
            painter.drawEllipse(at, self.SIDE_PX / 2 + 1, self.SIDE_PX / 2 + 1)
        color = theme.color("on_accent" if self.isEnabled() else "disabled")
        paint_icon(painter, self._icon_name, at.x(), at.y(), 18, color)
