"""The kinds of files that a chat can be saved as, and writing one.

Invariant: a file that exists already is replaced only by a whole one. Texts are made and written
on a thread, piece by piece.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from app.domain.message import Message
from app.i18n import tr
from app.ui.export.texts import json_pieces, markdown_pieces
from app.ui.export.web_page import page_pieces
from app.ui.transcript.means import PathOf
from app.ui.worker import Worker


class Kind(Enum):
    """Its value is how its files end."""

    PDF = "pdf"
    WEB_PAGE = "html"
    MARKDOWN = "md"
    JSON = "json"

    @property
    def filter(self) -> str:
        """As the file dialog wants it."""
        names = {
            Kind.PDF: tr("PDF"),
            Kind.WEB_PAGE: tr("Web page"),
            Kind.MARKDOWN: tr("Markdown"),
            Kind.JSON: tr("JSON, with all attachments"),
        }
        return f"{names[self]} (*.{self.value})"


def kind_of(path: Path, chosen: Kind) -> Kind:
    """What a file of this name is to be: its ending says so, or else what was chosen."""
    ending = path.suffix.lower().removeprefix(".")
    return next((kind for kind in Kind if kind.value == ending), chosen)


def beside(path: Path) -> Path:
    """Where a file is written before it takes its name."""
    return path.with_name(f".{path.name}.part")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written where."""

    kind: Kind
    path: Path
    title: str
    messages: Sequence[Message]
    chat_id: str = ""


class TextFiles(QObject):
    """Writes texts. `ended` comes for each, with the path and what went wrong, or ""."""

    ended = Signal(object, str)
    _written = Signal(object, str)

    def __init__(self, path_of: PathOf, parent: QObject) -> None:
        super().__init__(parent)
        self._path_of = path_of
        self._worker = Worker("files of chats", self._work)
        self._written.connect(self.ended, Qt.ConnectionType.QueuedConnection)

    def write(self, wanted: Wanted) -> None:
        self._worker.put(wanted)

    def _work(self, wanted: Wanted) -> None:
        problem = ""
        try:
            part = beside(wanted.path)
            with part.open("w", encoding="utf-8", errors="replace") as file:
                file.writelines(self._pieces(wanted))
            os.replace(part, wanted.path)
        except (OSError, MemoryError) as error:
            problem = tr("There is not enough memory for it.")
            if isinstance(error, OSError):
                problem = str(error.strerror or error)
            with suppress(OSError):
                beside(wanted.path).unlink()
        # The window, and this object with it, may have gone meanwhile.
        with suppress(RuntimeError):
            self._written.emit(wanted.path, problem)

    def _pieces(self, wanted: Wanted) -> Iterator[str]:
        match wanted.kind:
            case Kind.MARKDOWN:
                return markdown_pieces(wanted.title, wanted.messages)
            case Kind.JSON:
                return json_pieces(wanted.title, wanted.messages, self._path_of, wanted.chat_id)
            case _:
                return page_pieces(wanted.title, wanted.messages, self._path_of)
