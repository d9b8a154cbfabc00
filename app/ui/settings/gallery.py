"""Adding a service: every preset as a card, in the order in which newcomers look for them.

Invariant: shows what it is given and tells the preset that was chosen; sets nothing up itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.domain import address
from app.domain.settings import Form, Service
from app.i18n import tr
from app.ui.buttons import PaintedButton, paint_focus_ring
from app.ui.settings.navigation import paint_named
from app.ui.settings.rows import PAGE_PX, Page, muted
from app.ui.theme import RADIUS, SPACE, Theme

CARD_PX = 46
NARROW_PX = 420


class PresetCard(PaintedButton):
    """A preset: its letter, its name, and where it is."""

    def __init__(self, theme: Theme, preset: Service, second: str) -> None:
        super().__init__(theme, preset.name)
        self.preset = preset
        self.second = second
        self.setFixedHeight(CARD_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, second: str) -> None:
        """Put `second` below the name."""
        self.second = second
        self.setAccessibleDescription(second)
        self.setToolTip("\n".join(filter(None, (self.preset.name, second, self.preset.notes))))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, CARD_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.theme
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("selected" if self._hovered() or self.isDown() else "raised"))
        painter.drawRoundedRect(rect, RADIUS.m, RADIUS.m)
        if self.hasFocus():
            paint_focus_ring(painter, rect, RADIUS.m, theme.color("accent"))
        inside = rect.adjusted(SPACE.xs, 0, -SPACE.xs, 0)
        paint_named(painter, theme, inside, self.preset.name, self.second)


class Gallery(Page):
    """`chosen` carries the preset."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, presets: Iterable[Service]) -> None:
        super().__init__(tr("Add a service"))
        self.cards = [
            PresetCard(theme, preset, "") for preset in presets if preset.form is not Form.DEMO
        ]
        self._grids: list[tuple[QGridLayout, list[PresetCard]]] = []
        self._columns = 0
        sentence = muted(
            tr(
                "Linnet talks to Gemini and to every model behind an OpenAI-compatible address. "
                "The key goes to your keyring, and everything can be changed later."
            )
        )
        body = QWidget()
        body.setMaximumWidth(PAGE_PX)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addWidget(sentence)
        groups: dict[str, list[PresetCard]] = {}
        for card in self.cards:
            groups.setdefault(_group(card.preset), []).append(card)
            card.clicked.connect(lambda _=False, preset=card.preset: self.chosen.emit(preset))
        for title, cards in groups.items():
            heading = QLabel(title)
            heading.setProperty("kind", "section")
            heading.setContentsMargins(0, SPACE.m, 0, 0)
            grid = QGridLayout()
            grid.setSpacing(SPACE.s - 2)
            column.addWidget(heading)
            column.addLayout(grid)
            self._grids.append((grid, cards))
        self.column.insertWidget(1, body)
        self.show_running(())

    def show_running(self, base_urls: Iterable[str]) -> None:
        """Say at the cards of servers on this computer which of them run."""
        running = set(base_urls)
        for card in self.cards:
            preset = card.preset
            if preset.base_url in running:
                card.say(tr("Running on this computer"))
            elif address.PLACEHOLDER in preset.base_url:
                card.say((preset.base_url + preset.path).removeprefix("https://"))
            else:
                card.say(address.host(preset.base_url))

    def focus_first(self) -> None:
        self.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = 2 if self.viewport().width() >= NARROW_PX else 1
        if columns != self._columns:
            self._columns = columns
            for grid, cards in self._grids:
                for at, card in enumerate(cards):
                    grid.addWidget(card, at // columns, at % columns)


def _group(preset: Service) -> str:
    if address.PLACEHOLDER in preset.base_url:
        return tr("Your own address")
    if address.is_loopback(preset.base_url):
        return tr("On this computer")
    return tr("Online")
