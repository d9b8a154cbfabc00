"""Attachments of a message: pictures and videos as thumbnails, everything else as chips.

Invariant: nothing is fetched: what lies at an address is a chip that opens the address. A picture
is decoded off the UI thread, at the size in which it is shown. What is left out of further
questions keeps its place, faded and marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from app.domain.kinds import PDF, PICTURE, VIDEO, kind_of
from app.domain.message import Media
from app.domain.recognition import SVG
from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.sharpness import scale_of
from app.ui.theme import RADIUS
from app.ui.transcript import wording
from app.ui.transcript.pictures import Pictures
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Act, Control, LinkSpot, Look, Scene, Unit

THUMB_HEIGHT_PX = 92
LEAST_THUMB_PX = 56
WIDEST_THUMB_PX = 240
PICTURE_WIDTH_PX = 512
TALLEST_PICTURE_PX = 640
CHIP_WIDTH_PX = 210
CHIP_HEIGHT_PX = 52
CHIP_THUMB_PX = 38
PLAY_PX = 40
GAP_PX = 8
FADED = 0.4
"""How much is seen of what is left out."""


class MediaUnit(Unit):
    """A row of attachments, wrapped; from the right for a person's message."""

    __slots__ = ("_from_right", "_pictures", "_places", "media", "wants_sizes")

    def __init__(
        self, style: Style, media: Sequence[Media], pictures: Pictures, *, from_right: bool
    ) -> None:
        super().__init__(style)
        self.media = tuple(media)
        self._pictures = pictures
        self._from_right = from_right
        self._places: list[QRectF] = []
        self.wants_sizes = False

    def lay_out(self, width: int) -> int:
        self.wants_sizes = any(
            is_pictured(media) and not all(self._own_size(media)) for media in self.media
        )
        lines: list[list[QSizeF]] = [[]]
        used = 0.0
        for media in self.media:
            size = self._size(media, width)
            if lines[-1] and used + size.width() > width:
                lines.append([])
                used = 0.0
            lines[-1].append(size)
            used += size.width() + GAP_PX
        self._places = []
        y = 0.0
        for line in lines:
            if not line:
                continue
            row = sum(size.width() for size in line) + GAP_PX * (len(line) - 1)
            x = width - row if self._from_right else 0.0
            tall = max(size.height() for size in line)
            for size in line:
                top = y + tall - size.height()
                self._places.append(QRectF(x, top, size.width(), size.height()))
                x += size.width() + GAP_PX
            y += tall + GAP_PX
        self.height = max(0, round(y - GAP_PX))
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        for media, place in zip(self.media, self._places, strict=True):
            if place.bottom() < scene.top or place.top() > scene.bottom:
                continue
            painter.save()
            if media.left_out:
                painter.setOpacity(FADED)
            if is_pictured(media):
                self._paint_picture(painter, media, place)
            else:
                self._paint_chip(painter, media, place)
            painter.restore()
            if media.left_out:
                self._paint_left_out(painter, media, place)

    def link_at(self, x: float, y: float) -> LinkSpot | None:
        return next((spot for spot in self.links() if spot.rect.contains(x, y)), None)

    def links(self) -> Iterable[LinkSpot]:
        for media, place in zip(self.media, self._places, strict=True):
            if media.url:
                yield LinkSpot(media.url, _name(media), 0, 0, place)

    def number_at(self, x: float, y: float) -> int | None:
        """Which of the attachments lies under a point."""
        for number, place in enumerate(self._places):
            if place.contains(x, y):
                return number
        return None

    def controls(self) -> Sequence[Control]:
        """What is stored here can be looked at large."""
        found: list[Control] = []
        for at, (media, place) in enumerate(zip(self.media, self._places, strict=True)):
            if media.sha256 is not None:
                name = media.name or kind_of(media).title
                facts = (media.name, wording.media_facts(media), left_out_words(media))
                found.append(
                    Control(
                        act=Act.MEDIA,
                        key=str(at),
                        name=tr("Open {name}", name=name),
                        tip=" · ".join(filter(None, facts)),
                        description=left_out_words(media),
                        rect=place.toAlignedRect(),
                        look=Look.COVER,
                        value=media.sha256,
                    )
                )
        return found

    def _size(self, media: Media, width: int) -> QSizeF:
        style = self.style
        if not is_pictured(media):
            wide = min(float(style.px(CHIP_WIDTH_PX)), float(width))
            return QSizeF(wide, style.px(CHIP_HEIGHT_PX))
        own_wide, own_tall = self._own_size(media)
        ratio = (own_wide or 4) / (own_tall or 3)
        if self._from_right:
            tall = float(style.px(THUMB_HEIGHT_PX))
            widest = float(style.px(WIDEST_THUMB_PX))
            return QSizeF(min(max(tall * ratio, style.px(LEAST_THUMB_PX)), widest), tall)
        tallest = float(style.px(TALLEST_PICTURE_PX))
        wide = float(min(width, style.px(PICTURE_WIDTH_PX), own_wide or 1 << 20))
        wide = max(min(wide, tallest * ratio), float(style.px(LEAST_THUMB_PX)))
        return QSizeF(wide, min(wide / ratio, tallest))

    def _own_size(self, media: Media) -> tuple[int, int]:
        """What the message says, or else what the picture has told; zeros while unknown."""
        if media.width_px and media.height_px:
            return media.width_px, media.height_px
        found = self._pictures.size_of(media.sha256 or "")
        return (found.width(), found.height()) if found is not None else (0, 0)

    def _pixmap(self, painter: QPainter, media: Media, size: QSizeF) -> QPixmap | None:
        return self._pictures.get(media, size * scale_of(painter))

    def _paint_picture(self, painter: QPainter, media: Media, place: QRectF) -> None:
        style = self.style
        pixmap = self._pixmap(painter, media, place.size())
        painter.setPen(QPen(style.color("line"), 1))
        painter.setBrush(style.color("raised"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
        video = kind_of(media) is VIDEO
        if pixmap is not None:
            self._paint_cut(painter, pixmap, place, RADIUS.m)
        elif not video:
            self._paint_missing(painter, media, place)
        if video:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.color("scrim"))
            side, at = style.px(PLAY_PX), place.center()
            painter.drawEllipse(at, side / 2, side / 2)
            paint_icon(painter, "play", at.x() + 1, at.y(), side / 2, style.color("on_scrim"))
        if media.duration_s is not None:
            self._paint_badge(painter, wording.duration(media.duration_s), place)

    def _paint_cut(
        self, painter: QPainter, pixmap: QPixmap, place: QRectF, radius_px: float
    ) -> None:
        """The middle of a picture, filling its place."""
        path = QPainterPath()
        path.addRoundedRect(place, radius_px, radius_px)
        painter.save()
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        source = _cut(QRectF(pixmap.rect()), place.width() / place.height())
        painter.drawPixmap(place, pixmap, source)
        painter.restore()

    def _paint_missing(self, painter: QPainter, media: Media, place: QRectF) -> None:
        style = self.style
        center, muted = place.center(), style.color("muted")
        size = place.size() * painter.device().devicePixelRatioF()
        broken = self._pictures.is_broken(media, size)
        up = style.px(10) if broken else 0
        paint_icon(painter, "image", center.x(), center.y() - up, style.px(22), muted)
        if broken:
            painter.setFont(style.caption.font)
            painter.setPen(muted)
            room = QRectF(place.left(), center.y() + 4, place.width(), style.px(18))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, tr("Cannot be shown"))

    def _paint_badge(self, painter: QPainter, words: str, place: QRectF) -> None:
        style = self.style
        font = style.caption.font
        wide = QFontMetricsF(font).horizontalAdvance(words) + 12
        tall = style.px(18)
        badge = QRectF(place.right() - wide - 6, place.bottom() - tall - 6, wide, tall)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.color("scrim"))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setFont(font)
        painter.setPen(style.color("on_scrim"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_left_out(self, painter: QPainter, media: Media, place: QRectF) -> None:
        """In the upper corner: a sign, and the words where there is room for them."""
        style = self.style
        font, words = style.caption.font, left_out_words(media)
        tall = style.px(20)
        wide = tall + QFontMetricsF(font).horizontalAdvance(words) + 6
        if wide > place.width() - 12:
            wide, words = float(tall), ""
        x = place.right() - wide - 6
        badge = QRectF(x, place.top() + 6, wide, tall)
        painter.setPen(QPen(style.color("control_border"), 1))
        painter.setBrush(style.color("window"))
        painter.drawRoundedRect(badge, RADIUS.s, RADIUS.s)
        middle = badge.center().y()
        paint_icon(painter, "eye-off", x + tall / 2, middle, style.px(13), style.color("text"))
        painter.setFont(font)
        painter.setPen(style.color("text"))
        room = badge.adjusted(tall - 1, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_chip(self, painter: QPainter, media: Media, place: QRectF) -> None:
        style = self.style
        painter.setPen(QPen(style.color("line"), 1))
        painter.setBrush(style.color("raised"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
        middle = place.center().y()
        side = style.px(CHIP_THUMB_PX)
        small = QRectF(place.left() + style.px(7), middle - side / 2, side, side)
        stored_pdf = kind_of(media) is PDF and media.sha256 is not None
        pixmap = self._pixmap(painter, media, small.size()) if stored_pdf else None
        if pixmap is not None:
            self._paint_cut(painter, pixmap, small, RADIUS.s)
        else:
            color, icon = style.color("muted"), kind_of(media).icon
            paint_icon(painter, icon, small.center().x(), middle, style.px(20), color)
        left = small.right() + style.px(8)
        room = QRectF(left, place.top(), place.right() - left - 10, place.height())
        facts = media.url or wording.media_facts(media)
        elide = Qt.TextElideMode.ElideMiddle
        half = place.height() / 2
        for face, words, ink, top, align in (
            (style.small, _name(media), "text", 0.0, Qt.AlignmentFlag.AlignBottom),
            (style.caption, facts, "muted", half, Qt.AlignmentFlag.AlignTop),
        ):
            painter.setFont(face.font)
            painter.setPen(style.color(ink))
            shown = QFontMetricsF(face.font).elidedText(words, elide, room.width())
            line = QRectF(left, place.top() + top, room.width(), half)
            painter.drawText(line, align, shown)


def is_pictured(media: Media) -> bool:
    """Whether it is shown as a picture: a stored image, or a video of which the size is known."""
    if media.sha256 is None or media.mime == SVG:
        return False
    kind = kind_of(media)
    return kind is PICTURE or (kind is VIDEO and bool(media.width_px and media.height_px))


def left_out_words(media: Media) -> str:
    """The mark of what further questions go without."""
    return tr("Left out") if media.left_out else ""


def _name(media: Media) -> str:
    if media.name:
        return media.name
    if media.url:
        return media.url.rstrip("/").rpartition("/")[2] or media.url
    return kind_of(media).title


def _cut(whole: QRectF, ratio: float) -> QRectF:
    """The middle of a picture with the proportions of its place."""
    width, height = whole.width(), whole.height()
    if width / max(1.0, height) > ratio:
        wide = height * ratio
        return QRectF((width - wide) / 2, 0, wide, height)
    tall = width / ratio
    return QRectF(0, (height - tall) / 2, width, tall)
