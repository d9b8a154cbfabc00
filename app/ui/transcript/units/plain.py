"""The small units: rule, day or notice between messages, name of the answering model, remarks.

Invariant: none of them has selectable text.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS
from app.ui.transcript.flow import Flow
from app.ui.transcript.style import Run, Style
from app.ui.transcript.units.base import Act, Control, Look, Scene, Unit

MARK_PX = 20
STATUS_X_PX = 16
"""Room for the caret, which the view paints before the words."""


class RuleUnit(Unit):
    """A thematic break."""

    __slots__ = ()

    def lay_out(self, width: int) -> int:
        self.height = self.style.px(9)
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        y = self.height // 2
        painter.fillRect(QRectF(0, y, scene.width, 1), self.style.color("line"))


class BlankUnit(Unit):
    """Room for something that is not there yet; who owns it sets its `height`."""

    __slots__ = ()

    def lay_out(self, width: int) -> int:
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        return None


class DividerUnit(Unit):
    """Words between two lines: a day, or where the messages begin that are still sent."""

    __slots__ = ("_again", "_width", "_words")

    def __init__(self, style: Style, words: str, *, again: bool = False) -> None:
        super().__init__(style)
        self._words = words
        self._again = again
        self._width = 0

    @property
    def heads(self) -> bool:
        return True

    def lay_out(self, width: int) -> int:
        self._width = width
        self.height = self.style.px(26 if self._again else 20)
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        style = self.style
        wide = QFontMetricsF(style.caption.font).horizontalAdvance(self._words)
        left, right = self._gap(wide)
        y = self.height // 2
        painter.fillRect(QRectF(0, y, max(0.0, left - 12), 1), style.color("line"))
        painter.fillRect(QRectF(right + 12, y, scene.width - right - 12, 1), style.color("line"))
        painter.setFont(style.caption.font)
        painter.setPen(style.color("muted"))
        room = QRectF(left, 0, wide + 1, self.height)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._words)

    def controls(self) -> Sequence[Control]:
        if not self._again:
            return ()
        style = self.style
        wide = QFontMetricsF(style.caption.font).horizontalAdvance(self._words)
        left, _ = self._gap(wide)
        words = tr("Send them again")
        rect = QRect(int(left + wide) + 6, 0, self._button_px(), self.height)
        return (Control(act=Act.SEND_AGAIN, name=words, text=words, look=Look.WORDS, rect=rect),)

    def _button_px(self) -> int:
        return self.style.words_px(tr("Send them again")) + 16 if self._again else 0

    def _gap(self, words_px: float) -> tuple[float, float]:
        whole = words_px + (self._button_px() + 6 if self._again else 0)
        left = (self._width - whole) / 2
        return left, left + whole


class NameUnit(Unit):
    """The mark and the name of the model above an answer."""

    __slots__ = ("_name",)

    def __init__(self, style: Style, name: str) -> None:
        super().__init__(style)
        self._name = name

    @property
    def heads(self) -> bool:
        return True

    def lay_out(self, width: int) -> int:
        self.height = self.style.px(MARK_PX)
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        style = self.style
        side = self.height
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.color("accent"))
        painter.drawRoundedRect(QRectF(0, 0, side, side), RADIUS.s, RADIUS.s)
        color = style.color("on_accent")
        paint_icon(painter, "sparkle", side / 2, side / 2, style.px(12), color)
        painter.setFont(style.name.font)
        painter.setPen(style.color("text"))
        room = scene.width - side - 8
        name = QFontMetricsF(style.name.font).elidedText(
            self._name, Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(QRectF(side + 8, 0, room, side), Qt.AlignmentFlag.AlignVCenter, name)


class StatusUnit(Unit):
    """What an answer waits for before its first word, in muted words after the caret."""

    __slots__ = ("words",)

    def __init__(self, style: Style, words: str) -> None:
        super().__init__(style)
        self.words = words

    def lay_out(self, width: int) -> int:
        self.height = self.style.body.line_px
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        style = self.style
        painter.setFont(style.muted.font)
        painter.setPen(style.color("muted"))
        room = QRectF(STATUS_X_PX, 0, scene.width, self.height)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.words)


class RemarksUnit(Unit):
    """Small notices beside an answer, one a line, each with an icon."""

    __slots__ = ("_flows", "_icon", "_tops")

    def __init__(self, style: Style, remarks: Sequence[str], icon: str = "info") -> None:
        super().__init__(style)
        self._flows = [Flow((Run(remark),), style.small_muted) for remark in remarks]
        self._tops: list[int] = []
        self._icon = icon

    @property
    def _indent_px(self) -> int:
        return self.style.px(22)

    def lay_out(self, width: int) -> int:
        self._tops = []
        top = 0
        for flow in self._flows:
            self._tops.append(top)
            top += flow.lay_out(width - self._indent_px) + 2
        self.height = top
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        color = self.style.color("muted")
        line = self.style.small_muted.line_px
        side = self.style.px(15)
        for top, flow in zip(self._tops, self._flows, strict=True):
            paint_icon(painter, self._icon, side / 2, top + line / 2, side, color)
            flow.paint(painter, self._indent_px, top, scene.clip(scene.width))
