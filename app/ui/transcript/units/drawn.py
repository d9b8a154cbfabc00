"""A block of code shown as the picture that it draws, under the same header and buttons.

Invariant: its text is still the code, so that it is selected, found and copied as what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

from app.i18n import tr
from app.ui.theme import RADIUS
from app.ui.transcript.choices import Key
from app.ui.transcript.lexers import Lexers
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Act, Control, Look, Scene
from app.ui.transcript.units.code import PAD_X_PX, CodeUnit
from app.ui.transcript.vectors import Vector
from app.ui.viewing.exhibit import Exhibit

PAD_PX = 10
TALLEST_PX = 560


class DrawnUnit(CodeUnit):
    """`vector` is drawn as large as it wants to be, or as there is room."""

    __slots__ = ("_place", "_vector")

    def __init__(self, style: Style, lexers: Lexers, key: Key, vector: Vector) -> None:
        super().__init__(style, lexers, key)
        self._vector = vector
        self._place = QRectF()

    @property
    def lexed_as(self) -> str:
        """Code that is not seen needs no colours."""
        return ""

    def exhibit(self) -> Exhibit:
        """It, to be looked at large."""
        name = self.file_name().rpartition(".")[0] + ".svg"
        return Exhibit(("drawing", name), name, data=self._vector.svg, image=self._vector.image)

    def lay_out(self, width: int) -> int:
        self._width = width
        style = self.style
        size = self._vector.size * style.scale
        pad = style.px(PAD_PX)
        room = QSizeF(width - 2 * PAD_X_PX - 2 * pad, style.px(TALLEST_PX))
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        x = (width - size.width()) / 2
        self._place = QRectF(x, self._head_px + 2 * pad, size.width(), size.height())
        self.height = round(self._place.bottom()) + 2 * pad
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        self._paint_box(painter, scene)
        pad = self.style.px(PAD_PX)
        ground = self._place.adjusted(-pad, -pad, pad, pad)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.style.color("on_scrim"))  # drawings are made for white paper
        painter.drawRoundedRect(ground, RADIUS.s, RADIUS.s)
        if scene.marks:
            painter.setBrush(scene.marks[-1][2])
            painter.drawRoundedRect(ground, RADIUS.s, RADIUS.s)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        image = self._vector.image
        painter.drawImage(self._place, image, QRectF(image.rect()))

    def offset_at(self, x: float, y: float) -> int:
        return 0 if x < self._place.center().x() else self.length()

    def caret(self, offset: int) -> QRectF:
        x = self._place.right() if offset else self._place.left()
        return QRectF(x, self._place.top(), 1, self._place.height())

    def scroll_range(self) -> int:
        return 0

    def controls(self) -> Sequence[Control]:
        found = [control for control in super().controls() if control.act is not Act.WRAP]
        found.append(
            Control(
                act=Act.OPEN_DRAWING,
                name=tr("Open picture"),
                rect=self._place.toAlignedRect(),
                look=Look.COVER,
            )
        )
        return found
