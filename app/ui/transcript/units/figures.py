"""A paragraph with pictures that lie somewhere else: its words, and a frame for each picture.

Invariant: a frame shows where its picture lies, the host first, before anything is fetched; only a
press of its button fetches it. A picture that is there is shown as others of an answer are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from app.domain.message import Media
from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS
from app.ui.transcript import wording
from app.ui.transcript.pictures import Pictures
from app.ui.transcript.remote import Remote, RemotePictures, Standing, host_of
from app.ui.transcript.style import Face, Style
from app.ui.transcript.units.base import Act, Control, LinkSpot, Look, Scene
from app.ui.transcript.units.text import TextUnit

PICTURE_WIDTH_PX = 512
TALLEST_PX = 640
FRAME_HIGH_PX = 64
LEFT_PX = 46
PAD_PX = 14
GAP_PX = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of an answer: where it lies, and what it is said to show."""

    url: str
    words: str = ""


class FiguredUnit(TextUnit):
    """The words first, where there are any, then the pictures, one below the other."""

    __slots__ = ("_pictures", "_places", "_remote", "figures")

    def __init__(self, style: Style, face: Face, remote: RemotePictures, pictures: Pictures):
        super().__init__(style, face)
        self._remote = remote
        self._pictures = pictures
        self._places: list[QRectF] = []
        self.figures: tuple[Figure, ...] = ()

    def lay_out(self, width: int) -> int:
        y = float(super().lay_out(width) + self.style.px(GAP_PX) if self.length() else 0)
        self._places = []
        for figure in self.figures:
            size = self._size(self._remote.look(figure.url), width)
            self._places.append(QRectF(0, y, size.width(), size.height()))
            y += size.height()
            if self._has_caption(figure):
                y += self.style.caption.line_px + 4
            y += self.style.px(GAP_PX)
        self.kept_px = 0
        self.height = max(1, round(y) - self.style.px(GAP_PX))
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if self.length():
            super().paint(painter, scene)
        for figure, place in zip(self.figures, self._places, strict=True):
            remote = self._remote.look(figure.url)
            if remote.media is not None:
                self._paint_picture(painter, figure, remote.media, place)
            else:
                self._paint_frame(painter, figure, remote, place)

    # What can be done with them ----------------------------------------------------------

    def links(self) -> Iterable[LinkSpot]:
        if self.length():
            yield from super().links()
        for figure, place in zip(self.figures, self._places, strict=True):
            if self._remote.look(figure.url).media is None and not is_data(figure.url):
                yield LinkSpot(figure.url, figure.words or figure.url, 0, 0, self._words(place))

    def link_at(self, x: float, y: float) -> LinkSpot | None:
        for spot in self.links():
            if spot.end == spot.start and spot.rect.contains(x, y):
                return spot
        return super().link_at(x, y) if self.length() else None

    def controls(self) -> Sequence[Control]:
        found: list[Control] = []
        for at, (figure, place) in enumerate(zip(self.figures, self._places, strict=True)):
            remote = self._remote.look(figure.url)
            if remote.media is not None:
                name = tr("Open {name}", name=figure.words or tr("picture"))
                found.append(
                    Control(
                        act=Act.MEDIA,
                        key=str(at),
                        name=name,
                        tip=figure.words,
                        rect=place.toAlignedRect(),
                        look=Look.COVER,
                    )
                )
            elif not is_data(figure.url):
                found.append(self._button(figure, remote, place, at))
        return found

    def media_of(self, number: int) -> Media | None:
        """The stored picture of a figure, once it is there."""
        return self._remote.look(self.figures[number].url).media

    def number_at(self, x: float, y: float) -> int | None:
        """Which figure lies under a point."""
        for number, place in enumerate(self._places):
            if place.contains(x, y):
                return number
        return None

    # Inside ------------------------------------------------------------------------------

    def _size(self, remote: Remote, width: int) -> QSizeF:
        style, media = self.style, remote.media
        widest = float(min(width, style.px(PICTURE_WIDTH_PX)))
        if media is None:
            return QSizeF(widest, style.px(FRAME_HIGH_PX))
        ratio = (media.width_px or 4) / max(1, media.height_px or 3)
        tallest = float(style.px(TALLEST_PX))
        wide = min(widest, float(media.width_px or widest), tallest * ratio)
        return QSizeF(wide, wide / ratio)

    def _has_caption(self, figure: Figure) -> bool:
        return bool(figure.words) and self._remote.look(figure.url).media is not None

    def _words(self, place: QRectF) -> QRectF:
        """Where the words of a frame stand."""
        style = self.style
        right = self._button_rect(place).left() - PAD_PX
        left = place.left() + style.px(LEFT_PX)
        return QRectF(left, place.top() + 6, right - left, place.height() - 12)

    def _button_words(self, remote: Remote) -> str:
        match remote.standing:
            case Standing.LOADING:
                return tr("Cancel")
            case Standing.REFUSED:
                return tr("Try again")
            case _:
                return tr("Load picture")

    def _button_rect(self, place: QRectF) -> QRect:
        style = self.style
        longest = max((tr("Cancel"), tr("Try again"), tr("Load picture")), key=style.words_px)
        wide, tall = style.words_px(longest) + style.px(28), style.px(34)
        x, y = place.right() - PAD_PX - wide, place.center().y() - tall / 2
        return QRect(round(x), round(y), wide, tall)

    def _button(self, figure: Figure, remote: Remote, place: QRectF, at: int) -> Control:
        words = self._button_words(remote)
        return Control(
            act=Act.LOAD,
            key=str(at),
            name=tr("{action} from {host}", action=words, host=host_of(figure.url)),
            text=words,
            tip=figure.url[:300],
            description=remote.sentence,
            rect=self._button_rect(place),
            look=Look.BUTTON,
            value=figure.url,
        )

    def _paint_frame(
        self, painter: QPainter, figure: Figure, remote: Remote, place: QRectF
    ) -> None:
        style = self.style
        failed = remote.standing is Standing.REFUSED
        painter.setPen(QPen(style.color("danger_line" if failed else "line"), 1))
        painter.setBrush(style.color("danger_soft" if failed else "raised"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
        sign = "warning" if failed else "image"
        ink = style.color("text" if failed else "muted")
        middle = place.center().y()
        paint_icon(painter, sign, place.left() + style.px(24), middle, style.px(20), ink)
        room = self._words(place)
        half = room.height() / 2
        for face, words, color, top, align in (
            (style.small, self._upper(figure, remote), "text", 0.0, Qt.AlignmentFlag.AlignBottom),
            (style.caption, self._lower(figure, remote), "muted", half, Qt.AlignmentFlag.AlignTop),
        ):
            painter.setFont(face.font)
            painter.setPen(style.color(color))
            elide = Qt.TextElideMode.ElideRight
            shown = QFontMetricsF(face.font).elidedText(words, elide, room.width())
            painter.drawText(
                QRectF(room.left(), room.top() + top, room.width(), half), align, shown
            )
        if remote.standing is Standing.LOADING and remote.share is not None:
            bar = QRectF(room.left(), place.bottom() - 6, room.width() * remote.share, 3)
            painter.fillRect(bar, style.color("accent"))

    def _upper(self, figure: Figure, remote: Remote) -> str:
        if remote.standing is Standing.REFUSED:
            return remote.sentence
        return figure.words or tr("Picture")

    def _lower(self, figure: Figure, remote: Remote) -> str:
        """The host comes first: it is what the person decides by."""
        if is_data(figure.url):
            return tr("Reading…")
        host = host_of(figure.url)
        rest = figure.url.partition("://")[2].partition("/")[2]
        where = f"{host} · /{rest}" if rest else host
        if remote.standing is not Standing.LOADING:
            return where
        share = "" if remote.share is None else f" {wording.whole(round(100 * remote.share))} %"
        return tr("Loading…") + f"{share} · {where}"

    def _paint_picture(
        self, painter: QPainter, figure: Figure, media: Media, place: QRectF
    ) -> None:
        style = self.style
        pixmap = self._pictures.get(media, place.size() * painter.device().devicePixelRatioF())
        painter.setPen(QPen(style.color("line"), 1))
        painter.setBrush(style.color("raised"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
        if pixmap is not None:
            path = QPainterPath()
            path.addRoundedRect(place, RADIUS.m, RADIUS.m)
            painter.save()
            painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
            painter.restore()
        if figure.words:
            face = style.caption
            painter.setFont(face.font)
            painter.setPen(style.color("muted"))
            wide = max(place.width(), 200.0)
            elide = Qt.TextElideMode.ElideRight
            shown = QFontMetricsF(face.font).elidedText(figure.words, elide, wide)
            below = QRectF(place.left(), place.bottom() + 4, wide, face.line_px)
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, shown)


def is_data(url: str) -> bool:
    """Whether an address holds its picture itself."""
    return url.startswith("data:")
