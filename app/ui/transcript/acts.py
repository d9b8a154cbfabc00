"""What the controls over the transcript do: copy, fold, wrap, save, and what others carry out.

Invariant: what concerns the chat leaves as a signal with the message's id; the rest is done here.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.advice import Action
from app.domain.message import Message, Role
from app.i18n import tr
from app.ui.saving import offer_to_save, text_writer
from app.ui.transcript.copying import copied, copied_message, selected_text
from app.ui.transcript.feed import Feed
from app.ui.transcript.folding import Folding
from app.ui.transcript.gallery import Gallery
from app.ui.transcript.inlines import FOOTNOTE_SCHEME
from app.ui.transcript.selection import Selection
from app.ui.transcript.units.base import Act, Control, Unit
from app.ui.transcript.units.code import CodeUnit

FOOTNOTE_FROM_TOP_PX = 80


class Acts(QObject):
    """Carries out controls. `changed`: lay out again."""

    changed = Signal()
    regenerateRequested = Signal(str)
    editRequested = Signal(str)
    versionSelected = Signal(str)
    adviceTaken = Signal(str, object, str)
    linkActivated = Signal(str)
    quoteRequested = Signal(str)
    branchRequested = Signal(str)
    leaveOutRequested = Signal(str)
    mediaLeftOut = Signal(str, int, bool)
    menuRequested = Signal(object, QPoint)
    """The menu of a message, at a place on the screen."""

    def __init__(self, feed: Feed, selection: Selection, folding: Folding, parent: QWidget) -> None:
        super().__init__(parent)
        self._feed = feed
        self._selection = selection
        self._folding = folding
        self._parent = parent
        self.gallery = Gallery(feed, parent)

    def do(self, number: int, row_number: int, control: object, at: QPoint) -> None:
        """`at` is where a menu opens, on the screen."""
        assert isinstance(control, Control)
        item = self._feed.layout.items.get(number)
        if item is None or row_number >= len(item.rows):
            return
        unit = item.rows[row_number].built()
        message = item.message
        match control.act:
            case Act.COPY:
                self.copy_message(message)
            case Act.COPY_CODE:
                self.copy_text(unit.whole())
            case Act.SAVE_CODE:
                write = text_writer(unit.whole())
                offer_to_save(tr("Save code"), control.value, write, self._parent)
            case Act.WRAP:
                self._wrap(number, row_number, unit)
            case Act.DRAW:
                self._draw(number, row_number, unit)
            case Act.OPEN_DRAWING:
                self.gallery.open_drawing(unit)
            case Act.TOGGLE:
                self._folding.toggle(self._feed, number, row_number)
            case Act.DETAILS:
                self._feed.layout.hold(number, row_number)
                self._feed.around.choices.toggle_details(message.id)
                item.renew_tail()
                self.changed.emit()
            case Act.OLDER | Act.NEWER:
                versions = item.setting.versions
                other = versions.older if control.act is Act.OLDER else versions.newer
                if other is not None:
                    self.versionSelected.emit(other)
            case Act.REGENERATE:
                self.regenerateRequested.emit(message.id)
            case Act.EDIT:
                self.editRequested.emit(message.id)
            case Act.ADVICE:
                self.adviceTaken.emit(message.id, Action(control.value), control.link)
            case Act.SEND_AGAIN:
                self.leaveOutRequested.emit("")
            case Act.LINK:
                self.follow_link(number, control.value)
            case Act.MORE:
                self.menuRequested.emit(message, at)
            case Act.LOAD:
                self._feed.around.remote.press(control.value)
            case Act.MEDIA:
                self.gallery.open_shown(message, unit, int(control.key))

    def follow_link(self, number: int, address: str) -> None:
        """Go to a footnote of the message, or tell that an address was chosen."""
        if not address.startswith(FOOTNOTE_SCHEME):
            self.linkActivated.emit(address)
            return
        item = self._feed.layout.whole_item(number)
        row = item.footnote_row(address.removeprefix(FOOTNOTE_SCHEME))
        if row is not None:
            self._feed.layout.show(number, row, -FOOTNOTE_FROM_TOP_PX)
            self.changed.emit()

    def copy_selection(self) -> bool:
        """Copy the selection in all its forms; whether there is one."""
        if self._selection.is_empty:
            return False
        self._copy(copied(self._feed.layout, self._selection))
        return True

    def selected_words(self) -> str:
        """The plain text of the selection."""
        return selected_text(self._feed.layout, self._selection)

    def copy_last_answer(self) -> bool:
        for message in reversed(self._feed.messages):
            if message.role is Role.ASSISTANT and message.text:
                self.copy_message(message)
                return True
        return False

    def copy_message(self, message: Message) -> None:
        """Copy a whole message in all its forms."""
        self._copy(copied_message(message))

    def drag(self, number: int, row_number: int, control: object) -> None:
        """Let an attachment be dropped elsewhere."""
        assert isinstance(control, Control)
        item = self._feed.layout.items.get(number)
        if item is not None and row_number < len(item.rows) and control.act is Act.MEDIA:
            self.gallery.drag(item.message, item.rows[row_number].built(), int(control.key))

    def _wrap(self, number: int, row_number: int, unit: Unit) -> None:
        if isinstance(unit, CodeUnit):
            self._feed.around.choices.set_wrapped(unit.key, not unit.wrap)
            self._feed.layout.hold(number, row_number)
            self._feed.layout.item(number).rows[row_number].mark_stale()
            self.changed.emit()

    def _draw(self, number: int, row_number: int, unit: Unit) -> None:
        if isinstance(unit, CodeUnit):
            self._feed.around.choices.toggle_drawn(unit.key)
            self._feed.layout.hold(number, row_number)
            self._feed.layout.item(number).rows[row_number].mark_stale()
            self.changed.emit()

    def _copy(self, mime: QMimeData) -> None:
        QGuiApplication.clipboard().setMimeData(mime)

    def copy_text(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
