"""Stores what is attached: bytes in the blobs, a thumbnail in the cache, the facts in a `Media`.

Invariant: for a thread; what is named in a `Media` lies in the blobs. A full disk is a
`RefusedError` with the name of the file; a missing thumbnail is no failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.attachments import ffmpeg, pdf, pictures
from app.attachments.ffmpeg import Tools
from app.attachments.naming import plain_name
from app.attachments.pictures import Picture
from app.attachments.recordings import Facts, facts_of
from app.attachments.refusal import RefusedError
from app.domain.kinds import PDF, PICTURE, SOUND, VIDEO, kind_of_type, spelled
from app.domain.message import Media
from app.domain.recognition import HEAD_BYTES, recognise
from app.storage.blobs import Blobs
from app.storage.errors import StorageError
from app.storage.thumbnails import Thumbnails

PIECE_BYTES = 1024 * 1024
# The endings under which converted files go on.
_ENDING_OF: Mapping[str, str] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "video/mp4": "mp4",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a source or of a change; `remarks` are sentences about what was done."""

    media: tuple[Media, ...]
    remarks: tuple[str, ...] = ()


class Keeping:
    """Methods that store raise RefusedError."""

    def __init__(self, blobs: Blobs, thumbnails: Path, tools: Tools) -> None:
        self.blobs = blobs
        self.thumbnails = Thumbnails(thumbnails)
        self.tools = tools

    def content_path(self, sha256: str) -> Path | None:
        """Where a stored content lies; `None` when it is gone."""
        try:
            return self.blobs.path(sha256)
        except KeyError:
            return None

    def store(self, data: Iterable[bytes], name: str) -> str:
        """Keep bytes; their sha256."""
        try:
            return self.blobs.keep(data)
        except StorageError as error:
            raise RefusedError(f"{name}: {error}") from error

    def picture(self, picture: Picture, name: str, mime: str) -> Media:
        """Keep a picture and its thumbnail. `mime` is what it was before."""
        sha256 = self.store((picture.data,), name)
        self.thumbnails.keep(sha256, picture.thumbnail)
        return Media(
            mime=picture.mime,
            sha256=sha256,
            name=name if picture.mime == mime else renamed(name, picture.mime),
            size_bytes=len(picture.data),
            width_px=picture.width_px,
            height_px=picture.height_px,
        )

    def text(self, text: str, name: str, mime: str) -> Media:
        """Keep a text, as UTF-8."""
        data = text.encode("utf-8", "replace")
        sha256 = self.store((data,), name)
        return Media(mime=mime, sha256=sha256, name=name, size_bytes=len(data))

    def received(self, data: bytes, said: str, sha256: str) -> Media:
        """What a model gave, which is stored already; `said` is its type by the model.

        Nothing is refused and nothing changed: what cannot be read is not measured.
        """
        mime = recognise(data[:HEAD_BYTES]) or spelled(said)
        plain = Media(mime=mime, sha256=sha256, size_bytes=len(data))
        kind = kind_of_type(mime)
        try:
            if kind is PICTURE:
                picture = pictures.measured(data, mime, "")
                self.thumbnails.keep(sha256, picture.thumbnail)
                return replace(plain, width_px=picture.width_px, height_px=picture.height_px)
            if kind in (VIDEO, SOUND):
                facts = facts_of(self.tools, self.blobs.path(sha256), mime)
                return self.recording(sha256, mime, "", facts)
        except (KeyError, OSError, RefusedError):
            return plain
        return plain

    def made_recording(self, file: Path, mime: str, name: str) -> Media:
        """Keep a recording that ffmpeg made."""
        sha256 = self.store(_pieces_of(file), name)
        facts = facts_of(self.tools, self.blobs.path(sha256), mime)
        return self.recording(sha256, mime, name, facts)

    def recording(self, sha256: str, mime: str, name: str, facts: Facts) -> Media:
        """A stored recording, with the thumbnail of a video."""
        media = Media(
            mime=mime,
            sha256=sha256,
            name=name,
            size_bytes=self.blobs.size(sha256),
            width_px=facts.width_px,
            height_px=facts.height_px,
            duration_s=facts.duration_s,
        )
        self.poster(media)
        return media

    def poster(self, media: Media) -> None:
        """Make the thumbnail of a stored attachment, where one can be made."""
        try:
            small = self._small_picture(media, self.blobs.path(media.sha256 or ""))
        except (KeyError, OSError, RefusedError):
            return
        self.thumbnails.keep(media.sha256 or "", small)

    def _small_picture(self, media: Media, file: Path) -> bytes:
        if media.mime in PICTURE.types:
            return pictures.thumbnail(file.read_bytes(), media.mime, media.name)
        if media.mime in VIDEO.types:
            at_s = min(1.0, (media.duration_s or 0.0) / 3)  # many begin in black
            return ffmpeg.picture_of(self.tools, file, at_s, pictures.THUMBNAIL_PX)
        if media.mime in PDF.types:
            return pdf.draw_page(file, media.name, 0, pictures.THUMBNAIL_PX)
        return b""


def renamed(name: str, mime: str) -> str:
    """`name` with the ending of a type that it was made into."""
    ending = _ENDING_OF.get(mime, "")
    stem = name.rpartition(".")[0] if "." in name[1:] else name
    return plain_name(f"{stem}.{ending}") if ending else name


def _pieces_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            yield piece
