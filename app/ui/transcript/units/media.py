"""Pictures and files of a message: thumbnails where a picture is stored here, else chips.

Invariant: nothing is fetched: what lies at an address is a chip that opens the address. A picture
is decoded off the UI thread, at the size in which it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from app.domain.message import Media
from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS
from app.ui.transcript import wording
from app.ui.transcript.pictures import Pictures
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Act, Control, LinkSpot, Look, Scene, Unit

THUMB_HEIGHT_PX = 92
LEAST_THUMB_PX = 56
WIDEST_THUMB_PX = 240
PICTURE_WIDTH_PX = 512
CHIP_WIDTH_PX = 210
CHIP_HEIGHT_PX = 52
GAP_PX = 8


class MediaUnit(Unit):
    """A row of attachments, wrapped; from the right for a person's message."""

    __slots__ = ("_from_right", "_media", "_pictures", "_places", "wants_sizes")

    def __init__(
        self, style: Style, media: Sequence[Media], pictures: Pictures, *, from_right: bool
    ) -> None:
        super().__init__(style)
        self._media = tuple(media)
        self._pictures = pictures
        self._from_right = from_right
        self._places: list[QRectF] = []
        self.wants_sizes = False
        """Whether there is a picture whose size is told only by decoding it."""

    def lay_out(self, width: int) -> int:
        self.wants_sizes = any(
            _is_picture(media) and not all(self._own_size(media)) for media in self._media
        )
        lines: list[list[QSizeF]] = [[]]
        used = 0.0
        for media in self._media:
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
        for media, place in zip(self._media, self._places, strict=True):
            if place.bottom() < scene.top or place.top() > scene.bottom:
                continue
            if _is_picture(media):
                self._paint_picture(painter, media, place)
            else:
                self._paint_chip(painter, media, place)

    def link_at(self, x: float, y: float) -> LinkSpot | None:
        return next((spot for spot in self.links() if spot.rect.contains(x, y)), None)

    def links(self) -> Iterable[LinkSpot]:
        for media, place in zip(self._media, self._places, strict=True):
            if media.url:
                yield LinkSpot(media.url, _name(media), 0, 0, place)

    def media_at(self, x: float, y: float) -> Media | None:
        """What lies under a point."""
        for media, place in zip(self._media, self._places, strict=True):
            if place.contains(x, y):
                return media
        return None

    def controls(self) -> Sequence[Control]:
        """The pictures that can be looked at large."""
        found: list[Control] = []
        for at, (media, place) in enumerate(zip(self._media, self._places, strict=True)):
            if _is_picture(media):
                name = media.name or tr("Picture")
                found.append(
                    Control(
                        act=Act.PICTURE,
                        key=str(at),
                        name=tr("Open {name}", name=name),
                        tip=" · ".join(filter(None, (media.name, wording.media_facts(media)))),
                        rect=place.toAlignedRect(),
                        look=Look.COVER,
                        value=media.sha256 or "",
                    )
                )
        return found

    def _size(self, media: Media, width: int) -> QSizeF:
        style = self.style
        if not _is_picture(media):
            wide = min(float(style.px(CHIP_WIDTH_PX)), float(width))
            return QSizeF(wide, style.px(CHIP_HEIGHT_PX))
        own_wide, own_tall = self._own_size(media)
        ratio = (own_wide or 4) / (own_tall or 3)
        if self._from_right:
            tall = float(style.px(THUMB_HEIGHT_PX))
            widest = float(style.px(WIDEST_THUMB_PX))
            return QSizeF(min(max(tall * ratio, style.px(LEAST_THUMB_PX)), widest), tall)
        wide = float(min(width, style.px(PICTURE_WIDTH_PX), own_wide or 1 << 20))
        return QSizeF(wide, min(wide / ratio, 2.0 * wide))

    def _own_size(self, media: Media) -> tuple[int, int]:
        """What the message says, or else what decoding it has told; zeros while unknown."""
        if media.width_px and media.height_px:
            return media.width_px, media.height_px
        found = self._pictures.size_of(media.sha256 or "")
        return (found.width(), found.height()) if found is not None else (0, 0)

    def _paint_picture(self, painter: QPainter, media: Media, place: QRectF) -> None:
        style = self.style
        scale = painter.device().devicePixelRatioF()
        pixmap = self._pictures.get(media.sha256 or "", place.size() * scale)
        path = QPainterPath()
        path.addRoundedRect(place, RADIUS.m, RADIUS.m)
        painter.setPen(QPen(style.color("line"), 1))
        painter.setBrush(style.color("raised"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
        if pixmap is None:
            center = place.center()
            muted = style.color("muted")
            broken = self._pictures.is_broken(media.sha256 or "", place.size() * scale)
            up = style.px(10) if broken else 0
            paint_icon(painter, "image", center.x(), center.y() - up, style.px(22), muted)
            if broken:
                painter.setFont(style.caption.font)
                painter.setPen(muted)
                room = QRectF(place.left(), center.y() + 4, place.width(), style.px(18))
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, tr("Cannot be shown"))
        else:
            painter.save()
            painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            whole = QRectF(pixmap.rect())
            source = _cut(whole, place.width() / place.height())
            painter.drawPixmap(place, pixmap, source)
            painter.restore()
        if media.duration_s is not None:
            self._paint_badge(painter, wording.duration(media.duration_s), place)

    def _paint_badge(self, painter: QPainter, words: str, place: QRectF) -> None:
        style = self.style
        font = style.caption.font
        wide = QFontMetricsF(font).horizontalAdvance(words) + 12
        tall = style.px(18)
        badge = QRectF(place.right() - wide - 6, place.bottom() - tall - 6, wide, tall)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(style.color("scrim")))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setFont(font)
        painter.setPen(style.color("on_scrim"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_chip(self, painter: QPainter, media: Media, place: QRectF) -> None:
        style = self.style
        painter.setPen(QPen(style.color("line"), 1))
        painter.setBrush(style.color("raised"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
        middle = place.center().y()
        icon_x = place.left() + style.px(24)
        paint_icon(painter, _icon(media), icon_x, middle, style.px(20), style.color("muted"))
        left = place.left() + style.px(44)
        room = QRectF(left, place.top(), place.right() - left - 10, place.height())
        facts = media.url or wording.media_facts(media)
        elide = Qt.TextElideMode.ElideMiddle
        half = place.height() / 2
        for face, words, color, top, align in (
            (style.small, _name(media), "text", 0.0, Qt.AlignmentFlag.AlignBottom),
            (style.caption, facts, "muted", half, Qt.AlignmentFlag.AlignTop),
        ):
            painter.setFont(face.font)
            painter.setPen(style.color(color))
            shown = QFontMetricsF(face.font).elidedText(words, elide, room.width())
            line = QRectF(left, place.top() + top, room.width(), half)
            painter.drawText(line, align, shown)


def _is_picture(media: Media) -> bool:
    """Whether it is shown as a picture: a stored image, or a stored video's poster frame."""
    return media.sha256 is not None and media.mime.startswith("image/")


def _name(media: Media) -> str:
    if media.name:
        return media.name
    if media.url:
        return media.url.rstrip("/").rpartition("/")[2] or media.url
    return tr("file")


def _icon(media: Media) -> str:
    kind = media.mime.partition("/")[0]
    return {"image": "image", "video": "video", "audio": "audio"}.get(kind, "document")


def _cut(whole: QRectF, ratio: float) -> QRectF:
    """The middle of a picture with the proportions of its place."""
    width, height = whole.width(), whole.height()
    if width / max(1.0, height) > ratio:
        wide = height * ratio
        return QRectF((width - wide) / 2, 0, wide, height)
    tall = width / ratio
    return QRectF(0, (height - tall) / 2, width, tall)
