"""Folders to work in, gone with all that is left in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app.attachments.refusal import RefusedError
from app.i18n import tr


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A new folder in `parent`. Raises RefusedError."""
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = TemporaryDirectory(dir=parent, prefix="made-", ignore_cleanup_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RefusedError(tr("There is no place to work in: {reason}.", reason=reason)) from error
    with folder as name:
        yield Path(name)
