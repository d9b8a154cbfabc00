"""The line icons: SVG files drawn for this program, tinted when painted, sharp at every scale.

Invariant: a file uses `currentColor` and nothing else for colour; pictures are kept in Qt's own
pixmap cache by name, colour and device pixels. Knows no widget and no theme: colours come in.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap, QPixmapCache

import app
from app.ui.sharpness import scale_of

_PACKAGE = Path(app.__file__).parent
# A menu or a task bar picks the nearest of these; painted icons are exact.
_SCALES = (1.0, 1.25, 1.5, 2.0, 3.0)


def resource(*names: str) -> Path:
    """A file of `resources` or `icons`: inside the package when installed, else in the tree."""
    inside = _PACKAGE.joinpath(*names)
    return inside if inside.exists() else _PACKAGE.parent.joinpath(*names)


@lru_cache(maxsize=128)
def _source(name: str) -> bytes:
    return resource("resources", "icons", f"{name}.svg").read_bytes()


def icon_pixmap(name: str, color: QColor, side_px: float, scale: float = 1.0) -> QPixmap:
    """The icon `name` in `color`, `side_px` logical pixels square, for a screen of `scale`."""
    device_px = max(1, round(side_px * scale))
    key = f"linnet-icon/{name}/{color.rgba():08x}/{device_px}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        # The cache hands out shared pixmaps whose ratio is that of the first asker.
        pixmap.setDevicePixelRatio(scale)
        return pixmap
    pixmap = QPixmap.fromImage(_rendered(_source(name), color, QSize(device_px, device_px)))
    QPixmapCache.insert(key, pixmap)
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def paint_icon(
    painter: QPainter, name: str, center_x: float, center_y: float, side_px: float, color: QColor
) -> None:
    """Paint the icon around a centre, snapped to whole device pixels so that lines stay crisp."""
    scale = scale_of(painter)
    pixmap = icon_pixmap(name, color, side_px, scale)
    left = round((center_x - side_px / 2) * scale) / scale
    top = round((center_y - side_px / 2) * scale) / scale
    width, height = pixmap.width() / scale, pixmap.height() / scale
    painter.drawPixmap(QRectF(left, top, width, height), pixmap, QRectF(pixmap.rect()))


def icon(name: str, color: QColor, side_px: int = 18, gap_px: int = 0) -> QIcon:
    """A `QIcon` for menus and other places that Qt paints itself, with a gap behind it."""
    found = QIcon()
    for scale in _SCALES:
        drawn = icon_pixmap(name, color, side_px, scale)
        wide = QPixmap(drawn.width() + round(gap_px * scale), drawn.height())
        wide.fill(Qt.GlobalColor.transparent)
        wide.setDevicePixelRatio(scale)
        painter = QPainter(wide)
        painter.drawPixmap(0, 0, drawn)
        painter.end()
        found.addPixmap(wide)
    return found


def mark_pixmap(
    side_px: float, scale: float = 1.0, ground: QColor | None = None, bird: QColor | None = None
) -> QPixmap:
    """The program's own mark, in its own colours or in those of a palette."""
    device_px = max(1, round(side_px * scale))
    colors = tuple(c.name() if c else "" for c in (ground, bird))
    key = f"linnet-mark/{device_px}/{colors}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        data = resource("icons", "linnet.svg").read_bytes()
        # Bird first: its colour may be the one that the file uses for the ground.
        for own, wanted in ((b"#ffffff", b"bird"), (b"#0e7470", b"ground")):
            data = data.replace(own, wanted)
        data = data.replace(b"bird", (colors[1] or "#ffffff").encode())
        data = data.replace(b"ground", (colors[0] or "#0e7470").encode())
        pixmap = QPixmap.fromImage(_rendered(data, None, QSize(device_px, device_px)))
        QPixmapCache.insert(key, pixmap)
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def mark_icon() -> QIcon:
    """The mark as a window icon."""
    found = QIcon()
    for side_px in (16, 24, 32, 48, 64, 128, 256):
        found.addPixmap(mark_pixmap(side_px))
    return found


def _rendered(data: bytes, color: QColor | None, size: QSize) -> QImage:
    from PySide6.QtSvg import QSvgRenderer

    if color is not None:
        data = data.replace(b"currentColor", color.name(QColor.NameFormat.HexRgb).encode())
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    if color is not None:
        painter.setOpacity(color.alphaF())
    QSvgRenderer(QByteArray(data)).render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return image
