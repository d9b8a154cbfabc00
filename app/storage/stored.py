"""What lies in the data folder, opened: chats, attachments, uploads, what was learned.

Invariant: one of it for each process. `sweep` removes only what no message names any more.
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

    def sweep(self, stored_before: float) -> frozenset[str]:
        """What is still named, after the rest was removed. For a thread: reads all messages."""
        with self.database.reader() as reader:
            kept = Conversations(reader).blob_references()
            self.blobs.sweep(kept, stored_before)
        return kept

    def close(self) -> None:
        self.conversations.close()
        self.database.close()
