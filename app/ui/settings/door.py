"""The way to the settings: the window is made when somebody first asks for it.

Invariant: there is one at a time, and its pages are loaded with it. It knows everything that they
are about, so that those who open it need not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.config import Config
from app.house import House
from app.i18n import tr
from app.library import Library
from app.services import Services
from app.services.uploads import UploadedFiles
from app.ui.theme import Theme
from app.updates import Updates

if TYPE_CHECKING:
    from app.ui.settings.window import SettingsWindow, Sheet


class SettingsDoor:
    """`open` at a page, and at a service."""

    def __init__(
        self,
        theme: Theme,
        config: Config,
        services: Services,
        library: Library,
        house: House,
        uploads: UploadedFiles,
        updates: Updates,
        parent: QWidget,
    ) -> None:
        self._theme = theme
        self._config = config
        self._services = services
        self._library = library
        self._house = house
        self._uploads = uploads
        self._updates = updates
        self._parent = parent
        self._window: SettingsWindow | None = None

    def open_at_key(self, service_id: str) -> None:
        """At the field for the key of a service, ready to paste."""
        self.open("services", service_id)
        if self._window is not None:
            self._window.services.focus_key()

    def open(self, page: str = "", service_id: str = "") -> None:
        if self._window is None:
            from app.ui.settings.window import SettingsWindow

            self._window = SettingsWindow(
                self._theme, self._config, self._services, self._sheets(), self._parent
            )
        self._window.show_page(page, service_id)

    def _sheets(self) -> tuple[Sheet, ...]:
        from app.ui.settings.about import AboutPage
        from app.ui.settings.data import DataPage
        from app.ui.settings.window import Sheet

        data = DataPage(self._house, self._library, self._uploads)
        about = AboutPage(self._theme, self._config, self._house, self._updates)
        return (
            Sheet("data", tr("Data"), "database", data),
            Sheet("about", tr("About"), "info", about, about.show_settings),
        )
