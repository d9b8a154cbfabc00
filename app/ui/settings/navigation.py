"""Lists painted like the sidebar: pages with an icon, services with a letter and a second line."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui.buttons import paint_focus_ring
from app.ui.focus import KeyboardFocus
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS, SPACE, TYPE, Theme
from app.ui.tips import plain_tip

ENTRY = Qt.ItemDataRole.UserRole
LINE_PX = 36
TWO_LINES_PX = 48
LETTER_PX = 26
TEXT_FROM_PX = 80
"""A narrower row shows its icon alone."""
# Grounds of the letters: tokens that keep 4.5:1 under the window's colour in both palettes.
_LETTER_GROUNDS = ("name", "accent", "number", "keyword", "string", "comment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row. With `icon_name` one line, else a letter of `text` and `second` below it."""

    key: str
    text: str
    second: str = ""
    icon_name: str = ""


class Entries(QListWidget):
    """A list of entries; `currentItemChanged` tells the chosen one."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setItemDelegate(_Painter(theme, self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show `entries`; the chosen one stays chosen where it is still there."""
        chosen = self.chosen()
        blocked = self.blockSignals(True)
        self.clear()
        for entry in entries:
            item = QListWidgetItem(entry.text, self)
            item.setData(ENTRY, entry)
            spoken = f"{entry.text}, {entry.second}" if entry.second else entry.text
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            item.setToolTip(plain_tip(spoken))
        self.choose(chosen)
        self.blockSignals(blocked)

    def chosen(self) -> str:
        if self.currentRow() < 0:
            return ""
        entry: Entry = self.currentItem().data(ENTRY)
        return entry.key

    def choose(self, key: str) -> None:
        for row in range(self.count()):
            if self.item(row).data(ENTRY).key == key:
                self.setCurrentRow(row)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()
        super().changeEvent(event)


class _Painter(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: QListWidget) -> None:
        super().__init__(view)
        self._theme = theme
        self._focus = KeyboardFocus(view)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        entry: Entry = index.data(ENTRY)
        return QSize(120, LINE_PX if entry.icon_name else TWO_LINES_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry: Entry = index.data(ENTRY)
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected"))
            painter.setOpacity(1.0 if selected else 0.6)
            painter.drawRoundedRect(rect, RADIUS.s, RADIUS.s)
            painter.setOpacity(1.0)
        if state & QStyle.StateFlag.State_HasFocus and self._focus.shown:
            paint_focus_ring(painter, rect, RADIUS.s, theme.color("accent"))
        if entry.icon_name:
            self._paint_line(painter, rect, entry, selected=selected)
        else:
            paint_named(painter, theme, rect, entry.text, entry.second)
        painter.restore()

    def _paint_line(self, painter: QPainter, rect: QRectF, entry: Entry, *, selected: bool) -> None:
        theme = self._theme
        middle = rect.center().y()
        if rect.width() < TEXT_FROM_PX:
            paint_icon(painter, entry.icon_name, rect.center().x(), middle, 18, theme.color("text"))
            return
        paint_icon(painter, entry.icon_name, rect.left() + 18, middle, 18, theme.color("text"))
        weight = QFont.Weight.DemiBold if selected else QFont.Weight.Normal
        room = rect.adjusted(36, 0, -SPACE.s, 0)
        _paint_text(painter, room, entry.text, theme.font(TYPE.body, weight), theme.color("text"))


def paint_named(painter: QPainter, theme: Theme, rect: QRectF, name: str, second: str) -> None:
    """A letter on a ground of its own, `name` beside it and `second` below that."""
    letter = QRectF(rect.left() + SPACE.s, rect.center().y() - LETTER_PX / 2, LETTER_PX, LETTER_PX)
    ground = _LETTER_GROUNDS[sum(map(ord, name)) % len(_LETTER_GROUNDS)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(ground))
    painter.drawRoundedRect(letter, RADIUS.s, RADIUS.s)
    painter.setFont(theme.font(TYPE.caption))
    painter.setPen(QPen(QColor(theme.color("window"))))
    painter.drawText(letter, Qt.AlignmentFlag.AlignCenter, name[:1].upper())
    left = letter.right() + SPACE.s - rect.left()
    half = rect.height() / 2
    upper = rect.adjusted(left, 4, -SPACE.s, -half + 1)
    lower = rect.adjusted(left, half - 1, -SPACE.s, -4)
    _paint_text(painter, upper, name, theme.font(TYPE.body), theme.color("text"))
    _paint_text(painter, lower, second, theme.font(TYPE.caption), theme.color("muted"))


def _paint_text(painter: QPainter, rect: QRectF, text: str, font: QFont, color: QColor) -> None:
    painter.setFont(font)
    painter.setPen(color)
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)
