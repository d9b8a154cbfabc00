"""The settings file: read at start, written whole at every change, told to those who subscribed.

Invariant: `settings` is always usable. A file with nonsense in it is kept aside under another name
and `problem` tells so; members without meaning here, and what others wrote since it was read, are
kept. The file holds no key. Must not know what a setting does, nor which presets there are.
"""

from __future__ import annotations

import glob
import itertools
import os
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import tomli_w

from app.domain.settings import Service, Settings
from app.domain.settings_dict import Reading, read_settings, settings_dict
from app.domain.stream import mend_surrogates
from app.i18n import tr
from app.tasks import Listeners

_HEADING = (
    "# Settings of Linnet. Its window writes them, and moves comments to settings.toml.old.\n\n"
)
_OLD = ".old"
_MOST_TOLD = 5


class Config:
    """`problem` is what the person should know about the file, or `None`.

    Comments, which a change cannot keep, are left behind in a copy (`settings.toml.old`).
    """

    def __init__(self, path: Path, presets: Sequence[Service] = ()) -> None:
        """Read `path`; it need not exist, and is not made before the first change."""
        # Where the file is a link into somebody's collection of settings, that one is replaced.
        self.path = Path(os.path.realpath(path))
        self.problem: str | None = None
        self._presets = tuple(presets)
        self._listeners: Listeners[Settings, Settings] = Listeners()
        self._seen: tuple[int, ...] | None = None
        self._unread = False  # something is there, and nobody may read it
        self._commented = b""
        self._hidden: dict[str, str] = {}
        self._reading = Reading()
        self._read(self._reading)

    @property
    def settings(self) -> Settings:
        return self._reading.settings

    def subscribe(self, listener: Callable[[Settings, Settings], None]) -> Callable[[], None]:
        """`listener(old, new)` is called after every change; the result ends that."""
        return self._listeners.add(listener)

    def change(self, settings: Settings) -> None:
        """Use `settings` from now on and write them; a failure to write stands in `problem`.

        Only what differs from `Config.settings` is changed: other edits of the file stay.
        """
        old = self.settings
        changed = {
            field.name: getattr(settings, field.name)
            for field in fields(settings)
            if getattr(settings, field.name) != getattr(old, field.name)
        }
        if not changed and self.path.exists():
            return
        self.problem = None
        if self._stamp() != self._seen:
            self._read(self._reading)
        self._reading = replace(self._reading, settings=replace(self.settings, **changed))
        self._write()
        self._tell(old)

    def hide(self, texts: Iterable[str], mark: str) -> None:
        """Write `mark` in place of `texts` where this file is, or was, kept as it was."""
        self._hidden |= dict.fromkeys(texts, mark)
        for copy in self.path.parent.glob(f"{glob.escape(self.path.name)}.*"):
            with suppress(OSError):  # it is as it was
                data = copy.read_bytes()
                if (without := self._without_hidden(data)) != data:
                    _write_atomically(copy, without)

    def take_over(self, path: Path) -> Path | None:
        """Use what another settings file says; services that only this one has stay.

        Where this one is kept as it was, if there was one. Raises OSError when it cannot be.
        """
        found = Config(path, self._presets).settings
        theirs = {service.id for service in found.services}
        mine = (service for service in self.settings.services if service.id not in theirs)
        kept = None
        if self.path.exists():
            data = self.path.read_bytes()
            kept = self._aside(data, "before")
            _write_atomically(kept, data)
        self.change(replace(found, services=(*found.services, *mine)))
        return kept

    def reload(self) -> bool:
        """Read the file again if others changed it; whether `settings` are new.

        Nonsense leaves them as they are.
        """
        if self._stamp() == self._seen:
            return False
        old = self.settings
        self.problem = None
        self._read(self._reading)
        self._tell(old)
        return self.settings != old

    def _tell(self, old: Settings) -> None:
        if self.settings != old:
            self._listeners.tell(old, self.settings)

    def _read(self, otherwise: Reading) -> None:
        """Take what the file says, or `otherwise` where nothing can be made of it."""
        self._seen = self._stamp()
        self._reading = otherwise
        self._unread, self._commented = False, b""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            self._unread = True
            words = tr("The settings file {path} cannot be read.", path=self.path)
            self._tell_problem(words, error.strerror)
            return
        try:
            table = tomllib.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            words = tr("The settings file {path} cannot be understood.", path=self.path)
            self._tell_problem(words, _fault(error), self._keep_aside(data))
            return
        if b"#" in data.removeprefix(_HEADING.encode()):
            self._commented = data
        self._reading = read_settings(table, self._presets)
        if self._reading.problems:
            self._tell_problem(
                tr("In the settings file {path}:", path=self.path),
                *self._reading.problems[:_MOST_TOLD],
                self._keep_aside(data) if self._reading.lost else "",
            )

    def _tell_problem(self, *sentences: str | None) -> None:
        self.problem = "\n".join(filter(None, sentences))

    def _keep_aside(self, data: bytes) -> str:
        """Copy `data` beside the file, if it is not there yet; a sentence that says where."""
        try:
            copy = self._aside(data)
            if not copy.exists():
                _write_atomically(copy, data)
        except OSError:
            return tr("It could not be copied: mend it before you change a setting.")
        return tr("It is kept as {name}.", name=copy.name)

    def _aside(self, data: bytes | None = None, why: str = "broken") -> Path:
        """The first name that is free, or whose file holds `data`."""
        for number in itertools.count(1):
            copy = self.path.with_name(f"{self.path.name}.{why}-{number}")
            if not copy.exists() or (data is not None and copy.read_bytes() == data):
                break
        return copy

    def _write(self) -> None:
        table = settings_dict(self.settings, self._presets, self._reading.unknown)
        text = tomli_w.dumps(table)
        if "\\r" not in text:  # which the easier way to read would lose
            text = tomli_w.dumps(table, multiline_strings=True)
        text = _HEADING + mend_surrogates(text)
        try:
            if self._unread:
                os.replace(self.path, self._aside())
            if self._commented:
                old = self.path.with_name(self.path.name + _OLD)
                _write_atomically(old, self._without_hidden(self._commented))
            _write_atomically(self.path, text.encode())
            self._unread, self._commented = False, b""
        except OSError as error:
            words = tr(
                "The settings cannot be saved to {path}. They hold until Linnet is closed.",
                path=self.path,
            )
            self._tell_problem(words, error.strerror)
        self._seen = self._stamp()

    def _without_hidden(self, data: bytes) -> bytes:
        for hidden, mark in self._hidden.items():
            escaped = hidden.replace("\\", "\\\\").replace('"', '\\"')  # between double quotes
            for written in (escaped, hidden):
                data = data.replace(written.encode(), mark.encode())
        return data

    def _stamp(self) -> tuple[int, ...] | None:
        """Differs when the file was changed; `None`: there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def _fault(error: ValueError | RecursionError) -> str:
    match error:
        case UnicodeDecodeError():
            return tr("It is not a text in UTF-8.")
        case tomllib.TOMLDecodeError():
            return f"{error}."
        case RecursionError():
            return tr("It is nested too deeply.")
        case _:
            return tr("A number in it is too long.")


def _write_atomically(path: Path, data: bytes) -> None:
    """All or nothing, for its owner alone. Raises OSError."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
