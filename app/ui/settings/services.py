"""The services: a list at the side, and beside it the chosen one or the presets to add one from.

Invariant: the list shows `Services.list()` in its order; what is written in a row follows the
keyring and the settings by themselves.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.choice import default_service
from app.config import Config
from app.domain import address
from app.domain.settings import Form, Service, Settings
from app.i18n import tr
from app.services import LocalServer, Services
from app.ui.buttons import give_icon
from app.ui.settings.gallery import Gallery
from app.ui.settings.navigation import Entries, Entry
from app.ui.settings.question import ask_before_loss
from app.ui.settings.service_form import ServiceForm
from app.ui.theme import SPACE, Theme

LIST_PX = 250


class ServicesPage(QWidget):
    """`choose` shows one service; adding one puts the keyboard where its host or key goes.

    While the demo is all there is, the presets are shown at once.
    """

    linkActivated = Signal(str)

    def __init__(self, theme: Theme, config: Config, services: Services) -> None:
        super().__init__()
        self._theme = theme
        self._config = config
        self._services = services
        self.entries = Entries(theme, tr("Services"))
        self.add = QPushButton(tr("Add service"))
        self.add.setProperty("kind", "link")
        self.look = QPushButton(tr("Look on this computer"))
        self.look.setProperty("kind", "link")
        self.found = QLabel()
        self.found.setTextFormat(Qt.TextFormat.PlainText)
        self.found.setProperty("kind", "caption")
        self.found.setWordWrap(True)
        self.form = ServiceForm(theme, services)
        self.gallery = Gallery(theme, services.presets)
        self._pages = QStackedWidget()
        self._build()
        self._connect()
        self.show_settings(config.settings)
        self.choose(default_service(config.settings).id)
        if not config.settings.services:
            self.show_gallery()

    def _build(self) -> None:
        side = QWidget()
        side.setFixedWidth(LIST_PX)
        column = QVBoxLayout(side)
        column.setContentsMargins(SPACE.m, SPACE.xl, SPACE.m, SPACE.m)
        column.setSpacing(SPACE.xs)
        column.addWidget(self.entries, 1)
        for button in (self.add, self.look):
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.found)
        line = QWidget()
        line.setProperty("kind", "line")
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line.setFixedWidth(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(line)
        row.addWidget(self._pages, 1)
        self._pages.addWidget(self.form)
        self._pages.addWidget(self.gallery)
        self.found.hide()
        self._dress()

    def _connect(self) -> None:
        self.entries.currentItemChanged.connect(lambda *_: self._show_chosen())
        for again in (self.entries.clicked, self.entries.activated):
            again.connect(lambda *_: self.entries.choose(self.entries.chosen()))
            again.connect(lambda *_: self._show_chosen())
        self.add.clicked.connect(self._on_add_clicked)
        self.gallery.chosen.connect(self._add)
        self.look.clicked.connect(self._on_look_clicked)
        self.form.makeDefaultRequested.connect(self._on_default_requested)
        self.form.removeRequested.connect(self._on_remove_requested)
        self.form.linkActivated.connect(self.linkActivated)
        self._theme.changed.connect(self._dress)
        unsubscribe = (
            self._services.keys.subscribe(self._on_key_changed),
            self._services.lists.subscribe(self._on_list_changed),
        )
        self.destroyed.connect(lambda: [end() for end in unsubscribe])

    def show_settings(self, settings: Settings) -> None:
        """The settings changed, here or elsewhere."""
        self.entries.show_entries(tuple(self._entry(each) for each in self._services.list()))
        if not self.entries.chosen():
            self.entries.setCurrentRow(0)
        if self._pages.currentWidget() is self.form:
            self._show_chosen()
        else:
            self.entries.clearSelection()

    def choose(self, service_id: str) -> None:
        self.entries.choose(service_id)
        self._show_chosen()

    def focus_key(self) -> None:
        """What is typed or pasted next is the key of the service that is shown."""
        self.form.ensureWidgetVisible(self.form.key)
        self.form.key.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_gallery(self) -> None:
        """Show what can be added, in place of a service."""
        self.form.finish()
        self.entries.clearSelection()  # the current row stays, for the keyboard
        self.gallery.show_running(server.service.base_url for server in self._services.found)
        self._pages.setCurrentWidget(self.gallery)

    def finish(self) -> None:
        self.form.finish()

    def showEvent(self, event: object) -> None:
        """The keyring is asked only when somebody looks."""
        for service in self._services.list():
            if self._services.keys.state(service).place is None:
                self._services.keys.look(service)

    def _entry(self, service: Service) -> Entry:
        return Entry(key=service.id, text=service.name, second=self._second(service))

    def _second(self, service: Service) -> str:
        words = [self._key_words(service)]
        if service.id == default_service(self._config.settings).id:
            words.append(tr("default"))
        return " · ".join(words)

    def _key_words(self, service: Service) -> str:
        if service.form is Form.DEMO:
            return tr("Part of the program")
        if service.auth == "none":
            here = address.is_loopback(service.base_url)
            return tr("On this computer") if here else tr("Without a key")
        state = self._services.keys.state(service)
        if state.place is None:
            return (
                tr("Waiting for the keyring…") if state.waiting else address.host(service.base_url)
            )
        return tr("Key saved") if state.is_there else tr("No key")

    def _show_chosen(self) -> None:
        service = self._services.get(self.entries.chosen())
        if service is not None:
            default = default_service(self._config.settings)
            self.form.show_service(service, is_default=service.id == default.id)
            self._pages.setCurrentWidget(self.form)

    def _on_key_changed(self, service_id: str) -> None:
        self.entries.show_entries(tuple(self._entry(each) for each in self._services.list()))
        if service_id == self.entries.chosen():
            self.form.key.show_state()
            self.form.show_kept()

    def _on_list_changed(self, service_id: str) -> None:
        if service_id == self.entries.chosen():
            self.form.show_models()

    def _on_add_clicked(self) -> None:
        self.show_gallery()
        self.gallery.focus_first()

    def _add(self, template: object) -> None:
        assert isinstance(template, Service)
        made = self._services.add(template)
        self.choose(made.id)
        if address.PLACEHOLDER in made.base_url:
            self.form.focus_address(address.PLACEHOLDER)
        elif made.auth == "none":
            self.form.trial.begin()
        else:
            self.form.key.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_look_clicked(self) -> None:
        self.look.setEnabled(False)
        self.found.setText(tr("Looking for model servers…"))
        self.found.show()
        self._services.local(self._on_servers_found)

    def _on_servers_found(self, servers: tuple[LocalServer, ...]) -> None:
        self.look.setEnabled(True)
        self.gallery.show_running(server.service.base_url for server in servers)
        known = {each.base_url for each in self._services.list()}
        new = [server for server in servers if server.service.base_url not in known]
        added = [self._services.add(server.service) for server in new]
        if new:
            self.choose(added[0].id)
            names = ", ".join(server.name for server in new)
            self.found.setText(tr("Added: {names}.", names=names))
        elif servers:
            self.found.setText(tr("Nothing new was found."))
        else:
            self.found.setText(tr("No model server is running. Start Ollama or LM Studio first."))

    def _on_default_requested(self, service_id: str) -> None:
        settings = self._config.settings
        sampling = replace(settings.sampling, model=None)  # it named a model of the old default
        self._config.change(replace(settings, default_service=service_id, sampling=sampling))

    def _on_remove_requested(self, service_id: str) -> None:
        service = self._services.get(service_id)
        if service is None:
            return
        ask_before_loss(
            self,
            tr("Remove {name}?", name=service.name),
            tr("Its key is deleted from the keyring. Chats stay, and go on with another service."),
            tr("Remove"),
            lambda: self._services.remove(service_id),
        )

    def _dress(self) -> None:
        color = self._theme.color("accent")
        give_icon(self.add, "plus", color)
        give_icon(self.look, "search", color)
