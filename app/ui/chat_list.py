"""The list of chats: a model of headings and chats, painted rows, and the view with its keys.

Invariant: all rows have one height, so that 50,000 chats cost no more than those in sight; a
changed list is told as the one stretch that differs. Knows chats only as `ChatSummary`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
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
from app.ui.chat_sections import Heading, Row
from app.ui.focus import KeyboardFocus
from app.ui.icons import paint_icon
from app.ui.message_field import is_writing
from app.ui.theme import RADIUS, TYPE, Theme
from app.ui.tips import plain_tip

ROW_PX = 36
SIDE_PX = 10
"""Room between the edge of the sidebar and a row's tinted ground."""
SPIN_STEP_MS = 80
BESIDE_TITLE_PX = 50
"""What a row's pin, dot and menu button may take from its title."""

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


class ChatListModel(QAbstractListModel):
    """Rows as the sidebar shows them; `renamed` tells a new title that the person wrote."""

    renamed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._row_of: dict[str, int] = {}
        self.open_id: str | None = None
        self.replying: frozenset[str] = frozenset()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def row_at(self, index: Index) -> Row | None:
        return self._rows[index.row()] if index.isValid() else None

    def chat_at(self, index: Index) -> ChatSummary | None:
        row = self.row_at(index)
        return row if isinstance(row, ChatSummary) else None

    def index_of(self, chat_id: str | None) -> QModelIndex:
        row = self._row_of.get(chat_id) if chat_id is not None else None
        return QModelIndex() if row is None else self.index(row)

    def neighbour(self, chat_id: str | None, step: int) -> str | None:
        """The id of the chat before (-1) or after (+1), headings skipped; no wrap-around."""
        start = self._row_of.get(chat_id) if chat_id is not None else None
        at = (-1 if step > 0 else len(self._rows)) if start is None else start
        at += step
        while 0 <= at < len(self._rows):
            row = self._rows[at]
            if isinstance(row, ChatSummary):
                return row.id
            at += step
        return None

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows; views hear of the differing stretch only. O(rows), no I/O."""
        old, new = self._rows, tuple(rows)
        start = 0
        shortest = min(len(old), len(new))
        while start < shortest and _same_place(old[start], new[start]):
            start += 1
        end = 0
        while end < shortest - start and _same_place(old[-1 - end], new[-1 - end]):
            end += 1
        if len(old) > start + end:
            self.beginRemoveRows(NO_INDEX, start, len(old) - end - 1)
            self._rows = old[:start] + old[len(old) - end :]
            self.endRemoveRows()
        if len(new) > start + end:
            self.beginInsertRows(NO_INDEX, start, len(new) - end - 1)
            self._rows = new
            self.endInsertRows()
        self._rows = new
        self._row_of = {row.id: at for at, row in enumerate(new) if isinstance(row, ChatSummary)}
        shift = len(new) - len(old)
        kept = [
            at
            for at in (*range(start), *range(len(new) - end, len(new)))
            if new[at] is not (before := old[at if at < start else at - shift])
            and new[at] != before
        ]
        if kept:
            self.dataChanged.emit(self.index(kept[0]), self.index(kept[-1]))

    def set_open(self, chat_id: str | None) -> None:
        """Mark the chat that the window shows."""
        before, self.open_id = self.open_id, chat_id
        for changed in {before, chat_id}:
            self._tell_changed(changed)

    def set_replying(self, chat_ids: frozenset[str]) -> None:
        """Mark the chats whose answer is being written."""
        before, self.replying = self.replying, chat_ids
        for changed in before ^ chat_ids:
            self._tell_changed(changed)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text if isinstance(row, Heading) else title_of(row)
        if role == Qt.ItemDataRole.EditRole and isinstance(row, ChatSummary):
            return row.title or row.draft or title_of(row)
        if isinstance(row, Heading):
            return row.text if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(title_of(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        chat = self.chat_at(index)
        title = str(value).strip()
        if chat is None or not title or title in (title_of(chat), chat.draft):
            return False
        self.renamed.emit(chat.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.chat_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def _spoken(self, chat: ChatSummary) -> str:
        if chat.id in self.replying:
            return tr("{title}, an answer is being written", title=title_of(chat))
        if chat.unread:
            return tr("{title}, new answer", title=title_of(chat))
        return title_of(chat)

    def _tell_changed(self, chat_id: str | None) -> None:
        index = self.index_of(chat_id)
        if index.isValid():
            self.dataChanged.emit(index, index)


def title_of(chat: ChatSummary) -> str:
    """A chat's title on one line, or what stands for it while it has none."""
    title = " ".join(chat.title.split())
    if not title and chat.draft:
        return tr("Draft: {words}", words=chat.draft)
    return title or tr("New chat")


def _same_place(one: Row, other: Row) -> bool:
    if isinstance(one, ChatSummary):
        return isinstance(other, ChatSummary) and one.id == other.id
    return one == other


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
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = bool(state & QStyle.StateFlag.State_HasFocus) and self._focus.shown
        ground = QRectF(rect.adjusted(SIDE_PX, 0, -SIDE_PX - 1, 0))
        if is_open or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            color = theme.color("selected")
            painter.setOpacity(1.0 if is_open else 0.6)
            painter.setBrush(color)
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
    """The chats. Arrow keys move, Enter or a click opens, F2 renames, Delete bins."""

    chatOpened = Signal(str)
    menuRequested = Signal(str, QPoint)
    deleteRequested = Signal(str)

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
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._on_menu_button(index, event.position().toPoint()):
            self._request_menu(index)
            return
        super().mousePressEvent(event)
        self._open(index)

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
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace if chat is not None:
                self.deleteRequested.emit(chat.id)
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
