"""Large files: recordings and PDF documents, taken over piece by piece and looked at afterwards.

Invariant: for a thread; memory stays small however large the file is. A recording that no service
takes as it is is converted, where this computer can.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.attachments import pdf
from app.attachments.ffmpeg import NO_FFMPEG
from app.attachments.film_metadata import BOXED, Patch, patched, patches
from app.attachments.keeping import Keeping, Taken, renamed
from app.attachments.recordings import Facts, facts_of, workshop
from app.attachments.refusal import RefusedError
from app.attachments.sources import Content
from app.attachments.work import Work
from app.domain.kinds import SOUND, VIDEO, kind_of_type
from app.domain.message import Media
from app.i18n import tr

SPARE_BYTES = 50_000_000
"""So much of the disk stays free for everything else."""


class Copying:
    """Both methods raise RefusedError, and StoppedError when their work is stopped."""

    def __init__(self, keeping: Keeping, scratch: Path, keeps_metadata: Callable[[], bool]) -> None:
        self._keeping = keeping
        self._tools = keeping.tools
        self._scratch = scratch
        self._keeps_metadata = keeps_metadata

    def recording(self, content: Content, mime: str, work: Work) -> Taken:
        """A video or a sound of that type."""
        sha256, name = self._copied(content, work, self._over(content, mime)), content.name
        path = self._keeping.blobs.path(sha256)
        facts = facts_of(self._tools, path, mime)
        kind = kind_of_type(mime)
        if kind is VIDEO and facts.has_video is False:
            if not facts.has_sound:
                raise RefusedError(tr("{name} holds neither pictures nor sound.", name=name))
            if self._tools.ffmpeg is None:
                words = tr("{name} is a video without pictures.", name=name)
                raise RefusedError(f"{words} {NO_FFMPEG}")
            remark = tr("{name} has no pictures, so its sound is attached.", name=name)
            return Taken((self._converted(path, "audio/mp3", name, facts, work),), (remark,))
        if kind is SOUND and facts.has_sound is False:
            raise RefusedError(tr("{name} holds no sound.", name=name))
        if mime in kind.converted:
            return Taken((self._converted(path, kind.converted[mime], name, facts, work),))
        remarks: tuple[str, ...] = ()
        if self._tools.ffprobe is not None and facts == Facts():
            remarks = (tr("{name} may be damaged: ffmpeg cannot read it.", name=name),)
        return Taken((self._keeping.recording(sha256, mime, name, facts),), remarks)

    def pdf(self, content: Content, work: Work) -> Taken:
        sha256, name = self._copied(content, work), content.name
        media = Media(
            mime="application/pdf",
            sha256=sha256,
            name=name,
            size_bytes=content.size_bytes,
            pages=pdf.count_pages(self._keeping.blobs.path(sha256), name),
        )
        self._keeping.poster(media)
        return Taken((media,))

    def _over(self, content: Content, mime: str) -> tuple[Patch, ...]:
        """What is written over a film, so that it does not tell where it was made."""
        if mime not in BOXED or self._keeps_metadata():
            return ()
        return patches(content.size_bytes, content.span)

    def _copied(self, content: Content, work: Work, over: Sequence[Patch] = ()) -> str:
        name, size = content.name, content.size_bytes
        self._check_room(name, size)

        def told() -> Iterator[bytes]:
            done = 0
            for piece in patched(content.pieces(), over):
                work.tell(tr("Reading {name}", name=name), done / size)
                yield piece
                done += len(piece)

        return self._keeping.store(told(), name)

    def _check_room(self, name: str, size_bytes: int) -> None:
        try:
            free = shutil.disk_usage(self._keeping.blobs.folder.parent).free
        except OSError:
            return  # the writing will tell
        if size_bytes + SPARE_BYTES > free:
            raise RefusedError(
                tr("There is no room for {name} on the disk. Free some space first.", name=name)
            )

    def _converted(self, file: Path, mime: str, name: str, facts: Facts, work: Work) -> Media:
        """As a type that services take: of a video an mp4, of sound an mp3."""
        if self._tools.ffmpeg is None:
            raise RefusedError(f"{tr('{name} has to be converted.', name=name)} {NO_FFMPEG}")
        with workshop(self._tools, self._scratch) as shop:
            if mime == "video/mp4":
                made, mime = shop.as_mp4(file, facts, work)
            else:
                made, mime = shop.sound_only(file, facts.duration_s, work)
            return self._keeping.made_recording(made, mime, renamed(name, mime))
