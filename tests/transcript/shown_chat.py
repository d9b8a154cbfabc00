"""Chats for the transcript to show: conversations built in a line, answers that grow by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from app.domain.conversation import Conversation
from app.domain.message import Finish, FinishReason, Message, Part, Role, Text, Timing
from app.domain.stream import Draft, ReasoningDelta, TextDelta
from app.domain.upload import Uploading
from app.reply import Change, Countdown, ReplyState
from app.ui.transcript.view import TranscriptView

Show = Callable[..., TranscriptView]
"""The fixture `show`: shows a chat in a window of its own."""

DONE = Finish(reason=FinishReason.STOP, complete=True)
DAY_S = 86_400.0
NOON = 1_750_000_000.0


@dataclass
class HandReply:
    timing: Timing = field(default_factory=Timing)
    upload: Uploading | None = None


class HandChat:
    """What a `Chat` shows, moved by the test."""

    def __init__(self, conversation: Conversation) -> None:
        self.id = conversation.id
        self.conversation = conversation
        self.draft: Draft | None = None
        self.state = ReplyState.IDLE
        self.countdown: Countdown | None = None
        self.reply: HandReply | None = None
        self._listeners: list[Callable[[Change], None]] = []

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, change: Change) -> None:
        for listener in [*self._listeners]:
            listener(change)

    def say(self, text: str) -> Message:
        """A question at the end of the chat."""
        message = made(Role.USER, (Text(text),), self.conversation)
        self.conversation = self.conversation.append(message)
        self.tell(Change.TREE)
        return message

    def begin(self, model: str = "model-1") -> Message:
        """An answer begins to be written."""
        message = made(Role.ASSISTANT, (), self.conversation, model=model)
        self.conversation = self.conversation.append(message)
        self.draft = Draft(message)
        self.reply = HandReply()
        self.state = ReplyState.WAITING
        self.tell(Change.TREE)
        self.tell(Change.STATE)
        return message

    def think(self, text: str) -> None:
        assert self.draft is not None
        self.draft.apply(ReasoningDelta(text))
        self._go_on(ReplyState.REASONING)

    def answer(self, text: str) -> None:
        assert self.draft is not None
        self.draft.apply(TextDelta(text))
        self._go_on(ReplyState.ANSWERING)

    def end(self, finish: Finish = DONE) -> Message:
        """The answer is over and stored."""
        assert self.draft is not None
        assert self.reply is not None
        message = self.draft.to_message(finish, self.reply.timing)
        self.draft = self.reply = self.countdown = None
        self.state = ReplyState.IDLE
        self.conversation = self.conversation.replace_message(message)
        self.tell(Change.TREE)
        self.tell(Change.STATE)
        return message

    def _go_on(self, state: ReplyState) -> None:
        self.tell(Change.DRAFT)
        if state is not self.state:
            self.state = state
            self.tell(Change.STATE)


def made(role: Role, parts: Iterable[Part], conversation: Conversation, **more: object) -> Message:
    """The next message of a conversation; ids and times count up."""
    number = len(conversation.messages)
    message = Message(
        id=f"m{number}",
        parent_id=conversation.leaf_id,
        role=role,
        parts=tuple(parts),
        created_at=NOON + number,
    )
    return replace(message, **more)  # type: ignore[arg-type]


def chat_of(*texts: str | tuple[Part, ...], chat_id: str = "chat-1") -> HandChat:
    """Question, answer, question, answer... from texts or parts."""
    conversation = Conversation(id=chat_id)
    for number, content in enumerate(texts):
        parts: tuple[Part, ...] = (Text(content),) if isinstance(content, str) else content
        if number % 2 == 0:
            message = made(Role.USER, parts, conversation)
        else:
            message = made(Role.ASSISTANT, parts, conversation, model="model-1", finish=DONE)
        conversation = conversation.append(message)
    return HandChat(conversation)


def long_chat(messages: int, chat_id: str = "chat-1") -> HandChat:
    """A chat of many messages of different heights, made in one go."""
    found: dict[str, Message] = {}
    children: dict[str | None, tuple[str, ...]] = {}
    parent: str | None = None
    for number in range(messages):
        question = number % 2 == 0
        text = f"Question {number}?" if question else _answer(number)
        message = Message(
            id=f"m{number}",
            parent_id=parent,
            role=Role.USER if question else Role.ASSISTANT,
            parts=(Text(text),),
            created_at=NOON + number,
            model="" if question else "model-1",
            finish=None if question else DONE,
        )
        found[message.id] = message
        children[parent] = (message.id,)
        parent = message.id
    return HandChat(Conversation(id=chat_id, leaf_id=parent, messages=found, children=children))


def _answer(number: int) -> str:
    paragraph = "Some words of an answer that are long enough to be wrapped. " * (number % 5 + 1)
    blocks = [f"Answer {number}: {paragraph}"]
    if number % 3 == 0:
        blocks.append("- one\n- two\n- three with `code`")
    if number % 7 == 0:
        blocks.append("```python\n" + "print('hello')\n" * (number % 9 + 1) + "```")
    if number % 11 == 0:
        blocks.append("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |")
    return "\n\n".join(blocks)
