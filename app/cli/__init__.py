"""`linnet ask`, `models`, `chats` and `render`: the engine in a terminal.

Invariant: no Qt is imported. A wrong argument ends with status 2 and a sentence, Ctrl+C and
SIGTERM (where it raises KeyboardInterrupt) with 130; whoever closes the pipe early hears no
complaint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from app.cli.arguments import Options, parse
from app.cli.ask import ask
from app.cli.bringing import bring_back
from app.cli.lists import chats, models
from app.cli.printer import Printer, leave_quietly, terminal
from app.cli.question import read_prompt
from app.cli.rendering import render
from app.cli.report import (
    FAILED,
    STOPPED,
    WRONG_USAGE,
    models_object,
    nothing_object,
    stopped,
    to_json,
)
from app.cli.services import UsageError
from app.engine import build
from app.paths import FolderError
from app.storage.errors import StorageError


def main(arguments: Sequence[str]) -> int:
    """Run one command; the status to end with. Raises SystemExit for wrong usage."""
    parser, options = parse(arguments)
    printer = terminal()
    status = STOPPED
    try:
        status = _run(options, printer)
    except KeyboardInterrupt:
        if options.as_json and not printer.spoke:
            if options.command == "ask":
                printer.line(to_json(nothing_object(options.model or "")))
            elif options.command == "models":
                printer.line(to_json(models_object((), stopped())))
    except UsageError as error:
        status = WRONG_USAGE
        printer.remark(f"{parser.format_usage()}{parser.prog}: {error}")
    except (FolderError, StorageError) as error:
        status = FAILED
        printer.remark(f"{parser.prog}: {error}")
    finally:
        printer.close(patiently=status != STOPPED)
    if printer.broken:
        leave_quietly()
        return status or FAILED
    return status


def _run(options: Options, printer: Printer) -> int:
    if options.command == "render":
        return render(options, printer)
    prompt = read_prompt(options) if options.command == "ask" else None
    return asyncio.run(_with_engine(options, prompt, printer))


async def _with_engine(options: Options, prompt: str | None, printer: Printer) -> int:
    engine = build(options.home)
    if engine.config.problem is not None:
        printer.remark(engine.config.problem)
    try:
        match options.command:
            case "ask":
                return await ask(options, prompt, engine, printer)
            case "models":
                return await models(options, engine, printer)
            case "chats" if options.place is not None:
                return await bring_back(options.place, options, engine, printer)
            case _:
                return await chats(options, engine, printer)
    finally:
        await engine.shutdown()
