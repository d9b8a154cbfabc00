"""What was learned about a service's model from requests that it refused.

Invariant: one row for a service and a model; what was learned is an opaque JSON object here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.storage.codec import to_json
from app.storage.database import Database


class Learned:
    """Every method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """By service id and model."""
        rows = self._database.rows("SELECT service_id, model, quirks FROM learned")
        return {(service_id, model): json.loads(quirks) for service_id, model, quirks in rows}

    def save(self, service_id: str, model: str, quirks: Mapping[str, Any]) -> None:
        """Replaces what was known. Sets are stored as sorted lists."""
        self._database.execute(
            "INSERT OR REPLACE INTO learned (service_id, model, quirks) VALUES (?, ?, ?)",
            (service_id, model, to_json(quirks)),
        )

    def forget(self, service_id: str) -> None:
        """When the service's address or form was changed: it may take what it refused."""
        self._database.execute("DELETE FROM learned WHERE service_id = ?", (service_id,))
