"""The windows beside the main one: settings, a key, options of a chat, a link, the keys.

Invariant: each is made when it is asked for and blocks nothing; what it changes goes to the
settings, the services or the chat, never through here.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from app.choice import default_service
from app.config import Config
from app.domain.settings import Form
from app.i18n import tr
from app.services import LocalServer, Services
from app.ui.chat_options import ChatOptions
from app.ui.key_dialog import KeyDialog
from app.ui.links import LinkQuestion, can_open, host_of, open_link
from app.ui.settings.door import SettingsDoor
from app.ui.shortcut_list import ShortcutList
from app.ui.theme import Theme
from app.ui.window import MainWindow


class Dialogs(QObject):
    """Listens to the main window and opens what it asks for."""

    def __init__(
        self,
        theme: Theme,
        config: Config,
        services: Services,
        settings: SettingsDoor,
        window: MainWindow,
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._config = config
        self._services = services
        self._window = window
        self._trusted_hosts: set[str] = set()
        self.open_settings = settings.open
        deeds, welcome = window.page.deeds, window.page.welcome
        window.settingsRequested.connect(lambda: self.open_settings())
        window.shortcutsRequested.connect(self.open_shortcuts)
        deeds.optionsRequested.connect(self.open_options)
        deeds.serviceRequested.connect(lambda service: self.open_settings("services", service))
        deeds.keyRequested.connect(settings.open_at_key)
        deeds.localRequested.connect(self.look_for_servers)
        deeds.linkRequested.connect(self.open_link)
        welcome.keyRequested.connect(self.open_key)
        welcome.localRequested.connect(self.use_server)

    def open_shortcuts(self) -> None:
        sends = self._config.settings.send_with_enter
        ShortcutList(self._window, send_with_enter=sends).open()

    def open_link(self, address: str) -> None:
        if can_open(address) and host_of(address) in self._trusted_hosts:
            open_link(address)
            return
        LinkQuestion(address, self._window, self._trusted_hosts.add).open()

    def open_options(self, about_limit: bool = False) -> None:
        """The options of the chat that is shown."""
        page = self._window.page
        dialog = ChatOptions(page.chat, self._config.settings.sampling, self._window)
        dialog.open()
        if about_limit:
            dialog.focus_limit()

    def open_key(self) -> None:
        dialog = KeyDialog(self._theme, self._services, self._window)
        dialog.ready.connect(self._on_service_ready)
        dialog.open()

    # Servers on this computer

    def look_for_servers(self) -> None:
        """Look for model servers and offer the first one that can answer."""
        self._services.local(self._on_servers_found)

    def use_server(self) -> None:
        """Set up the server that was found, and use it from now on."""
        server = next(iter(ready_servers(self._services.found)), None)
        if server is None:
            self.look_for_servers()
            return
        known = next(
            (s for s in self._services.list() if s.base_url == server.service.base_url), None
        )
        service = known or self._services.add(server.service)
        self._services.lists.put(service, server.models)
        self._on_service_ready(service.id)

    def _on_servers_found(self, servers: tuple[LocalServer, ...]) -> None:
        ready = ready_servers(servers)
        self._window.page.welcome.show_local(ready[0].name if ready else "")
        if not ready:
            self._window.notice.show_text(tr("No model server answers on this computer."))
        else:
            text = tr("{name} runs on this computer.", name=ready[0].name)
            self._window.notice.show_text(text, tr("Use it"), self.use_server)

    def _on_service_ready(self, service_id: str) -> None:
        """New chats and the shown one, if it talks to the demo, go to this service."""
        settings = self._config.settings
        if default_service(settings).form is Form.DEMO:
            self._config.change(replace(settings, default_service=service_id))
        chat = self._window.page.chat
        if chat.service.form is Form.DEMO:
            chat.set_service(service_id, None)
        service = self._services.get(service_id)
        if service is not None:
            text = tr("{name} is ready. Ask away.", name=service.name)
            self._window.notice.show_text(text)
        self._window.page.focus_composer()


def ready_servers(servers: tuple[LocalServer, ...]) -> tuple[LocalServer, ...]:
    """Those that have a model to talk to."""
    return tuple(server for server in servers if server.models)
