"""What the controls of a transcript, the cards under an answer and the keys do to the chat.

Invariant: each deed is one call on the chat, or a signal where it needs another part of the
window. Deeds on the last message find it in what is shown.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.advice import Action
from app.chat import Chat
from app.domain.message import Message, Role


class ChatDeeds(QObject):
    """`chat` is the one that is shown."""

    editRequested = Signal(object)
    modelRequested = Signal()
    optionsRequested = Signal(bool)
    """True: the output limit is what it is about."""
    serviceRequested = Signal(str)
    localRequested = Signal()
    linkRequested = Signal(str)

    def __init__(self, chat: Chat, parent: QObject) -> None:
        super().__init__(parent)
        self.chat = chat

    def last(self, role: Role) -> Message | None:
        """The last message of `role` that is shown."""
        path = self.chat.conversation.path()
        return next((message for message in reversed(path) if message.role is role), None)

    def edit_last(self) -> None:
        message = self.last(Role.USER)
        if message is not None:
            self.editRequested.emit(message)

    def edit(self, message_id: str) -> None:
        message = self.chat.conversation.messages.get(message_id)
        if message is not None:
            self.editRequested.emit(message)

    def regenerate_last(self) -> None:
        """Answer the last question again, also where it has no answer yet."""
        path = self.chat.conversation.path()
        if path:
            self.chat.regenerate(path[-1].id)

    def advise(self, message_id: str, action: Action, link: str = "") -> None:
        """Carry out what the card under an answer offers."""
        chat = self.chat
        match action:
            case Action.CONTINUE:
                chat.resume(message_id)
            case Action.RETRY:
                chat.retry(message_id)
            case Action.LEAVE_OUT_OLD_TURNS:
                self.leave_out_old_turns()
                chat.retry(message_id)
            case Action.SWITCH_MODEL:
                self.modelRequested.emit()
            case Action.OPEN_SETTINGS:
                self.serviceRequested.emit(chat.service.id)
            case Action.CHANGE_LIMIT:
                self.optionsRequested.emit(True)
            case Action.FIND_LOCAL_SERVERS:
                self.localRequested.emit()
            case Action.OPEN_BILLING:
                self.linkRequested.emit(link or chat.service.billing_url)
            case Action.RETRY_NOW:
                chat.retry_now()
            case Action.STOP:
                chat.stop()

    def leave_out_old_turns(self) -> None:
        """Send only the later half of the questions, with their answers, from now on."""
        conversation = self.chat.conversation
        path = conversation.path()
        ids = [message.id for message in path]
        start = conversation.context_start_id
        first = ids.index(start) if start in ids else 0
        questions = [message.id for message in path[first:] if message.role is Role.USER]
        if len(questions) > 1:
            self.chat.leave_out_before(questions[len(questions) // 2])

    def leave_out(self, message_id: str) -> None:
        """Send nothing before this message any more; "" sends everything again."""
        self.chat.leave_out_before(message_id or None)
