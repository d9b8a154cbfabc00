"""The dialogs that ask how an attachment is to be changed, and what comes of them.

Invariant: none blocks the window; what one made takes the place of the attachment it was opened
for, if that is still there and still the same.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QInputDialog

from app.attachments import Taken
from app.attachments.remedies import Change, PagesAsPictures
from app.domain.message import Media
from app.i18n import tr
from app.ui.attach_desk import AttachDesk
from app.ui.attachment_chip import AttachmentChip, Origin
from app.ui.attachment_chips import AskThumbnail
from app.ui.change_dialog import ChangeDialog, Told
from app.ui.change_kinds import CompressDialog, PagesDialog, PartDialog, ShrinkDialog, Trial
from app.ui.chat_page import ChatPage
from app.ui.theme import Theme


class AttachDialogs(QObject):
    """Each method opens one, for the attachment of a chip."""

    def __init__(
        self, theme: Theme, desk: AttachDesk, ask_thumbnail: AskThumbnail, page: ChatPage
    ) -> None:
        super().__init__(page)
        self._desk = desk
        self._page = page
        self._trial = Trial(theme, desk.try_change, ask_thumbnail, page)

    def shrink(self, chip: AttachmentChip) -> None:
        self._open(chip, lambda media: ShrinkDialog(self._trial, media))

    def compress(self, chip: AttachmentChip, wished_bytes: int | None = None) -> None:
        self._open(chip, lambda media: CompressDialog(self._trial, media, wished_bytes))

    def part(self, chip: AttachmentChip, *, can_tell: bool, can_cut: bool) -> None:
        self._open(
            chip, lambda media: PartDialog(self._trial, media, can_tell=can_tell, can_cut=can_cut)
        )

    def pages(self, chip: AttachmentChip, take: Callable[[Change], None]) -> None:
        """Which pages go as pictures; of one page there is nothing to ask."""
        assert chip.media is not None
        if chip.media.pages == 1:
            take(PagesAsPictures(1, 1))
        else:
            _show(PagesDialog(chip.media, take, self._page))

    def address(self, take: Callable[[str], None], words: str = "") -> None:
        """`words` say which address; by default that of what is attached already."""
        dialog = QInputDialog(self._page)
        dialog.setWindowTitle(tr("Give an address"))
        usual = tr("Where the same file lies, beginning with https://")
        dialog.setLabelText(words or usual)
        dialog.resize(440, dialog.sizeHint().height())
        dialog.textValueSelected.connect(take)
        _show(dialog)

    def _open(self, chip: AttachmentChip, make: Callable[[Media], ChangeDialog]) -> None:
        media = chip.media
        assert media is not None
        dialog = make(media)
        dialog.chosen.connect(lambda made: self._on_chosen(chip, media, made))
        _show(dialog)

    def _on_chosen(self, chip: AttachmentChip, media: Media, made: Taken | Told) -> None:
        chips = self._page.composer.chips
        if chip not in chips.shown or chip.media != media:
            self._desk.noticed.emit(tr("The attachment is not there any more."))
            return
        match made:
            case Taken(media=parts, remarks=remarks):
                chips.settle(chip, parts, remarks, chip.origin or Origin(media))
            case Told(media=part):
                chips.correct(chip, part)


def _show(dialog: QDialog) -> None:
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
