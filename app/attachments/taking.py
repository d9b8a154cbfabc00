"""From a source to an attachment: recognised, checked, converted where needed, stored.

Invariant: for a thread; what comes out lies in the blobs and is what it says it is; everything
else is a `RefusedError` with a sentence. The content decides what something is, not its name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from app.attachments import pictures, wording
from app.attachments.copying import Copying
from app.attachments.keeping import Keeping, Taken, renamed
from app.attachments.reading import opened
from app.attachments.refusal import RefusedError, UndrawnError
from app.attachments.sources import (
    AddressSource,
    Content,
    DataSource,
    DownloadSource,
    FileSource,
    HeldContent,
    Source,
    at_address,
)
from app.attachments.work import Work
from app.domain.kinds import PICTURE, SOUND, VIDEO, kind_of_type
from app.domain.message import Media
from app.domain.recognition import SVG, ZIP, recognise
from app.i18n import tr

DrawSvg = Callable[[bytes, int], bytes]
"""An SVG as a PNG with the given longer side; empty for a broken one. Raises UndrawnError."""

SVG_PX = 2048


class Taking:
    """`take` raises RefusedError, and StoppedError when its work is stopped."""

    def __init__(
        self,
        keeping: Keeping,
        scratch: Path,
        *,
        draw_svg: DrawSvg | None,
        keeps_metadata: Callable[[], bool],
    ) -> None:
        self._keeping = keeping
        self._copying = Copying(keeping, scratch, keeps_metadata)
        self._draw_svg = draw_svg
        self._keeps_metadata = keeps_metadata

    def take(self, source: Source, work: Work) -> Taken:
        """Attach what `source` names."""
        match source:
            case FileSource(path):
                with opened(path) as file:
                    return self._take(file, work)
            case DataSource(data, name):
                return self._take(HeldContent(data, name), work)
            case AddressSource(url) | DownloadSource(url):
                found = at_address(url)
                if isinstance(found, Media):
                    return Taken((found,))
                return self._take(HeldContent(found.data, found.name), work)
            case _:
                assert_never(source)

    def _take(self, content: Content, work: Work) -> Taken:
        mime = recognise(content.head())
        if mime is None:
            return self._text(content.name, *wording.words_of(content))
        if mime == ZIP:
            return self._text(content.name, *wording.words_of_archive(content))
        kind = kind_of_type(mime)
        content.check_size(kind.largest_bytes)
        if kind is PICTURE:
            return self._picture(content, mime)
        if kind in (VIDEO, SOUND):
            return self._copying.recording(content, mime, work)
        return self._copying.pdf(content, work)

    def _picture(self, content: Content, mime: str) -> Taken:
        data, name = content.whole(PICTURE.largest_bytes), content.name
        if mime == SVG:
            try:
                data = self._drawn(data)
            except UndrawnError:
                remark = tr("The drawing {name} goes as text.", name=name)
                return self._text(name, *wording.words_in(data, name), remark)
            if not data:
                raise RefusedError(tr("{name} is damaged or cut off.", name=name))
            mime, name = "image/png", renamed(name, "image/png")
        picture = pictures.prepared(data, mime, name, keep_metadata=self._keeps_metadata())
        return Taken((self._keeping.picture(picture, name, mime),), picture.remarks)

    def _drawn(self, svg: bytes) -> bytes:
        if self._draw_svg is None:
            raise UndrawnError
        return self._draw_svg(svg, SVG_PX)

    def _text(self, name: str, text: str, mime: str, *remarks: str) -> Taken:
        return Taken((self._keeping.text(text, name, mime),), remarks)
