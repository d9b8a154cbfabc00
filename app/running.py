"""A reply while it runs: its task, and the one way in which it ends.

Invariant: `ended` is called exactly once, at once when the person stops it, whether or not the
task ever began; nothing is heard of the reply afterwards, though its task may still be closing
the connection. Must not know conversations.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.domain.errors import ErrorKind, Failure, Phase
from app.domain.message import Finish
from app.domain.settings import Service
from app.domain.stream import Draft
from app.i18n import tr
from app.providers.base import ChatRequest
from app.reply import Backend, Change, History, Reply
from app.tasks import Tasks


class Running:
    """`reply` is what arrives; `follow` hears its changes until the end."""

    def __init__(
        self,
        *,
        service: Service,
        request: ChatRequest,
        draft: Draft,
        backend: Backend,
        follow: Callable[[Change], None],
        ended: Callable[[Reply, Finish], None],
        history: History | None = None,
    ) -> None:
        self.reply = Reply(
            service=service,
            request=request,
            draft=draft,
            backend=backend,
            changed=self._changed,
            history=history,
        )
        self._follow = follow
        self._ended = ended
        self._over = False
        self._task: asyncio.Task[Finish] | None = None

    def start(self, tasks: Tasks, name: str) -> None:
        """Begin to ask. Needs the running loop."""
        self._task = tasks.spawn(self.reply.run(), name)
        self._task.add_done_callback(self._on_task_done)

    def stop(self, finish: Finish | None = None) -> None:
        """End it now: as stopped by the person, or as `finish` says. Keeps what has arrived."""
        self._end(self.reply.stopped() if finish is None else finish)
        if self._task is not None:
            self._task.cancel()

    def _on_task_done(self, task: asyncio.Task[Finish]) -> None:
        if task.cancelled():
            self._end(self.reply.stopped())
        elif task.exception() is not None:
            self._end(self.reply.ended(_fault()))
        else:
            self._end(task.result())

    def _end(self, finish: Finish) -> None:
        if not self._over:
            self._over = True
            self._ended(self.reply, finish)

    def _changed(self, change: Change) -> None:
        if not self._over:
            self._follow(change)


def cut_off() -> Failure:
    """What stands on an answer when the program is closed while it is being written."""
    return Failure(
        kind=ErrorKind.TRUNCATED,
        message=tr("Linnet was closed while this answer was being written."),
        phase=Phase.MID_STREAM,
    )


def _fault() -> Failure:
    return Failure(
        kind=ErrorKind.PROTOCOL,
        message=tr("Linnet made a mistake while it received this answer. Please try again."),
    )
