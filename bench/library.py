"""A data folder with chats of many messages, as if they had been written in it.

    python -m bench.library HOME MESSAGES...

A question is a sentence or three, an answer a few blocks. The chat `visits` holds answers of
100 KB among short ones; the chat `photos` 500 pictures of a telephone, `words` the same without.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image

from app.domain.conversation import Conversation
from app.domain.message import Finish, FinishReason, Media, Message, Role, Text
from app.paths import Paths, find_paths
from app.storage.blobs import Blobs
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.thumbnails import Thumbnails
from bench.sample import blocks, long_answer

DONE = Finish(reason=FinishReason.STOP, complete=True)
NOON = 1_750_000_000.0
VISITS = "visits"
LARGE, BETWEEN, LARGE_BYTES = 6, 60, 100_000
PHOTOS, WORDS = "photos", "words"
PHOTO_COUNT, PHOTO_PX = 500, (4000, 3000)


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


def with_photos(chat: Conversation, paths: Paths) -> Conversation:
    """`chat` with a picture of its own on every question, and its thumbnail made before."""
    blobs, thumbnails = Blobs(paths.blobs), Thumbnails(paths.thumbnails)
    image = Image.linear_gradient("L").resize(PHOTO_PX).convert("RGB")
    photo, small = encoded(image), encoded(image.resize((512, 384)))
    messages = dict(chat.messages)
    for number, message in enumerate(chat.messages.values()):
        if message.role is Role.USER:
            sha256 = blobs.add(photo + number.to_bytes(8, "big"))  # a picture of its own
            thumbnails.keep(sha256, small)
            media = Media(
                mime="image/jpeg",
                sha256=sha256,
                name=f"IMG_{number}.jpg",
                size_bytes=len(photo) + 8,
                width_px=PHOTO_PX[0],
                height_px=PHOTO_PX[1],
            )
            messages[message.id] = replace(message, parts=(*message.parts, media))
    return replace(chat, messages=messages)


def encoded(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=60)
    return target.getvalue()


def fill_with_photos(home: Path) -> None:
    """Write a chat full of photos, and the same chat without them, into the folder `home`."""
    paths = find_paths(home, {})
    paths.make()
    words = conversation_of(WORDS, texts(2 * PHOTO_COUNT))
    photos = with_photos(conversation_of(PHOTOS, texts(2 * PHOTO_COUNT)), paths)
    store(home, (words, photos))


def fill(home: Path, sizes: Iterable[int]) -> None:
    """Write a chat of each size, and that of the large answers, into the folder `home`."""
    chats = [conversation_of(chat_of(size), texts(size)) for size in sizes]
    store(home, (*chats, conversation_of(VISITS, texts_with_large_ones())))


def store(home: Path, chats: Iterable[Conversation]) -> None:
    paths = find_paths(home, {})
    paths.make()
    database = Database.open(paths.database)
    stored = Conversations(database)
    for chat in chats:
        stored.save(chat, *chat.messages.values())
    stored.close()
    database.close()


if __name__ == "__main__":
    fill(Path(sys.argv[1]), map(int, sys.argv[2:]))
