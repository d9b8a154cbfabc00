"""Searching all chats in a thread, one search at a time for each who asks.

Invariant: a search that nobody waits for any more is interrupted within SQLite, so that a new key
never waits for an old search, nor the end of the program for any.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from app.domain.conversation import SearchHit
from app.storage.database import Database
from app.storage.errors import StorageError, Trouble
from app.storage.search import search
from app.tasks import Tasks, guarded

Hits = tuple[SearchHit, ...]


class Finder:
    """`told` hears why a search failed, or None when one went well."""

    def __init__(
        self, database: Database, tasks: Tasks, told: Callable[[str | None], None]
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._told = told

    def find(self, words: str, done: Callable[[Hits], None]) -> Callable[[], None]:
        """Look for `words`; `done` hears the hits, unless the returned function was called."""
        task = self._tasks.spawn(self._find(_Search(self._database, words), done), "search")

        def cancel() -> None:
            task.cancel()

        return cancel

    async def _find(self, looking: _Search, done: Callable[[Hits], None]) -> None:
        try:
            hits = await asyncio.to_thread(looking.run)
        except StorageError as error:
            self._told(str(error))
            return
        finally:
            looking.stop()
        self._told(None)
        guarded(done, hits)


class _Search:
    """One search. `run` belongs to a thread, `stop` to the loop."""

    def __init__(self, database: Database, words: str) -> None:
        self._database = database
        self._words = words
        self._reader: Database | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def run(self) -> Hits:
        """Raises StorageError; nothing is found once `stop` was called."""
        with self._database.reader() as reader:
            with self._lock:
                if self._stopped:
                    return ()
                self._reader = reader
            try:
                return search(reader, self._words)
            except StorageError as error:
                if error.trouble is Trouble.INTERRUPTED:
                    return ()
                raise
            finally:
                with self._lock:
                    self._reader = None

    def stop(self) -> None:
        """Interrupt it, if it still runs."""
        with self._lock:
            self._stopped = True
            if self._reader is not None:
                self._reader.interrupt()
