"""Shows a picture: read off the window's thread, zoomed and moved on the canvas.

Invariant: what comes back late, for a picture that is not shown any more, is dropped.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout

from app.domain.kinds import PICTURE
from app.i18n import tr
from app.ui.theme import Theme
from app.ui.viewing.background import Background
from app.ui.viewing.canvas import STEP, PictureCanvas
from app.ui.viewing.exhibit import Exhibit
from app.ui.viewing.pane import Pane

MOVE_PX = 60


class PicturePane(Pane):
    """`canvas` is what zooms."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.canvas = PictureCanvas(theme)
        self.canvas.zoomChanged.connect(self.changed)
        self.setFocusProxy(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self._exhibit: Exhibit | None = None
        self._image = QImage()
        self._reading = Background("picture viewer", Exhibit.picture, self._on_read)

    def show_exhibit(self, exhibit: Exhibit) -> None:
        self._exhibit = exhibit
        self._image = QImage()
        self.canvas.setAccessibleName(exhibit.name or tr("Picture"))
        self.canvas.set_words("")
        self._reading.put(exhibit)

    def leave(self) -> None:
        self._exhibit = None
        self._image = QImage()
        self.canvas.set_words("")

    @property
    def facts(self) -> str:
        return f"{self._image.width()}×{self._image.height()}" if self.can_copy else ""

    @property
    def zoom(self) -> float | None:
        return self.canvas.zoom if self.can_copy else None

    def zoom_by(self, factor: float) -> None:
        self.canvas.zoom_by(factor)

    def fit(self) -> None:
        self.canvas.fit()

    @property
    def can_copy(self) -> bool:
        return not self._image.isNull()

    def copied(self) -> QMimeData | None:
        data = QMimeData()
        data.setImageData(self._image)
        return data

    def press(self, key: Qt.Key) -> bool:
        canvas, keys = self.canvas, Qt.Key
        across = {keys.Key_Left: -1, keys.Key_Right: 1}.get(key, 0)
        down = {keys.Key_Up: -1, keys.Key_Down: 1}.get(key, 0)
        if across and not canvas.can_move:
            return False  # the window goes on to the next
        if across or down:
            canvas.move_by(MOVE_PX * across, MOVE_PX * down)
        elif key in (keys.Key_Plus, keys.Key_Equal):
            canvas.zoom_by(STEP)
        elif key == keys.Key_Minus:
            canvas.zoom_by(1 / STEP)
        elif key == keys.Key_0:
            canvas.fit()
        elif key == keys.Key_1:
            canvas.set_zoom(1.0)
        else:
            return False
        return True

    def _on_read(self, exhibit: Exhibit, image: QImage) -> None:
        if exhibit is not self._exhibit:
            return
        self._image = image
        if image.isNull():
            self.canvas.set_words(_unseen(exhibit))
        else:
            self.canvas.set_image(image)
        self.changed.emit()


def _unseen(exhibit: Exhibit) -> str:
    if exhibit.kind is PICTURE:
        return tr("This picture cannot be shown. It can be saved.")
    return tr("This kind of file cannot be shown here. Open it with the system's program.")
