"""Makes of an attachment what a remedy says: smaller, shorter, another form, pages, text.

Invariant: for a thread; the stored original is never touched, what is made is stored beside it.
Failures are `RefusedError`.
"""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from app.attachments import pdf, pictures
from app.attachments.keeping import Keeping, Taken, renamed
from app.attachments.reading import told
from app.attachments.recordings import facts_of, video_plan, workshop
from app.attachments.refusal import RefusedError
from app.attachments.remedies import (
    Change,
    CompressVideo,
    ConvertPicture,
    PagesAsPictures,
    ShrinkPicture,
    SoundOnly,
    TextOnly,
    Trim,
)
from app.attachments.work import Work
from app.domain.message import Media
from app.i18n import tr

AS_IT_IS_PX = 100_000


class Changing:
    """`change` raises RefusedError, and StoppedError when its work is stopped."""

    def __init__(self, keeping: Keeping, scratch: Path) -> None:
        self._keeping = keeping
        self._tools = keeping.tools
        self._scratch = scratch

    def change(self, media: Media, change: Change, work: Work) -> Taken:
        """The attachments that take the place of `media`."""
        try:
            file = self._keeping.blobs.path(media.sha256 or "")
        except KeyError as error:
            words = tr("The content of {name} is not stored here.", name=media.name)
            raise RefusedError(words) from error
        with told(media.name):
            return self._changed(file, media, change, work)

    def _changed(self, file: Path, media: Media, change: Change, work: Work) -> Taken:
        match change:
            case ShrinkPicture(longest_px, quality):
                return Taken((self._picture(file, media, longest_px, quality),))
            case ConvertPicture():
                return Taken((self._picture(file, media, AS_IT_IS_PX, pictures.QUALITY),))
            case PagesAsPictures(first, last):
                return Taken(self._pages(file, media, first, last, work))
            case TextOnly():
                return Taken((self._text(file, media, work),))
            case CompressVideo() | Trim() | SoundOnly():
                return Taken((self._recording(file, media, change, work),))
            case _:
                assert_never(change)

    def _picture(self, file: Path, media: Media, longest_px: int, quality: int) -> Media:
        picture = pictures.shrunk(
            file.read_bytes(), media.mime, media.name, longest_px=longest_px, quality=quality
        )
        return self._keeping.picture(picture, media.name, media.mime)

    def _pages(
        self, file: Path, media: Media, first: int, last: int, work: Work
    ) -> tuple[Media, ...]:
        found, count = list[Media](), last - first + 1
        for number in range(first, last + 1):
            work.tell(tr("Drawing page {number}", number=number), (number - first) / count)
            data = pdf.draw_page(file, media.name, number - 1)
            name = tr("{name}, page {number}", name=media.name, number=number)
            picture = pictures.prepared(data, "image/jpeg", name)
            found.append(self._keeping.picture(picture, name, "image/jpeg"))
        return tuple(found)

    def _text(self, file: Path, media: Media, work: Work) -> Media:
        count = media.pages or pdf.count_pages(file, media.name)
        pages: list[str] = []
        for number in range(count):
            work.tell(tr("Reading page {number}", number=number + 1), number / count)
            pages.append(pdf.read_page(file, media.name, number))
        text = "\n\n".join(filter(None, pages))
        if not text:
            words = tr("{name} holds no text: its pages are pictures.", name=media.name)
            raise RefusedError(words)
        return self._keeping.text(text, media.name, "text/plain")

    def _recording(
        self, file: Path, media: Media, change: CompressVideo | Trim | SoundOnly, work: Work
    ) -> Media:
        length_s = media.duration_s or facts_of(self._tools, file, media.mime).duration_s
        with workshop(self._tools, self._scratch) as shop:
            match change:
                case CompressVideo(size_bytes):
                    plan = video_plan(length_s, size_bytes) if length_s else None
                    if plan is None:
                        raise RefusedError(
                            tr("{name} is too long for that. Cut it first.", name=media.name)
                        )
                    made, mime = shop.compressed(file, plan, length_s, work)
                case Trim(start_s, end_s):
                    made, mime = shop.trimmed(file, media.mime, start_s, end_s, work)
                case SoundOnly():
                    made, mime = shop.sound_only(file, length_s, work)
            return self._keeping.made_recording(made, mime, renamed(media.name, mime))
