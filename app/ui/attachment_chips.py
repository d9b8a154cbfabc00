"""The attachments of a message that is being written: a chip each, with a way to remove it.

Invariant: a chip is an attachment, something that is still being taken in, or a refusal with its
sentence. The last two belong to the chat in which they began (`set_place`). Makes and stores
nothing: thumbnails are asked for and come in later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QLocale, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QSizePolicy, QWidget

from app.domain.kinds import kind_of
from app.domain.message import Media
from app.i18n import tr, trn
from app.ui.buttons import IconButton
from app.ui.icons import paint_icon
from app.ui.menus import show_menu
from app.ui.theme import RADIUS, SPACE, TYPE, Theme

CHIP_PX = 52
THUMBNAIL_PX = 38
LARGEST_CHIP_PX = 240
LARGEST_REFUSAL_PX = 420
BAR_PX = 3

Deeds = tuple[tuple[str, Callable[[], None]], ...]
"""What stands in a menu, and what it does."""
AskThumbnail = Callable[[Media, Callable[[QImage], None]], None]


def facts_of(media: Media) -> str:
    """Size, dimensions, length and pages in words: 1.8 MB · 4032×3024."""
    facts = []
    if media.size_bytes is not None:
        size = QLocale().formattedDataSize(
            media.size_bytes, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat
        )
        facts.append(size)
    if media.url is not None:
        facts.append(tr("Link"))
    if media.width_px and media.height_px:
        facts.append(f"{media.width_px}×{media.height_px}")
    if media.duration_s is not None:
        minutes, seconds = divmod(round(media.duration_s), 60)
        facts.append(f"{minutes}:{seconds:02}")
    if media.pages is not None:
        facts.append(trn("{count} page", "{count} pages", media.pages))
    return " · ".join(facts)


class AttachmentChip(QWidget):
    """Picture or icon, name, a line about it, remove. `place` is the chat that it belongs to."""

    def __init__(self, theme: Theme, name: str, place: str) -> None:
        super().__init__()
        self.place = place
        self.media: Media | None = None
        self.refused = ""
        self.trouble = ""
        self.blocked = self.working = False
        self.cancel: Callable[[], None] = lambda: None
        self._theme = theme
        self._name = " ".join(name.split()) or tr("Attachment")
        self._line = ""
        self._icon = "attach"
        self.thumbnail = QImage()
        self._share: float | None = None
        self.remove = IconButton(
            theme, "close", tr("Remove {name}", name=self._name), parent=self,
            side_px=26, icon_px=14,
        )  # fmt: skip
        self.more = IconButton(
            theme, "more", tr("What helps with {name}", name=self._name), parent=self,
            side_px=26, icon_px=16,
        )  # fmt: skip
        self.more.clicked.connect(self._show_menu)
        self.more.hide()
        self._deeds: Deeds = ()
        self._remarks: tuple[str, ...] = ()
        self._say(tr("Reading…"))

    @property
    def busy(self) -> bool:
        """Whether it is still being taken in, or changed."""
        return self.working or (self.media is None and not self.refused)

    def show_progress(self, words: str, share: float | None) -> None:
        self._share = share
        percent = "" if share is None else f" {QLocale().toString(round(share * 100))} %"
        self._say(words + percent)

    def show_media(self, media: Media, remarks: tuple[str, ...] = ()) -> None:
        self.media, self._remarks = media, remarks
        self._icon = kind_of(media).icon
        self._show_facts()

    def show_trouble(self, sentence: str, *, blocks: bool = False, deeds: Deeds = ()) -> None:
        """Say what is wrong with sending it as it is, and offer `deeds`; "" where nothing is."""
        self.trouble, self.blocked, self._deeds = sentence, blocks, deeds
        self.more.setVisible(bool(deeds))
        if not self.working:
            self._show_facts()

    def begin_work(self) -> None:
        """It is being changed: it stays what it is until `end_work`, or until it is replaced."""
        self.working = True
        self.show_progress(tr("Working…"), None)

    def end_work(self) -> None:
        self.working = False
        self._show_facts()

    def menu(self) -> QMenu:
        """What helps."""
        menu = QMenu(self)
        for words, act in self._deeds:
            menu.addAction(words.replace("&", "&&")).triggered.connect(lambda _=False, do=act: do())
        return menu

    def _show_menu(self) -> None:
        menu = self.menu()
        show_menu(menu, self.more.mapToGlobal(QPoint(0, -menu.sizeHint().height() - SPACE.xs)))

    def _show_facts(self) -> None:
        assert self.media is not None
        self._share = None
        facts = facts_of(self.media)
        if self.trouble:
            self._say(self.trouble, facts, *self._remarks)
        else:
            self._say(facts, *self._remarks)

    def show_refusal(self, sentence: str) -> None:
        self.refused, self._share = sentence, None
        self._icon = "warning"
        self._say(sentence)

    def show_thumbnail(self, image: QImage) -> None:
        self.thumbnail = image
        self.update()

    def _say(self, line: str, *more: str) -> None:
        self._line = line
        self.setAccessibleName(", ".join(filter(None, (self._name, line))))
        self.setAccessibleDescription(" ".join(more))
        self.setToolTip("\n".join(filter(None, (self._name, line, *more))))
        self.setFixedSize(self.sizeHint())
        self.remove.move(self.width() - 31, (CHIP_PX - 26) // 2)
        self.more.move(self.width() - 31 - 26, (CHIP_PX - 26) // 2)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font(TYPE.small))
        words = max(metrics.horizontalAdvance(text) for text in (self._name, self._line))
        largest = LARGEST_REFUSAL_PX if self.refused or self.trouble else LARGEST_CHIP_PX
        return QSize(min(largest, words + 55 + 40 + self._menu_px()), CHIP_PX)

    def _menu_px(self) -> int:
        return 26 if self._deeds else 0

    def _colors(self) -> tuple[str, str, str]:
        """Of its frame, its ground and its line."""
        if self.refused or (self.trouble and self.blocked):
            return "danger", "danger_soft", "danger"
        if self.trouble:
            return "warning", "warning_soft", "warning"
        return "line", "raised", "muted"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        theme = self._theme
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        edge, ground, ink = self._colors()
        painter.setPen(QPen(theme.color(edge), 1))
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(frame, RADIUS.m, RADIUS.m)
        side = QRectF(7, (CHIP_PX - THUMBNAIL_PX) / 2, THUMBNAIL_PX, THUMBNAIL_PX)
        self._paint_thumbnail(painter, side)
        left = side.right() + 10
        room = self.width() - left - 34 - self._menu_px()
        font = theme.font(TYPE.small)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        upper = QRectF(left, 7, room, 19)
        lower = QRectF(left, 26, room, 19)
        painter.setPen(theme.color("text"))
        shown = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, int(room))
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(theme.color(ink))
        shown = metrics.elidedText(self._line, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, shown)
        if self._share is not None:
            bar = QRectF(left, CHIP_PX - BAR_PX - 3, room * min(1.0, self._share), BAR_PX)
            painter.fillRect(bar, theme.color("accent"))

    def _paint_thumbnail(self, painter: QPainter, side: QRectF) -> None:
        if self.thumbnail.isNull():
            color = self._theme.color(self._colors()[2])
            paint_icon(painter, self._icon, side.center().x(), side.center().y(), 22, color)
            return
        image = self.thumbnail
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


class AttachmentChips(QScrollArea):
    """The chips in a row that scrolls sideways. Hidden while there is none."""

    changed = Signal()
    shownAnew = Signal()
    """Other chips are shown than before, whoever changed that."""

    def __init__(self, theme: Theme, ask_thumbnail: AskThumbnail) -> None:
        super().__init__()
        self._theme = theme
        self._ask_thumbnail = ask_thumbnail
        self._place = ""
        self._chips: list[AttachmentChip] = []
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
    def shown(self) -> tuple[AttachmentChip, ...]:
        """The chips of the chat that is shown, in order."""
        return tuple(chip for chip in self._chips if chip.place == self._place)

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(chip.media for chip in self._chips if chip.media is not None)

    @property
    def blocked(self) -> str:
        """Why the attachments cannot be sent as they are; "" where they can."""
        return next((chip.trouble for chip in self.shown if chip.blocked), "")

    @property
    def busy(self) -> bool:
        """Whether something of the chat that is shown is still being taken in."""
        return any(chip.busy for chip in self.shown)

    def set_place(self, place: str) -> None:
        """Show what is being taken in, and was refused, in this chat. Its attachments follow."""
        if place != self._place:
            self._place = place
            self._remove(chip for chip in self._chips if chip.media is not None)

    def set_media(self, media: tuple[Media, ...]) -> None:
        """Show exactly these attachments, without telling `changed`."""
        if media != self.media:
            self._remove(chip for chip in self._chips if chip.media is not None)
            for one in media:
                chip = self._append(one.name)
                chip.show_media(one)
                self._want_thumbnail(chip)
        self._show()

    def add(self, media: Media) -> None:
        chip = self._append(media.name)
        chip.show_media(media)
        self._want_thumbnail(chip)
        self._show()
        self.changed.emit()

    def begin(self, name: str) -> AttachmentChip:
        """A chip for something that is being taken in; `cancel` of it is the caller's to set."""
        chip = self._append(name)
        self._show()
        self.changed.emit()
        return chip

    def tell(self, chip: AttachmentChip, words: str, share: float | None) -> None:
        """Say how far it is. A last word may come after the chip was removed."""
        if chip in self._chips:
            chip.show_progress(words, share)

    def settle(
        self, chip: AttachmentChip, media: tuple[Media, ...], remarks: tuple[str, ...] = ()
    ) -> None:
        """Put what became of it in the place of a chip."""
        at = self._chips.index(chip)
        self._remove((chip,))
        for offset, one in enumerate(media):
            made = self._append(one.name, at + offset)
            made.show_media(one, remarks)
            self._want_thumbnail(made)
        self._show()
        self.changed.emit()

    def refuse(self, chip: AttachmentChip, sentence: str) -> None:
        """Say on a chip why it cannot be attached; it stays until it is removed or sent past."""
        chip.show_refusal(sentence)
        self.changed.emit()

    def clear_refusals(self) -> None:
        self._remove(chip for chip in self.shown if chip.refused)
        self._show()

    def _append(self, name: str, at: int | None = None) -> AttachmentChip:
        chip = AttachmentChip(self._theme, name, self._place)
        chip.remove.clicked.connect(lambda: self._on_removed(chip))
        at = len(self._chips) if at is None else at
        self._chips.insert(at, chip)
        self._row.insertWidget(at, chip)
        return chip

    def _want_thumbnail(self, chip: AttachmentChip) -> None:
        def show(image: QImage) -> None:
            if chip in self._chips:
                chip.show_thumbnail(image)

        if chip.media is not None:
            self._ask_thumbnail(chip.media, show)

    def _on_removed(self, chip: AttachmentChip) -> None:
        chip.cancel()
        self._remove((chip,))
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for chip in self._chips:
            chip.setVisible(chip.place == self._place)
        self.setVisible(bool(self.shown))
        self.shownAnew.emit()

    def _remove(self, chips: Iterable[AttachmentChip]) -> None:
        for chip in tuple(chips):
            self._chips.remove(chip)
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
