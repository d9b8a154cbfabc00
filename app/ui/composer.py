"""The composer: the box below the chat with the field, attachments, effort, tokens, send and stop.

Invariant: it holds what is written and says what the person wants; sending, stopping and keeping
drafts is done by whoever listens. The same round button sends and, while an answer is written,
stops.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from app.domain.conversation import Conversation
from app.domain.message import Media, Part, Text
from app.domain.settings import Service
from app.i18n import tr
from app.ui.attachment_chips import AskThumbnail, AttachmentChips
from app.ui.buttons import IconButton, PillButton, RoundButton, paint_shadow
from app.ui.menus import show_menu
from app.ui.message_field import PAGE_KEYS, MessageField
from app.ui.question_size import QuestionSize, Sized
from app.ui.strip import Strip
from app.ui.theme import RADIUS, SPACE, Theme
from app.ui.tips import plain_tip

SHADOW_PX = 6
ROOM_FOR_SIZE_PX = 340
"""In a narrower window the size of the question is left out."""


class EffortButton(PillButton):
    """How much the model is to think, as a pill with a menu of the service's own words."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("Reasoning effort"))
        self._levels: tuple[str, ...] = ()
        self._level: str | None = None
        self.clicked.connect(self._show_menu)

    def set_levels(self, levels: tuple[str, ...], level: str | None) -> None:
        """The words of the service, lowest first; none hides the button."""
        self._levels, self._level = levels, level
        text = tr("Reasoning: {level}", level=level) if level else tr("Reasoning")
        self.set_look(icon_name="sparkle", text=text, soft=level is not None)
        self.set_name(tr("Reasoning effort: {level}", level=level or tr("not set")))
        self.setVisible(bool(levels))

    def menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for level in (None, *self._levels):
            action = QAction(level or tr("Not set (the model decides)"), menu, checkable=True)
            action.setChecked(level == self._level)
            action.triggered.connect(lambda _=False, level=level: self.chosen.emit(level))
            group.addAction(action)
            menu.addAction(action)
        return menu

    def _show_menu(self) -> None:
        menu = self.menu()
        show_menu(menu, self.mapToGlobal(QPoint(0, -menu.sizeHint().height() - SPACE.xs)))


class Composer(QWidget):
    """See the module. `changed` comes after each change of text or attachments by the person."""

    sendRequested = Signal(object)
    editSendRequested = Signal(str, object)
    stopRequested = Signal()
    pageTurned = Signal(object)
    """A page key that the field has no use for, as a `QKeyEvent`."""
    changed = Signal()
    editLastRequested = Signal()
    unqueueRequested = Signal()
    sendQueuedRequested = Signal()
    attachRequested = Signal()
    attachMenuRequested = Signal()
    heldBack = Signal(str, str, object)
    """Why nothing is sent; what helps, as the words and the deed of a button, where there is."""
    letGo = Signal(str)
    """The reason holds no longer: the attachments are others, or those of another chat."""

    def __init__(
        self, theme: Theme, ask_thumbnail: AskThumbnail, keys: Callable[[str], str]
    ) -> None:
        """`keys(action)` names the keys of an action, for tips."""
        super().__init__()
        self._theme = theme
        self._replying = False
        self._edited_id: str | None = None
        self._size = QuestionSize()
        self._conversation: Conversation | None = None
        self._service: Service | None = None
        self._before_edit: tuple[str, tuple[Media, ...]] = ("", ())
        self._telling = True
        self.field = MessageField(theme)
        self.chips = AttachmentChips(theme, ask_thumbnail)
        self._held_back = ""
        close = tr("Do not send the queued message")
        self.queued = Strip(theme, "clock", close, tr("Send it now"))
        self.edited = Strip(theme, "edit", tr("Stop editing"))
        self.crowded = Strip(theme, "warning", tr("Send everything all the same"))
        self.keyless = Strip(theme, "key", tr("Go on without a key"), tr("Enter key"))
        self.attach = IconButton(theme, "attach", tr("Attach"), keys("attach"), icon_px=19)
        self.effort = EffortButton(theme)
        self.tokens = QLabel()
        self.tokens.setProperty("kind", "caption")
        self.send = RoundButton(theme, tr("Send"), tr("Enter"))
        self._build()
        self._connect()
        self._follow_text_size()
        self._show_state()

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(SPACE.s)
        buttons.addWidget(self.attach)
        buttons.addWidget(self.effort)
        buttons.addStretch(1)
        buttons.addWidget(self.tokens)
        buttons.addSpacing(SPACE.s)
        buttons.addWidget(self.send)

        field = QHBoxLayout()
        field.setContentsMargins(2, SPACE.s - 2, 2, SPACE.s - 2)
        field.addWidget(self.field)

        inside = QVBoxLayout()
        inside.setSpacing(0)
        for strip in (self.keyless, self.crowded, self.queued, self.edited, self.chips):
            inside.addWidget(strip)
        inside.addLayout(field)
        inside.addLayout(buttons)

        self._box = QWidget()
        self._box.setLayout(inside)
        inside.setContentsMargins(SPACE.m, SPACE.m - 2, SPACE.m - 2, SPACE.s - 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.l, SHADOW_PX, SPACE.l, SPACE.l)
        row.addStretch(1)
        row.addWidget(self._box, 1000)
        row.addStretch(1)
        self.setTabOrder(self.field, self.send)
        self.setTabOrder(self.send, self.attach)
        self.setTabOrder(self.attach, self.effort)

    def _follow_text_size(self) -> None:
        """The box is as wide as the column above it, and its text as large."""
        self._box.setMaximumWidth(self._theme.column_px + 32)
        font = self._theme.font(self._theme.text_px)
        if self.field.font() != font:
            self.field.setFont(font)
            # What stands in an empty field is painted with this one.
            self.field.viewport().setFont(font)

    def _connect(self) -> None:
        self._theme.changed.connect(self._follow_text_size)
        self.field.sendRequested.connect(self._on_send_requested)
        self.field.editLastRequested.connect(self.editLastRequested)
        self.field.textChanged.connect(self._on_changed)
        self.field.focusChanged.connect(self.update)
        self.chips.changed.connect(self._on_changed)
        self.chips.shownAnew.connect(self._let_go)
        self.send.clicked.connect(self._on_button_clicked)
        self.attach.clicked.connect(self.attachMenuRequested)
        self.queued.closed.connect(self.unqueueRequested)
        self.queued.action.clicked.connect(self.sendQueuedRequested)
        self.edited.closed.connect(self.end_edit)

    # What is written

    @property
    def text(self) -> str:
        return self.field.toPlainText()

    @property
    def media(self) -> tuple[Media, ...]:
        return self.chips.media

    @property
    def editing(self) -> bool:
        """Whether an earlier message is being rewritten; its text is no draft."""
        return self._edited_id is not None

    def set_unsent(self, text: str, media: tuple[Media, ...]) -> None:
        """Show another chat's draft, without telling `changed`."""
        self._telling = False
        self._edited_id = None
        self.edited.say(None)
        if text != self.text:
            self.field.set_text(text)
        self.chips.set_media(media)
        self._telling = True
        self._show_state()

    def begin_edit(self, message_id: str, text: str, media: tuple[Media, ...]) -> None:
        """Put an own earlier message into the field; sending makes a new branch of it."""
        if not self.editing:
            self._before_edit = (self.text, self.media)
        self.set_unsent(text, media)
        self._edited_id = message_id
        self.edited.say(tr("Editing an earlier message. It stays as a version."))
        self._show_state()
        self.field.setFocus()

    def end_edit(self) -> None:
        """Go back to what was being written before."""
        if self.editing:
            text, media = self._before_edit
            self.set_unsent(text, media)
            self.field.setFocus()

    @property
    def media_put_aside(self) -> tuple[Media, ...]:
        """What was attached before an earlier message was taken up, and comes back after it."""
        return self._before_edit[1]

    def parts(self) -> tuple[Part, ...]:
        """What would be sent: attachments first, then the text."""
        text = self.text.strip()
        return (*self.media, Text(text)) if text else self.media

    # What the chat says

    def set_replying(self, replying: bool) -> None:
        self._replying = replying
        self.queued.action.setVisible(not replying)
        self._show_state()

    def set_queued(self, text: str | None) -> None:
        """The question that waits for the end of an answer, or that a stop has held back."""
        self.queued.say(None if text is None else tr("Next: {message}", message=text))
        self.queued.action.setVisible(not self._replying)

    def set_placeholder(self, text: str) -> None:
        if text != self.field.placeholderText():
            self.field.setPlaceholderText(text)
            self.field.viewport().update()  # Qt repaints the caret's place only

    def set_history(self, conversation: Conversation, service: Service) -> None:
        """What goes along with the next question, and to whom, for the estimate of its size."""
        if conversation is self._conversation and service is self._service:
            return  # it is told at every key
        self._conversation, self._service = conversation, service
        self._show_size()

    def set_largest_field_px(self, largest_px: int) -> None:
        self.field.set_largest_px(largest_px)

    # What the person does

    def _on_changed(self) -> None:
        self._show_state()
        if self._telling:
            self.changed.emit()

    def _on_button_clicked(self) -> None:
        if self._replying:
            self.stopRequested.emit()
        else:
            self._on_send_requested()

    def _on_send_requested(self) -> None:
        if self.chips.busy:
            words = tr("Something is still being attached. Wait for it, or remove it, then send.")
            self._hold_back(words, None)
            return
        parts = self.parts()
        if not parts:
            return
        chip = self.chips.blocked
        if chip is not None:
            self.chips.ensureWidgetVisible(chip)
            name = " ".join(chip.media.name.split()) if chip.media is not None else ""

            def offer() -> None:
                if chip in self.chips.shown:
                    chip.setFocus(Qt.FocusReason.OtherFocusReason)
                    chip.more.click()

            self._hold_back(tr("{name}: {trouble}", name=name, trouble=chip.trouble), offer)
            return
        self.chips.clear_refusals()
        edited = self._edited_id
        before = self._before_edit if edited else ("", ())
        self.set_unsent(*before)
        if edited is not None:
            self.editSendRequested.emit(edited, parts)
        else:
            self.sendRequested.emit(parts)

    def _hold_back(self, words: str, offer: Callable[[], None] | None) -> None:
        """Say why nothing is sent; `offer` shows what helps."""
        self._held_back = words
        self.heldBack.emit(words, tr("What helps…"), offer)

    def _let_go(self) -> None:
        if self._held_back:
            self.letGo.emit(self._held_back)
            self._held_back = ""

    def _show_size(self) -> None:
        sized = Sized()
        if self._conversation is not None:
            sized = self._size.of(self._conversation, self.parts(), self._service)
        self.tokens.setText(sized.words)
        self.tokens.setToolTip(plain_tip(sized.details))
        self.tokens.setAccessibleDescription(sized.details)
        kind = "warning" if sized.too_large else "caption"
        if self.tokens.property("kind") != kind:
            self.tokens.setProperty("kind", kind)
            self.tokens.style().polish(self.tokens)

    def _show_state(self) -> None:
        self._show_size()
        if self._replying:
            self.send.set_icon("stop")
            self.send.set_name(tr("Stop"), tr("Esc"))
            self.send.setEnabled(True)
        else:
            self.send.set_icon("send")
            keys = tr("Enter") if self.field.send_with_enter else tr("Shift+Enter")
            self.send.set_name(tr("Send"), keys)
            self.send.setEnabled(bool(self.text.strip() or self.media))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in PAGE_KEYS:
            self.pageTurned.emit(event)
        elif event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.editing:
            self.end_edit()
        elif self._replying:
            self.stopRequested.emit()
        else:
            event.ignore()

    # Look

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.tokens.setVisible(self.width() >= ROOM_FOR_SIZE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        box = QRectF(self._box.geometry())
        paint_shadow(painter, box, RADIUS.l, SHADOW_PX)
        focused = self.field.hasFocus()
        painter.setPen(QPen(theme.color("accent" if focused else "control_border"), 1))
        painter.setBrush(theme.color("raised" if theme.dark else "window"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.l, RADIUS.l)
