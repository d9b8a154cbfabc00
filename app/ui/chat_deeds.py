"""What the controls of a transcript, the cards under an answer and the keys do to the chat.

Invariant: each deed is one call on the chat, or a signal where it needs another part of the
window. Deeds on the last message find it in what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from app.advice import Action
from app.chat import Chat
from app.domain.kinds import could_lie_elsewhere
from app.domain.message import Media, Message, Role
from app.reply import Change


class ChatDeeds(QObject):
    """`chat` is the one that is shown."""

    editRequested = Signal(object)
    modelRequested = Signal()
    optionsRequested = Signal(bool)
    """True: the output limit is what it is about."""
    serviceRequested = Signal(str)
    keyRequested = Signal(str)
    localRequested = Signal()
    linkRequested = Signal(str)
    branchRequested = Signal(str)
    """The id of an answer, to go on from in a chat of its own."""
    addressesRequested = Signal(str)
    """An answer, for the question of which addresses are to be given."""

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
            case Action.SWITCH_MODEL | Action.SWITCH_SERVICE:
                self.modelRequested.emit()
            case Action.GIVE_ADDRESS:
                self.addressesRequested.emit(message_id)
            case Action.SEND_AS_TEXT:
                self.send_as_text(message_id)
            case Action.ENTER_KEY:
                self.keyRequested.emit(chat.service.id)
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

    def without_address(self, answer_id: str) -> tuple[Message, tuple[Media, ...]] | None:
        """The question of an answer, and what of it goes as content where an address could go."""
        messages = self.chat.conversation.messages
        answer = messages.get(answer_id)
        question = messages.get(answer.parent_id or "") if answer is not None else None
        if question is None:
            return None
        service = self.chat.service
        return question, tuple(
            each for each in question.media if could_lie_elsewhere(service, each)
        )

    def give_addresses(self, question: Message, moved: Mapping[Media, Media]) -> None:
        """Ask again with addresses in the place of files; the question before stays a version."""
        parts = [
            moved.get(part, part) if isinstance(part, Media) else part for part in question.parts
        ]
        self.chat.edit(question.id, parts)

    def send_as_text(self, answer_id: str) -> None:
        """Ask again without what the service takes by address only; it stays, marked."""
        chat = self.chat
        answer = chat.conversation.messages.get(answer_id)
        if answer is None or answer.parent_id is None:
            return
        for message in chat.conversation.path(answer.parent_id).with_media():
            for place, media in enumerate(message.media):
                if could_lie_elsewhere(chat.service, media):
                    self.leave_out_media(message.id, place, True)
        chat.retry(answer_id)

    def leave_out_old_turns(self) -> None:
        """Send only the later half of the questions, with their answers, from now on."""
        conversation = self.chat.conversation
        path = conversation.path()
        first = path.number_of(conversation.context_start_id) or 0
        questions = path.questions(first)
        if len(questions) > 1:
            self.chat.leave_out_before(questions[len(questions) // 2])

    def leave_out_media(self, message_id: str, place: int, left_out: bool) -> None:
        """Send an attachment of a message with no further question, or send it along again."""
        said = self.chat.conversation
        message = said.messages.get(message_id)
        if message is not None and place < len(message.media):
            changed = said.with_media_left_out(message_id, place, left_out)
            self.chat.revise(changed, Change.TREE)

    def leave_out(self, message_id: str) -> None:
        """Send nothing before this message any more; "" sends everything again."""
        self.chat.leave_out_before(message_id or None)
