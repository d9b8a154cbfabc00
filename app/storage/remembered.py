"""Where the window was left: its place, the open chat, the width of the sidebar.

Invariant: small JSON values by name. Losing one costs the person nothing but a look; what a person
chose on purpose is a setting and lies in the settings file.
"""

from __future__ import annotations

import json
from typing import Any

from app.storage.codec import to_json
from app.storage.database import Database


class Remembered:
    """Every method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> Any:
        """The value, or `None` when there is none."""
        rows = self._database.rows("SELECT value FROM remembered WHERE name = ?", (name,))
        return json.loads(rows[0][0]) if rows else None

    def set(self, name: str, value: Any) -> None:
        """`None` forgets."""
        if value is None:
            self._database.execute("DELETE FROM remembered WHERE name = ?", (name,))
            return
        self._database.execute(
            "INSERT OR REPLACE INTO remembered (name, value) VALUES (?, ?)", (name, to_json(value))
        )
