"""What the attach button offers: files, files of a kind, a link, a screenshot.

Invariant: every row does something here and now, or says why not.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu, QWidget

from app.attachments import DataSource, FileSource
from app.domain.kinds import PDF, PICTURE, SOUND, TEXT, VIDEO
from app.i18n import tr
from app.ui.attach_desk import AttachDesk
from app.ui.attach_dialogs import AttachDialogs
from app.ui.menus import add_action, show_menu
from app.ui.mime_sources import written
from app.ui.screenshot import Screenshots
from app.ui.shortcuts import keys_text
from app.ui.theme import SPACE, Theme


class AttachMenu(QObject):
    """`open` shows it over `button`."""

    def __init__(
        self,
        theme: Theme,
        desk: AttachDesk,
        dialogs: AttachDialogs,
        screenshots: Screenshots,
        button: QWidget,
    ) -> None:
        super().__init__(button)
        self._theme = theme
        self._desk = desk
        self._dialogs = dialogs
        self._screenshots = screenshots
        self._button = button
        screenshots.taken.connect(self._on_screenshot_taken)
        screenshots.failed.connect(desk.noticed)

    def menu(self) -> QMenu:
        menu, theme = QMenu(self._button), self._theme
        choose = self._desk.choose_files
        add_action(menu, theme, "attach", tr("Files…"), choose, keys_text("attach"))
        for kind, words in (
            (PICTURE, tr("Pictures…")),
            (VIDEO, tr("Videos…")),
            (SOUND, tr("Recordings…")),
            (PDF, tr("PDF documents…")),
            (TEXT, tr("Text and code…")),
        ):
            add_action(menu, theme, kind.icon, words, partial(choose, kind))
        menu.addSeparator()
        add_action(menu, theme, "link", tr("A link…"), self._ask_link)
        for words, take in self._screenshots.ways:
            add_action(menu, theme, "computer", words, take)
        return menu

    def open(self) -> None:
        menu = self.menu()
        above = QPoint(0, -menu.sizeHint().height() - SPACE.xs)
        show_menu(menu, self._button.mapToGlobal(above))

    def _ask_link(self) -> None:
        words = tr("Where a picture, a video or a document lies, beginning with https://")
        self._dialogs.address(self._desk.take_address, words)

    def _on_screenshot_taken(self, found: QImage | Path) -> None:
        if isinstance(found, QImage):
            self._desk.take((DataSource(written(found, "bmp"), tr("Screenshot") + ".bmp"),))
        else:
            self._desk.take((FileSource(found),))
