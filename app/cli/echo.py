"""Prints what arrives in a chat while it arrives.

Invariant: each piece is printed once, in its order; a delta costs what it brings.
"""

from __future__ import annotations

import asyncio

from app.advice import for_countdown
from app.chat import Chat
from app.cli.printer import Printer
from app.domain.stream import Draft, Segment
from app.i18n import tr
from app.reply import Change, ReplyState
from app.tasks import Clock


class Echo:
    """Prints what arrives in a chat, each piece once. `ended` is set when it is over."""

    def __init__(self, chat: Chat, printer: Printer, clock: Clock, *, in_text: bool) -> None:
        self.ended = asyncio.Event()
        self._chat = chat
        self._printer = printer
        self._clock = clock
        self._in_text = in_text
        self._uploading: tuple[str, bool] | None = None
        self._draft: Draft | None = None
        self._item = 0
        self._chunk = 0

    def follow(self, change: Change) -> None:
        if change is Change.DRAFT:
            self._draft = self._chat.draft
            self.print_rest()
        elif change is Change.STATE:
            if self._chat.state is ReplyState.IDLE:
                self.ended.set()
            elif self._chat.countdown is not None:
                self._tell_countdown()
            elif self._chat.state is ReplyState.UPLOADING:
                self._tell_upload()

    def print_rest(self) -> None:
        """Print what came since the last time. O(what came)."""
        draft = self._draft
        if draft is None or not self._in_text:
            return
        while self._item < len(draft.items):
            item = draft.items[self._item]
            if isinstance(item, Segment):
                say = self._printer.answer if item.kind == "text" else self._printer.reasoning
                new = item.chunks[self._chunk :]
                self._chunk += len(new)
                say("".join(new))
            if self._item == len(draft.items) - 1:
                return  # it may still grow
            self._item += 1
            self._chunk = 0

    def tell_keyring(self) -> None:
        if self._chat.state is ReplyState.KEYRING:
            self._printer.remark(tr("Waiting for the keyring…"))

    def _tell_upload(self) -> None:
        """Once for each file, and when it has to wait."""
        upload = self._chat.reply.upload if self._chat.reply else None
        if upload is None or self._uploading == (upload.name, upload.waiting):
            return
        self._uploading = (upload.name, upload.waiting)
        if upload.waiting:
            words = tr(
                "The connection was lost; {name} goes on as soon as it is back…", name=upload.name
            )
        else:
            words = tr("Uploading {name}…", name=upload.name)
        self._printer.remark(words)

    def _tell_countdown(self) -> None:
        countdown = self._chat.countdown
        if countdown is not None:
            advice = for_countdown(
                countdown.failure,
                countdown.due_at - self._clock.monotonic(),
                countdown.attempt,
                countdown.of,
                self._chat.service,
            )
            self._printer.remark(advice.sentence)
