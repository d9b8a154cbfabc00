"""Does with an attachment what helps, or what the person wants anyway: smaller, shorter, otherwise.

Invariant: what is made takes the place of its chip and remembers what it was made from, so that it
can be put back. Where ffmpeg is missing that is said, in place of what would need it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QObject

from app.attachments import AddressSource, DownloadSource
from app.attachments.ffmpeg import NO_FFMPEG
from app.attachments.limits import Reader
from app.attachments.remedies import (
    Change,
    Choice,
    CompressVideo,
    Remedy,
    SoundOnly,
    TextOnly,
    words,
)
from app.domain.kinds import PDF, PICTURE, SOUND, VIDEO, kind_of
from app.domain.message import Media
from app.domain.settings import Form
from app.i18n import tr
from app.ui.attach_desk import AttachDesk
from app.ui.attach_dialogs import AttachDialogs
from app.ui.attachment_chip import AttachmentChip, Deed, Deeds
from app.ui.chat_page import ChatPage

_OPENS = (Choice.GIVE_ADDRESS, Choice.SWITCH_MODEL, Choice.SWITCH_SERVICE)


class AttachRemedies(QObject):
    """`can_convert` says whether this computer has an ffmpeg."""

    def __init__(
        self, desk: AttachDesk, dialogs: AttachDialogs, page: ChatPage, *, can_convert: bool
    ) -> None:
        super().__init__(page)
        self._desk = desk
        self._dialogs = dialogs
        self.page = page
        self._can_convert = can_convert

    @staticmethod
    def opens_dialog(remedy: Remedy) -> bool:
        """Whether it asks for more before anything happens."""
        return remedy in _OPENS or isinstance(remedy, CompressVideo)

    def do(self, chip: AttachmentChip, remedy: Remedy) -> None:
        """What a problem's remedy says."""
        match remedy:
            case Choice.LEAVE_OUT:
                chip.remove.click()
            case Choice.SWITCH_MODEL | Choice.SWITCH_SERVICE:
                self.page.header.modelRequested.emit()
            case Choice.GIVE_ADDRESS:
                self._dialogs.address(lambda url: self._desk.exchange(chip, AddressSource(url)))
            case Choice.DOWNLOAD:
                assert chip.media is not None
                self._desk.exchange(chip, DownloadSource(chip.media.url or ""))
            case CompressVideo(size_bytes):
                self._dialogs.compress(chip, size_bytes)
            case change:
                self.change(chip, change)

    def change(self, chip: AttachmentChip, change: Change, because: str = "") -> None:
        """Put what `change` makes of it in its place; `because` is told with it."""
        self._desk.alter(chip, change, because)

    def always(self, chip: AttachmentChip, reader: Reader) -> Deeds:
        """What can be done with an attachment, whatever is wrong with it."""
        media = chip.media
        assert media is not None
        deeds: list[Deed] = []
        match kind_of(media):
            case kind if kind is PICTURE and media.sha256 is not None:
                deeds.append(Deed(tr("Make it smaller…"), partial(self._dialogs.shrink, chip)))
            case kind if kind in (VIDEO, SOUND):
                deeds += self._of_recording(chip, media, reader)
            case kind if kind is PDF and media.sha256 is not None:
                deeds += self._of_document(chip)
        if chip.origin is not None:
            back = tr("Back to {name}", name=chip.origin.media.name or tr("what it was"))
            deeds.append(Deed(back, partial(self.page.composer.chips.put_back, chip.origin)))
        return tuple(deeds)

    def _of_recording(self, chip: AttachmentChip, media: Media, reader: Reader) -> Iterator[Deed]:
        stored = media.sha256 is not None
        is_video = kind_of(media) is VIDEO
        can_tell = is_video and reader.service.form is Form.GEMINI
        can_cut = stored and self._can_convert
        if can_tell or can_cut:
            part = partial(self._dialogs.part, chip, can_tell=can_tell, can_cut=can_cut)
            yield Deed(tr("Choose a part…"), part)
        if can_cut and is_video:
            yield Deed(tr("Compress it…"), partial(self._dialogs.compress, chip))
            yield Deed(words(SoundOnly()), partial(self.change, chip, SoundOnly()))
        elif stored and not self._can_convert:
            lacks = tr("Choose a part: needs ffmpeg")
            if is_video:
                lacks = tr("Compress, cut, sound only: needs ffmpeg")
            yield Deed(lacks, lambda: self._desk.noticed.emit(NO_FFMPEG))

    def _of_document(self, chip: AttachmentChip) -> Iterator[Deed]:
        pages = partial(self._dialogs.pages, chip, partial(self.change, chip))
        text = partial(self.change, chip, TextOnly())
        yield Deed(tr("Send it as a PDF file"), lambda: None, checked=True)
        yield Deed(tr("Send its pages as pictures…"), pages, checked=False)
        yield Deed(words(TextOnly()), text, checked=False)
