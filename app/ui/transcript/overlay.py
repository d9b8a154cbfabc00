"""Real buttons over the painted transcript, for what is visible of it.

Invariant: a button keeps its widget while its row is visible, so the keyboard's focus stays on
it; buttons of rows that left are used again. They are moved and shown outside painting only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from app.ui.focus import next_in_chain
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS, Theme
from app.ui.tips import plain_tip
from app.ui.transcript.geometry import Geometry
from app.ui.transcript.layout import Layout, Placed
from app.ui.transcript.rows import Row
from app.ui.transcript.units.base import Act, Control, LinkSpot, Look, Unit

Key = tuple[str, int, str, str]
"""Message id, row, act and key of a control."""

_PLAIN = Control(act=Act.COPY, name="", rect=QRect())
FOCUS_RING_PX = 2
CONFIRMED_MS = 1200
AIR_PX = 8
"""Around a button that has the keyboard."""
MAX_BUTTONS = 150
"""More links than this are reached with the caret only."""
MAX_LINKS = 400
"""So many links of one row are looked at."""


class _Asked(NamedTuple):
    """What a unit wants while it is laid out and scrolled as `state` says."""

    state: tuple[int, int]
    controls: Sequence[Control]
    links: Sequence[LinkSpot]


class OverlayButton(QToolButton):
    """Draws one control. It takes the focus by Tab only, so that a click leaves the reading."""

    def __init__(self, theme: Theme, overlay: Overlay, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.control = _PLAIN
        self.item = -1
        self.row = -1
        self.at_hand = False
        self.floating = False
        self._overlay = overlay
        self._confirmed = False
        self._pressed_at = QPoint()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_control(self, control: Control) -> None:
        self.control = control
        self._confirmed = False
        self.setAccessibleName(control.name)
        self.setAccessibleDescription(control.description)
        self.setToolTip(plain_tip(control.tip or ("" if control.text else control.name)))
        self.setCheckable(control.checked is not None)
        self.setChecked(bool(control.checked))
        self.setEnabled(control.enabled)
        link = control.act is Act.LINK
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, link)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.update()

    def set_at_hand(self, at_hand: bool) -> None:
        """Whether the pointer is at its row; controls that show only then repaint."""
        if at_hand != self.at_hand:
            self.at_hand = at_hand
            if self.control.hover_only:
                self.update()

    def set_floating(self, floating: bool) -> None:
        """Whether it was moved from its place to stay in sight, over what stands there."""
        if floating != self.floating:
            self.floating = floating
            self.update()

    def confirm(self) -> None:
        """Show for a moment that something was copied."""
        if self.control.act in (Act.COPY, Act.COPY_CODE):
            self._confirmed = True
            self.update()
            QTimer.singleShot(CONFIRMED_MS, self, self._on_confirmed_long_enough)

    def _on_confirmed_long_enough(self) -> None:
        self._confirmed = False
        self.update()

    def nextCheckState(self) -> None:
        """What is checked follows what is shown, not the click."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        far = (event.position().toPoint() - self._pressed_at).manhattanLength()
        dragged = self.isDown() and far >= QApplication.startDragDistance()
        if dragged and self.control.act is Act.MEDIA:
            self.setDown(False)
            self._overlay.dragged.emit(self.item, self.row, self.control)
        else:
            super().mouseMoveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.BacktabFocusReason:  # from outside: begin at the end
            self._overlay.enter(forward=False)
        self._overlay.tell_hidden(self)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self._overlay.move_focus(self, forward)

    def paintEvent(self, event: QPaintEvent) -> None:
        control = self.control
        theme = self.theme
        hovered = self.underMouse() and self.isEnabled()
        if control.hover_only and not (hovered or self.at_hand or self.hasFocus()):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if control.look is Look.BUTTON:
            painter.setPen(QPen(theme.color("control_border"), 1))
            ground = "selected" if hovered or self.isDown() else "window"
            painter.setBrush(theme.color(ground))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.s + 2, RADIUS.s + 2)
        elif control.look in (Look.ICON, Look.WORDS):
            ground = "selected" if hovered or self.isDown() else "code" if control.sticky else ""
            if ground:
                edge = QPen(theme.color("line"), 1)
                painter.setPen(edge if self.floating else Qt.PenStyle.NoPen)
                painter.setBrush(theme.color(ground))
                inset = 0.5 if self.floating else 0.0
                painter.drawRoundedRect(
                    rect.adjusted(inset, inset, -inset, -inset), RADIUS.s, RADIUS.s
                )
        self._paint_content(painter, rect, hovered)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), FOCUS_RING_PX))
            inner = rect.adjusted(1, 1, -1, -1)
            radius = RADIUS.m if control.look is Look.COVER else RADIUS.s
            painter.drawRoundedRect(inner, radius, radius)
        painter.end()

    def _paint_content(self, painter: QPainter, rect: QRectF, hovered: bool) -> None:
        control = self.control
        theme = self.theme
        color = theme.color("text" if hovered else "muted")
        if not self.isEnabled():
            color = theme.color("disabled")
        elif control.checked and control.look is Look.ICON:
            color = theme.color("accent")
        elif control.look is Look.BUTTON:
            color = theme.color("text")
        icon_px = round(16 * theme.scale)
        icon = "check" if self._confirmed else control.icon
        if control.look is Look.ICON:
            center = rect.center()
            paint_icon(painter, icon, center.x(), center.y(), icon_px, color)
            return
        if not control.text:
            return
        font = QFont(theme.font(13 * theme.scale))
        if control.look is Look.BUTTON:
            font.setWeight(QFont.Weight.Medium)
        font.setUnderline(control.look is Look.LINK)
        painter.setFont(font)
        wide = QFontMetrics(font).horizontalAdvance(control.text)
        left = (rect.width() - wide) / 2
        if icon:
            left = (rect.width() - wide - icon_px - 6) / 2
            paint_icon(painter, icon, left + icon_px / 2, rect.center().y(), icon_px, color)
            left += icon_px + 6
        painter.setPen(color)
        room = QRectF(left, 0, wide + 2, rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, control.text)


class Overlay(QObject):
    """Keeps the buttons in step with the layout.

    `activated` carries message number, row, control and the button's lower left corner on screen.
    """

    activated = Signal(int, int, object, QPoint)
    hidden = Signal(int)
    """So many pixels must the content go up for what has the keyboard to be seen."""
    dragged = Signal(int, int, object)
    """Message number, row and control of what is pulled away."""

    def __init__(self, theme: Theme, viewport: QWidget, name_of: Callable[[int], str]) -> None:
        """`name_of` gives the id of a message number."""
        super().__init__(viewport)
        self._theme = theme
        self._viewport = viewport
        self._view = viewport.parentWidget() or viewport
        self._name_of = name_of
        self._shown: dict[Key, OverlayButton] = {}
        self._spare: list[OverlayButton] = []
        self._asked: dict[Row, _Asked] = {}
        """What the visible rows wanted the last time: it stays while they are laid out so."""

    @property
    def buttons(self) -> list[OverlayButton]:
        """The visible buttons in reading order."""
        found = [button for button in self._shown.values() if button.isEnabled()]
        return sorted(found, key=lambda button: (button.item, button.row, button.x()))

    @property
    def focused(self) -> OverlayButton | None:
        """The button that has the keyboard."""
        at = self._view.window().focusWidget()
        return at if isinstance(at, OverlayButton) and at in self._shown.values() else None

    def sync(self, layout: Layout, geometry: Geometry, at_hand: int | None) -> None:
        """Place the buttons of what is visible; `at_hand` is the message under the pointer."""
        wanted: dict[Key, tuple[Placed, Control, QRect]] = {}
        floating: set[Key] = set()
        asked: dict[Row, _Asked] = {}
        for placed in layout.placed:
            row = layout.placed_row(placed)
            if row.unit is None or row.clipped is not None:
                continue
            controls, links = self._asked_for(row, row.unit, asked)
            if not controls and not links:
                continue
            origin = geometry.origin(placed).toPoint()
            message_id = self._name_of(placed.item)
            for control in controls:
                rect = control.rect.translated(origin)
                key = (message_id, placed.row, control.act.value, control.key)
                if control.sticky:
                    top = rect.top()
                    lowest = placed.y + placed.height - row.below - rect.height() - 4
                    rect.moveTop(min(max(top, 6), max(top, lowest)))
                    if rect.top() != top:
                        floating.add(key)
                wanted[key] = (placed, control, rect)
            for at, spot in enumerate(links):
                rect = _outside(spot.rect, origin)
                key = (message_id, placed.row, Act.LINK.value, str(at))
                if self._wants_link(key, rect, len(wanted), layout.viewport_px):
                    wanted[key] = (placed, _link_control(spot), rect)
        self._asked = asked
        self._drop([key for key in self._shown if key not in wanted])
        for key, (placed, control, rect) in wanted.items():
            self._place(key, placed, control, rect, placed.item == at_hand)
            self._shown[key].set_floating(key in floating)

    def move_focus(self, button: OverlayButton, forward: bool) -> bool:
        """Tab among the buttons in reading order, then out of the transcript."""
        buttons = self.buttons
        at = buttons.index(button) + (1 if forward else -1) if button in buttons else -1
        if 0 <= at < len(buttons):
            buttons[at].setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        return self.leave(forward)

    def enter(self, forward: bool) -> bool:
        """Give the focus to the first or last button; false where there is none."""
        buttons = self.buttons
        if not buttons:
            return False
        buttons[0 if forward else -1].setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def leave(self, forward: bool) -> bool:
        """Give the focus to what follows or precedes the transcript."""
        view = self._view
        at: QWidget | None = view
        while at is not None:
            at = next_in_chain(at, forward=forward)
            if at is None or at is view:
                break
            usable = at.isVisibleTo(view.window()) and at.isEnabled()
            tabbed = bool(at.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if usable and tabbed and not view.isAncestorOf(at):
                at.setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return False

    def tell_hidden(self, button: OverlayButton) -> None:
        """Where a button that has the keyboard is cut off, say by how much."""
        air = 0 if button.floating else AIR_PX  # it floats nearer to the edge, in sight
        above = button.y() - air
        below = button.geometry().bottom() + air - self._viewport.height()
        if above < 0 or below > 0:
            self.hidden.emit(above if above < 0 else below)

    def set_at_hand(self, item: int | None) -> None:
        for button in self._shown.values():
            button.set_at_hand(button.item == item)

    def clear(self) -> None:
        self._drop(list(self._shown))

    def _wants_link(self, key: Key, rect: QRect, count: int, viewport_px: int) -> bool:
        """Of a row that is all links only those that are seen, and not hundreds of them."""
        focused = key in self._shown and self._shown[key].hasFocus()
        seen = rect.bottom() >= 0 and rect.top() <= viewport_px
        return focused or (seen and count < MAX_BUTTONS)

    def _asked_for(
        self, row: Row, unit: Unit, asked: dict[Row, _Asked]
    ) -> tuple[Sequence[Control], Sequence[LinkSpot]]:
        state = (row.version, unit.scroll_x())
        found = self._asked.get(row)
        if found is None or found.state != state:
            controls = [c for c in unit.controls() if c.look is not Look.LABEL]
            found = _Asked(state, controls, list(islice(unit.links(), MAX_LINKS)))
        asked[row] = found
        return found.controls, found.links

    def _place(
        self, key: Key, placed: Placed, control: Control, rect: QRect, at_hand: bool
    ) -> None:
        button = self._shown.get(key)
        if button is None:
            button = self._spare.pop() if self._spare else self._made()
            self._shown[key] = button
        button.item, button.row = placed.item, placed.row
        if control != button.control:
            button.set_control(control)
        if button.geometry() != rect:
            button.setGeometry(rect)
        button.set_at_hand(at_hand)
        if button.isHidden():
            button.show()

    def _drop(self, keys: list[Key]) -> None:
        for key in keys:
            button = self._shown.pop(key)
            if self._view.window().focusWidget() is button:
                self._view.setFocus(Qt.FocusReason.OtherFocusReason)
            button.hide()
            button.set_control(_PLAIN)
            self._spare.append(button)

    def _made(self) -> OverlayButton:
        button = OverlayButton(self._theme, self, self._viewport)
        QWidget.setTabOrder(self._view, button)
        button.clicked.connect(lambda: self._on_clicked(button))
        return button

    def _on_clicked(self, button: OverlayButton) -> None:
        corner = button.mapToGlobal(QPoint(0, button.height()))
        button.confirm()
        self.activated.emit(button.item, button.row, button.control, corner)


def _link_control(spot: LinkSpot) -> Control:
    return Control(
        act=Act.LINK,
        name=spot.text,
        description=spot.href,
        rect=spot.rect.toAlignedRect(),
        look=Look.COVER,
        value=spot.href,
    )


def _outside(rect: QRectF, origin: QPoint) -> QRect:
    return rect.toAlignedRect().adjusted(-3, -1, 3, 1).translated(origin)
