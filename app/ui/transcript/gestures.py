"""Wheel, touch, keys and mouse as movements of the content and of the selection.

Invariant: every movement ends in `moved`, after which the view lays out; nothing is lost between.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.ui.transcript import keys
from app.ui.transcript.pointer import Pointer
from app.ui.transcript.scrolling import Glide, Touch, Wheel
from app.ui.transcript.selection import everything
from app.ui.transcript.stage import Stage

LINE_PX = 20
PAGE_SHARE = 0.9


class Gestures(QObject):
    """`pointer` takes the mouse events; the view passes on the others."""

    moved = Signal()
    selectionChanged = Signal()
    stepped = Signal(int)
    """+1 or -1: to the next or previous message."""

    def __init__(self, stage: Stage, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._stage = stage
        self._viewport = viewport
        self._wheel = Wheel()
        self.glide = Glide(self.move, stage.theme.duration_ms)
        self._touch = Touch(viewport, self.move)
        self.pointer = Pointer(viewport, stage.layout, stage.geometry, stage.selection, self.move)
        self.pointer.selectionChanged.connect(self.selectionChanged)
        self.pointer.scrolledSideways.connect(viewport.update)

    def move(self, pixels: int) -> None:
        """Move the content up by so many pixels now."""
        self._stage.layout.scroll_by(pixels)
        self.moved.emit()

    def wheel(self, event: QWheelEvent) -> None:
        x, y, glides = self._wheel.pixels(event, self._stage.style.px(LINE_PX))
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not x:
            x, y = y, 0
        if x and self._scroll_sideways(event.position(), x):
            event.accept()
            return
        if glides:
            self.glide.add(y)
        elif y:
            self.glide.stop()
            self.move(y)
        event.accept()

    def touch(self, event: QEvent) -> bool:
        return self._touch.handle(event)

    def key(self, event: QKeyEvent) -> bool:
        """Whether the key was one of the transcript's."""
        layout, selection = self._stage.layout, self._stage.selection
        if event.matches(QKeySequence.StandardKey.SelectAll):
            selection.set(*everything(layout))
            self.selectionChanged.emit()
            return True
        if selection.head is not None:
            selection.head = keys.clamp(layout, selection.head)
        if keys.extend_selection(event, layout, selection):
            self._keep_head_visible()
            self.selectionChanged.emit()
            return True
        step = keys.message_step(event)
        if step:
            self.stepped.emit(step)
            return True
        return self._key_scrolls(event)

    def _key_scrolls(self, event: QKeyEvent) -> bool:
        layout = self._stage.layout
        if event.key() == Qt.Key.Key_Home:
            self.glide.stop()
            layout.show(0)
            self.moved.emit()
            return True
        if event.key() == Qt.Key.Key_End:
            self.glide.stop()
            layout.follow()
            self.moved.emit()
            return True
        page = int(layout.viewport_px * PAGE_SHARE)
        pixels = keys.scroll_wish(event, page, self._stage.style.px(2 * LINE_PX))
        if pixels is None:
            return False
        self.glide.add(pixels)
        return True

    def _keep_head_visible(self) -> None:
        stage = self._stage
        head = stage.selection.head
        if head is None:
            return
        at = stage.geometry.caret(head)
        height = stage.layout.viewport_px
        if at is None:
            shown = stage.layout.placed
            below = bool(shown) and head[:2] > (shown[-1].item, shown[-1].row)
            self.move(height // 3 if below else -height // 3)
        elif at.top() < 0:
            self.move(int(at.top()) - 8)
        elif at.bottom() > height:
            self.move(int(at.bottom()) - height + 8)

    def _scroll_sideways(self, at: QPointF, pixels: int) -> bool:
        hit = self._stage.geometry.over(at)
        if hit is None or not hit.unit.scroll_range():
            return False
        hit.unit.set_scroll_x(hit.unit.scroll_x() + pixels)
        self._viewport.update()
        return True
