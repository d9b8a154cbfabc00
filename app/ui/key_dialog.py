"""Adding a key: pick the service, paste, test, done.

Invariant: the key goes to the test and to the keyring and is kept in no other place than the
field, which is emptied when the dialog closes. Nothing is set up before the person says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.advice import Suggestion
from app.domain import address
from app.domain.settings import Form, Service
from app.i18n import tr
from app.services import Report, Services
from app.services.model_lists import best_model
from app.ui.links import open_link
from app.ui.settings.key_field import words_of
from app.ui.settings.rows import Rows
from app.ui.theme import SPACE, Theme
from app.ui.verdict import Verdict


class KeyDialog(QDialog):
    """`ready` carries the service's id once it is set up with a key."""

    ready = Signal(str)

    def __init__(self, theme: Theme, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._services = services
        self._report: Report | None = None
        self._added: Service | None = None
        self._cancel: Callable[[], None] | None = None
        self._presets = tuple(
            each for each in services.presets if each.form is not Form.DEMO and each.auth != "none"
        )
        self.setWindowTitle(tr("Add an API key"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(500)
        self.service = QComboBox()
        self.address = QLineEdit()
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(tr("Paste the key here"))
        self.get_key = QPushButton(tr("Where to get a key"))
        self.get_key.setProperty("kind", "link")
        self._rows = Rows()
        self.verdict = Verdict(theme)
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.cancel = QPushButton(tr("Cancel"))
        self.session = QPushButton(tr("Keep for this session only"))
        self.anyway = QPushButton(tr("Save anyway"))
        self.go = QPushButton(tr("Test and save"))
        self.go.setProperty("kind", "primary")
        self.go.setDefault(True)
        self._build()
        for preset in self._presets:
            self.service.addItem(preset.name, preset.id)
        self._connect()
        self._on_service_changed()

    def _build(self) -> None:
        heading = QLabel(tr("Add an API key"))
        heading.setProperty("kind", "heading")
        form = self._rows
        form.add(tr("Service"), self.service)
        form.add(tr("Base URL"), self.address)
        form.add(tr("API key"), self.key)
        form.remark(self.get_key)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.cancel, self.session, self.anyway, self.go):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(heading)
        column.addLayout(form)
        column.addWidget(self.verdict)
        column.addWidget(self.sentence)
        column.addStretch(1)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.service.currentIndexChanged.connect(self._on_service_changed)
        self.address.textChanged.connect(self._on_edited)
        self.key.textChanged.connect(self._on_edited)
        self.get_key.clicked.connect(lambda: open_link(self._chosen().keys_url))
        self.cancel.clicked.connect(self.reject)
        self.session.clicked.connect(self._on_session_clicked)
        self.anyway.clicked.connect(self._save)
        self.go.clicked.connect(self._on_go_clicked)
        self._unsubscribe = self._services.keys.subscribe(self._on_key_state)

    def _chosen(self) -> Service:
        preset = self._presets[max(0, self.service.currentIndex())]
        return replace(preset, base_url=self.address.text().strip() or preset.base_url)

    def _on_service_changed(self) -> None:
        preset = self._presets[max(0, self.service.currentIndex())]
        own_address = address.PLACEHOLDER in preset.base_url
        self.address.setText(preset.base_url)
        self._rows.setRowVisible(self.address, own_address)
        self._rows.setRowVisible(self.get_key, bool(preset.keys_url))
        self.get_key.setToolTip(preset.keys_url)
        self._on_edited()

    def _on_edited(self) -> None:
        """What was found out holds for what stood there before."""
        self._stop()
        self._report = None
        self.verdict.clear()
        self._say("")
        self.session.hide()
        self.anyway.hide()
        self.go.setText(tr("Test and save"))
        complete = bool(self.key.text().strip()) and address.PLACEHOLDER not in self.address.text()
        self.go.setEnabled(complete)

    def _say(self, text: str) -> None:
        self.sentence.setText(text)
        self.sentence.setVisible(bool(text))

    # Test

    def _on_go_clicked(self) -> None:
        self._on_edited()
        self.go.setEnabled(False)
        self._say(tr("Testing the connection…"))
        self._cancel = self._services.test(
            self._chosen(), self.key.text(), self.verdict.show_step, self._on_tested
        )

    def _on_tested(self, report: Report) -> None:
        self._cancel = None
        self._report = report
        self.go.setEnabled(True)
        if report.works:
            self._save()
            return
        self._say("")
        self.go.setText(tr("Test again"))
        self.anyway.show()
        self.verdict.offer(report.suggestions, self._on_suggestion_chosen)

    def _on_suggestion_chosen(self, suggestion: Suggestion) -> None:
        self.address.setText(suggestion.service.base_url)
        self._rows.setRowVisible(self.address, True)
        self._on_go_clicked()

    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    # Keep

    def _save(self) -> None:
        """Set up the service and give the key to the keyring, which may ask the person first."""
        service = self._set_up()
        wrong = self._services.keys.store(service, self.key.text())
        self._say(wrong or tr("Waiting for the keyring…"))
        self.go.setEnabled(bool(wrong))

    def _set_up(self) -> Service:
        chosen, added = self._chosen(), self._added
        if added is not None and (added.preset, added.base_url) != (chosen.id, chosen.base_url):
            # The keyring refused, and the person wrote another address: the key is for that.
            self._services.remove(added.id)
            self._added = None
        if self._added is None:
            added = self._services.add(chosen)
            models = self._report.models if self._report is not None else ()
            if models:
                added = replace(added, default_model=best_model(added, models))
                self._services.change(added)
                self._services.lists.put(added, models)
            self._added = added
        return self._added

    def _on_key_state(self, service_id: str) -> None:
        if self._added is None or service_id != self._added.id:
            return
        state = self._services.keys.state(self._added)
        self._say(words_of(state, self._added))
        if state.waiting:
            return
        self.go.setEnabled(True)
        if state.is_there:
            self.ready.emit(service_id)
            self.accept()
        else:
            self.anyway.hide()
            self.session.show()

    def _on_session_clicked(self) -> None:
        wrong = self._services.keys.keep_for_session(self._set_up(), self.key.text())
        if wrong:
            self._say(wrong)

    def done(self, result: int) -> None:
        self._stop()
        self._unsubscribe()
        self.key.clear()
        super().done(result)
