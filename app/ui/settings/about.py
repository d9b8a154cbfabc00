"""About the program: versions, new versions, folders, licences, and diagnostics to copy."""

from __future__ import annotations

from app.config import Config
from app.domain.settings import Settings
from app.house import House
from app.i18n import tr
from app.ui.links import LinkQuestion
from app.ui.settings.about_head import AboutHead, add_versions
from app.ui.settings.folders import add_place
from app.ui.settings.help_row import HelpRow
from app.ui.settings.new_versions import add_new_versions
from app.ui.settings.rows import Page
from app.ui.theme import Theme
from app.updates import Updates


class AboutPage(Page):
    """`versions` is None where nobody tells of new ones."""

    def __init__(self, theme: Theme, config: Config, house: House, updates: Updates) -> None:
        super().__init__(tr("About"))
        self._house = house
        package = updates.package.kind
        head = AboutHead(theme)
        head.pageRequested.connect(self._open_page)
        self.column.insertWidget(1, head)
        add_versions(self.rows, package)
        self.versions = add_new_versions(self, config, updates)
        if self.versions is not None:
            self.versions.pageRequested.connect(self._open_page)
        self.add_section(tr("Folders"))
        folders = self.add_rows()
        for what, path in (
            (tr("Chats"), house.data),
            (tr("Settings file"), house.settings),
            (tr("Log"), house.log),
        ):
            add_place(folders, what, path)
        self.add_section(tr("Licences and help"))
        self.help = HelpRow(theme, config, house, package)
        self.add_block(self.help)

    def show_settings(self, settings: Settings) -> None:
        if self.versions is not None:
            self.versions.show_settings(settings)

    def showEvent(self, event: object) -> None:
        self._house.measure(self.help.take_sizes)

    def _open_page(self, address: str) -> None:
        """Over the settings, which are in front."""
        LinkQuestion(address, self.window()).open()
