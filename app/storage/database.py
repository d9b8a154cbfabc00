"""The one SQLite file: opening, upgrading, checking; transactions with errors in plain words.

Invariant: a file that is not ours, or that a newer Linnet wrote, is never written to; before an
upgrade a copy of the file is taken. A connection belongs to the thread that opened it: the loop's
thread has one for its small writes, long reads open a `reader` of their own.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.storage.errors import StorageError, Trouble, plain_words
from app.storage.migrations import MIGRATIONS, Migration

APPLICATION_NUMBER = 0x4C696E74  # "Lint", in the header of the file
BUSY_TIMEOUT_S = 5.0

# https://www.sqlite.org/fileformat2.html#the_database_header
_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100


class Database:
    """An open connection. Every statement goes through `execute` or `transaction`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self._seen = self._data_version()

    @classmethod
    def open(cls, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> Self:
        """Open `path`, made or upgraded first where needed. Raises StorageError.

        An upgrade takes as long as a copy of the file; `upgrade_needed` tells beforehand.
        """
        with plain_words(path):
            version = _version_in_header(path)
            if version is not None and version > len(migrations):
                raise StorageError(Trouble.NEWER, path)
            _make_private(path)
            connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            try:
                _prepare(connection, path, migrations)
                return cls(path, connection)
            except BaseException:
                connection.close()
                raise

    def reader(self) -> Database:
        """A read-only connection for the calling thread; the caller closes it."""
        return Database.read(self.path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """A read-only connection to a file that is there. Raises StorageError."""
        with plain_words(path):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
            )
            try:
                return cls(path, connection)
            except BaseException:
                connection.close()
                raise

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def interrupt(self) -> None:
        """Stop what this connection does in another thread: StorageError (INTERRUPTED) there."""
        self.connection.interrupt()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        with plain_words(self.path):
            return self.connection.execute(statement, values)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows at once, so that a broken page is told here and not where they are used."""
        with plain_words(self.path):
            return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; not to be nested. Raises StorageError."""
        with plain_words(self.path), _transaction(self.connection):
            yield self.connection

    def changed_elsewhere(self) -> bool:
        """Whether another connection wrote since the last call. Costs microseconds."""
        before, self._seen = self._seen, self._data_version()
        return self._seen != before

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the file, in SQLite's words. Reads all of it: not for the loop."""
        rows = self.rows("PRAGMA integrity_check")
        found = [str(text) for (text,) in rows if text != "ok"]
        found += [f"{row[0]}: row {row[1]} names no {row[2]}" for row in self._lost_references()]
        return tuple(found)

    def copy_to(self, target: Path) -> None:
        """Write a whole copy, also while others write. As long as the file; not for the loop."""
        with plain_words(target):
            _copy(self.connection, target)

    def _lost_references(self) -> list[Any]:
        return self.rows("PRAGMA foreign_key_check")

    def _data_version(self) -> int:
        return int(self.execute("PRAGMA data_version").fetchone()[0])


def upgrade_needed(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> bool:
    """Whether `Database.open` would copy and upgrade the file. Raises StorageError."""
    version = _version_in_header(path)
    return version is not None and version < len(migrations)


def _version_in_header(path: Path) -> int | None:
    """The version of the file without opening it as a database; `None`: nothing there yet."""
    try:
        with plain_words(path), path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except StorageError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise
    if not header:
        return None
    if not header.startswith(_MAGIC) or len(header) < _HEADER_BYTES:
        raise StorageError(Trouble.FOREIGN, path)
    version = int.from_bytes(header[60:64], "big")
    owner = int.from_bytes(header[68:72], "big")
    # Both are 0 in a file that was only just made, by a program that ended then.
    if owner != APPLICATION_NUMBER and (owner, version) != (0, 0):
        raise StorageError(Trouble.FOREIGN, path)
    return version


def _make_private(path: Path) -> None:
    """Make the file for its owner alone; SQLite gives its companions the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    connection.execute("BEGIN")  # both of one moment: another program may just be making tables
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    version = _version(connection)
    connection.execute("COMMIT")
    if version > len(migrations):
        raise StorageError(Trouble.NEWER, path)
    if version == 0 and tables:
        raise StorageError(Trouble.FOREIGN, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    if 0 < version < len(migrations):
        _copy(connection, path.with_name(f"{path.name}.version-{version}"))
    if version < len(migrations):
        _upgrade(connection, migrations)


def _upgrade(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    with _transaction(connection):
        # Asked again under the lock: another program may have been faster.
        for number in range(_version(connection), len(migrations)):
            migrations[number](connection)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_NUMBER}")
    # Into the header, where an older Linnet looks before it touches the file.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        _make_private(partial)
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            connection.backup(copy)
        os.replace(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
