"""A data folder with chats of many messages, as if they had been written in it.

    python -m bench.library HOME MESSAGES...

A question is a sentence or three, an answer a few blocks. The chat `visits` holds answers of
100 KB among short ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.domain.conversation import Conversation
from app.domain.message import Finish, FinishReason, Message, Role, Text
from app.paths import find_paths
from app.storage.conversations import Conversations
from app.storage.database import Database
from bench.sample import blocks, long_answer

DONE = Finish(reason=FinishReason.STOP, complete=True)
NOON = 1_750_000_000.0
VISITS = "visits"
LARGE, BETWEEN, LARGE_BYTES = 6, 60, 100_000


def chat_of(messages: int) -> str:
    """The id of the chat with so many messages."""
    return f"of{messages}"


def texts(messages: int) -> Iterator[str]:
    """Question and answer in turn; about 1.7 KB the two."""
    for number in range(messages):
        if number % 2:
            yield blocks(number, 1 + number * 7 % 11)
        else:
            yield f"And what about question {number}? " * (1 + number % 3)


def texts_with_large_ones() -> Iterator[str]:
    for number in range(LARGE):
        yield from texts(BETWEEN)
        yield "And now at length, please."
        yield f"Answer {number}.\n\n{long_answer(LARGE_BYTES)}"


def conversation_of(chat_id: str, said: Iterable[str]) -> Conversation:
    found: dict[str, Message] = {}
    children: dict[str | None, tuple[str, ...]] = {}
    parent: str | None = None
    for number, text in enumerate(said):
        asked = number % 2 == 0
        message = Message(
            id=f"{chat_id}-{number}",
            parent_id=parent,
            role=Role.USER if asked else Role.ASSISTANT,
            parts=(Text(text),),
            created_at=NOON + 60 * number,
            model="" if asked else "model-1",
            finish=None if asked else DONE,
        )
        found[message.id] = message
        children[parent] = (message.id,)
        parent = message.id
    return Conversation(
        id=chat_id, title=chat_id, leaf_id=parent, messages=found, children=children
    )


def fill(home: Path, sizes: Iterable[int]) -> None:
    """Write a chat of each size, and that of the large answers, into the folder `home`."""
    paths = find_paths(home, {})
    paths.make()
    database = Database.open(paths.database)
    stored = Conversations(database)
    for chat in (
        *(conversation_of(chat_of(size), texts(size)) for size in sizes),
        conversation_of(VISITS, texts_with_large_ones()),
    ):
        stored.save(chat, *chat.messages.values())
    stored.close()
    database.close()


if __name__ == "__main__":
    fill(Path(sys.argv[1]), map(int, sys.argv[2:]))
