"""What a part of a window still needs of the stored attachments, though no message may name it.

Invariant: asked when attachments that nobody needs are about to be removed, and only then. Lives
as long as the part that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject

from app.domain.message import Media


class InUse(QObject):
    """`media` names them now."""

    def __init__(self, owner: QObject, media: Callable[[], Iterable[Media]]) -> None:
        super().__init__(owner)
        self.media = media


def media_in_use(window: QObject) -> Iterator[Media]:
    """All that the parts of `window` need."""
    for part in window.findChildren(InUse):
        yield from part.media()
