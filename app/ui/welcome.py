"""What an empty chat shows: the mark, a question, ways to begin, and for a newcomer how to set up.

Invariant: every card and button does what it says. Knows no service; it is told what was found.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.i18n import tr
from app.ui.buttons import PaintedButton, give_icon, paint_focus_ring
from app.ui.icons import mark_pixmap, paint_icon
from app.ui.theme import RADIUS, SPACE, TYPE, Theme

MARK_PX = 56
BARE_PX, BUTTONS_PX, ROWS_PX = 280, 100, 112
"""The height of question and cards; what a newcomer's buttons add, and cards in one column."""
CARDS_PX = 640


class Mark(QWidget):
    """The program's mark in the colours of the palette."""

    def __init__(self, theme: Theme, side_px: int) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(side_px, side_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        scale = self.devicePixelRatioF()
        pixmap = mark_pixmap(self.width(), scale, theme.color("accent"), theme.color("on_accent"))
        QPainter(self).drawPixmap(0, 0, pixmap)


class Card(PaintedButton):
    """A way to begin."""

    def __init__(self, theme: Theme, icon_name: str, text: str) -> None:
        super().__init__(theme, text)
        self._icon_name = icon_name
        self.setText(text)
        self.setToolTip("")
        self.setFixedHeight(45)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.theme.font(TYPE.small))
        return QSize(metrics.horizontalAdvance(self.text()) + 60, 45)

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
        paint_icon(painter, self._icon_name, 22, rect.center().y(), 18, theme.color("text"))
        painter.setFont(theme.font(TYPE.small))
        painter.setPen(theme.color("text"))
        room = rect.adjusted(41, 0, -SPACE.m, 0)
        shown = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)


@dataclass(frozen=True, slots=True)
class Starter:
    """A card: `text` is put into the composer; without one the card has a deed of its own."""

    name: str
    icon_name: str
    title: str
    text: str = ""


def starters() -> tuple[Starter, ...]:
    """The cards of an empty chat."""
    return (
        Starter("picture", "image", tr("Ask about a picture")),
        Starter(
            "code",
            "code",
            tr("Explain a piece of code"),
            tr("Explain step by step what this code does, and what could go wrong:") + "\n\n",
        ),
        Starter(
            "write",
            "edit",
            tr("Draft, rewrite, translate"),
            tr("Rewrite this so that it is short, clear and friendly:") + "\n\n",
        ),
        Starter(
            "compare",
            "lightbulb",
            tr("Weigh up a decision"),
            tr("Compare these options in a table, then say which you would take and why:") + "\n\n",
        ),
    )


class Welcome(QWidget):
    """`starterChosen` carries a `Starter`."""

    keyRequested = Signal()
    localRequested = Signal()
    demoRequested = Signal()
    starterChosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._mark = Mark(theme, MARK_PX)
        self._question = QLabel(tr("What can I help with?"))
        self._question.setProperty("kind", "display")
        self.sentence = QLabel()
        self.sentence.setProperty("kind", "muted")
        self.sentence.setWordWrap(True)
        for label in (self._question, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.add_key = QPushButton(tr("Add an API key"))
        self.add_key.setProperty("kind", "primary")
        self.use_local = QPushButton()
        self.try_demo = QPushButton(tr("Show me a demo answer"))
        self.try_demo.setProperty("kind", "quiet")
        self.add_key.clicked.connect(self.keyRequested)
        self.use_local.clicked.connect(self.localRequested)
        self.try_demo.clicked.connect(self.demoRequested)
        self._cards = [self._card(starter) for starter in starters()]
        self._grid = QGridLayout()
        self._grid.setSpacing(10)
        self._columns = 0
        self._build()
        self.show_local("")
        theme.changed.connect(self._dress)
        self._dress()

    def _card(self, starter: Starter) -> Card:
        card = Card(self._theme, starter.icon_name, starter.title)
        card.clicked.connect(lambda: self.starterChosen.emit(starter))
        return card

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addStretch(1)
        for button in (self.add_key, self.use_local, self.try_demo):
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._buttons = QWidget()
        self._buttons.setLayout(buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        cards = QWidget()
        cards.setMaximumWidth(CARDS_PX)
        cards.setLayout(self._grid)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._arrange(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cards, 1000)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.l, SPACE.xl, SPACE.l)
        column.setSpacing(0)
        column.addStretch(5)
        column.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(SPACE.l)
        column.addWidget(self._question)
        column.addSpacing(SPACE.m)
        column.addWidget(self.sentence)
        column.addSpacing(SPACE.xl)
        column.addWidget(self._buttons)
        column.addSpacing(SPACE.xl)
        column.addLayout(row)
        column.addStretch(8)

    def set_service(self, sentence: str, *, newcomer: bool) -> None:
        """Say whom one talks to; a newcomer is offered what to set up."""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self._buttons.setVisible(newcomer)
        self._fit()

    def show_local(self, name: str) -> None:
        """Offer the model server that was found on this computer; "" when there is none."""
        self.use_local.setVisible(bool(name))
        self.use_local.setText(tr("Use a local model — {name} found", name=name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what there is no room for: the mark, then the cards."""
        self._arrange(2 if self.width() >= 540 else 1)
        needed = BARE_PX + (0 if self._columns == 2 else ROWS_PX)
        needed += 0 if self._buttons.isHidden() else BUTTONS_PX
        for card in self._cards:
            card.setVisible(self.height() >= needed)
        self._mark.setVisible(self.height() >= needed + MARK_PX + SPACE.l)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for at, card in enumerate(self._cards):
            self._grid.removeWidget(card)
            self._grid.addWidget(card, at // columns, at % columns)

    def _dress(self) -> None:
        give_icon(self.add_key, "key", self._theme.color("on_accent"))
        self.update()
