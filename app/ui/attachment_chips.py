"""The attachments of a message that is being written, in a row: a chip each, in an order that can
be changed.

Invariant: what is still being taken in, and what was refused, belongs to the chat in which it began
(`set_place`); the rest is what the composer shows. The row scrolls sideways where there is more
than fits. Makes and stores nothing: thumbnails are asked for and come in later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from app.domain.message import Media
from app.i18n import tr
from app.ui.attachment_chip import CHIP_PX, AttachmentChip, Origin
from app.ui.chip_drag import ChipDrag
from app.ui.in_use import InUse
from app.ui.notices import announce
from app.ui.theme import SPACE, Theme

BAR_ROOM_PX = 14
"""What the scroll bar takes of the height, where there is one."""

AskThumbnail = Callable[[Media, Callable[[QImage], None]], None]


class AttachmentChips(QScrollArea):
    """The chips in a row that scrolls sideways. Hidden while there is none."""

    changed = Signal()
    opened = Signal(object)
    """The chip of an attachment that is to be looked at."""
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
        self._drag = ChipDrag(theme, self, lambda: self.shown, self.move_chip)
        self.setAccessibleName(tr("Attachments"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        InUse(self, lambda: _media_in_use(self._chips))
        self.hide()

    @property
    def shown(self) -> tuple[AttachmentChip, ...]:
        """The chips of the chat that is shown, in order."""
        return tuple(chip for chip in self._chips if chip.place == self._place)

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(chip.media for chip in self._chips if chip.media is not None)

    @property
    def blocked(self) -> AttachmentChip | None:
        """The first chip that cannot be sent as it is."""
        return next((chip for chip in self.shown if chip.blocked), None)

    @property
    def busy(self) -> bool:
        """Whether something of the chat that is shown is still being taken in."""
        return any(chip.busy for chip in self.shown)

    def set_place(self, place: str) -> None:
        """Show what is being taken in, and was refused, in this chat. Its attachments follow."""
        if place != self._place:
            self._place = place
            self._remove(chip for chip in self._chips if chip.media is not None)
            self._show()

    def set_media(self, media: tuple[Media, ...]) -> None:
        """Show exactly these attachments, without telling `changed`. It is told at every key."""
        if media == self.media:
            return
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
        self,
        chip: AttachmentChip,
        media: tuple[Media, ...],
        remarks: tuple[str, ...] = (),
        origin: Origin | None = None,
    ) -> None:
        """Put what became of it in the place of a chip."""
        at = self._chips.index(chip)
        focused = chip.hasFocus()
        self._remove((chip,))
        for offset, one in enumerate(media):
            made = self._append(one.name, at + offset)
            made.origin = origin
            made.show_media(one, remarks)
            self._want_thumbnail(made)
            if focused and offset == 0:
                made.setFocus()
        self._show()
        self.changed.emit()

    def put_back(self, origin: Origin) -> None:
        """Put what was changed in the place of all that was made of it."""
        made = [chip for chip in self.shown if chip.origin is origin]
        if made:
            self._remove(made[1:])
            self.settle(made[0], (origin.media,))

    def correct(self, chip: AttachmentChip, media: Media) -> None:
        """The same attachment, of which more is known or another part is meant."""
        if chip in self._chips and chip.media != media:
            chip.show_media(media)
            self._show()
            self.changed.emit()

    def move_chip(self, chip: AttachmentChip, at: int) -> None:
        """Put `chip` before the `at`-th of the others that are shown."""
        others = [each for each in self.shown if each is not chip]
        before = self.shown
        self._chips.remove(chip)
        at = min(max(at, 0), len(others))
        to = self._chips.index(others[at]) if at < len(others) else len(self._chips)
        self._chips.insert(to, chip)
        self._row.removeWidget(chip)
        self._row.insertWidget(to, chip, 0, Qt.AlignmentFlag.AlignTop)
        if self.shown == before:
            return
        _let_tab_walk(self.shown)
        self._bring_into_sight(chip)
        place = tr("{at} of {count}", at=at + 1, count=len(others) + 1)
        announce(chip, f"{chip.accessibleName()}, {place}")
        self.shownAnew.emit()
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
        chip.set_widest_px(self.viewport().width())
        chip.remove.clicked.connect(lambda: self._on_removed(chip))
        chip.clicked.connect(lambda: self.opened.emit(chip))
        chip.allRemoveRequested.connect(self._on_all_remove_requested)
        chip.stepRequested.connect(lambda by: self._step(chip, by, moves=True))
        chip.focusStepRequested.connect(lambda by: self._step(chip, by, moves=False))
        chip.resized.connect(self._fit)
        chip.installEventFilter(self)
        self._drag.watch(chip)
        at = len(self._chips) if at is None else at
        self._chips.insert(at, chip)
        self._row.insertWidget(at, chip, 0, Qt.AlignmentFlag.AlignTop)
        return chip

    def _want_thumbnail(self, chip: AttachmentChip) -> None:
        def show(image: QImage) -> None:
            if chip in self._chips:
                chip.show_thumbnail(image)

        if chip.media is not None:
            self._ask_thumbnail(chip.media, show)

    def _on_removed(self, chip: AttachmentChip) -> None:
        """The cross: it stops what is being done with an attachment, or takes it away."""
        chip.cancel()
        if chip.working:
            chip.end_work(tr("Stopped. It is as it was."))
            return
        focused = chip.hasFocus()
        shown = self.shown
        at = shown.index(chip) if chip in shown else 0
        self._remove((chip,))
        self._show()
        left = self.shown
        if focused and left:
            left[min(at, len(left) - 1)].setFocus()
        elif focused:
            self.focusNextPrevChild(True)
        self.changed.emit()

    def _on_all_remove_requested(self) -> None:
        for chip in self.shown:
            chip.cancel()
        self._remove(self.shown)
        self._show()
        self.changed.emit()

    def _step(self, chip: AttachmentChip, by: int, *, moves: bool) -> None:
        """Bring the chip, or only the keyboard, so many places further."""
        shown = self.shown
        at = shown.index(chip) + by
        if not 0 <= at < len(shown):
            return
        if moves:
            self.move_chip(chip, at)
        else:
            shown[at].setFocus(Qt.FocusReason.TabFocusReason)

    def _show(self) -> None:
        more = len(self.shown) > sum(not chip.isHidden() for chip in self._chips)
        for chip in self._chips:
            chip.setVisible(chip.place == self._place)
            chip.among_others = len(self.shown) > 1
            chip.raise_()  # a screen reader walks them in the order of their stack
        self.setVisible(bool(self.shown))
        _let_tab_walk(self.shown)
        self._fit()
        if more and self.shown:
            self._bring_into_sight(self.shown[-1])
        self.shownAnew.emit()

    def _remove(self, chips: Iterable[AttachmentChip]) -> None:
        for chip in tuple(chips):
            self._drag.forget(chip)
            self._chips.remove(chip)
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()

    # Look

    def _fit(self) -> None:
        """As high as its highest chip, and the scroll bar where there is one."""
        shown = self.shown
        tall = max((chip.height() for chip in shown), default=CHIP_PX)
        wide = sum(chip.width() + SPACE.s for chip in shown) - SPACE.s
        bar = BAR_ROOM_PX if wide > self.viewport().width() else 0
        if self.height() != tall + SPACE.s + bar:
            self.setFixedHeight(tall + SPACE.s + bar)

    def _bring_into_sight(self, chip: AttachmentChip) -> None:
        self._row.activate()
        content = self.widget()
        if content is not None:
            content.resize(content.sizeHint().expandedTo(self.viewport().size()))
        self.ensureWidgetVisible(chip, SPACE.s, 0)

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for chip in self._chips:
            chip.set_widest_px(self.viewport().width())
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel that turns only up and down moves the row as well: it has no other way."""
        QApplication.sendEvent(self.horizontalScrollBar(), event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            by_key = event.reason() != Qt.FocusReason.MouseFocusReason
            if by_key and isinstance(watched, AttachmentChip):
                self.ensureWidgetVisible(watched, SPACE.s, 0)
        return super().eventFilter(watched, event)


def _let_tab_walk(chips: Sequence[AttachmentChip]) -> None:
    """The chips as they stand, each with its buttons."""
    way = [widget for chip in chips for widget in (chip, chip.more, chip.remove)]
    for before, after in pairwise(way):
        QWidget.setTabOrder(before, after)


def _media_in_use(chips: Iterable[AttachmentChip]) -> Iterator[Media]:
    """In all chats; what was changed can be put back, so that it is needed too."""
    for chip in chips:
        if chip.media is not None:
            yield chip.media
        if chip.origin is not None:
            yield chip.origin.media
