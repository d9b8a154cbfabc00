"""The mouse on the transcript: selecting, dragging text out, links, sideways scroll bars.

Invariant: a press on selected text selects nothing until it is released, since it may become a
drag. While the button is held outside the viewport the transcript scrolls and selects on.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QElapsedTimer, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.transcript.copying import copied
from app.ui.transcript.geometry import Geometry, Hit
from app.ui.transcript.layout import Layout
from app.ui.transcript.selection import Position, Selection, line_at, word_at
from app.ui.transcript.units.base import LinkSpot, Unit

AUTOSCROLL_MS = 16
AUTOSCROLL_MOST_PX = 40


class Grain(Enum):
    """What a drag selects by."""

    CHARACTER = auto()
    WORD = auto()
    LINE = auto()


class Pointer(QObject):
    """Handles the viewport's mouse events. `scroll` moves the content by pixels."""

    selectionChanged = Signal()
    linkClicked = Signal(int, str)
    linkHovered = Signal()
    moved = Signal(QPointF)
    scrolledSideways = Signal()

    def __init__(
        self,
        viewport: QWidget,
        layout: Layout,
        geometry: Geometry,
        selection: Selection,
        scroll: Callable[[int], None],
    ) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._layout = layout
        self._geometry = geometry
        self._selection = selection
        self._scroll = scroll
        self._grain = Grain.CHARACTER
        self._origin: tuple[Position, Position] | None = None
        self._pressed_at: QPointF | None = None
        self._pressed_link: str | None = None
        self._drag_ready = False
        self._bar: tuple[Unit, float, int] | None = None
        self._link: tuple[int, int, LinkSpot] | None = None
        self._at = QPointF()
        self._clicks = 0
        self._since_click = QElapsedTimer()
        self._autoscroll = QTimer(self)
        self._autoscroll.setInterval(AUTOSCROLL_MS)
        self._autoscroll.timeout.connect(self._on_autoscroll)

    @property
    def link(self) -> tuple[int, int, LinkSpot] | None:
        """The link under the pointer with its message and row."""
        return self._link

    def press(self, event: QMouseEvent) -> None:
        at = event.position()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._press_bar(at):
            return
        self._count_click(at)
        self._pressed_at = at
        found = self._geometry.link_at(at)
        self._pressed_link = found[1].href if found is not None else None
        place = self._place_at(at)
        if place is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._selection.extend_to(place)
            self._origin = (self._selection.anchor or place, place)
        elif self._clicks == 1 and self._is_selected(place) and self._geometry.is_over_text(at):
            self._drag_ready = True
            return
        else:
            self._select_grain(place)
        self.selectionChanged.emit()

    def move(self, event: QMouseEvent) -> None:
        at = self._at = event.position()
        if self._bar is not None:
            unit, pressed_x, scroll_x = self._bar
            handle = unit.handle_rect()
            room = max(1.0, self._layout.column_px - handle.width())
            unit.set_scroll_x(scroll_x + int((at.x() - pressed_x) * unit.scroll_range() / room))
            self.scrolledSideways.emit()
            return
        if not event.buttons() & Qt.MouseButton.LeftButton or self._pressed_at is None:
            self.hover(at)
            return
        far = (at - self._pressed_at).manhattanLength()
        if self._drag_ready:
            if far >= QApplication.startDragDistance():
                self._drag_ready = False
                self._pressed_at = None
                self._drag_out()
            return
        if far >= QApplication.startDragDistance():
            self._pressed_link = None
        self._extend(at)
        outside = at.y() < 0 or at.y() >= self._viewport.height()
        if outside != self._autoscroll.isActive():
            (self._autoscroll.start if outside else self._autoscroll.stop)()

    def release(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._autoscroll.stop()
        self._bar = None
        self._origin = None
        if self._drag_ready:  # a plain click on the selection drops it
            self._drag_ready = False
            self._selection.clear()
            self.selectionChanged.emit()
        pressed, self._pressed_at = self._pressed_at, None
        if self._pressed_link is not None and pressed is not None:
            found = self._geometry.link_at(event.position())
            if found is not None and found[1].href == self._pressed_link:
                self.linkClicked.emit(found[0].item, self._pressed_link)
        self._pressed_link = None
        self._offer_primary()

    def hover(self, at: QPointF) -> None:
        """Follow the pointer: cursor, links, and which message it is at."""
        found = self._geometry.link_at(at)
        link = (found[0].item, found[0].row, found[1]) if found is not None else None
        if (
            link is None
            or self._link is None
            or link[:2] != self._link[:2]
            or (link[2].start != self._link[2].start)
        ):
            changed = link != self._link
            self._link = link
            if changed:
                self.linkHovered.emit()
        shape = Qt.CursorShape.ArrowCursor
        if link is not None:
            shape = Qt.CursorShape.PointingHandCursor
        elif self._geometry.is_over_text(at) and self._bar_at(at) is None:
            shape = Qt.CursorShape.IBeamCursor
        if self._viewport.cursor().shape() != shape:
            self._viewport.setCursor(shape)
        self.moved.emit(at)

    def leave(self) -> None:
        self.hover(QPointF(-1e6, -1e6))

    # Inside ------------------------------------------------------------------------------

    def _place_at(self, at: QPointF) -> Position | None:
        """The place nearest to a point, in a message whose rows keep their numbers."""
        hit = self._geometry.hit(at)
        if hit is not None:
            self._layout.whole_item(hit.placed.item)
        return self._geometry.position_at(at)

    def _count_click(self, at: QPointF) -> None:
        near = self._pressed_at_last(at)
        quick = self._since_click.isValid() and (
            self._since_click.elapsed() < QApplication.doubleClickInterval()
        )
        self._clicks = self._clicks % 3 + 1 if near and quick else 1
        self._grain = (Grain.CHARACTER, Grain.WORD, Grain.LINE)[self._clicks - 1]
        self._since_click.start()
        self._at = at

    def _pressed_at_last(self, at: QPointF) -> bool:
        return (at - self._at).manhattanLength() <= 2 * QApplication.startDragDistance()

    def _select_grain(self, place: Position) -> None:
        start, end = self._grown(place)
        self._origin = (start, end)
        self._selection.set(start, end)

    def _grown(self, place: Position) -> tuple[Position, Position]:
        match self._grain:
            case Grain.WORD:
                return word_at(self._layout, place)
            case Grain.LINE:
                return line_at(self._layout, place)
            case Grain.CHARACTER:
                return place, place

    def _extend(self, at: QPointF) -> None:
        place = self._place_at(at)
        if place is None or self._origin is None:
            return
        start, end = self._grown(place)
        low, high = self._origin
        if start < low:
            self._selection.set(high, start)
        else:
            self._selection.set(low, max(end, high))
        self.selectionChanged.emit()

    def _is_selected(self, place: Position) -> bool:
        ends = self._selection.ends()
        return ends is not None and ends[0] <= place < ends[1]

    def _press_bar(self, at: QPointF) -> bool:
        hit = self._bar_at(at)
        if hit is None:
            return False
        self._bar = (hit.unit, at.x(), hit.unit.scroll_x())
        return True

    def _bar_at(self, at: QPointF) -> Hit | None:
        hit = self._geometry.over(at)
        if hit is None:
            return None
        handle = hit.unit.handle_rect().adjusted(-4, -4, 4, 4)
        return hit if handle.isValid() and handle.contains(hit.x, hit.y) else None

    def _drag_out(self) -> None:
        drag = QDrag(self._viewport)
        drag.setMimeData(copied(self._layout, self._selection))
        drag.exec(Qt.DropAction.CopyAction)

    def _offer_primary(self) -> None:
        """Where a middle click pastes what is selected, offer it."""
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection() and not self._selection.is_empty:
            mime = copied(self._layout, self._selection)
            clipboard.setMimeData(mime, clipboard.Mode.Selection)

    def _on_autoscroll(self) -> None:
        beyond = self._at.y() if self._at.y() < 0 else self._at.y() - self._viewport.height() + 1
        step = max(-AUTOSCROLL_MOST_PX, min(AUTOSCROLL_MOST_PX, int(beyond / 2)))
        self._scroll(step or (1 if beyond > 0 else -1))
        self._extend(self._at)
