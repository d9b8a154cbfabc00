"""Attachments handed to other programs by the pointer and the clipboard: the file, and the picture.

Invariant: what is handed out is a copy of the file under its own name; a picture is decoded only
when somebody takes it as one, or beside the window's thread.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QMimeData, QObject, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QWidget

from app.domain.kinds import PICTURE
from app.ui.viewing.background import Background
from app.ui.viewing.exhibit import Exhibit
from app.ui.viewing.lending import LARGEST_DRAGGED_BYTES, Lending

IMAGE = "application/x-qt-image"
GHOST_PX = 160


class LentData(QMimeData):
    """The address of a copy, and the picture itself for who wants that."""

    def __init__(self, exhibit: Exhibit, file: str) -> None:
        super().__init__()
        self._exhibit = exhibit
        self.setUrls([QUrl.fromLocalFile(file)])

    def formats(self) -> list[str]:
        pictured = [IMAGE] if self._exhibit.kind is PICTURE else []
        return [*super().formats(), *pictured]

    def hasFormat(self, mime: str) -> bool:
        return mime in self.formats()

    def retrieveData(self, mime: str, kind: Any) -> Any:
        if mime == IMAGE and self._exhibit.kind is PICTURE:
            return self._exhibit.picture()
        return super().retrieveData(mime, kind)


def drag_out(exhibit: Exhibit, lending: Lending, ghost: QPixmap | None, source: QWidget) -> bool:
    """Let the person drop it elsewhere; whether there is something to drop. Returns afterwards."""
    if exhibit.size_bytes > LARGEST_DRAGGED_BYTES:
        return False
    try:
        file = lending.lend(exhibit)
    except OSError:
        return False
    drag = QDrag(source)
    drag.setMimeData(LentData(exhibit, str(file)))
    if ghost is not None and not ghost.isNull():
        bound = QSize(GHOST_PX, GHOST_PX) * source.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        shown = ghost.scaled(bound, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        shown.setDevicePixelRatio(source.devicePixelRatioF())
        drag.setPixmap(shown)
        drag.setHotSpot(QPoint(-8, -8))
    drag.exec(Qt.DropAction.CopyAction)
    return True


class PictureCopier(QObject):
    """Copies whole pictures to the clipboard, read beside the window's thread."""

    copied = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reading = Background("picture copier", Exhibit.picture, self._on_read)

    def copy(self, exhibit: Exhibit) -> None:
        self._reading.put(exhibit)

    def _on_read(self, exhibit: Exhibit, image: QImage) -> None:
        if not image.isNull():
            QGuiApplication.clipboard().setImage(image)
            self.copied.emit()
