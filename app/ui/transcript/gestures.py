"""Wheel, touch, keys and mouse as movements of the content and of the selection.

Invariant: every movement ends in `moved`, after which the view lays out; nothing is lost between.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.ui.transcript.keyboard import Keyboard
from app.ui.transcript.pointer import Pointer
from app.ui.transcript.scrolling import Glide, Touch, Wheel
from app.ui.transcript.stage import Stage

LINE_PX = 20


class Gestures(QObject):
    """`pointer` takes the mouse events, `keyboard` the keys; the view passes on the others."""

    moved = Signal()
    selectionChanged = Signal()

    def __init__(self, stage: Stage, view: QWidget, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._stage = stage
        self._viewport = viewport
        self._wheel = Wheel()
        self.glide = Glide(self.move, stage.theme.duration_ms)
        self._touch = Touch(viewport, self.move)
        self.pointer = Pointer(viewport, stage.layout, stage.geometry, stage.selection, self.move)
        self.pointer.selectionChanged.connect(self.selectionChanged)
        self.pointer.scrolledSideways.connect(viewport.update)
        self.keyboard = Keyboard(stage, self.glide, self.move, view)
        self.keyboard.selectionChanged.connect(self.selectionChanged)
        self.keyboard.relaid.connect(self.moved)
        self.keyboard.caret.changed.connect(viewport.update)

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
        return self.keyboard.press(event)

    def _scroll_sideways(self, at: QPointF, pixels: int) -> bool:
        hit = self._stage.geometry.over(at)
        if hit is None or not hit.unit.scroll_range():
            return False
        hit.unit.set_scroll_x(hit.unit.scroll_x() + pixels)
        self._viewport.update()
        return True
