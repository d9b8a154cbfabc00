"""Where an answer comes from: the pages it cites, numbered, each a link.

Invariant: nothing is fetched; a page is named by its title, else by its host. What leads nowhere
that may be opened is not listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QRectF, Qt, QUrl
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.i18n import tr
from app.ui.theme import RADIUS
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import LinkSpot, Scene, Unit

MAX_SOURCES = 40
CHIP_PX = 26
GAP_PX = 6
PAD_PX = 9
WIDEST_PX = 260
TITLE_PX = 24
SCHEMES = frozenset({"http", "https"})


class Source(NamedTuple):
    address: str
    name: str


def sources_of(extras: Mapping[str, Any]) -> tuple[Source, ...]:
    """The pages that an answer names in its `extras`, each once."""
    titles = {
        pair[0]: pair[1]
        for pair in _list(extras.get("citation_titles"))
        if isinstance(pair, list | tuple) and len(pair) == 2
    }
    found: dict[str, Source] = {}
    for address in _list(extras.get("citations")):
        url = QUrl(address) if isinstance(address, str) else QUrl()
        if url.scheme().lower() not in SCHEMES or not url.host():
            continue
        name = " ".join(str(titles.get(address) or "").split()) or url.host().removeprefix("www.")
        found.setdefault(address, Source(address, name))
    return tuple(found.values())[:MAX_SOURCES]


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


class SourcesUnit(Unit):
    """A line of words and the chips below it, wrapped."""

    __slots__ = ("_places", "_sources")

    def __init__(self, style: Style, sources: Sequence[Source]) -> None:
        super().__init__(style)
        self._sources = tuple(sources)
        self._places: list[QRectF] = []

    def lay_out(self, width: int) -> int:
        style = self.style
        tall, gap = style.px(CHIP_PX), style.px(GAP_PX)
        self._places = []
        x, y = 0.0, float(style.px(TITLE_PX))
        for number, source in enumerate(self._sources, 1):
            wide = style.words_px(source.name) + style.words_px(f"{number} ") + 2 * PAD_PX + 2
            wide = min(wide, style.px(WIDEST_PX), width)
            if x and x + wide > width:
                x, y = 0.0, y + tall + gap
            self._places.append(QRectF(x, y, wide, tall))
            x += wide + gap
        self.height = round(y) + tall
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        style = self.style
        painter.setFont(style.caption.font)
        painter.setPen(style.color("muted"))
        room = QRectF(0, 0, scene.width, style.px(TITLE_PX - GAP_PX))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, tr("Sources"))
        for number, (source, place) in enumerate(zip(self._sources, self._places, strict=True), 1):
            if place.bottom() >= scene.top and place.top() <= scene.bottom:
                lit = scene.underlined is not None and scene.underlined[0] == number
                self._paint_chip(painter, number, source, place, lit=lit)

    def _paint_chip(
        self, painter: QPainter, number: int, source: Source, place: QRectF, *, lit: bool
    ) -> None:
        style = self.style
        painter.setPen(QPen(style.color("line"), 1))
        painter.setBrush(style.color("selected" if lit else "raised"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.s, RADIUS.s)
        painter.setFont(style.small.font)
        metrics = QFontMetricsF(style.small.font)
        words = f"{number} "
        left = place.left() + PAD_PX
        room = QRectF(left, place.top(), place.right() - left - PAD_PX, place.height())
        painter.setPen(style.color("muted"))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        room.setLeft(left + metrics.horizontalAdvance(words))
        painter.setPen(style.color("text"))
        name = metrics.elidedText(source.name, Qt.TextElideMode.ElideRight, room.width() + 1)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)

    def link_at(self, x: float, y: float) -> LinkSpot | None:
        return next((spot for spot in self.links() if spot.rect.contains(x, y)), None)

    def links(self) -> Iterable[LinkSpot]:
        for number, (source, place) in enumerate(zip(self._sources, self._places, strict=True), 1):
            yield LinkSpot(source.address, source.name, number, number, place)
