"""The attached pictures of a message that is being written: a chip each, with a way to remove it.

Invariant: shows the `Media` it was given, in order; makes and stores nothing. Thumbnails come in.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from app.domain.message import Media
from app.i18n import tr
from app.ui.buttons import IconButton
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS, SPACE, TYPE, Theme

CHIP_PX = 52
THUMBNAIL_PX = 38
LARGEST_CHIP_PX = 240

ThumbnailOf = Callable[[Media], QImage]


def picture_facts(media: Media) -> str:
    """Size and dimensions in words: 1.8 MB · 4032×3024."""
    facts = []
    if media.size_bytes is not None:
        size = QLocale().formattedDataSize(
            media.size_bytes, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat
        )
        facts.append(size)
    if media.width_px and media.height_px:
        facts.append(f"{media.width_px}×{media.height_px}")
    return " · ".join(facts)


class PictureChip(QWidget):
    """One picture: thumbnail, name, facts, remove."""

    def __init__(self, theme: Theme, media: Media, thumbnail: QImage, remove: Callable[[], None]):
        super().__init__()
        self.media = media
        self._theme = theme
        self._thumbnail = thumbnail
        self._name = " ".join(media.name.split()) or tr("Picture")
        self._facts = picture_facts(media)
        self.setAccessibleName(f"{self._name}, {self._facts}")
        self.setToolTip(f"{self._name}\n{self._facts}")
        self.remove = IconButton(
            theme,
            "close",
            tr("Remove {name}", name=self._name),
            parent=self,
            side_px=26,
            icon_px=14,
        )
        self.remove.clicked.connect(remove)
        self.setFixedSize(self.sizeHint())
        self.remove.move(self.width() - 31, (CHIP_PX - 26) // 2)

    def sizeHint(self) -> QSize:
        theme = self._theme
        name = QFontMetrics(theme.font(TYPE.small)).horizontalAdvance(self._name)
        facts = QFontMetrics(theme.font(TYPE.small)).horizontalAdvance(self._facts)
        return QSize(min(LARGEST_CHIP_PX, max(name, facts) + 55 + 40), CHIP_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        theme = self._theme
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(frame, RADIUS.m, RADIUS.m)
        side = QRectF(7, (CHIP_PX - THUMBNAIL_PX) / 2, THUMBNAIL_PX, THUMBNAIL_PX)
        self._paint_thumbnail(painter, side)
        left = side.right() + 10
        room = self.width() - left - 34
        font = theme.font(TYPE.small)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        upper = QRectF(left, 7, room, 19)
        lower = QRectF(left, 26, room, 19)
        painter.setPen(theme.color("text"))
        shown = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, int(room))
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(theme.color("muted"))
        shown = metrics.elidedText(self._facts, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_thumbnail(self, painter: QPainter, side: QRectF) -> None:
        if self._thumbnail.isNull():
            color = self._theme.color("muted")
            paint_icon(painter, "image", side.center().x(), side.center().y(), 22, color)
            return
        image = self._thumbnail
        shorter = min(image.width(), image.height())
        source = QRectF(
            (image.width() - shorter) / 2, (image.height() - shorter) / 2, shorter, shorter
        )
        path = QPainterPath()
        path.addRoundedRect(side, RADIUS.s, RADIUS.s)
        painter.save()
        painter.setClipPath(path)
        painter.drawImage(side, image, source)
        painter.restore()


class PictureChips(QScrollArea):
    """The chips in a row that scrolls sideways. Hidden while there is none."""

    changed = Signal()

    def __init__(self, theme: Theme, thumbnail_of: ThumbnailOf) -> None:
        super().__init__()
        self._theme = theme
        self._thumbnail_of = thumbnail_of
        self._chips: list[PictureChip] = []
        content = QWidget()
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, SPACE.s)
        self._row.setSpacing(SPACE.s)
        self._row.addStretch(1)
        self.setWidget(content)
        content.setAutoFillBackground(False)  # setWidget switches it on
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(CHIP_PX + SPACE.s + 12)
        self.setAccessibleName(tr("Attachments"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(chip.media for chip in self._chips)

    def set_media(self, media: tuple[Media, ...]) -> None:
        """Show exactly these, without telling `changed`."""
        if media == self.media:
            return
        for chip in self._chips:
            self._drop(chip)
        self._chips = []
        for one in media:
            self._append(one)
        self.setVisible(bool(self._chips))

    def add(self, media: Media) -> None:
        self._append(media)
        self.show()
        self.changed.emit()

    def _append(self, media: Media) -> None:
        chip = PictureChip(
            self._theme, media, self._thumbnail_of(media), lambda: self._on_removed(chip)
        )
        self._chips.append(chip)
        self._row.insertWidget(len(self._chips) - 1, chip)

    def _on_removed(self, chip: PictureChip) -> None:
        self._chips.remove(chip)
        self._drop(chip)
        self.setVisible(bool(self._chips))
        self.changed.emit()

    def _drop(self, chip: PictureChip) -> None:
        self._row.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
