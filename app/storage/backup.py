"""A copy of everything that cannot be had again: chats, attachments, settings.

Invariant: the copy is whole or not there; it is a data folder like any other, so that the program
opens it by `--home`. The database is copied by SQLite itself, also while answers are written.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from app.storage.database import Database
from app.storage.errors import plain_words


def back_up(database: Path, others: Iterable[Path], folder: Path) -> None:
    """Make `folder` with copies of `database` and of the files and folders `others`.

    What is not there is passed over. Reads everything: for a thread. Raises StorageError.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    with plain_words(folder):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        try:
            with Database.read(database) as reader:
                reader.copy_to(partial / database.name)
            for place in others:
                _copy(place, partial / place.name)
            os.rename(partial, folder)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def _copy(place: Path, target: Path) -> None:
    if place.is_file():
        _copy_file(place, target)
    elif place.is_dir():
        target.mkdir(mode=0o700)
        for file in sorted(place.rglob("*")):
            if file.is_file() and not file.name.startswith("."):  # no half-written ones
                there = target / file.relative_to(place)
                there.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                _copy_file(file, there)


def _copy_file(file: Path, target: Path) -> None:
    """For its owner alone. One that no chat needs any more may go meanwhile."""
    try:
        shutil.copyfile(file, target)
    except FileNotFoundError:
        if file.exists():
            raise
    else:
        target.chmod(0o600)
