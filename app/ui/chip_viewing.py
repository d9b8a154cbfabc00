"""Opens what a chip of the composer stands for: a viewer, or the question about its link.

Invariant: shows what is attached, all of it in the order of the chips; changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.domain.kinds import is_address
from app.ui.attachment_chip import AttachmentChip
from app.ui.attachment_chips import AttachmentChips
from app.ui.theme import Theme
from app.ui.viewing.exhibit import Exhibit
from app.ui.viewing.lending import Lending


class ChipViewing(QObject):
    """Listens to `chips`; windows stand over `parent`."""

    def __init__(
        self,
        theme: Theme,
        chips: AttachmentChips,
        path_of: Callable[[str], Path | None],
        open_link: Callable[[str], None],
        lending: Lending,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chips = chips
        self._path_of = path_of
        self._open_link = open_link
        self._lending = lending
        self._parent = parent
        chips.opened.connect(self._on_opened)

    def _on_opened(self, chip: AttachmentChip) -> None:
        media = chip.media
        if media is None:
            return
        if media.url is not None and is_address(media):
            self._open_link(media.url)
            return
        shown = list(self._exhibits())
        at = next((at for at, (each, _) in enumerate(shown) if each is chip), None)
        if at is not None:
            self._show([exhibit for _, exhibit in shown], at)

    def _exhibits(self) -> Iterator[tuple[AttachmentChip, Exhibit]]:
        for number, chip in enumerate(self._chips.shown):
            media = chip.media
            path = self._path_of(media.sha256) if media is not None and media.sha256 else None
            if media is not None and path is not None:
                key = (f"{chip.place}/{number}", media.sha256 or "")
                yield chip, Exhibit(key, media.name, path, media=media)

    def _show(self, exhibits: list[Exhibit], at: int) -> None:
        from app.ui.viewing.viewer import Viewer

        Viewer(self._theme, exhibits, at, self._lending, self._parent).show()
