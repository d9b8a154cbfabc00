"""Goes on from an answer in a chat of its own.

Invariant: the copy is made and written in a thread, whole or not at all, however long the chat is.
Must not know who shows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from app.domain.branching import branched
from app.i18n import tr
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.errors import StorageError
from app.tasks import Clock, Tasks


class Branching:
    """`note` tells what went wrong, or None."""

    def __init__(
        self,
        database: Path,
        new_id: Callable[[], str],
        clock: Clock,
        tasks: Tasks,
        note: Callable[[str | None], None],
    ) -> None:
        self._database = database
        self._new_id = new_id
        self._clock = clock
        self._tasks = tasks
        self._note = note

    def begin(self, chat_id: str, message_id: str, done: Callable[[str], None]) -> None:
        """Copy all up to a stored message, then call `done` with the id of the new chat."""
        self._tasks.spawn(self._branch(chat_id, message_id, done), "branch a chat")

    async def _branch(self, chat_id: str, message_id: str, done: Callable[[str], None]) -> None:
        try:
            made_id = await asyncio.to_thread(self._copied, chat_id, message_id)
        except StorageError as error:
            self._note(str(error))
        except KeyError:
            self._note(tr("This answer is not stored any more."))
        else:
            self._note(None)
            done(made_id)

    def _copied(self, chat_id: str, message_id: str) -> str:
        with Database.open(self._database) as database:
            conversations = Conversations(database)
            there = conversations.load(chat_id)
            made = branched(there, message_id, self._new_id, _title(there.title), self._clock.now())
            conversations.save(made, *made.messages.values())
        return made.id


def _title(title: str) -> str:
    """Told apart from the chat it comes from; a branch of a branch says so once."""
    named = tr("Branch: {title}", title=title)
    return title if title.startswith(named.removesuffix(title)) else named
