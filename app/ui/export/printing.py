"""Prints a chat, page after page, while the window goes on.

Invariant: between two pages the events of the window are done; `ended` comes once, with what went
wrong as a sentence, or "". The painter and the device are let go of before.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPagedPaintDevice, QPainter

from app.i18n import tr
from app.ui.export.pages import COLUMN_PX, Page, Pages
from app.ui.transcript.flow import Flow
from app.ui.transcript.style import Run
from app.ui.transcript.wording import whole

FOOTER_PX = 34
TITLE_GAP_PX = 14
LOOK_AGAIN_MS = 10
PAGES_PER_NEWS = 20


class Printing(QObject):
    """One print of one chat. `start` once."""

    ended = Signal(str)
    advanced = Signal(int)
    """So many pages of a long chat are done."""

    def __init__(self, pages: Pages, title: str, about: str, parent: QObject) -> None:
        """`title` and, fainter, `about` stand above the first page."""
        super().__init__(parent)
        self._pages = pages
        self._title = Flow((Run(title),), pages.style.heading(1))
        self._about = Flow((Run(about),), pages.style.small_muted)
        self._device: QPagedPaintDevice | None = None
        self._painter = QPainter()
        self._number = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._step)

    def start(self, device: QPagedPaintDevice) -> None:
        """Print on `device`, which is a printer or writes a file."""
        self._device = device
        if not self._painter.begin(device):
            self._end(tr("It could not be printed."))
            return
        paper = self._painter.viewport()
        scale = paper.width() / COLUMN_PX
        self._painter.scale(scale, scale)
        height_px = int(paper.height() / scale) - FOOTER_PX
        self._above_px = self._title.lay_out(COLUMN_PX) + self._about.lay_out(COLUMN_PX)
        self._above_px += TITLE_GAP_PX
        self._height_px = height_px
        self._waiting = self._pages.pages(height_px - self._above_px, height_px)
        self._timer.start(0)

    def stop(self) -> None:
        """Print no further."""
        if self._device is not None:
            self._end(tr("Printing was stopped."))

    def _step(self) -> None:
        assert self._device is not None
        page = next(self._waiting, False)
        if page is None:
            self._timer.start(LOOK_AGAIN_MS)
            return
        if not isinstance(page, Page):
            self._end("" if self._number else tr("There is nothing to print."))
            return
        if self._number and not self._device.newPage():
            self._end(tr("It could not be printed."))
            return
        self._number += 1
        self._paint(page)
        self._timer.start(0)
        if self._number % PAGES_PER_NEWS == 0:
            self.advanced.emit(self._number)

    def _paint(self, page: Page) -> None:
        painter, first = self._painter, self._number == 1
        painter.save()
        if first:
            clip = QRectF(0, 0, COLUMN_PX, self._above_px)
            self._title.paint(painter, 0, 0, clip)
            self._about.paint(painter, 0, self._title.height, clip)
            painter.translate(QPointF(0, self._above_px))
        self._pages.paint(painter, page)
        painter.restore()
        style = self._pages.style
        painter.setFont(style.caption.font)
        painter.setPen(style.color("muted"))
        foot = QRectF(0, self._height_px + FOOTER_PX - 16, COLUMN_PX, 16)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, whole(self._number))

    def _end(self, problem: str) -> None:
        self._timer.stop()
        self._device = None
        if self._painter.isActive() and not self._painter.end():
            problem = problem or tr("It could not be printed.")
        self.ended.emit(problem)
        self.deleteLater()
