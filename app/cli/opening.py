"""The chat that the terminal asks in: in the library with `--save`, else of memory alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app.chat import Chat
from app.cli.arguments import Options
from app.cli.printer import Printer
from app.cli.services import Choice
from app.domain.conversation import Conversation, Unsent
from app.domain.message import Media
from app.engine import BlobStore, Engine
from app.saving import MemoryBlobs, Nowhere
from app.storage.blobs import Blobs


@contextmanager
def open_chat(options: Options, engine: Engine, choice: Choice) -> Iterator[tuple[Chat, BlobStore]]:
    """An empty chat, and where its attachments go. Raises FolderError, StorageError.

    Files that are attached lie on the disk as long as the chat is open: they may be large.
    """
    key_of = choice.key_of(engine.services.keys.key_to_ask)
    if choice.key is not None:
        engine.log.hide(choice.key)
    if options.save:
        library = engine.open(
            settings=lambda: choice.settings, key_of=key_of, retries=options.retry
        )
        yield library.new_chat(), engine.blobs
    elif options.attach:
        with TemporaryDirectory(prefix="linnet-", ignore_cleanup_errors=True) as folder:
            blobs = Blobs(Path(folder) / "blobs")
            yield _unstored(options, engine, choice, blobs), blobs
    else:
        held = MemoryBlobs()
        yield _unstored(options, engine, choice, held), held


def _unstored(options: Options, engine: Engine, choice: Choice, blobs: BlobStore) -> Chat:
    """A chat that leaves no trace."""
    around = engine.surroundings(
        Nowhere(),
        blobs,
        settings=lambda: choice.settings,
        key_of=choice.key_of(engine.services.keys.key_to_ask),
        retries=options.retry,
    )
    return Chat(
        Conversation(id=around.new_id(), created_at=engine.clock.now()),
        Unsent(),
        around,
        stored=False,
        told=lambda chat, change: None,
        ended=lambda chat, message: None,
    )


async def attached(
    options: Options, engine: Engine, choice: Choice, blobs: BlobStore, printer: Printer
) -> tuple[Media, ...]:
    """What `--attach` names. Raises UsageError."""
    if not isinstance(blobs, Blobs) or not options.attach:
        return ()
    from app.cli.attaching import Attacher
    from app.cli.drawing import draw_svg

    model = options.model or choice.service.default_model
    attacher = Attacher(engine.attachments(blobs, draw_svg), choice.service, model, printer)
    return await attacher.attach(options.attach)
