"""The search over all chats: the field for the words, what was found, and the view with its keys.

Invariant: a hit is shown as the library gave it, nothing is searched here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QWidget,
)

from app.domain.conversation import SearchHit
from app.i18n import tr
from app.ui.buttons import paint_focus_ring
from app.ui.focus import KeyboardFocus
from app.ui.icons import icon, paint_icon
from app.ui.message_field import is_writing
from app.ui.theme import RADIUS, TYPE, Theme

HIT_PX = 72
TITLE_HIT_PX = 54
"""A chat that was found by its title has a line less."""
SIDE_PX = 10
LEAD_CHARS = 24
"""How much of a snippet stands before its first marked word."""

_NOISE = re.compile(r"\s+(?:(?:#{1,6}|>|\|)\s+)?|\*\*|`+|^#{1,6}\s+")

CLEAR_ACTION = "_q_qlineeditclearaction"
"""What Qt calls the action of a field's clear button."""

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


class SearchField(QLineEdit):
    """The field for words to find; its keys are shown while it is empty."""

    leftDownwards = Signal()

    def __init__(self, theme: Theme, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._keys = keys
        self.setProperty("kind", "search")
        self.setAccessibleName(tr("Search chats"))
        self.setPlaceholderText(tr("Search chats"))
        self.setTextMargins(20, 0, 0, 0)
        self.setClearButtonEnabled(True)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        clear = self.findChild(QAction, CLEAR_ACTION)
        if clear is not None:
            clear.setIcon(icon("close", self._theme.color("muted"), 14))
        for button in self.findChildren(QToolButton):  # what stands for the action
            button.setAccessibleName(tr("Clear the search"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        middle = self.height() / 2
        paint_icon(painter, "search", 19, middle, 16, theme.color("muted"))
        if self.text() or self.hasFocus() or not self._keys:
            return
        font = theme.font(TYPE.caption - 1)
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(self._keys) + 10
        badge = QRectF(self.width() - width - 11.5, middle - 8.5, width, 17)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawRoundedRect(badge, RADIUS.s - 1, RADIUS.s - 1)
        painter.setPen(theme.color("muted"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, self._keys)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape if self.text():
                self.clear()
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.leftDownwards.emit()
            case _:
                super().keyPressEvent(event)


class SearchResultsModel(QAbstractListModel):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hits: tuple[SearchHit, ...] = ()

    def set_hits(self, hits: Sequence[SearchHit]) -> None:
        self.beginResetModel()
        self._hits = tuple(hits)
        self.endResetModel()

    def hit_at(self, index: Index) -> SearchHit | None:
        return self._hits[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        hit = self.hit_at(index)
        if hit is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return hit.chat_title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if hit.message_id is None:
                return hit.chat_title
            return tr("{title}: {snippet}", title=hit.chat_title, snippet=hit.snippet)
        return None


Marks = tuple[tuple[int, int], ...]


def shortened(hit: SearchHit) -> tuple[str, Marks]:
    """The snippet on one line from shortly before its first hit, with the marks moved along."""
    text, marks = _plain(hit.snippet, hit.marks)
    cut = 0
    if marks and marks[0][0] > LEAD_CHARS:
        cut = text.rfind(" ", 0, marks[0][0] - LEAD_CHARS // 2) + 1
        cut = max(cut, marks[0][0] - LEAD_CHARS)
    lead = "…" if cut else ""
    shift = cut - len(lead)
    return lead + text[cut:], tuple((start - shift, end - shift) for start, end in marks)


def _plain(snippet: str, marks: Marks) -> tuple[str, Marks]:
    """`snippet` with single blanks and without the commonest marks of Markdown."""
    kept: list[str] = []
    at: list[int] = []  # where each character of the snippet went
    end = 0
    for found in _NOISE.finditer(snippet):
        at += range(len(kept), len(kept) + found.start() - end)
        kept += snippet[end : found.start()]
        at += [len(kept)] * len(found[0])
        if found[0][0].isspace():
            kept.append(" ")
        end = found.end()
    at += range(len(kept), len(kept) + len(snippet) - end + 1)
    kept += snippet[end:]
    last = len(snippet)
    return "".join(kept), tuple((at[min(a, last)], at[min(b, last)]) for a, b in marks)


def _utf16_units(text: str) -> int:
    """The length of `text` as Qt counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class SearchHitDelegate(QStyledItemDelegate):
    """Paints the title of the chat and up to two lines of the message, the words marked."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._focus = KeyboardFocus(view)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        model = index.model()
        assert isinstance(model, SearchResultsModel)
        hit = model.hit_at(index)
        return QSize(80, TITLE_HIT_PX if hit is not None and hit.message_id is None else HIT_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, SearchResultsModel)
        hit = model.hit_at(index)
        if hit is None:
            return
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        ground = QRectF(option.rect.adjusted(SIDE_PX, 1, -SIDE_PX - 1, -1))
        if state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected"))
            painter.drawRoundedRect(ground, RADIUS.s + 2, RADIUS.s + 2)
        if state & QStyle.StateFlag.State_HasFocus and self._focus.shown:
            paint_focus_ring(painter, ground, RADIUS.s + 1, theme.color("accent"))
        left, right = ground.left() + 8, ground.right() - 8
        if hit.in_reasoning:
            paint_icon(painter, "lightbulb", right - 7, ground.top() + 16, 14, theme.color("muted"))
            right -= 20
        font = theme.font(TYPE.small, QFont.Weight.DemiBold)
        room = QRectF(left, ground.top() + 7, right - left, 18)
        titled = hit.message_id is None and bool(hit.marks)
        title, marks = shortened(hit) if titled else (hit.chat_title or tr("New chat"), ())
        title = QFontMetrics(font).elidedText(title, Qt.TextElideMode.ElideRight, int(room.width()))
        self._paint_lines(painter, title, marks, font, "text", room)
        lines = QRectF(left, ground.top() + 27, ground.right() - 8 - left, 36)
        font = theme.font(TYPE.caption)
        if hit.message_id is not None:
            self._paint_lines(painter, *shortened(hit), font, "muted", lines)
        else:
            painter.setFont(font)
            painter.setPen(theme.color("muted"))
            day = QDateTime.fromSecsSinceEpoch(int(hit.updated_at)).date()
            words = QLocale().toString(day, QLocale.FormatType.ShortFormat)
            painter.drawText(lines, tr("Title · {day}", day=words))
        painter.restore()

    def _paint_lines(
        self,
        painter: QPainter,
        text: str,
        marks: Marks,
        font: QFont,
        color: str,
        room: QRectF,
    ) -> None:
        """As many lines of `text` as `room` is high, two at most, with its marks."""
        theme = self._theme
        layout = QTextLayout(text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        formats = []
        for start, end in marks:
            mark = QTextLayout.FormatRange()
            mark.start = _utf16_units(text[:start])
            mark.length = _utf16_units(text[start:end])
            look = QTextCharFormat()
            look.setBackground(theme.color("find"))
            look.setForeground(theme.color("text"))
            mark.format = look
            formats.append(mark)
        layout.setFormats(formats)
        layout.beginLayout()
        y = 0.0
        for _ in range(2):
            line = layout.createLine()
            if not line.isValid() or y >= room.height():
                break
            line.setLineWidth(room.width())
            line.setPosition(QPointF(0, y))
            y += line.height() + 1
        layout.endLayout()
        painter.setPen(theme.color(color))
        layout.draw(painter, room.topLeft())


class SearchResultsView(QListView):
    """The hits. Enter or a click opens one; Up on the first goes back to the search field, Esc
    ends the search.

    `typed` carries what was typed here instead of there.
    """

    hitOpened = Signal(object)
    leftUpwards = Signal()
    escaped = Signal()
    typed = Signal(str)

    def __init__(self, theme: Theme, model: SearchResultsModel, parent: QWidget | None = None):
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(SearchHitDelegate(theme, self))
        self.setAccessibleName(tr("Search results"))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)

    def _open(self, index: QModelIndex) -> None:
        hit = self._model.hit_at(index)
        if hit is not None:
            self.hitOpened.emit(hit)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._open(self.indexAt(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._open(self.currentIndex())
            case Qt.Key.Key_Escape:
                self.escaped.emit()
            case Qt.Key.Key_Up if self.currentIndex().row() <= 0:
                self.leftUpwards.emit()
            case _ if is_writing(event):
                self.typed.emit(event.text())
            case _:
                super().keyPressEvent(event)
