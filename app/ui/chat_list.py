"""The list of chats: painted rows, and the view with its keys; `chat_rows` has what is in it.

Invariant: all rows have one height, so that 50,000 chats cost no more than those in sight.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from app.domain.conversation import ChatSummary
from app.i18n import tr
from app.ui.buttons import paint_focus_ring
from app.ui.chat_rows import ChatListModel, Index, title_of
from app.ui.chat_sections import Heading
from app.ui.focus import KeyboardFocus
from app.ui.icons import paint_icon
from app.ui.message_field import is_writing
from app.ui.theme import RADIUS, TYPE, Theme

ROW_PX = 36
SIDE_PX = 10
"""Room between the edge of the sidebar and a row's tinted ground."""
SPIN_STEP_MS = 80
BESIDE_TITLE_PX = 50
"""What a row's pin, dot and menu button may take from its title."""


class ChatRowDelegate(QStyledItemDelegate):
    """Paints a heading or a chat: pin, title, dot or spinner, and the menu button on hover."""

    MENU_PX = 28

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._focus = KeyboardFocus(view)
        self.spin_step = 0
        self.spinner = QRect()
        """Where it turns within a row."""
        self.exposed = QRect()
        """What of the view is being painted."""
        self.menu_hovered = False
        self.several_marked = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, ROW_PX)

    def menu_rect(self, row: QRect) -> QRect:
        """Where the menu button of a row stands."""
        right = row.right() - SIDE_PX - 1
        return QRect(right - self.MENU_PX, row.top() + 4, self.MENU_PX - 2, ROW_PX - 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, ChatListModel)
        row = model.row_at(index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, Heading):
            self._paint_heading(painter, option, row)
        elif row is not None:
            self._paint_chat(painter, option, row, model)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, row: Heading) -> None:
        theme = self._theme
        painter.setFont(theme.font(TYPE.caption, QFont.Weight.DemiBold))
        painter.setPen(theme.color("muted"))
        rect: QRect = option.rect.adjusted(SIDE_PX + 8, 4, -SIDE_PX, 0)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, row.text)

    def _paint_chat(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        chat: ChatSummary,
        model: ChatListModel,
    ) -> None:
        theme = self._theme
        state = option.state
        rect: QRect = option.rect
        is_open = chat.id == model.open_id
        is_marked = self.several_marked and bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = bool(state & QStyle.StateFlag.State_HasFocus) and self._focus.shown
        ground = QRectF(rect.adjusted(SIDE_PX, 0, -SIDE_PX - 1, 0))
        if is_open or hovered or is_marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setOpacity(1.0 if is_open or is_marked else 0.6)
            painter.setBrush(theme.color("accent_soft" if is_marked else "selected"))
            painter.drawRoundedRect(ground, RADIUS.s + 2, RADIUS.s + 2)
            painter.setOpacity(1.0)
        if focused:
            paint_focus_ring(painter, ground, RADIUS.s + 1, theme.color("accent"))
        left, right = rect.left() + SIDE_PX + 8, rect.right() - SIDE_PX - 9
        middle = rect.top() + ROW_PX / 2
        if chat.pinned:
            paint_icon(painter, "pin", left + 7, middle, 15, theme.color("muted"))
            left += 22
        if hovered or (is_open and not chat.unread) or focused:
            menu = QRectF(self.menu_rect(rect))
            if hovered and self.menu_hovered:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("line"))
                painter.drawRoundedRect(menu, RADIUS.s, RADIUS.s)
            at = menu.center()
            paint_icon(painter, "more", at.x(), at.y(), 17, theme.color("text"))
            right = int(menu.left()) - 2
        if chat.id in model.replying:
            turning = QRectF(right - 12, middle - 6, 12, 12)
            self.spinner = (
                turning.toAlignedRect().adjusted(-2, -2, 2, 2).translated(-rect.topLeft())
            )
            self._paint_spinner(painter, turning)
            right -= 18
        elif chat.unread:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(QRectF(right - 7, middle - 3.5, 7, 7))
            right -= 14
        room = QRect(left, rect.top(), right - left, ROW_PX)
        if not room.intersects(self.exposed):
            return  # only the spinner has turned
        weight = QFont.Weight.Medium if is_open or chat.unread else QFont.Weight.Normal
        font = theme.font(TYPE.body, weight)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        shown = QFontMetrics(font).elidedText(
            title_of(chat), Qt.TextElideMode.ElideRight, right - left
        )
        painter.drawText(QRectF(room), Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_spinner(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._theme
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("line"), 2))
        painter.drawEllipse(rect)
        pen = QPen(theme.color("accent"), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(rect, -self.spin_step * 30 * 16, 100 * 16)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """The whole title as a tip, where it is cut."""
        title = QFontMetrics(self._theme.font(TYPE.body)).horizontalAdvance(str(index.data()))
        if title > option.rect.width() - 2 * SIDE_PX - BESIDE_TITLE_PX:
            return super().helpEvent(event, view, option, index)
        QToolTip.hideText()
        return True

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Title of the chat"))
        editor.setMaxLength(200)
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        editor.setGeometry(option.rect.adjusted(SIDE_PX - 2, 1, -SIDE_PX + 1, -1))

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # Comes again with every change of the row: what is being typed stays.
        assert isinstance(editor, QLineEdit)
        if not editor.isModified():
            editor.setText(str(index.data()))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        model.setData(index, editor.text())


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
        return tuple(sorted((chat.id for chat in found), key=lambda id: self._row_of(id)))

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
