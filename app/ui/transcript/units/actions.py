"""The line under a finished answer: what can be done with it, its versions, what it used.

Invariant: only shown under answers that are not being written.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from app.i18n import tr
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Act, Control, Scene, Unit
from app.ui.transcript.versions import Versions, arrows

OUTDENT_PX = 6
"""The icons, not their buttons, stand flush with the text."""


class ActionsUnit(Unit):
    """Copy, regenerate, ‹ 2 / 3 ›, more, '915 in · 1,423 out · 11.2 s'.

    Without `copies` there is nothing in the answer to copy.
    """

    __slots__ = ("_controls", "_copies", "_usage", "_usage_x", "_versions", "_width")

    def __init__(
        self, style: Style, versions: Versions, usage: str, *, copies: bool = True
    ) -> None:
        super().__init__(style)
        self._copies = copies
        self._versions = versions
        self._usage = usage
        self._usage_x = 0
        self._width = 0
        self._controls: tuple[Control, ...] = ()

    @property
    def usage(self) -> str:
        return self._usage

    def lay_out(self, width: int) -> int:
        self._width = width
        self.height = self.style.px(30)
        self._controls = self._placed()
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        painter.setFont(self.style.small_muted.font)
        painter.setPen(self.style.color("muted"))
        room = QRectF(self._usage_x, 0, scene.width - self._usage_x, self.height)
        if room.width() >= self.style.words_px(self._usage):
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._usage)

    def controls(self) -> Sequence[Control]:
        return self._controls

    def _placed(self) -> tuple[Control, ...]:
        if self.style.paged:
            self._usage_x = 0
            return ()
        side = self.style.px(30)
        x = -OUTDENT_PX
        found: list[Control] = []
        copy = (Act.COPY, tr("Copy"), "copy")
        again = (Act.REGENERATE, tr("Regenerate"), "regenerate")
        for act, name, icon in (copy, again) if self._copies else (again,):
            found.append(
                Control(
                    act=act,
                    name=name,
                    description=tr("The answer above"),
                    rect=QRect(x, 0, side, side),
                    icon=icon,
                )
            )
            x += side
        walk = arrows(self.style, self._versions, x, (side - self.style.px(28)) // 2)
        found += walk
        if walk:
            x = walk[-1].rect.right() + 1
        found.append(
            Control(
                act=Act.MORE,
                name=tr("More"),
                description=tr("The answer above"),
                rect=QRect(x, 0, side, side),
                icon="more",
            )
        )
        self._usage_x = x + side + 8
        return tuple(found)
