"""Test connection: the button, a verdict for each step, other addresses to try, one tiny answer.

Invariant: it shows what `Services` tells; a test of a service that is not shown any more is
cancelled. No model is asked before the person presses the button that says that it may cost.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.advice import Suggestion
from app.domain.settings import Form, Service
from app.i18n import tr
from app.services import Report, Services, StepKind
from app.ui.settings.rows import muted
from app.ui.theme import SPACE, Theme
from app.ui.verdict import Verdict


class TrialView(QWidget):
    """`suggestionChosen` carries the service with the other address."""

    suggestionChosen = Signal(object)

    def __init__(
        self, theme: Theme, services: Services, typed_key: Callable[[], str | None]
    ) -> None:
        """`typed_key` gives a key that is not saved yet, to be tried as it is."""
        super().__init__()
        self._services = services
        self._typed_key = typed_key
        self._service: Service | None = None
        self._cancel: Callable[[], None] | None = None
        self.button = QPushButton(tr("Test connection"))
        self.button.setProperty("kind", "primary")
        self.verdict = muted()
        self.verdict.setAccessibleName(tr("Verdict"))
        self.ask = QPushButton(tr("Ask for one tiny answer (may cost)"))
        self.steps = Verdict(theme)
        self._build()
        self.button.clicked.connect(self.begin)
        self.ask.clicked.connect(self._on_ask_clicked)

    def _build(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(SPACE.m)
        upper.addWidget(self.button)
        upper.addWidget(self.verdict, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addLayout(upper)
        column.addWidget(self.steps)
        column.addWidget(self.ask, 0, Qt.AlignmentFlag.AlignLeft)

    def show_service(self, service: Service) -> None:
        """Show `service`; verdicts about another one, or another address, are taken away."""
        old = self._service
        self._service = service
        if old is None or (old.id, old.base_url, old.path) != (
            service.id,
            service.base_url,
            service.path,
        ):
            self.forget()
        elif self._cancel is None:
            self.button.setEnabled(True)

    def begin(self) -> None:
        """Test the connection, or stop the test that runs."""
        service = self._service
        if service is None:
            return
        if self._cancel is not None:
            self._stop()
            self._say(tr("Stopped."))
            return
        self._clear()
        self._say(tr("Testing…"))
        self.button.setText(tr("Stop"))
        self._cancel = self._services.test(
            service, self._typed_key(), self.steps.show_step, self._on_done
        )

    def finish(self) -> None:
        """Nobody looks any more."""
        self._stop()

    def forget(self) -> None:
        """What was found holds no longer."""
        self._stop()
        self._clear()

    def _on_ask_clicked(self) -> None:
        if self._service is None or self._cancel is not None:
            return
        self.ask.setEnabled(False)
        self.button.setText(tr("Stop"))
        self._cancel = self._services.ask_a_little(
            self._service, self._typed_key(), self.steps.show_step, self._on_done
        )

    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self.button.setText(tr("Test connection"))
        self.ask.setEnabled(True)

    def _on_done(self, report: Report) -> None:
        self._cancel = None
        self._stop()
        self._say(report.sentence if report.works else tr("It does not work yet."), report.works)
        self.steps.offer(report.suggestions, self._on_offer_chosen)
        answered = any(step.kind is StepKind.ANSWER for step in report.steps)
        demo = self._service is not None and self._service.form is Form.DEMO
        self.ask.setVisible(report.works and not answered and not demo)

    def _on_offer_chosen(self, suggestion: Suggestion) -> None:
        self.suggestionChosen.emit(suggestion.service)

    def _say(self, sentence: str, good: bool | None = None) -> None:
        kind = {True: "good", False: "danger", None: "muted"}[good]
        self.verdict.setText(sentence)
        self.verdict.setProperty("kind", kind)
        self.verdict.style().polish(self.verdict)

    def _clear(self) -> None:
        self.steps.clear()
        self._say("")
        self.ask.setVisible(False)
