"""The small pictures of attachments, and what the chips do not know yet about recordings.

Invariant: made once, off the window's thread, and kept. Where there is no ffmpeg, Qt Multimedia
looks into a recording; what it tells is put on the chip and kept with the draft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from app.attachments import Attachments
from app.domain.kinds import SOUND, VIDEO, kind_of
from app.domain.message import Media
from app.ui.attachment_chips import AttachmentChips
from app.ui.recording_look import Look, RecordingLook


class AttachPictures(QObject):
    """Follows `chips`."""

    def __init__(
        self, attachments: Attachments, look: RecordingLook, chips: AttachmentChips
    ) -> None:
        super().__init__(chips)
        self._attachments = attachments
        self._look = look
        self._chips = chips
        self._seen: dict[str, Look | None] = {}
        chips.shownAnew.connect(self._complete)
        self._complete()

    def ask_thumbnail(self, media: Media, show: Callable[[QImage], None]) -> None:
        """Call `show` with the small picture of an attachment, if it has one."""

        def found(path: Path | None) -> None:
            if path is not None:
                show(QImage(str(path)))
            elif kind_of(media) is VIDEO:
                self._see(media, lambda look: show(QImage.fromData(look.poster)))

        self._attachments.ask_thumbnail(media, found)

    def _complete(self) -> None:
        """Learn how long the recordings are of which nobody knows."""
        for chip in self._chips.shown:
            media = chip.media
            if media is None or kind_of(media) not in (VIDEO, SOUND):
                continue
            if media.duration_s is None and media.sha256 not in self._seen:
                self._see(media, lambda look: None)

    def _see(self, media: Media, done: Callable[[Look], None]) -> None:
        sha256 = media.sha256
        path = self._attachments.content_path(sha256) if sha256 is not None else None
        if sha256 is None or path is None:
            return
        known = self._seen.get(sha256)
        if known is not None:
            done(known)
            return
        if sha256 not in self._seen:
            self._seen[sha256] = None  # is being looked at
            self._look.ask(sha256, path, partial(self._on_seen, sha256))
        self._look.ask(sha256, path, done)

    def _on_seen(self, sha256: str, look: Look) -> None:
        self._seen[sha256] = look
        self._attachments.keep_thumbnail(sha256, look.poster)
        for chip in self._chips.shown:
            media = chip.media
            if media is not None and media.sha256 == sha256:
                self._chips.correct(
                    chip,
                    replace(
                        media,
                        duration_s=media.duration_s or look.duration_s,
                        width_px=media.width_px or look.width_px,
                        height_px=media.height_px or look.height_px,
                    ),
                )
