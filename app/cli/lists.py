"""`linnet models` and `linnet chats`: what there is to ask, and what was said.

Invariant: `chats` makes no library where there is none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from app.cli.arguments import Options
from app.cli.interruption import interruption
from app.cli.printer import Printer
from app.cli.report import (
    COMPLETE,
    FAILED,
    STOPPED,
    failure_lines,
    models_object,
    stopped,
    to_json,
)
from app.cli.services import Choice, choose, remark_on
from app.domain.conversation import ChatSummary, SearchHit
from app.domain.errors import ChatError, Failure
from app.engine import Engine
from app.i18n import tr, trn
from app.providers.base import Endpoint, ModelInfo


async def models(options: Options, engine: Engine, printer: Printer) -> int:
    """The status to end with. Raises UsageError."""
    choice = choose(options, engine.config)
    if remark := remark_on(options, choice):
        printer.remark(remark)
    asked = engine.tasks.spawn(_ask_for_list(choice, engine), "list the models")
    with interruption(asked.cancel):
        await asyncio.wait((asked,))
    found, failure = ((), stopped()) if asked.cancelled() else asked.result()
    if options.as_json:
        printer.line(to_json(models_object(found, failure)))
    elif not asked.cancelled():
        for line in _table([(model.id, *_facts(model)) for model in found]):
            printer.line(line)
        if failure is not None:
            printer.remark("\n".join(failure_lines(failure, choice.service)))
    if asked.cancelled():
        return STOPPED
    return COMPLETE if failure is None else FAILED


async def chats(options: Options, engine: Engine, printer: Printer) -> int:
    """The status to end with. Raises FolderError, StorageError."""
    rows: tuple[ChatSummary, ...] = ()
    hits: tuple[SearchHit, ...] = ()
    if engine.paths.database.exists():
        library = engine.open()
        if options.search is None:
            rows = library.chats()
        else:
            found: asyncio.Future[tuple[SearchHit, ...]]
            found = asyncio.get_running_loop().create_future()
            library.search(options.search, found.set_result)
            with interruption(found.cancel):
                await asyncio.wait((found,))
            if found.cancelled():
                return STOPPED
            hits = found.result()
    if options.as_json:
        name, values = ("chats", rows) if options.search is None else ("hits", hits)
        printer.line(to_json({name: [asdict(value) for value in values]}))
        return COMPLETE
    lines = [(_day(row.updated_at), row.title or tr("New chat")) for row in rows]
    lines += [(hit.chat_title, hit.snippet) for hit in hits]
    for line in _table(lines):
        printer.line(line)
    if options.search is not None:
        printer.remark(trn("One place was found.", "{count} places were found.", len(hits)))
    return COMPLETE


async def _ask_for_list(
    choice: Choice, engine: Engine
) -> tuple[tuple[ModelInfo, ...], Failure | None]:
    try:
        key = await choice.key_of(engine.services.keys.key_of)(choice.service)
        provider = engine.providers.of(choice.service)
        whole = await engine.services.keys.headers.whole(choice.service)
        return await provider.models(Endpoint(whole, key)), None
    except ChatError as error:
        return (), error.failure


def _facts(model: ModelInfo) -> Iterator[str]:
    """What is known of a model, in words; empty columns stay in their place."""
    yield model.display if model.display != model.id else ""
    yield "" if model.context is None else tr("{tokens} tokens", tokens=f"{model.context:,}")
    yield tr("pictures") if model.vision else ""
    yield tr("thinks") if model.thinking else ""


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell, within reason."""
    widths = [min(60, max(map(len, column))) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
