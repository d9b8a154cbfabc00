"""One attachment of a message that is being written: picture or icon, name, and what is to be said.

Invariant: a chip is an attachment, something that is still being taken in, or a refusal with its
sentence. Everything that is wrong with sending it stands on it, each in full. It paints and tells
what is wanted; moving, removing and changing are done by whoever listens. A button: its click is
"open".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu

from app.domain.kinds import kind_of, media_tokens
from app.domain.message import Media
from app.i18n import tr, trn
from app.ui.buttons import IconButton, PaintedButton, paint_focus_ring
from app.ui.icons import paint_icon
from app.ui.menus import add_action, show_menu
from app.ui.question_size import short_number
from app.ui.theme import RADIUS, SPACE, TYPE, Theme
from app.ui.tips import plain_tip

CHIP_PX = 52
THUMBNAIL_PX = 38
LARGEST_CHIP_PX = 400
LARGEST_TOLD_PX = 440
"""With sentences on it, which wrap."""
LEAST_CHIP_PX = 150
LEFT_PX = THUMBNAIL_PX + 17
SIDE_PX = 26
UPPER_PX = 7
LINE_PX = 19
BAR_PX = 3
ALT = Qt.KeyboardModifier.AltModifier


@dataclass(frozen=True, slots=True)
class Deed:
    """A row of the chip's menu. `checked` is for one of several that exclude each other."""

    words: str
    act: Callable[[], None]
    checked: bool | None = None


Deeds = tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with sending it as it is, and what helps."""

    sentence: str
    blocks: bool = False
    deeds: Deeds = ()


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What an attachment was made from; shared by all that were made of it."""

    media: Media


def facts_of(media: Media) -> str:
    """Size, dimensions, length, pages and tokens in words: 1.8 MB · 4032×3024 · ~6.2 K tokens."""
    facts = []
    if media.size_bytes is not None:
        size = QLocale().formattedDataSize(
            media.size_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat
        )
        facts.append(size)
    if media.url is not None:
        facts.append(tr("Link"))
    if media.width_px and media.height_px:
        facts.append(f"{media.width_px}×{media.height_px}")
    if (length := length_of(media)) != "":
        facts.append(length)
    if media.pages is not None:
        facts.append(trn("{count} page", "{count} pages", media.pages))
    if tokens := media_tokens(media):
        facts.append(tr("~{count} tokens", count=short_number(tokens)))
    return " · ".join(facts)


def length_of(media: Media) -> str:
    """How long a recording is; of a part, from when to when."""
    if media.start_s is not None or media.end_s is not None:
        end = media.end_s if media.end_s is not None else media.duration_s
        last = "" if end is None else _clock(end)
        return f"{_clock(media.start_s or 0.0)}-{last}"
    return "" if media.duration_s is None else _clock(media.duration_s)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


class AttachmentChip(PaintedButton):
    """`place` is the chat that it belongs to; `origin` what it was made from, if it was."""

    stepRequested = Signal(int)
    """Alt+Left (-1) or Alt+Right (1): to another place in the row."""
    focusStepRequested = Signal(int)
    allRemoveRequested = Signal()
    resized = Signal()

    def __init__(self, theme: Theme, name: str, place: str) -> None:
        self._name = " ".join(name.split()) or tr("Attachment")
        super().__init__(theme, self._name)
        self.place = place
        self.media: Media | None = None
        self.origin: Origin | None = None
        self.refused = ""
        self.working = False
        self.dragged = False
        self.among_others = False
        self.cancel: Callable[[], None] = lambda: None
        self.thumbnail = QImage()
        self._icon = "attach"
        self._share: float | None = None
        self._troubles: tuple[Trouble, ...] = ()
        self._deeds: Deeds = ()
        self._remarks: tuple[str, ...] = ()
        self._note = ""
        self._lines: tuple[str, ...] = ()
        self._widest_px = LARGEST_TOLD_PX
        self.remove = IconButton(
            theme, "close", tr("Remove {name}", name=self._name), parent=self,
            side_px=SIDE_PX, icon_px=14,
        )  # fmt: skip
        self.more = IconButton(
            theme, "more", tr("What can be done with {name}", name=self._name), parent=self,
            side_px=SIDE_PX, icon_px=16,
        )  # fmt: skip
        self.more.clicked.connect(self._show_menu)
        self.more.hide()
        self._say((tr("Reading…"),))

    # What it says

    @property
    def busy(self) -> bool:
        """Whether it is still being taken in, or changed."""
        return self.working or (self.media is None and not self.refused)

    @property
    def trouble(self) -> str:
        """All that is wrong with sending it as it is; "" where nothing is."""
        return " ".join(trouble.sentence for trouble in self._troubles)

    @property
    def blocked(self) -> bool:
        return any(trouble.blocks for trouble in self._troubles)

    def show_progress(self, words: str, share: float | None) -> None:
        self._share = share
        percent = "" if share is None else f" {QLocale().toString(round(share * 100))} %"
        self._say((words + percent,))

    def show_media(self, media: Media, remarks: tuple[str, ...] = ()) -> None:
        self.media, self._remarks = media, remarks
        self._icon = kind_of(media).icon
        self._show_facts()

    def show_troubles(self, troubles: Sequence[Trouble], deeds: Deeds = (), note: str = "") -> None:
        """Say what is wrong with sending it as it is, offer what helps, and what can be done
        anyway. `note` is something to know that is nothing wrong."""
        self._troubles, self._deeds, self._note = tuple(troubles), deeds, note
        if not self.working:
            self._show_facts()

    def begin_work(self) -> None:
        """It is being changed: it stays what it is until `end_work`, or until it is replaced."""
        self.working = True
        self.remove.set_name(tr("Stop changing {name}", name=self._name))
        self.show_progress(tr("Working…"), None)

    def end_work(self, remark: str = "") -> None:
        """It stays what it was; `remark` says why."""
        self.working = False
        self.remove.set_name(tr("Remove {name}", name=self._name))
        if remark:
            self._remarks = (remark,)
        self._show_facts()

    def show_refusal(self, sentence: str) -> None:
        self.refused, self._share = sentence, None
        self._icon = "warning"
        self._say((sentence,))

    def show_thumbnail(self, image: QImage) -> None:
        self.thumbnail = image
        self.update()

    def set_widest_px(self, widest_px: int) -> None:
        """How wide it may become."""
        widest_px = max(LEAST_CHIP_PX, min(LARGEST_TOLD_PX, widest_px))
        if widest_px != self._widest_px:
            self._widest_px = widest_px
            self._fit()

    def _show_facts(self) -> None:
        assert self.media is not None
        self._share = None
        facts = facts_of(self.media)
        told = tuple(trouble.sentence for trouble in self._troubles)
        if told:
            self._say((*told, *self._remarks), facts, self._note)
        else:
            self._say((facts, *self._remarks), self._note)

    def _say(self, lines: tuple[str, ...], *more: str) -> None:
        self._lines = tuple(filter(None, lines))
        extra = tuple(filter(None, more))
        self.setAccessibleName(", ".join((self._name, " ".join(self._lines)))
                               if self._lines else self._name)  # fmt: skip
        self.setAccessibleDescription(" ".join(extra))
        self.setToolTip(plain_tip("\n".join((self._name, *self._lines, *extra))))
        self.more.setVisible(self.media is not None and not self.working)
        self._fit()

    # Menu and keys

    def menu(self) -> QMenu:
        """What helps, what can be done anyway, and its place in the row."""
        menu = QMenu(self)
        said: set[str] = set()
        for trouble in self._troubles:
            if len(self._troubles) > 1:
                menu.addAction(_shortened(trouble.sentence)).setEnabled(False)
            self._fill(menu, trouble.deeds, said)
            menu.addSeparator()
        self._fill(menu, self._deeds, said)
        menu.addSeparator()
        theme = self.theme
        if self.among_others:
            left, right = tr("Move to the left"), tr("Move to the right")
            add_action(
                menu, theme, "chevron-left", left, lambda: self.stepRequested.emit(-1), "Alt+Left"
            )
            add_action(
                menu, theme, "chevron-right", right, lambda: self.stepRequested.emit(1), "Alt+Right"
            )
        add_action(menu, theme, "close", tr("Remove"), self.remove.click, "Del")
        if self.among_others:
            add_action(
                menu, theme, "trash", tr("Remove all attachments"), self.allRemoveRequested.emit
            )
        return menu

    def _fill(self, menu: QMenu, deeds: Deeds, said: set[str]) -> None:
        """Add rows; what helps against several troubles stands there once."""
        for deed in deeds:
            if deed.words in said:
                continue
            said.add(deed.words)
            action = menu.addAction(deed.words.replace("&", "&&"))
            action.triggered.connect(lambda _=False, act=deed.act: act())
            if deed.checked is not None:
                action.setCheckable(True)
                action.setChecked(deed.checked)

    def _show_menu(self) -> None:
        menu = self.menu()
        show_menu(menu, self.more.mapToGlobal(QPoint(0, -menu.sizeHint().height() - SPACE.xs)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.media is not None and not self.working:
            self._show_menu()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        by = steps.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove.click()
        elif by is None:
            super().keyPressEvent(event)
        elif event.modifiers() & ALT:
            self.stepRequested.emit(by)
        else:
            self.focusStepRequested.emit(by)

    # Look

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.theme.font(TYPE.small))
        around = LEFT_PX + self._buttons_px() + 8
        told = self._wraps
        words = max(metrics.horizontalAdvance(text) for text in (self._name, *self._lines))
        largest = min(self._widest_px, LARGEST_TOLD_PX if told else LARGEST_CHIP_PX)
        width = min(largest, words + around + 2)
        if not told:
            return QSize(width, CHIP_PX)
        bottom = max((place.bottom() for place in self._places(width - around)), default=0)
        return QSize(width, max(CHIP_PX, bottom + 8))

    def _places(self, room_px: int) -> list[QRect]:
        """Where each line stands: sentences wrap, facts are cut."""
        metrics = QFontMetrics(self.theme.font(TYPE.small))
        places, top = [], UPPER_PX + LINE_PX
        for line in self._lines:
            tall = LINE_PX
            if self._wraps:
                flags = Qt.TextFlag.TextWordWrap
                box = metrics.boundingRect(QRect(0, 0, max(40, room_px), 10_000), flags, line)
                tall = max(LINE_PX, box.height() + 3)
            places.append(QRect(LEFT_PX, top, room_px, tall))
            top += tall
        return places

    @property
    def _wraps(self) -> bool:
        """Whether there are sentences on it."""
        return bool(self.refused or self._troubles or self._remarks)

    def _buttons_px(self) -> int:
        return SIDE_PX * (1 if self.more.isHidden() else 2)

    def _fit(self) -> None:
        before = self.size()
        self.setFixedSize(self.sizeHint())
        top = (CHIP_PX - SIDE_PX) // 2
        self.remove.move(self.width() - 31, top)
        self.more.move(self.width() - 31 - SIDE_PX, top)
        self.update()
        if self.size() != before:
            self.resized.emit()

    def _colors(self) -> tuple[str, str, str]:
        """Of its frame, its ground and its line."""
        if self.refused or self.blocked:
            return "danger", "danger_soft", "danger"
        if self._troubles:
            return "warning", "warning_soft", "warning"
        return "line", "raised", "muted"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(0.4 if self.dragged else 1.0)
        theme = self.theme
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        edge, ground, ink = self._colors()
        painter.setPen(QPen(theme.color(edge), 1))
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(frame, RADIUS.m, RADIUS.m)
        side = QRectF(UPPER_PX, UPPER_PX, THUMBNAIL_PX, THUMBNAIL_PX)
        self._paint_thumbnail(painter, side)
        self._paint_words(painter, ink)
        if self._share is not None:
            room = self.width() - LEFT_PX - self._buttons_px() - 8
            bar = QRectF(LEFT_PX, CHIP_PX - BAR_PX - 3, room * min(1.0, self._share), BAR_PX)
            painter.fillRect(bar, theme.color("accent"))
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), RADIUS.m, theme.color("accent"))

    def _paint_words(self, painter: QPainter, ink: str) -> None:
        theme = self.theme
        font = theme.font(TYPE.small)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        room = self.width() - LEFT_PX - self._buttons_px() - 8
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.color("text"))
        shown = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRect(LEFT_PX, UPPER_PX, room, LINE_PX), vertical, shown)
        painter.setPen(theme.color(ink))
        for place, line in zip(self._places(room), self._lines, strict=True):
            if self._wraps:
                painter.drawText(place, Qt.TextFlag.TextWordWrap, line)
            else:
                shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
                painter.drawText(place, vertical, shown)

    def _paint_thumbnail(self, painter: QPainter, side: QRectF) -> None:
        if self.thumbnail.isNull():
            color = self.theme.color(self._colors()[2])
            at: QPointF = side.center()
            paint_icon(painter, self._icon, at.x(), at.y(), 22, color)
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


def _shortened(sentence: str, longest: int = 70) -> str:
    return sentence if len(sentence) <= longest else sentence[: longest - 1].rstrip() + "…"
