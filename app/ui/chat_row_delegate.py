"""A row of the list of chats as it is painted: a heading, or a chat, whose title can be edited.

Invariant: all rows have one height, and what is painted is what the model says at that moment. Must
not know which keys and clicks do what.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPen
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
from app.ui.theme import RADIUS, TYPE, Theme

ROW_PX = 36
SIDE_PX = 10
"""Room between the edge of the sidebar and a row's tinted ground."""
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
