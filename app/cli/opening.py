"""The chat that the terminal asks in: in the library with `--save`, else of memory alone."""

from __future__ import annotations

from app.chat import Chat
from app.cli.arguments import Options
from app.cli.history import AddBlob
from app.cli.services import Choice
from app.domain.conversation import Conversation, Unsent
from app.engine import Engine
from app.saving import MemoryBlobs, Nowhere


def open_chat(options: Options, engine: Engine, choice: Choice) -> tuple[Chat, AddBlob]:
    """An empty chat, and where its attachments go. Raises FolderError, StorageError."""
    key_of = choice.key_of(engine.services.keys.key_of)
    if choice.key is not None:
        engine.log.hide(choice.key)
    if options.save:
        library = engine.open(
            settings=lambda: choice.settings, key_of=key_of, retries=options.retry
        )
        return library.new_chat(), engine.blobs.add
    blobs = MemoryBlobs()
    around = engine.surroundings(
        Nowhere(),
        blobs,
        settings=lambda: choice.settings,
        key_of=key_of,
        retries=options.retry,
    )
    chat = Chat(
        Conversation(id=around.new_id(), created_at=engine.clock.now()),
        Unsent(),
        around,
        stored=False,
        told=lambda chat, change: None,
        ended=lambda chat, message: None,
    )
    return chat, blobs.add
