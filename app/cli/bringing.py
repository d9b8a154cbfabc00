"""`linnet chats import`: a back-up, or a chat that was exported, added to the chats here.

Invariant: settings stay as they are; what is refused or stopped changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.attachments.work import Progress
from app.cli.arguments import Options
from app.cli.interruption import interruption
from app.cli.printer import Printer
from app.cli.report import COMPLETE, FAILED, STOPPED, to_json
from app.engine import Engine
from app.i18n import tr
from app.restoring import Brought, Found, NotBrought

Answer = TypeVar("Answer")
Begin = Callable[[Callable[[Answer], None]], Callable[[], None]]


async def bring_back(place: Path, options: Options, engine: Engine, printer: Printer) -> int:
    """The status to end with. Raises FolderError, StorageError."""
    engine.open()
    restoring = engine.house().restoring
    said: set[str] = set()

    def tell(progress: Progress) -> None:
        if progress.words not in said:
            said.add(progress.words)
            printer.remark(f"{progress.words}…")

    found: Found | NotBrought = await _ended(lambda done: restoring.look(place, tell, done))
    if isinstance(found, NotBrought):
        return _refused(found, options, printer)
    brought: Brought | NotBrought = await _ended(
        lambda done: restoring.bring(found, False, tell, done)
    )
    if isinstance(brought, NotBrought):
        return _refused(brought, options, printer)
    if options.as_json:
        counts = {
            "added": brought.new_chats,
            "completed": brought.completed_chats,
            "known": brought.known_chats,
            "missing_attachments": brought.missing,
        }
        printer.line(to_json({**counts, "error": None}))
    else:
        printer.line(" ".join(brought.sentences))
    return COMPLETE


async def _ended(begin: Begin[Answer]) -> Answer:
    ended: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    with interruption(begin(ended.set_result)):
        return await ended


def _refused(why: NotBrought, options: Options, printer: Printer) -> int:
    words = why.sentence or tr("Stopped. Everything is as it was before.")
    if options.as_json:
        nothing = {"added": 0, "completed": 0, "known": 0, "missing_attachments": 0}
        printer.line(to_json({**nothing, "error": words}))
    else:
        printer.remark(words)
    return FAILED if why.sentence else STOPPED
