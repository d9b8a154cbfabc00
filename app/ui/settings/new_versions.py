"""Looking for new versions, as rows of a page: the switch, "Check now", and what was found.

Invariant: made only where there is something to look at; where a package manager brings new
versions, that is said instead. The page of a release opens only after it was shown where it leads.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QDate, QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.build import TITLE
from app.config import Config
from app.domain.settings import Settings
from app.i18n import tr
from app.ui.notices import announce
from app.ui.settings.rows import Page, muted
from app.ui.theme import SPACE
from app.updates import Announcement, Updates, UpdateState


class NewVersions(QWidget):
    """`pageRequested` carries the address of a release's page."""

    pageRequested = Signal(str)

    def __init__(self, config: Config, updates: Updates) -> None:
        super().__init__()
        self._config = config
        self._updates = updates
        self.switch = QCheckBox(tr("Look for a new version once a day"))
        self.check = QPushButton(tr("Check now"))
        self.status = muted()
        self.found = QWidget()
        self._name = muted(kind="title")
        self._notes = muted()
        self._notes.setTextFormat(Qt.TextFormat.PlainText)
        self.open_page = QPushButton(tr("Open the download page…"))
        self.open_page.setProperty("kind", "primary")
        self._build()
        self.switch.clicked.connect(self._on_switched)
        self.check.clicked.connect(updates.look)
        self.open_page.clicked.connect(self._on_open_clicked)
        unsubscribe = updates.subscribe(self._show_state)
        self.destroyed.connect(lambda: unsubscribe())
        self.show_settings(config.settings)
        self._show_state(updates.state)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addWidget(self.switch)
        remark = muted(
            tr(
                "A small signed file is read from {host}. Nothing about you, this computer or "
                "your version is sent, and nothing is installed.",
                host=self._updates.host,
            ),
            kind="caption",
        )
        column.addWidget(remark)
        row = QHBoxLayout()
        row.setSpacing(SPACE.m)
        row.addWidget(self.check)
        row.addWidget(self.status, 1)
        column.addLayout(row)
        inner = QVBoxLayout(self.found)
        inner.setContentsMargins(0, SPACE.s, 0, 0)
        inner.setSpacing(SPACE.s)
        for widget in (self._name, self._notes):
            inner.addWidget(widget)
        inner.addWidget(self.open_page, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.found)

    def show_settings(self, settings: Settings) -> None:
        self.switch.setChecked(settings.look_for_updates)

    def _show_state(self, state: UpdateState) -> None:
        words = tr("Looking…") if state.looking else state.words or self._last_look()
        self.status.setText(words)
        if state.words:
            announce(self.status, state.words)
        self.found.setVisible(state.newer is not None)
        if state.newer is not None:
            self._name.setText(_named(state.newer))
            self._notes.setText(state.newer.notes)
            self._notes.setVisible(bool(state.newer.notes))

    def _last_look(self) -> str:
        if not self._updates.looked:
            return ""
        when = QDateTime.fromSecsSinceEpoch(int(self._updates.looked))
        shown = QLocale().toString(when, QLocale.FormatType.ShortFormat)
        return tr("Last looked: {when}", when=shown)

    def _on_switched(self, on: bool) -> None:
        self._updates.asked()
        self._config.change(replace(self._config.settings, look_for_updates=on))

    def _on_open_clicked(self) -> None:
        if self._updates.state.newer is not None:
            self.pageRequested.emit(self._updates.state.newer.page)


def add_new_versions(page: Page, config: Config, updates: Updates) -> NewVersions | None:
    """The section of a page; without a list to look at there is none."""
    if updates.package.managed:
        page.add_section(tr("New versions"))
        page.add_block(
            muted(
                tr(
                    "{title} came with a package manager, which brings new versions, too.",
                    title=TITLE,
                )
            )
        )
    if not updates.package.can_look:
        return None
    page.add_section(tr("New versions"))
    versions = NewVersions(config, updates)
    page.add_block(versions)
    return versions


def _named(found: Announcement) -> str:
    day = QLocale().toString(
        QDate(found.date.year, found.date.month, found.date.day), QLocale.FormatType.LongFormat
    )
    return tr("Version {version} of {day}", version=found.version, day=day)
