"""What lies in the data folder, opened: chats, attachments, uploads, what was learned.

Invariant: one of it for each process. `sweep` removes only what nobody needs any more.
"""

from __future__ import annotations

from pathlib import Path

from app.storage.blobs import Blobs
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.learned import Learned
from app.storage.uploads import Uploads


class Stored:
    """Raises StorageError when it cannot be opened."""

    def __init__(self, database: Path, blobs: Path) -> None:
        self.database = Database.open(database)
        self.conversations = Conversations(self.database)
        self.learned = Learned(self.database)
        self.uploads = Uploads(self.database)
        self.blobs = Blobs(blobs)

    def sweep(self, stored_before: float, in_use: frozenset[str]) -> frozenset[str]:
        """What is still named, or `in_use`, after the rest was removed.

        For a thread: reads all messages.
        """
        with self.database.reader() as reader:
            kept = Conversations(reader).blob_references() | in_use
            self.blobs.sweep(kept, stored_before)
        return kept

    def close(self) -> None:
        self.conversations.close()
        self.database.close()
