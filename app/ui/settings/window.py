"""The settings window: pages at the side, the chosen page beside them.

Invariant: it blocks nothing; every change holds at once, so there is nothing to confirm. Made when
it is first asked for, because most starts never need it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.config import Config
from app.domain.settings import Settings
from app.i18n import tr
from app.services import Services
from app.ui.links import LinkQuestion
from app.ui.settings.answers import AnswersPage
from app.ui.settings.appearance import AppearancePage
from app.ui.settings.navigation import Entries, Entry
from app.ui.settings.rows import muted
from app.ui.settings.services import ServicesPage
from app.ui.theme import SPACE, Theme
from app.ui.window_state import TITLE_BAR_PX

NAVIGATION_PX = 190
SIZE_PX = (1000, 700)
NARROW_PX = 800
NARROW_NAVIGATION_PX = 64
"""Below this width the pages are chosen by their icons."""
SMALLEST_PX = (640, 380)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with its row at the side. `follow` is told when the settings change."""

    key: str
    text: str
    icon_name: str
    page: QWidget
    follow: Callable[[Settings], None] | None = None


class SettingsWindow(QWidget):
    """`show_page` opens it at a page: "services", "answers", "appearance", or one of `more`."""

    def __init__(
        self,
        theme: Theme,
        config: Config,
        services: Services,
        more: Sequence[Sheet] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Settings"))
        self.setAccessibleName(tr("Settings"))
        self.resize(*SIZE_PX)
        self.setMinimumSize(*SMALLEST_PX)
        self.services = ServicesPage(theme, config, services)
        self.services.linkActivated.connect(self._open_page)
        self.answers = AnswersPage(config, services)
        self.appearance = AppearancePage(config)
        self.sheets = (
            Sheet("services", tr("Services"), "key", self.services, self.services.show_settings),
            Sheet("answers", tr("Answers"), "sparkle", self.answers, self.answers.show_settings),
            Sheet(
                "appearance",
                tr("Appearance"),
                "appearance",
                self.appearance,
                self.appearance.show_settings,
            ),
            *more,
        )
        self.pages = Entries(theme, tr("Pages"))
        self.pages.show_entries(
            tuple(
                Entry(key=sheet.key, text=sheet.text, icon_name=sheet.icon_name)
                for sheet in self.sheets
            )
        )
        self._config = config
        self.problem = muted(kind="warning")
        self._heading = QLabel(tr("Settings"))
        self._side = QWidget()
        self._stack = QStackedWidget()
        for sheet in self.sheets:
            self._stack.addWidget(sheet.page)
        self._build()
        self.pages.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.pages.setCurrentRow(0)
        self._unsubscribe = config.subscribe(self._on_settings_changed)
        self.destroyed.connect(self._unsubscribe)

    def _build(self) -> None:
        heading = self._heading
        heading.setProperty("kind", "title")
        heading.setContentsMargins(SPACE.s, 0, 0, 0)
        side = self._side
        side.setProperty("kind", "sidebar")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(NAVIGATION_PX)
        column = QVBoxLayout(side)
        column.setContentsMargins(SPACE.m, SPACE.xl, SPACE.m, SPACE.m)
        column.setSpacing(SPACE.m)
        column.addWidget(heading)
        column.addWidget(self.pages)
        line = QWidget()
        line.setProperty("kind", "line")
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line.setFixedWidth(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(line)
        self.problem.setContentsMargins(SPACE.xl, SPACE.s, SPACE.xl, SPACE.m)
        pages = QVBoxLayout()
        pages.setSpacing(0)
        pages.addWidget(self._stack, 1)
        pages.addWidget(self.problem)
        row.addLayout(pages, 1)

    def show_page(self, key: str = "", service_id: str = "") -> None:
        """Open the window, at a page and a service where one is named, and bring it to front."""
        if key:
            self.pages.choose(key)
        if service_id:
            self.services.choose(service_id)
        self._show_problem()
        if not self.isVisible():
            self._move_over_parent()
        self.show()
        self.raise_()
        self.activateWindow()

    def _open_page(self, address: str) -> None:
        """A page that a service names, after it was shown where it leads."""
        LinkQuestion(address, self).open()

    def _move_over_parent(self) -> None:
        """Some window managers put a second window anywhere; it belongs over the first."""
        parent = self.parentWidget()
        if parent is None:
            return
        room = parent.screen().availableGeometry()
        self.resize(self.size().boundedTo(room.size() - QSize(0, TITLE_BAR_PX)))
        frame = self.frameGeometry()
        frame.moveCenter(parent.window().frameGeometry().center())
        self.move(max(room.left(), frame.left()), max(room.top(), frame.top()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW_PX
        self._side.setFixedWidth(NARROW_NAVIGATION_PX if narrow else NAVIGATION_PX)
        self._heading.setVisible(not narrow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(
            focused, QPushButton
        ):
            focused.click()  # as in a dialog; Qt knows only the space bar here
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.services.finish()
        self.answers.finish()
        super().closeEvent(event)

    def _on_settings_changed(self, old: Settings, new: Settings) -> None:
        for sheet in self.sheets:
            if sheet.follow is not None:
                sheet.follow(new)
        self._show_problem()

    def _show_problem(self) -> None:
        """What is wrong with the settings file is said where the settings are changed, too."""
        self.problem.setText(self._config.problem or "")
        self.problem.setVisible(self._config.problem is not None)
