"""`linnet ask`: one question through the same engine as the window's.

Invariant: nothing is stored unless `--save` is given; whatever happens, what had arrived is
printed, and with `--output json` as one object.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from app.chat import Chat
from app.cli.arguments import Options
from app.cli.echo import Echo
from app.cli.interruption import interruption
from app.cli.opening import attached, open_chat
from app.cli.printer import Printer
from app.cli.question import conversation_of, question_of
from app.cli.report import FAILED, answer_object, remarks_on, status_of, to_json
from app.cli.services import Choice, choose, remark_on
from app.domain.message import Message
from app.engine import Engine
from app.reply import Change

KEYRING_PATIENCE_S = 1.0


async def ask(options: Options, prompt: str | None, engine: Engine, printer: Printer) -> int:
    """The status to end with. Raises UsageError, FolderError, StorageError."""
    choice = choose(options, engine.config)
    with open_chat(options, engine, choice) as (chat, blobs):
        media = await attached(options, engine, choice, blobs, printer)
        said = question_of(prompt, media)
        asked = conversation_of(options, said, chat.conversation, choice.service, blobs.add)
        chat.revise(asked, Change.TREE)
        if remark := remark_on(options, choice):
            printer.remark(remark)
        return await _asked(options, choice, chat, engine, printer)


async def _asked(
    options: Options, choice: Choice, chat: Chat, engine: Engine, printer: Printer
) -> int:
    echo = Echo(chat, printer, engine.clock, in_text=not options.as_json)
    message = await _answer(chat, echo, printer)
    if printer.broken:
        return FAILED
    if options.as_json:
        printer.line(to_json(answer_object(message)))
    else:
        printer.end_line()
        for remark in remarks_on(message, choice.service, saved=options.save):
            printer.remark(remark)
    if (problem := chat.saving.problem) is not None:
        printer.remark(problem)
        return FAILED
    return status_of(message)


async def _answer(chat: Chat, echo: Echo, printer: Printer) -> Message:
    """Ask, print what comes, and wait for the end, which the person may bring about."""
    loop = asyncio.get_running_loop()

    def on_broken() -> None:
        with suppress(RuntimeError):  # the loop has ended: there is nothing left to stop
            loop.call_soon_threadsafe(chat.stop)

    printer.on_broken = on_broken
    waiting = loop.call_later(KEYRING_PATIENCE_S, echo.tell_keyring)
    with interruption(chat.stop):
        chat.subscribe(echo.follow)
        question_id = chat.conversation.leaf_id
        assert question_id is not None, "there is a question"
        chat.regenerate(question_id)
        await echo.ended.wait()
    waiting.cancel()
    echo.print_rest()
    return chat.conversation.path()[-1]
