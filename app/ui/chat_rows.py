"""The rows of the list of chats as a model: headings and chats, and what a chat is called.

Invariant: a changed list is told as the one stretch that differs, so that views keep their place.
Knows chats only as `ChatSummary`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.domain.conversation import ChatSummary
from app.i18n import tr
from app.ui.chat_sections import Heading, Row
from app.ui.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
CHAT_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEditable
    | Qt.ItemFlag.ItemNeverHasChildren
)
"""Put together once: Qt asks for them at each turn of a spinner."""


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
        return Qt.ItemFlag.NoItemFlags if self.chat_at(index) is None else CHAT_FLAGS

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
