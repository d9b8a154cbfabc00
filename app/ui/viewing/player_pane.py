"""Plays a video or a recording, by Qt Multimedia. Imported with the first one.

Invariant: nothing plays by itself, and after `leave` no file, decoder or sound device is held.
Frames become pictures off the window's thread, one at a time: where the computer is too slow for
all of them, some are not shown. What cannot be played is said in plain words.
"""

from __future__ import annotations

from PySide6.QtCore import Q_ARG, QMetaObject, QSize, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer, QVideoFrame, QVideoSink
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from app.domain.kinds import VIDEO
from app.i18n import tr
from app.ui.buttons import IconButton
from app.ui.theme import SPACE, Theme
from app.ui.viewing.background import Background
from app.ui.viewing.exhibit import Exhibit
from app.ui.viewing.pane import Pane
from app.ui.viewing.screen import Screen
from app.ui.viewing.slider import Slider

Frame = tuple[Exhibit, QVideoFrame, QSize]
"""A frame of this, and the pixels that there is room for."""
SEEK_MS = 5_000
VOLUME_STEP = 5
LOUD = 80


class PlayerPane(Pane):
    """`face` shows the picture, or the words where there is none."""

    zooms = False

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._exhibit: Exhibit | None = None
        self._busy = False
        self._failed = False
        self._size = QSize()
        self.face = Screen(theme)
        self.face.clicked.connect(self.toggle)
        self.play = IconButton(theme, "play", tr("Play"), tr("Space"))
        self.play.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.seek = Slider(theme, tr("Place in time"))
        self.time = QLabel()
        self.mute = IconButton(theme, "volume", tr("Mute"), "M")
        self.volume = Slider(theme, tr("Volume"))
        self._lay_out()
        self.player = QMediaPlayer(self)
        self._sound = QAudioOutput(self)
        self._sink = QVideoSink(self)
        self.player.setAudioOutput(self._sound)
        self.player.setVideoSink(self._sink)
        self._painting = Background("video frames", _image_of, self._on_painted)
        self.setFocusProxy(self.play)
        self._connect()
        self.volume.setValue(LOUD)

    def _lay_out(self) -> None:
        self.volume.setRange(0, 100)
        self.volume.setFixedWidth(96)
        self.time.setProperty("kind", "muted")
        row = QHBoxLayout()
        row.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        row.setSpacing(SPACE.s)
        row.addWidget(self.play)
        row.addWidget(self.seek, 1)
        row.addWidget(self.time)
        row.addSpacing(SPACE.s)
        row.addWidget(self.mute)
        row.addWidget(self.volume)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.face, 1)
        column.addLayout(row)

    def _connect(self) -> None:
        player = self.player
        player.playbackStateChanged.connect(self._show_state)
        player.durationChanged.connect(self._on_duration)
        player.positionChanged.connect(self._on_position)
        player.errorOccurred.connect(self._on_error)
        player.hasVideoChanged.connect(self._show_face)
        player.mediaStatusChanged.connect(self._show_face)
        player.hasAudioChanged.connect(self._show_volume)
        self._sink.videoFrameChanged.connect(self._on_frame)
        self.play.clicked.connect(self.toggle)
        self.mute.clicked.connect(self.toggle_mute)
        self.seek.actionTriggered.connect(lambda _: self._seek_to(self.seek.sliderPosition()))
        self.seek.sliderMoved.connect(self._seek_to)
        self.volume.valueChanged.connect(self._on_volume)
        self._sound.mutedChanged.connect(self._show_volume)

    # Pane --------------------------------------------------------------------------------

    def show_exhibit(self, exhibit: Exhibit) -> None:
        self.leave()
        self._exhibit = exhibit
        self._failed = False
        self.play.setEnabled(True)
        media = exhibit.media
        self._on_duration(int((media.duration_s if media and media.duration_s else 0) * 1000))
        self._show_face()
        self._order("setSource", Q_ARG(QUrl, QUrl.fromLocalFile(str(exhibit.path))))
        self._order("pause")  # the first picture is seen

    def leave(self) -> None:
        self._exhibit = None
        self._size = QSize()
        self._order("stop")
        self._order("setSource", Q_ARG(QUrl, QUrl()))
        self.face.set_image(QImage())

    @property
    def facts(self) -> str:
        size = self._size
        return f"{size.width()}×{size.height()}" if not size.isEmpty() else ""

    def press(self, key: Qt.Key) -> bool:
        keys = Qt.Key
        if key in (keys.Key_Space, keys.Key_K, keys.Key_MediaTogglePlayPause):
            self.toggle()
        elif key in (keys.Key_Left, keys.Key_Right):
            by = SEEK_MS if key == keys.Key_Right else -SEEK_MS
            self._seek_to(self.player.position() + by)
        elif key == keys.Key_Home:
            self._seek_to(0)
        elif key == keys.Key_End:
            self._seek_to(self.player.duration())
        elif key in (keys.Key_Up, keys.Key_Down):
            by = VOLUME_STEP if key == keys.Key_Up else -VOLUME_STEP
            self.volume.setValue(self.volume.value() + by)
        elif key == keys.Key_M:
            self.toggle_mute()
        else:
            return False
        return True

    # What is done ------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        return self.player.playbackState() is QMediaPlayer.PlaybackState.PlayingState

    def toggle(self) -> None:
        """Play, or pause; after the end, play again from the beginning."""
        if self.playing:
            self._order("pause")
        elif not self._failed:
            if self.player.duration() and self.player.position() >= self.player.duration():
                self._seek_to(0)
            self._order("play")

    def toggle_mute(self) -> None:
        self._sound.setMuted(not self._sound.isMuted())

    def _order(self, slot: str, *given: object) -> None:
        """Have the player do it a moment later, from Qt's own loop.

        It waits there for threads of its own, one of which may want Python, which whoever calls
        it from Python holds: both would wait for ever.
        """
        queued = Qt.ConnectionType.QueuedConnection
        QMetaObject.invokeMethod(self.player, slot, queued, *given)  # type: ignore[call-overload]

    def _seek_to(self, position_ms: int) -> None:
        place = min(max(0, position_ms), self.player.duration())
        self._order("setPosition", Q_ARG("qlonglong", place))
        self._on_position(place)

    # What is shown -----------------------------------------------------------------------

    def _on_volume(self, value: int) -> None:
        # Loudness is heard by powers.
        self._sound.setVolume((value / 100) ** 2)
        self._sound.setMuted(False)
        self._show_volume()

    def _show_volume(self) -> None:
        heard = self.player.hasAudio() and not self._failed
        self.mute.setEnabled(heard)
        self.volume.setEnabled(heard)
        silent = self._sound.isMuted() or not self.volume.value()
        self.mute.set_icon("muted" if silent else "volume")
        self.mute.set_name(tr("Sound on") if silent else tr("Mute"), "M")

    def _show_state(self) -> None:
        self.play.set_icon("pause" if self.playing else "play")
        self.play.set_name(tr("Pause") if self.playing else tr("Play"), tr("Space"))
        self.face.set_playing(self.playing)

    def _show_face(self) -> None:
        exhibit = self._exhibit
        if exhibit is None or self._failed:
            return
        loaded = self.player.mediaStatus() is not QMediaPlayer.MediaStatus.LoadingMedia
        sounds = exhibit.kind is not VIDEO or (loaded and not self.player.hasVideo())
        self.face.set_face("audio" if sounds else "", "")

    def _on_duration(self, duration_ms: int) -> None:
        self.seek.setRange(0, duration_ms)
        self.seek.setSingleStep(SEEK_MS)
        self.seek.setPageStep(max(SEEK_MS, duration_ms // 10))
        self.seek.setEnabled(duration_ms > 0 and not self._failed)
        self._show_time(self.player.position())

    def _on_position(self, position_ms: int) -> None:
        if not self.seek.isSliderDown():
            self.seek.setValue(position_ms)
        self._show_time(position_ms)

    def _show_time(self, position_ms: int) -> None:
        whole_ms = self.seek.maximum()
        self.time.setText(f"{clock(position_ms)} / {clock(whole_ms)}" if whole_ms else "")

    def _on_error(self, error: QMediaPlayer.Error, words: str) -> None:
        if self._exhibit is None:
            return
        self._failed = True
        name = self._exhibit.name or tr("This file")
        why = f" ({words})" if words else ""
        sentence = tr("{name} cannot be played here{why}.", name=name, why=why)
        help_ = tr("Open it with the system's program, or save it.")
        self.face.set_face("warning", f"{sentence}\n{help_}")
        self.face.setFocus()
        for part in (self.play, self.seek, self.mute, self.volume):
            part.setEnabled(False)

    def _on_frame(self, frame: QVideoFrame) -> None:
        if frame.isValid() and not self._busy and self._exhibit is not None:
            self._busy = True
            self._painting.put((self._exhibit, QVideoFrame(frame), self.face.room_px))

    def _on_painted(self, wish: Frame, painted: tuple[QImage, QSize]) -> None:
        image, size = painted
        self._busy = False
        if wish[0] is not self._exhibit or image.isNull():
            return
        self.face.set_image(image)
        if size != self._size:
            self._size = size
            self.changed.emit()


def _image_of(wish: Frame) -> tuple[QImage, QSize]:
    """A picture no larger than there is room for, ready to be painted, and its own size."""
    _, frame, room = wish
    image = frame.toImage()
    size = image.size()
    if size.width() > room.width() or size.height() > room.height():
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image = image.scaled(room, keep, smooth)
    return image.convertToFormat(QImage.Format.Format_RGB32), size


def clock(milliseconds: int) -> str:
    """0:07, 12:05, 1:02:03."""
    minutes, seconds = divmod(max(0, milliseconds) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
