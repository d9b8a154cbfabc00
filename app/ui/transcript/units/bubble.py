"""A person's message, or a piece of a long one: plain text in a tinted bubble at the right.

Invariant: the text is shown as it was typed. The bubble is as wide as its text needs, up to a
share of the column; the pieces of a long message are all as wide as may be, so that they join.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from app.i18n import tr
from app.ui.transcript.flow import Flow, utf16_slice
from app.ui.transcript.style import Run, Style
from app.ui.transcript.units.base import Act, Control, Scene, Unit
from app.ui.transcript.versions import NO_VERSIONS, Versions, arrows

PAD_X_PX = 14
PAD_Y_PX = 9
LEAST_MARGIN_PX = 96
"""Left free beside the bubble, for its buttons and to tell it from an answer."""
PIECE_CHARS = 6_000


class BubbleUnit(Unit):
    """`only` pieces are as wide as their text; the last one carries the buttons."""

    __slots__ = ("_first", "_flow", "_inner", "_last", "_width", "editable", "versions")

    def __init__(self, style: Style, text: str, *, first: bool = True, last: bool = True) -> None:
        super().__init__(style)
        self._first = first
        self._last = last
        self._flow = Flow((Run(text.replace("\n", "\u2028")),), style.bubble)
        self._width = 0
        self._inner = 0
        self.versions: Versions = NO_VERSIONS
        self.editable = True

    def lay_out(self, width: int) -> int:
        self._width = width
        margin = min(self.style.px(LEAST_MARGIN_PX), width // 5)
        room = max(40, width - margin - 2 * PAD_X_PX)
        self._flow.lay_out(room)
        self._inner = room
        if self._first and self._last:
            self._inner = min(room, int(self._flow.natural_width) + 1)
            if self._flow.right_to_left:
                self._flow.lay_out(self._inner)
        self.height = self._top_px + self._flow.height + (PAD_Y_PX if self._last else 0)
        return self.height

    @property
    def _top_px(self) -> int:
        return PAD_Y_PX if self._first else 0

    @property
    def _x(self) -> int:
        return self._width - PAD_X_PX - self._inner

    def box_extent(self) -> tuple[int, int]:
        """Left and right edge of the bubble."""
        return self._x - PAD_X_PX, self._width

    def paint(self, painter: QPainter, scene: Scene) -> None:
        clip = scene.clip(scene.width)
        self._flow.paint(painter, self._x, self._top_px, clip, scene.marks, scene.underlined)

    @property
    def text(self) -> str:
        return self._flow.text.replace("\u2028", "\n")

    def length(self) -> int:
        return len(self._flow)

    def copied(self, start: int, end: int) -> str:
        return utf16_slice(self.text, start, end)

    def offset_at(self, x: float, y: float) -> int:
        return self._flow.offset_at(x - self._x, y - self._top_px)

    def caret(self, offset: int) -> QRectF:
        return self._flow.caret(offset).translated(self._x, self._top_px)

    def controls(self) -> Sequence[Control]:
        if not self._last:
            return ()
        side = self.style.px(28)
        y = self.height - side - 4
        x = self._x - PAD_X_PX - 6
        found = list(arrows(self.style, self.versions, x, y, from_right=True))
        x = found[0].rect.left() if found else x
        for act, name, icon in (
            (Act.COPY, tr("Copy"), "copy"),
            (Act.EDIT, tr("Edit"), "edit"),
        ):
            if act is Act.EDIT and not self.editable:
                continue
            x -= side
            found.append(
                Control(
                    act=act,
                    name=name,
                    description=tr("Your message"),
                    rect=QRect(x, y, side, side),
                    icon=icon,
                    hover_only=True,
                )
            )
        return found


def pieces(text: str) -> list[str]:
    """A long text in pieces that end at a line end where there is one."""
    found: list[str] = []
    start = 0
    while len(text) - start > PIECE_CHARS * 3 // 2:
        end = text.rfind("\n", start + PIECE_CHARS // 2, start + PIECE_CHARS) + 1
        if end <= 0:
            end = start + PIECE_CHARS
        found.append(text[start:end])
        start = end
    found.append(text[start:])
    return found
