"""The pages of a PDF on a ground that scrolls, painted by PDFium off the window's thread.

Invariant: only pages in sight, and the next, are painted; what was asked for and left the sight is
passed over; painted pages are kept up to a bound. Until a page is there its white sheet is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from typing import NamedTuple

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from app.attachments import RefusedError, pdf
from app.i18n import tr
from app.ui.theme import SPACE, TYPE, Theme
from app.ui.viewing.background import Background
from app.ui.viewing.exhibit import Exhibit

STEP = 1.25
LEAST, MOST = 0.1, 6.0
PX_PER_POINT = 96 / 72
WIDEST_PX = 4000
KEPT_BYTES = 160_000_000
GAP_PX = 12
MARGIN_PX = 16
NOTCH = 120


class Wish(NamedTuple):
    """A page at a width in pixels of the screen; `number` -1 asks for the sizes of all pages."""

    exhibit: Exhibit
    number: int
    width_px: int


Found = QImage | tuple[tuple[float, float], ...] | str
"""A page, or the sizes of all of them, or why there is none."""


class Sheets(QAbstractScrollArea):
    """The pages from top to bottom. `zoom` 1 is the size on paper, at 96 pixels an inch."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._exhibit: Exhibit | None = None
        self._sizes: tuple[tuple[float, float], ...] = ()
        self._tops: list[float] = []
        self._words = ""
        self._fits = True
        self.zoom = 1.0
        self._kept: OrderedDict[int, QImage] = OrderedDict()
        self._asked: set[Wish] = set()
        self._wanted: frozenset[Wish] = frozenset()
        self._grabbed_y: float | None = None
        self._last_current = -1
        self._painting = Background("pages", self._work, self._on_found)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Pages"))
        self.verticalScrollBar().setSingleStep(48)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        theme.changed.connect(self.viewport().update)

    # What is shown -----------------------------------------------------------------------

    def show_exhibit(self, exhibit: Exhibit | None) -> None:
        self._exhibit = exhibit
        self._sizes, self._words = (), ""
        self._kept.clear()
        self._asked.clear()
        self._wanted = frozenset()
        self._fits = True
        self._lay_out()
        self.verticalScrollBar().setValue(0)
        if exhibit is not None:
            self.setAccessibleName(exhibit.name or tr("Pages"))
            self._painting.put(Wish(exhibit, -1, 0))

    @property
    def count(self) -> int:
        return len(self._sizes)

    @property
    def current(self) -> int:
        """The page at a third of the height."""
        at = self.verticalScrollBar().value() + self.viewport().height() / 3
        return max(0, bisect_right(self._tops, at) - 1)

    @property
    def painted(self) -> frozenset[int]:
        """The pages that are kept as pictures."""
        return frozenset(self._kept)

    def go_to(self, number: int) -> None:
        if 0 <= number < self.count:
            self.verticalScrollBar().setValue(int(self._tops[number]) - GAP_PX)

    def fit(self) -> None:
        """As wide as there is room, but not larger than on paper twice."""
        self._fits = True
        self._lay_out()
        self.changed.emit()

    def set_zoom(self, zoom: float) -> None:
        self._fits = False
        self._change_zoom(min(max(zoom, LEAST), MOST))
        self.changed.emit()

    def _change_zoom(self, zoom: float) -> None:
        """What is in the middle stays there."""
        bar, across = self.verticalScrollBar(), self.horizontalScrollBar()
        high, wide = self.viewport().height() / 2, self.viewport().width() / 2
        at, beside = bar.value() + high, across.value() + wide
        factor = zoom / self.zoom
        self.zoom = zoom
        self._place()
        bar.setValue(round(at * factor - high))
        across.setValue(round(beside * factor - wide))
        self._want()

    # Places ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        if self._fits and self._sizes:
            widest = max(width for width, _ in self._sizes) * PX_PER_POINT
            room = self.viewport().width() - 2 * MARGIN_PX
            self._change_zoom(min(max(room / widest, LEAST), 2.0))
        else:
            self._place()
            self._want()

    def _place(self) -> None:
        factor = self.zoom * PX_PER_POINT
        top = float(GAP_PX)
        self._tops = []
        for _, height in self._sizes:
            self._tops.append(top)
            top += height * factor + GAP_PX
        widest = max((width for width, _ in self._sizes), default=0.0) * factor + 2 * MARGIN_PX
        view = self.viewport().size()
        self.verticalScrollBar().setPageStep(view.height())
        self.verticalScrollBar().setRange(0, max(0, round(top) - view.height()))
        self.horizontalScrollBar().setPageStep(view.width())
        self.horizontalScrollBar().setRange(0, max(0, round(widest) - view.width()))
        self.viewport().update()

    def _sheet(self, number: int) -> QRectF:
        """Where a page is in the viewport."""
        width, height = (side * self.zoom * PX_PER_POINT for side in self._sizes[number])
        across = self.horizontalScrollBar()
        whole = max(self.viewport().width(), across.maximum() + self.viewport().width())
        left = (whole - width) / 2 - across.value()
        return QRectF(left, self._tops[number] - self.verticalScrollBar().value(), width, height)

    def _seen(self) -> range:
        top = self.verticalScrollBar().value()
        bottom = top + self.viewport().height()
        first = max(0, bisect_right(self._tops, top) - 1)
        return range(first, bisect_right(self._tops, bottom))

    # Painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        theme = self._theme
        painter.fillRect(self.viewport().rect(), theme.color("sidebar"))
        for number in self._seen():
            sheet = self._sheet(number)
            image = self._kept.get(number)
            if image is None:
                painter.fillRect(sheet, theme.color("on_scrim"))  # paper is white
            else:
                painter.drawImage(sheet, image, QRectF(image.rect()))
            painter.setPen(theme.color("line"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(sheet)
        if self._words:
            painter.setFont(theme.font(TYPE.body))
            painter.setPen(theme.color("muted"))
            room = self.viewport().rect().adjusted(SPACE.xl, SPACE.xl, -SPACE.xl, -SPACE.xl)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self._words)
        painter.end()

    def _want(self) -> None:
        """Have painted what is in sight, and the page after it."""
        exhibit = self._exhibit
        if exhibit is None or not self._sizes:
            return
        seen = self._seen()
        wishes = []
        for number in range(seen.start, min(seen.stop + 1, self.count)):
            width, height = self._sizes[number]
            wide = width * self.zoom * PX_PER_POINT * self.devicePixelRatioF()
            widest = min(WIDEST_PX, int((pdf.MOST_PAINTED_PX * width / height) ** 0.5))
            wish = Wish(exhibit, number, min(widest, max(1, round(wide))))
            kept = self._kept.get(number)
            if kept is None or abs(kept.width() - wish.width_px) > 1:
                wishes.append(wish)
        self._wanted = frozenset(wishes)
        for wish in wishes:
            if wish not in self._asked:
                self._asked.add(wish)
                self._painting.put(wish)

    def _work(self, wish: Wish) -> Found:
        """On the thread; what is not wanted any more stays unpainted."""
        exhibit, number, width_px = wish
        assert exhibit.path is not None
        try:
            if number < 0:
                return pdf.page_sizes(exhibit.path, exhibit.name)
            if wish not in self._wanted:
                return QImage()
            page = pdf.paint_page(exhibit.path, exhibit.name, number, width_px)
        except RefusedError as refused:
            return str(refused)
        size = page.width_px, page.height_px, page.line_bytes
        return QImage(page.data, *size, QImage.Format.Format_RGB32).copy()

    def _on_found(self, wish: Wish, found: Found) -> None:
        self._asked.discard(wish)
        if wish.exhibit is not self._exhibit:
            return
        if isinstance(found, QImage):
            self._take_page(wish, found)
            return
        self._sizes, self._words = ((), found) if isinstance(found, str) else (found, "")
        self.setAccessibleDescription(self._words)
        self._lay_out()
        self.changed.emit()

    def _take_page(self, wish: Wish, image: QImage) -> None:
        if image.isNull():  # passed over; it may have come back into sight since
            self._want()
            return
        self._kept.pop(wish.number, None)
        self._kept[wish.number] = image
        kept_bytes = sum(each.sizeInBytes() for each in self._kept.values())
        while kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            kept_bytes -= dropped.sizeInBytes()
        self.viewport().update()

    # Qt ----------------------------------------------------------------------------------

    def _on_scrolled(self) -> None:
        self.viewport().update()
        self._want()
        if self.current != self._last_current:
            self._last_current = self.current
            self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self.changed.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Painted anew as a whole."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Only lines are its own; the pane knows the other keys."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self.zoom * STEP ** (event.angleDelta().y() / NOTCH))
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grabbed_y = event.position().y()
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed_y is not None:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + round(self._grabbed_y - event.position().y()))
            self._grabbed_y = event.position().y()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed_y = None
        self.viewport().unsetCursor()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._want()
