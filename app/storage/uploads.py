"""What was uploaded to services, so that it is used again and can be taken away (R61).

Invariant: one row for a place (form and host), a content and a type. A row may tell of a file that
is gone since; whoever uses it asks for it first. A row that cannot be read or written costs an
upload and no more, so nothing here raises.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from app.domain.upload import Upload
from app.storage.database import Database
from app.storage.errors import StorageError


class Uploads:
    """Writing methods need the loop's thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, place: str, sha256: str, mime: str) -> Upload | None:
        rows = self._rows("WHERE place = ? AND sha256 = ? AND mime = ?", place, sha256, mime)
        return _upload(rows[0]) if rows else None

    def keep(self, place: str, sha256: str, upload: Upload) -> None:
        """In the place of one of the same content before."""
        self._execute(
            "INSERT OR REPLACE INTO upload (place, sha256, mime, name, uri, expires_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            *(place, sha256, upload.mime, upload.name, upload.uri, upload.expires_at),
        )

    def forget(self, place: str, sha256: str, mime: str) -> None:
        statement = "DELETE FROM upload WHERE place = ? AND sha256 = ? AND mime = ?"
        self._execute(statement, place, sha256, mime)

    def of(self, contents: Collection[str], now: float) -> tuple[tuple[str, str, Upload], ...]:
        """What has not expired of these contents: place, sha256 and upload."""
        rows = self._rows("WHERE expires_at IS NULL OR expires_at > ?", now)
        return tuple((row[4], row[5], _upload(row)) for row in rows if row[5] in contents)

    def forget_expired(self, now: float) -> None:
        self._execute("DELETE FROM upload WHERE expires_at <= ?", now)

    def _rows(self, where: str, *values: object) -> list[Any]:
        columns = "name, uri, mime, expires_at, place, sha256"
        try:
            return self._database.rows(f"SELECT {columns} FROM upload {where}", values)
        except StorageError:
            return []

    def _execute(self, statement: str, *values: object) -> None:
        with suppress(StorageError):
            self._database.execute(statement, values)


def _upload(row: Any) -> Upload:
    name, uri, mime, expires_at = row[:4]
    return Upload(name=name, uri=uri, mime=mime, expires_at=expires_at)
