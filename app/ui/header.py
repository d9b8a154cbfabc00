"""The line above the chat: its title, the model, the menu; sidebar and new chat when it is hidden.

Invariant: it shows what it is told and tells what is wanted.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from app.i18n import tr
from app.ui.buttons import IconButton, PillButton
from app.ui.menus import show_menu
from app.ui.theme import SPACE, TYPE, Theme
from app.ui.tips import plain_tip

HEIGHT_PX = 52
TITLE_PX = 200
"""Where less is left for a title that needs more, the service is named in the tip only."""


class Title(QWidget):
    """The chat's title, cut where there is no room. A double click renames."""

    renameRequested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> bool:
        """Show `text`; whether another one stood there."""
        text = " ".join(text.split())
        if text == self._text:
            return False
        self._text = text
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()
        return True

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 24)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font(TYPE.body, QFont.Weight.DemiBold))
        return QSize(metrics.horizontalAdvance(self._text) + 2, 24)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.renameRequested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = self._theme.font(TYPE.body, QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        shown = QFontMetrics(font).elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)


class Header(QWidget):
    """`menuOpened` carries the empty menu each time that it opens, for the listener to fill.

    Title and model are told at every key of a question: what stands there already costs nothing.
    """

    sidebarRequested = Signal()
    newChatRequested = Signal()
    modelRequested = Signal()
    renameRequested = Signal()
    menuOpened = Signal(object)

    def __init__(
        self,
        theme: Theme,
        keys: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = self._service = ""
        self.setFixedHeight(HEIGHT_PX)
        self.sidebar = IconButton(theme, "sidebar", tr("Show the sidebar"), keys("sidebar"))
        self.new_chat = IconButton(theme, "new-chat", tr("Start a new chat"), keys("new_chat"))
        self.title = Title(theme)
        self.model = PillButton(theme, tr("Model"), keys("model"))
        self.more = IconButton(theme, "more", tr("More"), icon_px=20)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.l, 0, SPACE.l, 1)
        row.setSpacing(SPACE.s)
        for widget in (self.sidebar, self.new_chat):
            row.addWidget(widget)
        row.addWidget(self.title, 1)
        row.addWidget(self.model)
        row.addWidget(self.more)
        self.sidebar.clicked.connect(self.sidebarRequested)
        self.new_chat.clicked.connect(self.newChatRequested)
        self.model.clicked.connect(self.modelRequested)
        self.title.renameRequested.connect(self.renameRequested)
        self.more.clicked.connect(self._show_menu)
        self.set_sidebar_shown(shown=True)

    def set_sidebar_shown(self, *, shown: bool) -> None:
        """The two buttons stand here while the sidebar that holds them is hidden."""
        self.sidebar.setVisible(not shown)
        self.new_chat.setVisible(not shown)
        self._share_room()

    def set_model(self, model: str, service: str) -> None:
        """The model's name and, fainter, its service's."""
        text = model or tr("Choose a model")
        if (text, service) == (self._model, self._service):
            return
        self._model, self._service = text, service
        self._share_room()
        self.model.setAccessibleDescription(f"{text}, {service}")
        self.model.setToolTip(plain_tip(f"{text}\n{service}"))

    def set_title(self, text: str) -> None:
        if self.title.set_text(text):
            self._share_room()

    def _share_room(self) -> None:
        """Name the service beside the model where that leaves enough for the title."""
        second = self._service if self._service != self._model else ""
        self.model.set_look(text=self._model, second=second, arrow=True)
        icons = (each for each in (self.sidebar, self.new_chat, self.more) if not each.isHidden())
        taken = self.model.sizeHint().width() + SPACE.s
        taken += sum(each.minimumWidth() + SPACE.s for each in icons)
        left = self.width() - 2 * SPACE.l - taken
        if left < min(self.title.sizeHint().width(), TITLE_PX):
            self.model.set_look(text=self._model, arrow=True)

    def menu(self) -> QMenu:
        menu = QMenu(self)
        self.menuOpened.emit(menu)
        return menu

    def _show_menu(self) -> None:
        menu = self.menu()
        right = self.more.width() - menu.sizeHint().width()
        show_menu(menu, self.more.mapToGlobal(QPoint(right, self.more.height() + SPACE.xs)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("window"))
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
