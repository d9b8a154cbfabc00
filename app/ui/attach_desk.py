"""Takes in what a person chose, pasted or dropped, and says what became of each.

Invariant: nothing is ignored without a word: a thing becomes a chip, which ends as attachments or
as a refusal. What was begun in a chat ends in that chat. Loaded at its first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog

from app.attachments import (
    AddressSource,
    Attachments,
    DataSource,
    DownloadSource,
    FileSource,
    Progress,
    Refused,
    Source,
    Taken,
)
from app.attachments.naming import plain_name
from app.attachments.remedies import Change, done_words
from app.domain.kinds import KINDS, PICTURE, Kind, kind_of
from app.domain.message import Media, Part
from app.i18n import tr
from app.ui.attachment_chip import AttachmentChip, Origin
from app.ui.chat_page import ChatPage
from app.ui.mime_sources import sources_in
from app.ui.notices import announce
from app.ui.offered import is_meant_as_text, text_in
from app.ui.usual_folder import usual_folder

Done = Callable[[Taken | Refused], None]
Begin = Callable[[Done, Callable[[Progress], None]], Callable[[], None]]


class AttachDesk(QObject):
    """`noticed` carries a sentence about what was done, or could not be done."""

    noticed = Signal(str)

    def __init__(self, attachments: Attachments, page: ChatPage) -> None:
        super().__init__(page)
        self._attachments = attachments
        self._page = page
        self._chips = page.composer.chips
        self._folder = ""

    def choose_files(self, kind: Kind | None = None) -> None:
        """Open the desktop's file dialog, for one kind first; it does not block the window."""
        dialog = QFileDialog(self._page, tr("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        filters = name_filters()
        dialog.setNameFilters([tr("All files") + " (*)", *filters])
        if kind is not None:
            dialog.selectNameFilter(filters[KINDS.index(kind)])
        pictures = QStandardPaths.StandardLocation.PicturesLocation
        dialog.setDirectory(self._folder or usual_folder(pictures))
        dialog.filesSelected.connect(self._on_files_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take_mime(self, given: QMimeData) -> None:
        """Attach what was pasted or dropped; words go into the field."""
        sources = () if is_meant_as_text(given) and not given.hasUrls() else sources_in(given)
        if sources:
            self.take(sources)
        elif text := text_in(given):
            self._page.composer.field.paste_text(text)
            self._page.composer.field.setFocus()
        else:
            self.noticed.emit(tr("There is nothing in it that can be attached."))

    def take(self, sources: Iterable[Source]) -> None:
        """Attach each; a chip tells of each."""
        for source in sources:
            self._begin(source)
        self._page.composer.field.setFocus()

    def take_address(self, url: str) -> None:
        self.take((AddressSource(url),))

    def take_text(self, text: str) -> None:
        """Attach a text that was too long for the field."""
        self.take((DataSource(text.encode("utf-8", "replace"), tr("Pasted text") + ".txt"),))

    def alter(self, chip: AttachmentChip, change: Change, because: str = "") -> None:
        """Put what `change` makes of an attachment in its place; `because` is told with it."""
        media = chip.media
        assert media is not None
        origin = chip.origin or Origin(media)
        remark = f"{because} {done_words(change)}" if because else ""
        self._work(
            chip,
            lambda done, told: self._attachments.alter(media, change, done, told),
            origin,
            remark,
        )

    def try_change(
        self, media: Media, change: Change, done: Done, told: Callable[[Progress], None]
    ) -> Callable[[], None]:
        """Make what `change` makes of an attachment, to be looked at; returns how to stop that."""
        return self._attachments.alter(media, change, done, told)

    def exchange(self, chip: AttachmentChip, source: Source) -> None:
        """Put something else in the place of an attachment."""
        self._work(chip, lambda done, told: self._attachments.attach(source, done, told))

    def load_picture(
        self, url: str, done: Callable[[Media | str], None], told: Callable[[float | None], None]
    ) -> Callable[[], None]:
        """Fetch what lies at an address and keep it; `done` hears the picture, or a sentence."""

        def ended(outcome: Taken | Refused) -> None:
            if isinstance(outcome, Refused):
                done(outcome.sentence)
                return
            media = outcome.media[0]
            pictured = kind_of(media) is PICTURE and media.sha256 is not None
            done(media if pictured else tr("There is no picture at this address."))

        source = DownloadSource(url)
        return self._attachments.attach(source, ended, lambda now: told(now.share))

    def _on_files_selected(self, names: list[str]) -> None:
        paths = [Path(name) for name in names]
        if paths:
            self._folder = str(paths[0].parent)
        self.take(FileSource(path) for path in paths)

    def _begin(self, source: Source) -> None:
        chat = self._page.chat
        chip = self._chips.begin(_name_of(source))

        def done(outcome: Taken | Refused) -> None:
            here = chat.id == self._page.chat.id
            if isinstance(outcome, Refused):
                self._chips.refuse(chip, outcome.sentence)
                announce(chip, outcome.sentence)
                if not here:
                    self.noticed.emit(outcome.sentence)
            elif here:
                self._chips.settle(chip, outcome.media, outcome.remarks)
                self._announce(outcome.remarks)
            else:
                self._chips.settle(chip, ())
                unsent = chat.unsent
                chat.set_unsent(unsent.text, (*unsent.parts, *outcome.media))
                self._tell(outcome.remarks)

        chip.cancel = self._attachments.attach(source, done, self._telling(chip))

    def _work(
        self,
        chip: AttachmentChip,
        begin: Begin,
        origin: Origin | None = None,
        remark: str = "",
    ) -> None:
        chat, old = self._page.chat, chip.media

        def done(outcome: Taken | Refused) -> None:
            there = chip in self._chips.shown
            if isinstance(outcome, Refused):
                self.noticed.emit(outcome.sentence)
                if there:
                    chip.end_work(outcome.sentence)
                return
            remarks = tuple(filter(None, (remark, *outcome.remarks)))
            if there:
                self._chips.settle(chip, outcome.media, remarks, origin)
                self._announce(remarks)
            else:
                parts: list[Part] = []
                for part in chat.unsent.parts:
                    parts += outcome.media if part == old else (part,)
                chat.set_unsent(chat.unsent.text, tuple(parts))
                self._tell(remarks)

        chip.begin_work()
        chip.cancel = begin(done, self._telling(chip))

    def _announce(self, remarks: tuple[str, ...]) -> None:
        """Read out what stands on a chip now."""
        if remarks:
            announce(self._chips, " ".join(remarks))

    def _tell(self, remarks: tuple[str, ...]) -> None:
        """Say what was done with an attachment that is not in sight."""
        if remarks:
            self.noticed.emit(" ".join(remarks))

    def _telling(self, chip: AttachmentChip) -> Callable[[Progress], None]:
        return lambda now: self._chips.tell(chip, now.words, now.share)


def name_filters() -> list[str]:
    """A row of the file dialog for each kind; names in capitals are found too."""
    rows = []
    for kind in KINDS:
        patterns = [f"*.{ending}" for ending in kind.endings.split()]
        rows.append(f"{kind.title} ({' '.join((*patterns, *map(str.upper, patterns)))})")
    return rows


def _name_of(source: Source) -> str:
    """What stands on the chip until more is known; shown for what it is, as later."""
    match source:
        case FileSource(path):
            return plain_name(path.name) or plain_name(str(path))
        case DataSource(_, name):
            return plain_name(name)
        case _:
            return source.url[:200]
