"""The list of chats: what keys and clicks do in it. `chat_rows` has what is in it, and
`chat_row_delegate` how a row looks.

Invariant: 50,000 chats cost no more than those in sight.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.i18n import tr
from app.ui.chat_row_delegate import ROW_PX, ChatRowDelegate
from app.ui.chat_rows import ChatListModel
from app.ui.message_field import is_writing
from app.ui.theme import Theme

SPIN_STEP_MS = 80


class ChatListView(QListView):
    """The chats. Arrow keys move, Enter or a click opens, F2 renames, Delete bins.

    With Ctrl or Shift a click marks several, to be pinned or deleted at once. A click takes no
    focus: who opened a chat goes on to write, and no key deletes what nobody pointed at.
    """

    chatOpened = Signal(str)
    menuRequested = Signal(str, QPoint)
    deleteRequested = Signal(object)
    """The ids of the chats."""

    def __init__(self, theme: Theme, model: ChatListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._rows = ChatRowDelegate(theme, self)
        self._theme = theme
        self._spin = QTimer(self, interval=SPIN_STEP_MS)
        self._spin.timeout.connect(self._on_spin_timeout)
        self.setModel(model)
        self.setItemDelegate(self._rows)
        self.setAccessibleName(tr("Chats"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(self._on_marks_changed)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().setSingleStep(ROW_PX)

    def rename(self, chat_id: str) -> None:
        """Open the field for a new title in place of the row."""
        index = self._model.index_of(chat_id)
        if index.isValid() and self.state() != QListView.State.EditingState:
            self.scrollTo(index)
            self.setCurrentIndex(index)
            self.edit(index)

    def marked(self) -> tuple[str, ...]:
        """The chats that are marked, in the order of the list; none unless there are several."""
        found = [chat for chat in map(self._model.chat_at, self.selectedIndexes()) if chat]
        if len(found) < 2:
            return ()
        return tuple(sorted((chat.id for chat in found), key=self._row_of))

    def mark(self, chat_ids: Iterable[str]) -> None:
        """Mark these chats, those before no longer."""
        flag = QItemSelectionModel.SelectionFlag
        wanted = QItemSelection()
        for chat_id in chat_ids:
            index = self._model.index_of(chat_id)
            if index.isValid():
                wanted.select(index, index)
        self.selectionModel().select(wanted, flag.ClearAndSelect)

    def show_current(self, chat_id: str, *, marked: Iterable[str] = ()) -> None:
        """Have the keyboard at a chat, with `marked` marked, or it alone."""
        index = self._model.index_of(chat_id)
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flag.NoUpdate)
        self.mark(marked or (chat_id,))

    def bring_into_sight(self, index: QModelIndex) -> None:
        """Scroll to a chat, and to the heading right above it."""
        above = index.siblingAtRow(index.row() - 1)
        if above.isValid() and self._model.chat_at(above) is None:
            self.scrollTo(above)
        self.scrollTo(index)

    def _row_of(self, chat_id: str) -> int:
        return self._model.index_of(chat_id).row()

    def _on_marks_changed(self) -> None:
        several = len(self.selectedIndexes()) > 1
        if several or self._rows.several_marked:
            self._rows.several_marked = several
            self.viewport().update()

    def show_replying(self, chat_ids: frozenset[str]) -> None:
        self._model.set_replying(chat_ids)
        if chat_ids and self._theme.duration_ms() and not self._spin.isActive():
            self._spin.start()
        elif not chat_ids:
            self._spin.stop()

    def _on_spin_timeout(self) -> None:
        self._rows.spin_step += 1
        for chat_id in self._model.replying:
            rect = self.visualRect(self._model.index_of(chat_id))
            if rect.intersects(self.viewport().rect()):
                self.viewport().update(self._rows.spinner.translated(rect.topLeft()))

    def paintEvent(self, event: QPaintEvent) -> None:
        self._rows.exposed = event.rect()
        super().paintEvent(event)

    def _open(self, index: QModelIndex) -> None:
        chat = self._model.chat_at(index)
        if chat is not None:
            self.chatOpened.emit(chat.id)

    def _request_menu(self, index: QModelIndex) -> None:
        chat = self._model.chat_at(index)
        if chat is not None:
            at = self._rows.menu_rect(self.visualRect(index)).bottomLeft()
            self.menuRequested.emit(chat.id, self.viewport().mapToGlobal(at))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or self._model.chat_at(index) is None:
            return
        if self._on_menu_button(index, event.position().toPoint()):
            self._request_menu(index)
            return
        held = event.modifiers()
        flag = QItemSelectionModel.SelectionFlag
        if held & Qt.KeyboardModifier.ShiftModifier:
            self.selectionModel().select(
                QItemSelection(self.currentIndex(), index), flag.ClearAndSelect
            )
        elif held & Qt.KeyboardModifier.ControlModifier:
            self.selectionModel().setCurrentIndex(index, flag.Toggle)
            left = self.selectedIndexes()
            if len(left) == 1:  # no longer several: the keys are for it, not for what was let go
                self.selectionModel().setCurrentIndex(left[0], flag.NoUpdate)
        else:
            self.setCurrentIndex(index)
            self._open(index)
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)  # for Delete

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt would mark what is below the pointer by now."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        chat = self._model.chat_at(index)
        if chat is not None and not self._on_menu_button(index, event.position().toPoint()):
            self.rename(chat.id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        over = self._on_menu_button(self.indexAt(at), at)
        if over != self._rows.menu_hovered:
            self._rows.menu_hovered = over
            self.viewport().update()
        if not event.buttons():  # with one Qt would mark what the pointer comes by
            super().mouseMoveEvent(event)

    def _on_menu_button(self, index: QModelIndex, at: QPoint) -> bool:
        if self._model.chat_at(index) is None:
            return False
        return self._rows.menu_rect(self.visualRect(index)).contains(at)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            chat = self._model.chat_at(self.indexAt(event.pos()))
            if chat is not None:
                self.menuRequested.emit(chat.id, event.globalPos())
        else:
            self._request_menu(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            return  # the field for the title has let go of this key
        index = self.currentIndex()
        chat = self._model.chat_at(index)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self._open(index)
            case Qt.Key.Key_F2 if chat is not None:
                self.rename(chat.id)
            case Qt.Key.Key_Delete if chat is not None:
                self.deleteRequested.emit(self.marked() or (chat.id,))
            case Qt.Key.Key_Backspace if chat is not None and sys.platform == "darwin":
                self.deleteRequested.emit(self.marked() or (chat.id,))
            case Qt.Key.Key_Escape if self.marked() and chat is not None:
                self.mark((chat.id,))
            case _ if is_writing(event):
                event.ignore()  # it is meant for the composer
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            first = self._model.neighbour(None, 1)
            self.setCurrentIndex(self._model.index_of(self._model.open_id or first))

    def leaveEvent(self, event: QEvent) -> None:
        self._rows.menu_hovered = False
        super().leaveEvent(event)
