"""A notice in the place where something happened: what, what to do, and the buttons for it.

Invariant: it stands beside what had arrived, never instead of it. The provider's own words are
under Details and can be selected and copied. The countdown changes its words, not its size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPen

from app.advice import Action, Advice, Tone
from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS
from app.ui.transcript.flow import Flow, utf16_slice
from app.ui.transcript.style import Mark, Run, Style
from app.ui.transcript.units.base import Act, Control, Look, Scene, Unit

PAD_PX = 14
ICON_ROOM_PX = 42
BUTTON_GAP_PX = 10
NARROW_PX = 360
"""With less room for words the buttons go below them."""

_GROUNDS: Mapping[Tone, tuple[str, str, str]] = MappingProxyType(
    {
        Tone.FAILED: ("danger_soft", "danger_line", "info"),
        Tone.CUT_OFF: ("danger_soft", "danger_line", "info"),
        Tone.FILTERED: ("warning_soft", "warning_line", "warning"),
        Tone.LIMIT: ("warning_soft", "warning_line", "info"),
        Tone.WAITING: ("warning_soft", "warning_line", "clock"),
        Tone.STOPPED: ("raised", "line", "stop"),
    }
)


def action_words(action: Action) -> str:
    match action:
        case Action.CONTINUE:
            return tr("Continue")
        case Action.RETRY:
            return tr("Retry")
        case Action.LEAVE_OUT_OLD_TURNS:
            return tr("Leave out old messages")
        case Action.GIVE_ADDRESS:
            return tr("Give an address…")
        case Action.SWITCH_SERVICE:
            return tr("Choose another service")
        case Action.SEND_AS_TEXT:
            return tr("Send as text")
        case Action.SWITCH_MODEL:
            return tr("Switch model")
        case Action.ENTER_KEY:
            return tr("Enter key")
        case Action.OPEN_SETTINGS:
            return tr("Open settings")
        case Action.CHANGE_LIMIT:
            return tr("Change limits")
        case Action.FIND_LOCAL_SERVERS:
            return tr("Find local servers")
        case Action.OPEN_BILLING:
            return tr("Add credit")
        case Action.RETRY_NOW:
            return tr("Retry now")
        case Action.STOP:
            return tr("Stop")


class CardUnit(Unit):
    """Draws one `Advice`. `is_open` shows its details."""

    __slots__ = (
        "_below",
        "_controls",
        "_details",
        "_details_y",
        "_note",
        "_note_y",
        "_text",
        "_text_y",
        "_width",
        "_words_right",
        "advice",
        "is_open",
    )

    def __init__(self, style: Style, advice: Advice) -> None:
        super().__init__(style)
        self.is_open = False
        self._width = 0
        self._words_right = 0
        self._note_y = 0
        self._text_y = 0
        self._details_y = 0
        self._below = False
        self._controls: tuple[Control, ...] = ()
        self.set_advice(advice)

    def set_advice(self, advice: Advice) -> None:
        style = self.style
        self.advice = advice
        words = [Run(advice.title, Mark.BOLD)]
        if advice.text:
            words.append(Run(" " + advice.text))
        self._text = Flow(words, style.bubble)
        self._note = Flow((Run(advice.note),), style.small_muted)
        self._details = Flow((Run(advice.details.replace("\n", "\u2028")),), style.details)

    def lay_out(self, width: int) -> int:
        style = self.style
        self._width = width
        left = style.px(ICON_ROOM_PX)
        wide = [style.words_px(action_words(action)) + style.px(28) for action in self.actions]
        row = sum(wide) + BUTTON_GAP_PX * len(wide)
        room = width - left - PAD_PX
        self._below = room - row < style.px(NARROW_PX) and bool(wide)
        words_room = room if self._below or not wide else room - row
        self._words_right = left + words_room
        button = style.px(34)
        words = self._text.lay_out(words_room)
        if self._has_note:
            words += self._note.lay_out(words_room)
            if self.advice.details and self._details_x() is None:
                words += style.small_muted.line_px
        beside = bool(wide) and not self._below
        self._text_y = style.px(11) + (max(0, button - words) // 2 if beside else 0)
        self._note_y = self._text_y + self._text.height
        y = self._text_y + words
        buttons_y = style.px(11)
        lines = _lines(wide, room if self._below else row)
        if self._below:
            buttons_y = y + 8
            y = buttons_y + len(lines) * (button + BUTTON_GAP_PX) - BUTTON_GAP_PX
        else:
            y = max(y, buttons_y + button if wide else 0)
        y += style.px(11)
        if self.is_open:
            self._details_y = y + 8
            y = self._details_y + self._details.lay_out(width - 2 * PAD_PX) + PAD_PX
        self._controls = self._placed(lines, wide, buttons_y, button)
        self.height = y
        return y

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.advice.actions

    @property
    def _has_note(self) -> bool:
        return bool(self.advice.note or self.advice.details)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        style = self.style
        ground, line, icon = _GROUNDS[self.advice.tone]
        painter.setPen(QPen(style.color(line), 1))
        painter.setBrush(style.color(ground))
        box = QRectF(0.5, 0.5, self._width - 1, self.height - 1)
        painter.drawRoundedRect(box, RADIUS.m, RADIUS.m)
        at = style.px(23)
        middle = self._text_y + style.bubble.line_px / 2
        paint_icon(painter, icon, at, middle, style.px(18), style.color("text"))
        left = style.px(ICON_ROOM_PX)
        clip = scene.clip(scene.width)
        self._text.paint(painter, left, self._text_y, clip)
        if self.advice.note:
            self._note.paint(painter, left, self._note_y, clip)
        if self.is_open:
            y = self._details_y
            rule = QRectF(1, y - 8, self._width - 2, 1)
            painter.fillRect(rule, style.color(line))
            self._details.paint(painter, PAD_PX, y, clip, scene.marks)

    # The details can be selected ----------------------------------------------------------

    @property
    def text(self) -> str:
        return self.advice.details if self.is_open else ""

    def length(self) -> int:
        return len(self._details) if self.is_open else 0

    def whole(self) -> str:
        return self.advice.details

    def copied(self, start: int, end: int) -> str:
        return utf16_slice(self.text, start, end)

    def offset_at(self, x: float, y: float) -> int:
        if not self.is_open:
            return 0
        return self._details.offset_at(x - PAD_PX, y - self._details_y)

    def caret(self, offset: int) -> QRectF:
        if not self.is_open:
            return super().caret(offset)
        return self._details.caret(offset).translated(PAD_PX, self._details_y)

    # Buttons -----------------------------------------------------------------------------

    def controls(self) -> Sequence[Control]:
        return self._controls

    def _placed(
        self, lines: Sequence[range], wide: Sequence[int], y: int, tall: int
    ) -> tuple[Control, ...]:
        found: list[Control] = []
        for line in lines:
            row = sum(wide[at] for at in line) + BUTTON_GAP_PX * (len(line) - 1)
            x = self._width - PAD_PX - row
            if self._below:
                x = max(PAD_PX, min(x, self.style.px(ICON_ROOM_PX)))
            for at in line:
                found.append(self._button(self.actions[at], QRect(x, y, wide[at], tall)))
                x += wide[at] + BUTTON_GAP_PX
            y += tall + BUTTON_GAP_PX
        if self.advice.details:
            found.append(self._details_control())
            if self.is_open:
                found.append(self._copy_control())
        return tuple(found)

    def _button(self, action: Action, rect: QRect) -> Control:
        words = action_words(action)
        return Control(
            act=Act.ADVICE,
            key=action.value,
            name=words,
            text=words,
            description=self.advice.title,
            rect=rect,
            look=Look.BUTTON,
            value=action.value,
            link=self.advice.link,
        )

    def _details_x(self) -> int | None:
        """Where Details stands behind the last words of the note; None: a line of its own."""
        left = self.style.px(ICON_ROOM_PX)
        if not self.advice.note:
            return left - 8  # its words stand flush with the text
        x = left + int(self._note.caret(len(self._note)).left()) + 2
        return x if x + self.style.words_px(tr("Details")) + 16 <= self._words_right else None

    def _details_control(self) -> Control:
        style = self.style
        words = tr("Details")
        x, y = self._details_x(), self._note_y
        if x is None:
            x, y = style.px(ICON_ROOM_PX) - 8, y + self._note.height
        elif self.advice.note:
            y += int(self._note.caret(len(self._note)).top())
        line = style.small_muted.line_px
        wide = style.words_px(words) + 16
        return Control(
            act=Act.DETAILS,
            name=words,
            text=words,
            rect=QRect(x, y - 2, wide, line + 4),
            look=Look.LINK,
            checked=self.is_open,
            tip=tr("What the provider said, and what is known about it"),
        )

    def _copy_control(self) -> Control:
        side = self.style.px(26)
        return Control(
            act=Act.COPY_CODE,
            name=tr("Copy details"),
            rect=QRect(self._width - PAD_PX - side + 6, self._details_y - 4, side, side),
            icon="copy",
        )


def _lines(wide: Sequence[int], room: int) -> list[range]:
    """Which buttons stand side by side in so much room."""
    found: list[range] = []
    start, used = 0, 0
    for at, button in enumerate(wide):
        used += button + BUTTON_GAP_PX
        if at > start and used - BUTTON_GAP_PX > room:
            found.append(range(start, at))
            start, used = at, button + BUTTON_GAP_PX
    return [*found, range(start, len(wide))] if wide else found
