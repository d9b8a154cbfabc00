"""What one chat does otherwise than the settings say. Each change holds at once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.chat import Chat
from app.domain.settings import Sampling
from app.i18n import tr
from app.ui.room import fit, scrolled
from app.ui.sampling_form import SamplingForm
from app.ui.theme import SPACE


class ChatOptions(QDialog):
    """Opened with `open()` for a chat and the settings' own `inherited` parameters."""

    def __init__(self, chat: Chat, inherited: Sampling, parent: QWidget) -> None:
        super().__init__(parent)
        self._chat = chat
        self._inherited = inherited
        self.setWindowTitle(tr("Settings of this chat"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        heading = QLabel(tr("Settings of this chat"))
        heading.setProperty("kind", "heading")
        sentence = QLabel(
            tr("They count from the next question on. What is not set follows the settings.")
        )
        sentence.setProperty("kind", "muted")
        sentence.setWordWrap(True)
        self.form = SamplingForm()
        self.form.changed.connect(chat.set_sampling)
        self.reset = QPushButton(tr("As in the settings"))
        self.reset.clicked.connect(self._on_reset_clicked)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.reset)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(heading)
        column.addWidget(sentence)
        column.addSpacing(SPACE.s)
        area = scrolled(self.form, tr("Settings of this chat"))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have the keyboard
        column.addWidget(area, 1)
        column.addSpacing(SPACE.s)
        column.addLayout(buttons)
        self._show()
        fit(self, area, self.form)

    def focus_limit(self) -> None:
        """Put the keyboard on the output limit."""
        self.form.limit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.form.limit.selectAll()

    def _show(self) -> None:
        service = self._chat.service
        efforts = () if service.reasoning_control == "none" else service.effort_levels
        own = self._chat.conversation.sampling
        self.form.show_sampling(own, self._inherited, efforts)

    def _on_reset_clicked(self) -> None:
        # The model is chosen in the header, not here.
        own = self._chat.conversation.sampling
        self._chat.set_sampling(Sampling(model=own.model, extra=own.extra))
        self._show()

    def done(self, result: int) -> None:
        self.form.finish()
        super().done(result)
