"""The log: one rotating file in the data folder, for finding mistakes of the program.

Invariant: it holds no key and nothing that was said. Keys are taken out of every line on its way
into the file, by their looks and, once they were used, by their text. A log that cannot be written
stops nothing. Bugs that reach `sys.excepthook` are logged on their way.
"""

from __future__ import annotations

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

FILE_BYTES = 1_000_000
OLD_FILES = 2
_HIDDEN = "[key]"
# Libraries that tell of every request.
_TALKATIVE = ("httpx", "httpcore", "keyring", "asyncio", "hpack")

_LOOKS = re.compile(
    r"""
    (?P<before>
        \b(?:authorization|[\w-]*api[-_]?key|[\w-]*token|secret|password)\b
        ["']?\s*[:=,]\s*(?:b?["'])?(?:bearer\s+)?
        | \bbearer\s+
        | [?&]key=
    )
    [^\s"'&,;)}\]]{4,}
    | \b(?:sk-|AIza|AQ\.|aio_|gsk_|hf_|xai-|ghp_)[\w\-.]{8,}
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Log:
    """Write to `path` from `start` to `close`; also what other libraries log, from INFO on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keys: set[str] = set()
        self._handler = _FileHandler(
            path,
            maxBytes=FILE_BYTES,
            backupCount=OLD_FILES,
            encoding="utf-8",
            errors="backslashreplace",
            delay=True,
        )
        self._handler.setFormatter(_Formatter(self))
        self._hook_before = sys.excepthook
        self._level_before = logging.getLogger().level

    def start(self) -> None:
        root = logging.getLogger()
        self._level_before = root.level
        root.setLevel(logging.INFO)
        root.addHandler(self._handler)
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._hook_before = sys.excepthook
        sys.excepthook = self._on_bug

    def close(self) -> None:
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._level_before)
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.NOTSET)
        if sys.excepthook == self._on_bug:
            sys.excepthook = self._hook_before
        self._handler.close()
        self._keys.clear()

    def hide(self, key: str) -> None:
        """From now on take `key` out of every line."""
        if len(key) >= 4:
            self._keys.add(key)

    def without_keys(self, text: str) -> str:
        for key in self._keys:
            text = text.replace(key, _HIDDEN)
        return _LOOKS.sub(lambda found: (found["before"] or "") + _HIDDEN, text)

    def _on_bug(
        self, kind: type[BaseException], bug: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            logging.getLogger("app").error("A bug", exc_info=(kind, bug, trace))
        self._hook_before(kind, bug, trace)


class _Formatter(logging.Formatter):
    def __init__(self, log: Log) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._log = log

    def format(self, record: logging.LogRecord) -> str:
        return self._log.without_keys(super().format(record))


class _FileHandler(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A full disk or a folder that is gone: the program goes on without this line."""
