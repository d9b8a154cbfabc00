"""The verdict of a connection test: a line for each step, as it begins and as it ends."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.advice import Suggestion
from app.i18n import tr
from app.services import Step, StepKind, StepState
from app.ui.icons import paint_icon
from app.ui.theme import SPACE, Theme
from app.ui.tips import plain_tip

_LOOKS = {
    StepState.RUNNING: ("clock", "muted"),
    StepState.OK: ("check", "accent"),
    StepState.FAILED: ("warning", "danger"),
    StepState.UNKNOWN: ("help", "muted"),
    StepState.SKIPPED: ("more", "muted"),
}


class StepIcon(QWidget):
    SIDE_PX = 20

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.state = StepState.RUNNING
        self.setFixedSize(self.SIDE_PX, self.SIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        name, token = _LOOKS[self.state]
        paint_icon(QPainter(self), name, 10, 10, 17, self._theme.color(token))


class Words(QLabel):
    """A text that wraps and is never cut: a form does not follow when a text in it grows."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def say(self, text: str) -> None:
        self.setText(text)
        self._keep_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_room()

    def _keep_room(self) -> None:
        self.setMinimumHeight(max(StepIcon.SIDE_PX, self.heightForWidth(self.width())))


class StepLine(QWidget):
    """One step: its icon, its name and what was found."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._icon = StepIcon(theme)
        self._label = Words()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.s)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)

    def show_step(self, step: Step) -> None:
        self._icon.state = step.state
        self._icon.update()
        words = step.text
        if not words:
            words = tr("Trying…") if step.state is StepState.RUNNING else tr("Not tried.")
        text = f"{step_name(step.kind)}: {words}"
        self._label.say(text)
        self._label.setToolTip(plain_tip(step.failure.detail[:500] if step.failure else ""))
        self.setAccessibleName(text)


def step_name(kind: StepKind) -> str:
    match kind:
        case StepKind.ADDRESS:
            return tr("Address")
        case StepKind.KEY:
            return tr("Key")
        case StepKind.MODELS:
            return tr("Models")
        case StepKind.ANSWER:
            return tr("Answer")


class Verdict(QWidget):
    """The lines in the order in which they came, then other addresses to try."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lines: dict[StepKind, StepLine] = {}
        self._offers: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE.xs)
        self.hide()

    def clear(self) -> None:
        for widget in (*self._lines.values(), *self._offers):
            self._column.removeWidget(widget)
            widget.deleteLater()
        self._lines.clear()
        self._offers.clear()
        self.hide()

    def show_step(self, step: Step) -> None:
        line = self._lines.get(step.kind)
        if line is None:
            line = self._lines[step.kind] = StepLine(self._theme)
            self._column.addWidget(line)
        line.show_step(step)
        self.show()

    def offer(
        self, suggestions: tuple[Suggestion, ...], choose: Callable[[Suggestion], None]
    ) -> None:
        """Offer other addresses; `choose` hears which one is to be tried."""
        for suggestion in suggestions:
            address = suggestion.service.base_url
            text = tr("{what}: {address}", what=suggestion.text, address=address)
            button = QPushButton(text.replace("&", "&&"))
            button.setProperty("kind", "link")
            button.clicked.connect(lambda _=False, chosen=suggestion: choose(chosen))
            self._offers.append(button)
            self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
