"""The versions of a message at its place in the chat, and the arrows that walk them.

Invariant: `ids` is never empty; `at` counts from 0. One version has no arrows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect

from app.i18n import tr
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Act, Control, Look


@dataclass(frozen=True, slots=True)
class Versions:
    ids: tuple[str, ...]
    at: int = 0

    @property
    def older(self) -> str | None:
        return self.ids[self.at - 1] if self.at > 0 else None

    @property
    def newer(self) -> str | None:
        return self.ids[self.at + 1] if self.at + 1 < len(self.ids) else None


NO_VERSIONS = Versions(("",))


def arrows(
    style: Style, versions: Versions, x: int, y: int, *, from_right: bool = False
) -> Sequence[Control]:
    """‹ 2 / 3 › starting at x, or ending there; leftmost first; nothing for one version."""
    count = len(versions.ids)
    if count < 2:
        return ()
    side = style.px(28)
    arrow = style.px(22)
    words = f"{versions.at + 1} / {count}"
    label = style.words_px(words) + 4
    if from_right:
        x -= 2 * arrow + label
    place = tr("Version {number} of {count}", number=versions.at + 1, count=count)
    return (
        Control(
            act=Act.OLDER,
            name=tr("Older version"),
            description=place,
            rect=QRect(x, y, arrow, side),
            icon="chevron-left",
            enabled=versions.older is not None,
        ),
        Control(
            act=Act.NEWER,
            name=place,
            key="label",
            rect=QRect(x + arrow, y, label, side),
            text=words,
            look=Look.LABEL,
        ),
        Control(
            act=Act.NEWER,
            name=tr("Newer version"),
            description=place,
            rect=QRect(x + arrow + label, y, arrow, side),
            icon="chevron-right",
            enabled=versions.newer is not None,
        ),
    )
