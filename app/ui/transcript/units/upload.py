"""How far an attachment is that goes ahead of the question, with a way to stop it.

Invariant: it says in words what is going on, a lost connection too; its size does not change
while the numbers do.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.advice import Action
from app.domain.upload import Uploading
from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS
from app.ui.transcript import wording
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Act, Control, Look, Scene, Unit

HIGH_PX = 56
PAD_PX = 14
LEFT_PX = 42
BAR_PX = 4


class UploadUnit(Unit):
    """Draws one `Uploading`; `set_upload` brings it up to date."""

    __slots__ = ("_width", "upload")

    def __init__(self, style: Style, upload: Uploading) -> None:
        super().__init__(style)
        self.upload = upload
        self._width = 0

    def lay_out(self, width: int) -> int:
        self._width = width
        self.height = self.style.px(HIGH_PX)
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        style, upload = self.style, self.upload
        waiting = upload.waiting
        painter.setPen(QPen(style.color("warning_line" if waiting else "line"), 1))
        painter.setBrush(style.color("warning_soft" if waiting else "raised"))
        box = QRectF(0.5, 0.5, self._width - 1, self.height - 1)
        painter.drawRoundedRect(box, RADIUS.m, RADIUS.m)
        sign = "warning" if waiting else "clock" if upload.processing else "arrow-up"
        ink = style.color("text")
        paint_icon(painter, sign, style.px(23), self.height / 2, style.px(18), ink)
        left = style.px(LEFT_PX)
        room = QRectF(left, style.px(9), self._button().left() - left - PAD_PX, style.px(22))
        words = wording.upload(upload)
        face = style.small
        shown = QFontMetricsF(face.font).elidedText(
            words, Qt.TextElideMode.ElideMiddle, room.width()
        )
        painter.setFont(face.font)
        painter.setPen(ink)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        self._paint_bar(painter, QRectF(left, style.px(38), room.width(), style.px(BAR_PX)))

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        style, round_px = self.style, bar.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.color("control_border"))
        painter.drawRoundedRect(bar, round_px, round_px)
        painter.setBrush(style.color("warning" if self.upload.waiting else "accent"))
        bar.setWidth(max(bar.height(), bar.width() * min(1.0, self.upload.share)))
        painter.drawRoundedRect(bar, round_px, round_px)

    def controls(self) -> Sequence[Control]:
        words = tr("Cancel")
        return (
            Control(
                act=Act.ADVICE,
                key=Action.STOP.value,
                name=tr("Cancel the upload"),
                text=words,
                description=wording.upload(self.upload),
                rect=self._button(),
                look=Look.BUTTON,
                value=Action.STOP.value,
            ),
        )

    def _button(self) -> QRect:
        style = self.style
        wide, tall = style.words_px(tr("Cancel")) + style.px(28), style.px(34)
        return QRect(self._width - PAD_PX - wide, (self.height - tall) // 2, wide, tall)
