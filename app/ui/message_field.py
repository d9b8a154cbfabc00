"""The field a person writes in: it grows with its text, and its Enter key can be trusted.

Invariant: Enter never sends while an input method is composing; only plain text comes in; pasted
pictures and files are handed on, not inserted. Knows no chat.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QDropEvent,
    QFocusEvent,
    QFontMetrics,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from app.i18n import tr
from app.ui.offered import accept_copy, could_be_attached, is_meant_as_text, text_in
from app.ui.theme import TYPE, Theme

ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
PAGE_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
MARGIN_PX = 2
"""Room for the caret before the first letter."""


class MessageField(QPlainTextEdit):
    """`heightChanged` asks for a new layout; `editLastRequested` is Up in an empty field."""

    sendRequested = Signal()
    editLastRequested = Signal()
    heightChanged = Signal()
    mimePasted = Signal(object)
    textPasted = Signal(str, object)
    """The text, and a `QTextCursor` that has it selected and follows it."""
    focusChanged = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.send_with_enter = True
        self.largest_px = 240
        self._composing = False
        self._wanted_px = 0
        self._fits = True
        self.setProperty("kind", "plain")
        self.setAccessibleName(tr("Message"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setFont(theme.font(TYPE.body))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(MARGIN_PX)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.textChanged.connect(self._follow_direction)
        self._fit()

    @property
    def composing(self) -> bool:
        """Whether an input method shows text that is not part of the message yet."""
        return self._composing

    def set_text(self, text: str) -> None:
        """Replace the text without a step to undo to, with the caret at its end."""
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def add_text(self, text: str) -> None:
        """Insert at the caret as one step that can be undone."""
        self.textCursor().insertText(text)

    def quote(self, words: str) -> None:
        """Put `words` behind the text as a quotation, with the caret below it."""
        quoted = "".join(f"> {line}\n" for line in words.strip().splitlines())
        gap = "\n" if self.toPlainText().strip() else ""
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.add_text(f"{gap}{quoted}\n")
        self.setFocus()

    def set_largest_px(self, largest_px: int) -> None:
        """How high the field may grow before it scrolls."""
        if largest_px != self.largest_px:
            self.largest_px = largest_px
            self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self._wanted_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._wanted_px)

    def _full_px(self) -> int:
        """How high all of the text is. Counted to a few lines more than are ever shown."""
        edge = 2 * int(self.document().documentMargin())
        line_px = QFontMetrics(self.font()).lineSpacing()
        total = 0.0
        block = self.document().begin()
        while block.isValid() and total <= self.largest_px:
            total += self.blockBoundingRect(block).height()
            block = block.next()
        return max(line_px, ceil(total)) + edge

    def _fit(self) -> None:
        full_px = self._full_px()
        wanted = min(full_px, max(self.largest_px, QFontMetrics(self.font()).lineSpacing() + 2))
        policy = Qt.ScrollBarPolicy
        self._fits = full_px <= wanted
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOff if self._fits else policy.ScrollBarAsNeeded
        )
        if wanted != self._wanted_px:
            self._wanted_px = wanted
            self.setFixedHeight(wanted)
            self.heightChanged.emit()

    def _follow_direction(self) -> None:
        """What begins in Arabic or Hebrew stands at the right; Qt turns its words alone."""
        rightward = self.document().firstBlock().textDirection() == Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if rightward else Qt.AlignmentFlag.AlignLeft
        option = self.document().defaultTextOption()
        if option.alignment() != side:
            option.setAlignment(side)
            self.document().setDefaultTextOption(option)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:  # the caret was brought into sight while the field was still smaller
            self.verticalScrollBar().setValue(0)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER_KEYS and not self._composing:
            breaks = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            asks = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if asks or breaks != self.send_with_enter:
                self.sendRequested.emit()
                return
            self.insertPlainText("\n")
            self.ensureCursorVisible()
            return
        if event.key() == Qt.Key.Key_Escape and not self._composing:
            event.ignore()
            return
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if event.key() in PAGE_KEYS and plain and self._fits:
            event.ignore()  # there is nothing to turn here: it is meant for the chat
            return
        if event.key() == Qt.Key.Key_Up and plain and self.document().isEmpty():
            self.editLastRequested.emit()
            return
        super().keyPressEvent(event)

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether a key that came to nobody writes or pastes; then the field has the focus."""
        takes = is_writing(event) or event.matches(QKeySequence.StandardKey.Paste)
        if takes:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.keyPressEvent(event)
        return takes

    def take_early(self, keys: Iterable[QKeyEvent]) -> None:
        """Write what was typed before the field was there: characters, blanks, corrections."""
        for key in keys:
            if is_writing(key) or key.key() in (Qt.Key.Key_Space, Qt.Key.Key_Backspace):
                self.keyPressEvent(key)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focusChanged.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._composing = False
        self.focusChanged.emit(False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    # Pasting

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return could_be_attached(source) or source.hasText() or source.hasHtml()

    def insertFromMimeData(self, source: QMimeData) -> None:
        if is_meant_as_text(source):
            self.paste_text(text_in(source))
        elif source.formats():
            self.mimePasted.emit(source)

    def dropEvent(self, event: QDropEvent) -> None:
        super().dropEvent(event)
        if event.source() is None and event.isAccepted():
            accept_copy(event)
        self.setFocus(Qt.FocusReason.MouseFocusReason)  # one goes on to write

    def paste_text(self, text: str) -> None:
        """Insert at the caret what was pasted or dropped."""
        start = self.textCursor().selectionStart()
        self.add_text(text)
        place = self.textCursor()
        place.setPosition(start, QTextCursor.MoveMode.KeepAnchor)
        self.textPasted.emit(text, place)


def is_writing(event: QKeyEvent) -> bool:
    """Whether a key makes a character, other than a blank."""
    held = event.modifiers() & ~(
        Qt.KeyboardModifier.ShiftModifier
        | Qt.KeyboardModifier.KeypadModifier
        | Qt.KeyboardModifier.GroupSwitchModifier
    )
    text = event.text()
    return bool(text.strip()) and text.isprintable() and not held
