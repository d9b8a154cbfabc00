"""What keys do on the transcript: scroll, walk the messages, move the caret, select.

Invariant: without a caret arrows scroll, as on any page; F7, or a key that selects, brings the
caret, Esc hides it again. The caret is always kept in sight, sideways too.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from app.ui.transcript import keys, walking
from app.ui.transcript.caret import Caret
from app.ui.transcript.keys import Move
from app.ui.transcript.scrolling import Glide
from app.ui.transcript.selection import Position, everything
from app.ui.transcript.stage import Stage

LINE_PX = 40
PAGE_SHARE = 0.9
AIR_PX = 8
"""Kept between the caret and the edges of the viewport."""


class Keyboard(QObject):
    """`move` moves the content by pixels, `relaid` comes after it was moved otherwise."""

    selectionChanged = Signal()
    relaid = Signal()
    linkChosen = Signal(int, str)
    stepped = Signal(int)
    """+1 or -1: to the next or previous message."""

    def __init__(
        self, stage: Stage, glide: Glide, move: Callable[[int], None], view: QWidget
    ) -> None:
        super().__init__(view)
        self._stage = stage
        self._glide = glide
        self._move = move
        self.caret = Caret(stage.selection, view, self)

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key was one of the transcript's."""
        layout, selection = self._stage.layout, self._stage.selection
        if not layout.count:
            return self._scroll(event)
        if event.matches(QKeySequence.StandardKey.SelectAll):
            selection.set(*everything(layout))
            self.selectionChanged.emit()
            return True
        wish = keys.caret_wish(event)
        if wish is not None and (self.caret.shown or (wish[2] and self._begin())):
            self._glide.finish()
            self._walk(*wish)
            return True
        if self.caret.shown and self._caret_key(event):
            return True
        step = keys.message_step(event)
        if step:
            self.caret.hide()
            self.stepped.emit(step)
            return True
        return self._scroll(event)

    def toggle_caret(self) -> None:
        """Show the caret where one was last, if that can be seen, else at the top; or hide it."""
        if self.caret.shown:
            self.caret.hide()
        elif self._begin():
            self.caret.light()

    # Inside ------------------------------------------------------------------------------

    def _begin(self) -> bool:
        """Have a caret to move; whether there is text for one."""
        layout, caret = self._stage.layout, self.caret
        head = caret.place
        if head is not None and layout.count:
            head = self._stage.selection.head = walking.clamp(layout, head)
            if self._stage.geometry.caret(head) is not None:
                caret.shown = True
                return True
        place = walking.first_visible(layout)
        if place is not None:
            caret.show_at(place, selecting=False)
        return place is not None

    def _caret_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.caret.hide()
                return True
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                return self._follow_link()
        return False

    def _walk(self, move: Move, by: int, selects: bool) -> None:
        layout, caret = self._stage.layout, self.caret
        place = caret.place
        if place is None:
            return
        place = walking.clamp(layout, place)
        keeps_column = move in (Move.LINE, Move.PAGE)
        if not keeps_column:
            caret.goal_x = None

        def goal_x() -> float:
            if caret.goal_x is None:
                caret.goal_x = walking.column_x(layout, place)
            return caret.goal_x

        page_px = int(layout.viewport_px * PAGE_SHARE)
        found = keys.moved(layout, place, move, by, goal_x, page_px)
        caret.show_at(found, selecting=selects)
        self._bring_into_sight(found)
        self.selectionChanged.emit()

    def _bring_into_sight(self, place: Position) -> None:
        stage = self._stage
        layout = stage.layout
        at = stage.geometry.caret(place)
        if at is None:
            row = layout.whole_item(place.item).rows[place.row]
            row.measure(layout.column_px)
            inside = row.gap + int(row.built().caret(place.offset).top())
            layout.show(place.item, place.row, inside - layout.viewport_px // 3)
            self.relaid.emit()
        elif at.top() < AIR_PX:
            self._move(int(at.top()) - AIR_PX)
        elif at.bottom() > layout.viewport_px - AIR_PX:
            self._move(int(at.bottom()) - layout.viewport_px + AIR_PX)
        row = layout.item(place.item).rows[place.row]
        stage.geometry.bring_sideways(row, place.offset, place.offset)

    def _follow_link(self) -> bool:
        place = self.caret.place
        if place is None:
            return False
        unit = self._stage.layout.whole_item(place.item).rows[place.row].built()
        for spot in unit.links():
            if spot.start <= place.offset <= spot.end and spot.end > spot.start:
                self.linkChosen.emit(place.item, spot.href)
                return True
        return False

    def _scroll(self, event: QKeyEvent) -> bool:
        layout = self._stage.layout
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._glide.stop()
            if event.key() == Qt.Key.Key_Home:
                layout.show(0)
            else:
                layout.follow()
            self.relaid.emit()
            return True
        page = int(layout.viewport_px * PAGE_SHARE)
        pixels = keys.scroll_wish(event, page, self._stage.style.px(LINE_PX))
        if pixels is None:
            return False
        self._glide.add(pixels)
        return True
