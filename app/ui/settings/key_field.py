"""The key of a service: a field that shows dots, where the key lies, and what can be done with it.

Invariant: a typed key stays in the field until the keyring has it, then the field is emptied; a
key is shown only while the eye is held, and belongs to the host that was shown when it was asked
for. Without a usable keyring the field says so and offers to keep the key for this session.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.domain.settings import Service
from app.i18n import tr
from app.secrets import KeyPlace, entry
from app.services import KeyState, Services
from app.ui.buttons import IconButton
from app.ui.settings.question import ask_before_loss
from app.ui.settings.rows import WRAP_PX, muted
from app.ui.theme import SPACE, Theme

DOTS = "•" * 24
REMOVABLE = frozenset({KeyPlace.KEYRING, KeyPlace.SESSION})


def words_of(state: KeyState, service: Service) -> str:
    """Where the key is; without a usable keyring, what else can be done."""
    if not state.problem or state.is_there or state.waiting:
        return state.sentence
    if service.key_env:
        other = tr(
            "Keep the key for this session only, or put it into the environment variable {name}.",
            name=service.key_env,
        )
    else:
        other = tr(
            "Keep the key for this session only, or name an environment variable among the "
            "settings of the service."
        )
    return f"{state.sentence} {other}"


class KeyLine(QLineEdit):
    """Dots while nobody looks; the real key is asked for only when the eye is held."""

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setAccessibleName(tr("API key"))
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )


class KeyField(QWidget):
    """`saved` tells that a key was given, so that the connection can be tested; `removed` that
    what a test found holds no longer.
    """

    saved = Signal()
    removed = Signal()
    linkActivated = Signal(str)

    def __init__(self, theme: Theme, services: Services) -> None:
        super().__init__()
        self._services = services
        self._service: Service | None = None
        self._storing = False
        self._looking = False  # the eye is held
        self.line = KeyLine()
        self.setFocusProxy(self.line)
        self.eye = IconButton(theme, "eye", tr("Show the key while held"))
        self.status = muted(kind="caption")
        self.status.setAccessibleName(tr("Where the key is"))
        self.status.setMinimumWidth(WRAP_PX)  # a form reserves its height at its smallest width
        self.save = QPushButton(tr("Save key"))
        self.save.setProperty("kind", "primary")
        self.session = QPushButton(tr("Keep for this session only"))
        self.remove = QPushButton(tr("Remove key"))
        self.remove.setProperty("kind", "link")
        self.get = QPushButton(tr("Get a key"))
        self.get.setProperty("kind", "link")
        self._build()
        self._connect()

    def _build(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(SPACE.xs)
        upper.addWidget(self.line, 1)
        upper.addWidget(self.eye)
        lower = QHBoxLayout()
        lower.setSpacing(SPACE.s)
        for button in (self.save, self.session, self.remove, self.get):
            lower.addWidget(button)
        lower.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.xs + 2)
        column.addLayout(upper)
        column.addWidget(self.status)
        column.addLayout(lower)

    def _connect(self) -> None:
        self.line.textChanged.connect(self._dress)
        self.line.returnPressed.connect(self._on_save_clicked)
        self.save.clicked.connect(self._on_save_clicked)
        self.session.clicked.connect(self._on_session_clicked)
        self.remove.clicked.connect(self._on_remove_clicked)
        self.get.clicked.connect(self._on_get_clicked)
        self.eye.pressed.connect(self._on_eye_pressed)
        self.eye.released.connect(self._hide)

    def show_service(self, service: Service) -> None:
        """Show where the key of `service` is; the keyring is asked if that is not known."""
        before, self._service = self._service, service
        if before is not None and entry(before) != entry(service):
            self._storing = False
            self._hide()  # what is shown belongs to the other host
        if before is None or before.id != service.id:
            self.line.clear()
        if self._services.keys.state(service).place is None:
            self._services.keys.look(service)
        self._dress()

    def typed(self) -> str | None:
        """A key that stands in the field and is not saved yet."""
        return None if self._looking else self.line.text().strip() or None

    def show_state(self) -> None:
        """The state of the key changed: what was being stored is stored, or why it is not."""
        if self._service is None:
            return
        state = self._services.keys.state(self._service)
        if self._storing and not state.waiting:
            self._storing = False
            if not state.problem:
                self.line.clear()
                self.saved.emit()
        self._dress()

    def _dress(self) -> None:
        service = self._service
        if service is None:
            return
        state = self._services.keys.state(service)
        typing = bool(self.line.text()) and not self._looking
        self.line.setPlaceholderText(DOTS if state.is_there else tr("Paste the key here"))
        self._say(words_of(state, service), warn=bool(state.problem) and not state.is_there)
        self.save.setVisible(typing)
        self.save.setEnabled(not state.waiting)
        self.session.setVisible(typing and bool(state.problem))
        self.remove.setVisible(not typing and state.place in REMOVABLE)
        self.get.setVisible(bool(service.keys_url) and not state.is_there and not typing)
        self.eye.setVisible(state.is_there or typing)

    def _say(self, sentence: str, *, warn: bool) -> None:
        self.status.setText(sentence)
        kind = "warning" if warn else "caption"
        if self.status.property("kind") != kind:
            self.status.setProperty("kind", kind)
            self.status.style().polish(self.status)

    def _on_save_clicked(self) -> None:
        key = self.typed()
        if self._service is None or key is None:
            return
        self._storing = True
        if wrong := self._services.keys.store(self._service, key):
            self._storing = False
            self._say(wrong, warn=True)

    def _on_session_clicked(self) -> None:
        key = self.typed()
        if self._service is None or key is None:
            return
        if wrong := self._services.keys.keep_for_session(self._service, key):
            self._say(wrong, warn=True)
        else:
            self.line.clear()
            self.saved.emit()

    def _on_remove_clicked(self) -> None:
        service = self._service
        if service is None:
            return

        def remove() -> None:
            self._services.keys.delete(service)
            self.removed.emit()

        ask_before_loss(
            self,
            tr("Remove the key of {name}?", name=service.name),
            tr("It is deleted here. At the service it goes on to hold until it is revoked there."),
            tr("Remove key"),
            remove,
        )

    def _on_get_clicked(self) -> None:
        if self._service is not None:
            self.linkActivated.emit(self._service.keys_url)

    def _on_eye_pressed(self) -> None:
        if self._service is None:
            return
        if self.line.text():
            self.line.setEchoMode(QLineEdit.EchoMode.Normal)
            return
        asked = self._service
        self._looking = True
        self._services.keys.reveal(asked, lambda key: self._on_key_revealed(asked, key))

    def _on_key_revealed(self, asked: Service, key: str | None) -> None:
        if self._looking and self._service and entry(self._service) == entry(asked) and key:
            self.line.setEchoMode(QLineEdit.EchoMode.Normal)
            self.line.setReadOnly(True)
            self.line.setText(key)
            self.line.setCursorPosition(0)

    def _hide(self) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        if self._looking:
            self._looking = False
            self.line.setReadOnly(False)
            self.line.clear()
            self._dress()
