"""Choosing one of the windows on the screen, by its title, and taking its picture.

Invariant: the list is what Qt can capture at that moment; the picture is the first frame of it.
What captures is ended after that, or after a while without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from app.i18n import tr
from app.ui.theme import SPACE, Theme

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QCapturableWindow, QVideoFrame

PATIENCE_MS = 5000
GONE_MS = 260
"""After so long a desktop has painted what lies under a window that was hidden."""
SIZE_PX = (460, 360)


class WindowList(QDialog):
    """`chosen` carries the number of the row."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, titles: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Choose a window"))
        heading = QLabel(tr("Choose a window"))
        heading.setProperty("kind", "heading")
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Windows"))
        self.list.addItems(titles)
        self.list.setCurrentRow(0)
        kind = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kind.Ok | kind.Cancel)
        take = self.buttons.button(kind.Ok)
        take.setText(tr("Take its picture"))
        take.setProperty("kind", "primary")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(heading)
        column.addWidget(self.list, 1)
        column.addWidget(self.buttons)
        self.resize(*SIZE_PX)
        self.list.itemActivated.connect(lambda _: self.accept())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.list.setFocus()


class WindowGrab(QObject):
    """`taken` carries the `QImage` of the chosen window. `chosen` comes before it is looked at."""

    taken = Signal(object)
    failed = Signal(str)
    given_up = Signal()
    chosen = Signal()

    def __init__(self, theme: Theme, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._window = window
        self._windows: list[QCapturableWindow] = []
        self._kept: tuple[QObject, ...] = ()
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._fail())

    def begin(self) -> None:
        from PySide6.QtMultimedia import QWindowCapture

        own = self._window.windowTitle()
        self._windows = [
            each
            for each in QWindowCapture.capturableWindows()
            if each.isValid() and each.description() and each.description() != own
        ]
        if not self._windows:
            self.failed.emit(tr("There is no other window that could be seen from here."))
            return
        titles = [" ".join(each.description().split()) for each in self._windows]
        dialog = WindowList(self._theme, titles, self._window)
        dialog.accepted.connect(lambda: self._on_accepted(dialog.list.currentRow()))
        dialog.rejected.connect(self.given_up)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_accepted(self, row: int) -> None:
        self.chosen.emit()
        QTimer.singleShot(GONE_MS, self, lambda: self._take(row))

    def _take(self, row: int) -> None:
        from PySide6.QtMultimedia import QMediaCaptureSession, QVideoSink, QWindowCapture

        if not 0 <= row < len(self._windows):
            self.given_up.emit()
            return
        capture, sink = QWindowCapture(self), QVideoSink(self)
        session = QMediaCaptureSession(self)
        session.setWindowCapture(capture)
        session.setVideoSink(sink)
        sink.videoFrameChanged.connect(self._on_frame)
        capture.errorOccurred.connect(lambda _, reason: self._fail(reason))
        capture.setWindow(self._windows[row])
        self._kept = (capture, sink, session)
        self._patience.start()
        capture.start()

    def _on_frame(self, frame: QVideoFrame) -> None:
        if not frame.isValid() or not self._kept:
            return
        image: QImage = frame.toImage()
        if image.isNull():
            return
        self._stop()
        self.taken.emit(image.copy())

    def _fail(self, reason: str = "") -> None:
        if self._kept:
            self._stop()
            words = tr("The window could not be seen.")
            self.failed.emit(f"{words} {reason}".strip())

    def _stop(self) -> None:
        """Whatever captures ends with this object, not within a call from it."""
        self._patience.stop()
        for part in self._kept:
            part.blockSignals(True)
        self._kept = ()
