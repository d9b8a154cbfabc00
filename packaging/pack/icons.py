"""Every size of the mark, from the SVG files in icons/: PNG, .ico and .icns.

Invariant: drawn by Qt, which is there on every system that packs; the same source gives the same
bytes. Needs QT_QPA_PLATFORM=offscreen where there is no display.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from pack.product import ROOT, Product

SIZES_PX = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
ICO_PX = (16, 20, 24, 32, 40, 48, 64, 128, 256)
ICNS_PX = (32, 64, 128, 256, 512, 1024)
SIDE_PX = (328, 628)  # twice what NSIS says, for screens with small dots
MARK = ROOT / "icons" / "linnet.svg"
SYMBOLIC = ROOT / "icons" / "linnet-symbolic.svg"
# On macOS a mark leaves a border free: 100 of 1024 pixels on each side.
MAC_BORDER = 100 / 1024


def draw(source: Path, size_px: int, border: float = 0.0) -> Image.Image:
    """`source` in a square; `border` is the part of it that stays free on each side."""
    canvas = QImage(size_px, size_px, QImage.Format.Format_RGBA8888)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    free = size_px * border
    drawing = QSvgRenderer(str(source))
    drawing.render(painter, QRectF(free, free, size_px - 2 * free, size_px - 2 * free))
    painter.end()
    pixels = bytes(canvas.constBits())
    return Image.frombytes("RGBA", (size_px, size_px), pixels, "raw", "RGBA", canvas.bytesPerLine())


def write_hicolor(share: Path, made: Product) -> None:
    """The icons of the desktop's theme, below `share`."""
    theme = share / "icons" / "hicolor"
    for size in SIZES_PX:
        folder = theme / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True, exist_ok=True)
        draw(MARK, size).save(folder / f"{made.id}.png", optimize=True)
    for source, place, name in (
        (MARK, "scalable", made.id),
        (SYMBOLIC, "symbolic", f"{made.id}-symbolic"),
    ):
        folder = theme / place / "apps"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.svg").write_bytes(source.read_bytes())


def write_ico(file: Path) -> None:
    pictures = [draw(MARK, size) for size in ICO_PX]
    sizes = [(size, size) for size in ICO_PX]
    pictures[-1].save(file, format="ICO", sizes=sizes, append_images=pictures[:-1])


def write_side(file: Path) -> None:
    """The picture at the side of the Windows setup's last page."""
    width, height = SIDE_PX
    mark = draw(MARK, width // 2)
    ground = (mark.width // 2, 2, mark.width // 2 + 1, 3)
    side = mark.convert("RGB").crop(ground).resize(SIDE_PX)
    side.paste(mark, ((width - mark.width) // 2, (height - mark.height) // 3), mark)
    side.save(file, format="BMP")


def write_icns(file: Path) -> None:
    pictures = [draw(MARK, size, MAC_BORDER) for size in ICNS_PX]
    pictures[-1].save(file, format="ICNS", append_images=pictures[:-1])
