"""One chat on the screen: header, find bar, transcript or welcome, composer.

Invariant: it draws the chat it was given and calls its methods; nothing of a chat is kept here,
and what is typed goes to the chat at once. What concerns more than this chat is told outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.chat import Chat
from app.domain.message import Media, Message, Role, Text
from app.domain.settings import Form, Service
from app.i18n import tr
from app.reply import Change, ReplyState
from app.ui.chat_deeds import ChatDeeds
from app.ui.composer import Composer
from app.ui.find_bar import FindBar
from app.ui.header import Header
from app.ui.theme import Theme
from app.ui.welcome import Starter, Welcome

if TYPE_CHECKING:
    from app.ui.transcript.view import TranscriptView

MOST_FIND_CHARS = 100


class ChatPage(QWidget):
    """`deeds` does what the transcript's controls ask for; the window listens to its signals."""

    metaShown = Signal()
    """Service, model and what is not sent yet may be others than before."""

    def __init__(
        self,
        theme: Theme,
        chat: Chat,
        make_transcript: Callable[[], TranscriptView],
        composer: Composer,
        model_name: Callable[[Service, str], str],
        keys: Callable[[str], str],
    ) -> None:
        """`make_transcript` is called when there is something to show in it, or just before.

        `model_name` is what to call a model; `keys(action)` names the keys of an action, for tips.
        """
        super().__init__()
        self.chat = chat
        self._unsubscribe: Callable[[], None] = lambda: None
        self.deeds = ChatDeeds(chat, self)
        self.header = Header(theme, keys)
        self.find_bar = FindBar(theme)
        self.welcome = Welcome(theme)
        self.composer = composer
        self._make_transcript = make_transcript
        self._model_name = model_name
        self._transcript: TranscriptView | None = None
        self.content = QStackedWidget()
        self.content.addWidget(self.welcome)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.find_bar)
        column.addWidget(self.content, 1)
        column.addWidget(composer)
        self._connect()
        self.show_chat(chat)

    def _connect(self) -> None:
        composer, find_bar = self.composer, self.find_bar
        composer.sendRequested.connect(self._on_send_requested)
        composer.editSendRequested.connect(self._on_edit_send_requested)
        composer.stopRequested.connect(self.stop)
        composer.unqueueRequested.connect(lambda: self.chat.unqueue())
        composer.sendQueuedRequested.connect(lambda: self.chat.send_queued())
        composer.pageTurned.connect(lambda key: self.transcript.gestures.key(key))
        composer.changed.connect(self._on_composer_changed)
        composer.editLastRequested.connect(self.deeds.edit_last)
        composer.effort.chosen.connect(self._on_effort_chosen)
        self.deeds.editRequested.connect(self._on_edit_requested)
        find_bar.wordsChanged.connect(lambda words: self.transcript.find_words(words))
        find_bar.stepRequested.connect(lambda by: self.transcript.find_step(by))
        find_bar.closed.connect(self._on_find_closed)
        self.welcome.starterChosen.connect(self._on_starter_chosen)
        self.welcome.demoRequested.connect(self._on_demo_requested)

    @property
    def transcript(self) -> TranscriptView:
        """Made at its first use: an empty chat, and so the first start, does without."""
        if self._transcript is None:
            self._transcript = self._make_transcript()
            self._connect_transcript(self._transcript)
            self.content.addWidget(self._transcript)
            self.setTabOrder(self.find_bar.close_button, self._transcript)
            self._transcript.set_chat(self.chat)
        return self._transcript

    def _connect_transcript(self, transcript: TranscriptView) -> None:
        deeds = self.deeds
        transcript.regenerateRequested.connect(lambda message: self.chat.regenerate(message))
        transcript.versionSelected.connect(lambda message: self.chat.select(message))
        transcript.editRequested.connect(deeds.edit)
        transcript.adviceTaken.connect(deeds.advise)
        transcript.linkActivated.connect(deeds.linkRequested)
        transcript.leaveOutRequested.connect(deeds.leave_out)
        transcript.branchRequested.connect(deeds.branchRequested)
        transcript.mediaLeftOut.connect(deeds.leave_out_media)
        transcript.quoteRequested.connect(self.composer.field.quote)
        transcript.findChanged.connect(self.find_bar.show_count)

    # What is shown

    def show_chat(self, chat: Chat) -> None:
        """Show another chat; what is typed stays with the one before."""
        self._unsubscribe()
        self.chat = self.deeds.chat = chat
        self._unsubscribe = chat.subscribe(self._on_chat_changed)
        self.find_bar.hide()
        self.composer.chips.set_place(chat.id)
        self.composer.set_unsent(chat.unsent.text, media_of(chat))
        if self._transcript is not None:
            self._transcript.set_chat(chat)
        self._show_state()
        self._show_tree()

    def refresh(self) -> None:
        """Draw again what follows the settings."""
        self._show_meta()

    def leave(self) -> None:
        """Let go of the chat; the page is not used any more."""
        self._unsubscribe()
        self._unsubscribe = lambda: None
        if self._transcript is not None:
            self._transcript.set_chat(None)

    def focus_composer(self) -> None:
        self.composer.field.setFocus()

    def stop(self) -> None:
        self.chat.stop()

    def open_find(self) -> None:
        """Open the find bar, with the selected words if they are few."""
        if self.chat.conversation.messages:
            words = self.transcript.selected_words()
            self.find_bar.open_bar("" if len(words) > MOST_FIND_CHARS or "\n" in words else words)

    def copy_last_answer(self) -> None:
        """Put the last answer on the clipboard."""
        self.transcript.copy_last_answer()

    def show_message(self, message_id: str, words: str = "") -> None:
        """Bring a message into sight, on the shown line of versions or on its own."""
        if message_id not in self.chat.conversation.messages:
            return
        if not self.chat.conversation.shows(message_id):
            self.chat.select(message_id)
        self.transcript.show_message(message_id, words)

    def _on_chat_changed(self, change: Change) -> None:
        match change:
            case Change.TREE:
                self._show_tree()
            case Change.STATE:
                self._show_state()
            case Change.META:
                self._show_meta()
            case Change.DRAFT:
                pass  # the transcript sees to it

    def _show_tree(self) -> None:
        conversation = self.chat.conversation
        empty = not conversation.messages
        self.content.setCurrentWidget(self.welcome if empty else self.transcript)
        self._show_meta()

    def _show_state(self) -> None:
        state = self.chat.state
        self.composer.set_replying(state is not ReplyState.IDLE)
        self._show_placeholder()

    def _show_meta(self) -> None:
        chat = self.chat
        service, sampling = chat.service, chat.sampling
        self.composer.set_history(chat.conversation, service)
        self.header.set_title(chat.conversation.title or tr("New chat"))
        demo = service.form is Form.DEMO
        if demo:
            self.header.set_model(tr("Demo"), tr("Offline"))
        else:
            name = self._model_name(service, sampling.model or "")
            self.header.set_model(name, service.name)
        levels = () if service.reasoning_control == "none" else service.effort_levels
        self.composer.effort.set_levels(levels, sampling.effort)
        queued = chat.queued
        words = "".join(part.text for part in queued or () if isinstance(part, Text))
        self.composer.set_queued(None if queued is None else words or tr("Attachments"))
        if not self.composer.editing:
            self.composer.set_unsent(chat.unsent.text, media_of(chat))
        sentence = tr("You are using the offline demo model. Add a key to talk to Gemini.")
        self.welcome.set_service(sentence if demo else "", newcomer=demo)
        self._show_placeholder()
        self.metaShown.emit()

    def _show_placeholder(self) -> None:
        service = self.chat.service
        demo = service.form is Form.DEMO
        model = self._model_name(service, self.chat.sampling.model or "")
        name = tr("Demo") if demo else model or service.name
        if self.chat.state is ReplyState.KEYRING:
            text = tr("Waiting for your keyring. Unlock it to go on…")
        elif self.chat.conversation.messages:
            text = tr("Reply to {name}…", name=name)
        else:
            text = tr("Message {name}…", name=name)
        self.composer.set_placeholder(text)

    # What the person does

    def _on_send_requested(self, parts: object) -> None:
        assert isinstance(parts, tuple)
        self.chat.send(parts)
        self.transcript.scroll_to_end(soon=True)

    def _on_edit_send_requested(self, message_id: str, parts: object) -> None:
        assert isinstance(parts, tuple)
        self.chat.edit(message_id, parts)
        self.transcript.scroll_to_end(soon=True)

    def _on_composer_changed(self) -> None:
        if not self.composer.editing:
            self.chat.set_unsent(self.composer.text, self.composer.media)

    def _on_effort_chosen(self, level: object) -> None:
        own = self.chat.conversation.sampling
        self.chat.set_sampling(replace(own, effort=None if level is None else str(level)))

    def _on_edit_requested(self, message: object) -> None:
        assert isinstance(message, Message)
        if message.role is Role.USER:
            self.composer.begin_edit(message.id, message.text, message.media)

    def _on_find_closed(self) -> None:
        self.transcript.find_words("")
        self.focus_composer()

    def _on_starter_chosen(self, starter: object) -> None:
        assert isinstance(starter, Starter)
        if starter.text:
            self.composer.field.set_text(starter.text)
            self.focus_composer()
        else:
            self.composer.attachRequested.emit()

    def _on_demo_requested(self) -> None:
        self.chat.send((Text(tr("Show me what you can do.")),))
        self.focus_composer()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.composer.set_largest_field_px(self.height() // 3)


def media_of(chat: Chat) -> tuple[Media, ...]:
    """The attachments of what is not sent yet."""
    return tuple(part for part in chat.unsent.parts if isinstance(part, Media))
