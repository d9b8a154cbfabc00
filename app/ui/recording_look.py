"""A look into a recording by Qt Multimedia: how long it is, how large, and one of its pictures.

Invariant: for what ffmpeg did not tell; one at a time, without a sound, and each ends after a
while. A frame becomes a small picture off the window's thread. Qt Multimedia is loaded by the first
recording that needs it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    Q_ARG,
    QBuffer,
    QByteArray,
    QIODevice,
    QMetaObject,
    QObject,
    QSize,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import QImage

from app.ui.worker import Worker

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QMediaPlayer, QVideoFrame

PATIENCE_MS = 8000
POSTER_PX = 512
POSTER_AT_MS = 1000
"""Many videos begin in black."""
QUALITY = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen; `None` and an empty `poster` (a small JPEG) where nothing was."""

    duration_s: float | None = None
    width_px: int | None = None
    height_px: int | None = None
    poster: bytes = b""


@dataclass(frozen=True, slots=True)
class _Wish:
    key: str
    path: Path
    done: list[Callable[[Look], None]]


class RecordingLook(QObject):
    """`ask` calls back later, once, with what was seen."""

    _made = Signal(object, bytes)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wishes: deque[_Wish] = deque()
        self._current: _Wish | None = None
        self._player: QMediaPlayer | None = None
        self._seen = Look()
        self._worker = Worker("recording frames", self._work)
        self._made.connect(self._on_made, Qt.ConnectionType.QueuedConnection)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._finish(b""))

    def ask(self, key: str, path: Path, done: Callable[[Look], None]) -> None:
        """Look into the file at `path`; for those who ask by the same `key` it is done once."""
        for wish in (self._current, *self._wishes):
            if wish is not None and wish.key == key:
                wish.done.append(done)
                return
        self._wishes.append(_Wish(key, path, [done]))
        if self._current is None:
            QTimer.singleShot(0, self, self._begin)

    def close(self) -> None:
        """Look no further."""
        self._wishes.clear()
        self._current = None
        self._end_player()

    def _begin(self) -> None:
        from PySide6.QtMultimedia import QMediaPlayer, QVideoSink

        if self._current is not None or not self._wishes:
            return
        wish = self._current = self._wishes.popleft()
        self._seen = Look()
        player = self._player = QMediaPlayer(self)
        sink = QVideoSink(player)
        player.setVideoSink(sink)
        sink.videoFrameChanged.connect(self._on_frame)
        player.mediaStatusChanged.connect(self._on_status)
        player.errorOccurred.connect(lambda: self._finish(b""))
        self._patience.start()
        self._order("setSource", Q_ARG(QUrl, QUrl.fromLocalFile(str(wish.path))))

    def _order(self, slot: str, *given: object) -> None:
        """Through Qt's queue: the player waits for its threads, which may wait for Python."""
        queued = Qt.ConnectionType.QueuedConnection
        QMetaObject.invokeMethod(self._player, slot, queued, *given)  # type: ignore[call-overload]

    def _on_status(self, status: QMediaPlayer.MediaStatus) -> None:
        from PySide6.QtMultimedia import QMediaMetaData, QMediaPlayer

        player = self._player
        if player is None or self._seen != Look():
            return
        if status is QMediaPlayer.MediaStatus.InvalidMedia:
            self._finish(b"")
        elif status is QMediaPlayer.MediaStatus.LoadedMedia:
            size = player.metaData().value(QMediaMetaData.Key.Resolution)
            has_size = isinstance(size, QSize) and not size.isEmpty()
            length_ms = player.duration()
            self._seen = Look(
                duration_s=length_ms / 1000 if length_ms > 0 else None,
                width_px=size.width() if has_size else None,
                height_px=size.height() if has_size else None,
            )
            if not player.hasVideo():
                self._finish(b"")
                return
            self._order("setPosition", Q_ARG("qlonglong", min(POSTER_AT_MS, length_ms // 3)))
            self._order("pause")

    def _on_frame(self, frame: QVideoFrame) -> None:
        wish = self._current
        if wish is None or self._player is None or not frame.isValid():
            return
        self._end_player()
        self._worker.put((wish, frame))

    def _work(self, given: tuple[_Wish, QVideoFrame]) -> None:
        """On a thread: a frame of a large video takes a tenth of a second."""
        wish, frame = given
        data = _poster(frame.toImage())
        with suppress(RuntimeError):  # the window has ended meanwhile
            self._made.emit(wish, data)

    def _on_made(self, wish: _Wish, data: bytes) -> None:
        if wish is self._current:
            self._finish(data)

    def _finish(self, poster: bytes) -> None:
        wish, seen = self._current, self._seen
        self._current = None
        self._end_player()
        QTimer.singleShot(0, self, self._begin)
        for done in wish.done if wish is not None else ():
            done(replace(seen, poster=poster))

    def _end_player(self) -> None:
        """Not within a call from it."""
        self._patience.stop()
        if self._player is not None:
            self._player.blockSignals(True)
            self._player.deleteLater()
            self._player = None


def _poster(image: QImage) -> bytes:
    if image.isNull():
        return b""
    if max(image.width(), image.height()) > POSTER_PX:
        image = image.scaled(
            POSTER_PX,
            POSTER_PX,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.convertToFormat(QImage.Format.Format_RGB32).save(buffer, "JPEG", QUALITY)  # type: ignore[call-overload]
    buffer.close()
    return bytes(data.data())
