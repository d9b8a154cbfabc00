"""The window in which pictures of a chat are looked at, one after the other.

Invariant: it stands beside the chat and does not block it; a picture is read off the window's
thread. Copying gives the picture as it was read, saving the original file.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.i18n import tr
from app.ui.buttons import IconButton, PillButton
from app.ui.pictures.canvas import STEP, PictureCanvas
from app.ui.pictures.picture import Picture
from app.ui.saving import offer_to_save
from app.ui.theme import SPACE, Theme
from app.ui.worker import Worker

SHARE_OF_PARENT = 0.9
SMALLEST = QSize(420, 320)
MOVE_PX = 60
ZOOM_ROOM_PX = 52


class PictureViewer(QDialog):
    """`pictures` in order, beginning with the one at `at`. Shown with `show()`."""

    _read = Signal(object, QImage)

    def __init__(self, theme: Theme, pictures: Sequence[Picture], at: int, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pictures = tuple(pictures)
        self._at = at
        self._image = QImage()
        self._worker = Worker("picture viewer", self._work)
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)
        self.canvas = PictureCanvas(theme)
        self.canvas.zoomChanged.connect(self._on_zoom_changed)
        self.facts = QLabel()
        self.facts.setProperty("kind", "muted")
        self.zoom = QLabel()
        self.zoom.setProperty("kind", "muted")
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom.setMinimumWidth(ZOOM_ROOM_PX)
        self._make_buttons(theme)
        self._lay_out()
        whole = parent.window().size()
        self.resize((whole * SHARE_OF_PARENT).expandedTo(SMALLEST))
        self.setMinimumSize(SMALLEST)
        self.canvas.setFocus()
        self._show_picture()

    def _make_buttons(self, theme: Theme) -> None:
        def icon(name: str, words: str, keys: str) -> IconButton:
            native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            return IconButton(theme, name, words, native)

        self.previous = icon("chevron-left", tr("Previous picture"), "PgUp")
        self.next = icon("chevron-right", tr("Next picture"), "PgDown")
        self.smaller = icon("zoom-out", tr("Zoom out"), "-")
        self.larger = icon("zoom-in", tr("Zoom in"), "+")
        self.fit = icon("fit", tr("Fit into the window"), "0")
        self.copy = PillButton(theme, tr("Copy picture"), _native(QKeySequence.StandardKey.Copy))
        self.copy.set_look(icon_name="copy", text=tr("Copy"))
        self.save = PillButton(theme, tr("Save picture"), _native(QKeySequence.StandardKey.Save))
        self.save.set_look(icon_name="save", text=tr("Save as…"))
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.smaller.clicked.connect(lambda: self.canvas.zoom_by(1 / STEP))
        self.larger.clicked.connect(lambda: self.canvas.zoom_by(STEP))
        self.fit.clicked.connect(self.canvas.fit)
        self.copy.clicked.connect(self.copy_picture)
        self.save.clicked.connect(self.ask_where_to_save)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        row.setSpacing(SPACE.xs)
        row.addWidget(self.previous)
        row.addWidget(self.next)
        row.addSpacing(SPACE.s)
        row.addWidget(self.facts, 1)
        for widget in (self.smaller, self.zoom, self.larger, self.fit):
            row.addWidget(widget)
        row.addSpacing(SPACE.s)
        row.addWidget(self.copy)
        row.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.canvas, 1)
        several = len(self._pictures) > 1
        self.previous.setVisible(several)
        self.next.setVisible(several)

    # What is shown -----------------------------------------------------------------------

    @property
    def picture(self) -> Picture:
        return self._pictures[self._at]

    def step(self, by: int) -> None:
        """The next or the previous picture; the ends hold."""
        at = min(max(0, self._at + by), len(self._pictures) - 1)
        if at != self._at:
            self._at = at
            self._show_picture()

    def _show_picture(self) -> None:
        self.setWindowTitle(self.picture.name or tr("Picture"))
        self.canvas.setAccessibleName(self.picture.name or tr("Picture"))
        self.previous.setEnabled(self._at > 0)
        self.next.setEnabled(self._at + 1 < len(self._pictures))
        self._image = QImage()
        self.copy.setEnabled(False)
        self.canvas.set_words("")
        self._show_facts()
        self._worker.put(self.picture)

    def _work(self, picture: Picture) -> None:
        image = picture.read()
        with suppress(RuntimeError):  # closed meanwhile
            self._read.emit(picture, image)

    def _on_read(self, picture: Picture, image: QImage) -> None:
        if picture is not self.picture:
            return
        self._image = image
        self.copy.setEnabled(not image.isNull())
        if image.isNull():
            self.canvas.set_words(tr("This picture cannot be shown. It can be saved."))
        else:
            self.canvas.set_image(image)
        self._show_facts()

    def _show_facts(self) -> None:
        facts = [self.picture.name] if self.picture.name else []
        if not self._image.isNull():
            facts.append(f"{self._image.width()}×{self._image.height()}")
        if len(self._pictures) > 1:
            place = tr("{number} of {count}", number=self._at + 1, count=len(self._pictures))
            facts.append(place)
        self.facts.setText(" · ".join(facts))

    def _on_zoom_changed(self) -> None:
        shown = not self._image.isNull()
        percent = round(self.canvas.zoom * 100)
        self.zoom.setText(tr("{percent} %", percent=percent) if shown else "")
        for button in (self.smaller, self.larger, self.fit):
            button.setEnabled(shown)

    # What is done ------------------------------------------------------------------------

    def copy_picture(self) -> None:
        if not self._image.isNull():
            QGuiApplication.clipboard().setImage(self._image)

    def ask_where_to_save(self) -> None:
        offer_to_save_picture(self.picture, self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_picture()
        elif event.matches(QKeySequence.StandardKey.Save):
            self.ask_where_to_save()
        elif not self._key(event.key()):
            super().keyPressEvent(event)

    def _key(self, key: int) -> bool:
        canvas, keys = self.canvas, Qt.Key
        across = {keys.Key_Left: -1, keys.Key_Right: 1}.get(Qt.Key(key), 0)
        down = {keys.Key_Up: -1, keys.Key_Down: 1}.get(Qt.Key(key), 0)
        if across and not canvas.can_move:
            self.step(across)
        elif across or down:
            canvas.move_by(MOVE_PX * across, MOVE_PX * down)
        elif key in (keys.Key_Plus, keys.Key_Equal):
            canvas.zoom_by(STEP)
        elif key == keys.Key_Minus:
            canvas.zoom_by(1 / STEP)
        elif key == keys.Key_0:
            canvas.fit()
        elif key == keys.Key_1:
            canvas.set_zoom(1.0)
        elif key in (keys.Key_PageDown, keys.Key_PageUp):
            self.step(1 if key == keys.Key_PageDown else -1)
        else:
            return False
        return True


def offer_to_save_picture(picture: Picture, parent: QWidget) -> None:
    """Ask for a file, the picture's name proposed, and write the original there."""
    offer_to_save(tr("Save picture"), picture.name or tr("picture"), picture.save, parent)


def _native(key: QKeySequence.StandardKey) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
