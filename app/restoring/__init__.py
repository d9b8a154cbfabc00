"""Bringing back a back-up, or a chat that was exported: looked at first, then added.

Invariant: what is here stays, and what cannot come as a whole does not come. Everything is done in
a thread and told on the loop.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from app.attachments.work import Progress, StoppedError, Work
from app.config import Config
from app.i18n import tr
from app.paths import Paths
from app.restoring.adding import Adding
from app.restoring.looking import FreeBytes, Looking
from app.restoring.results import Brought, Found, NotBrought
from app.tasks import Tasks
from app.written_chats import HistoryError

__all__ = ["Brought", "Found", "NotBrought", "Restoring"]

Answer = TypeVar("Answer")
Cancel = Callable[[], None]
Tell = Callable[[Progress], None]


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class Restoring:
    """`done` is called on the loop, unless the program ends before."""

    def __init__(
        self,
        paths: Paths,
        config: Config,
        tasks: Tasks,
        now: Callable[[], float],
        settings_came: Callable[[], Coroutine[Any, Any, None]],
        free_bytes: FreeBytes = _free_bytes,
    ) -> None:
        """`settings_came` puts away what other settings say openly."""
        self._paths = paths
        self._config = config
        self._tasks = tasks
        self._settings_came = settings_came
        self._looking = Looking(paths, now, free_bytes)
        self._adding = Adding(paths, now)

    def look(self, place: Path, tell: Tell, done: Callable[[Found | NotBrought], None]) -> Cancel:
        """Find out what the folder or file `place` holds. What is found is brought or dropped."""
        work = Work(tell)
        self._tasks.spawn(self._look(place, work, done), "look at a back-up")
        return work.stop

    def drop(self, found: Found) -> None:
        """It is not wanted."""
        self._tasks.spawn(asyncio.to_thread(found.held.cleanup), "drop a back-up")

    def bring(
        self, found: Found, settings: bool, tell: Tell, done: Callable[[Brought | NotBrought], None]
    ) -> Cancel:
        """Add what was found, `settings` too where that is wanted."""
        work = Work(tell)
        self._tasks.spawn(self._bring(found, settings, work, done), "bring back")
        return work.stop

    async def _look(
        self, place: Path, work: Work, done: Callable[[Found | NotBrought], None]
    ) -> None:
        done(await _answered(work, lambda: self._looking.find(place, work)))

    async def _bring(
        self,
        found: Found,
        settings: bool,
        work: Work,
        done: Callable[[Brought | NotBrought], None],
    ) -> None:
        brought = await _answered(work, lambda: self._adding.add(found, work))
        if settings and isinstance(brought, Brought):
            brought = self._with_settings(found, brought)
        await asyncio.to_thread(found.held.cleanup)
        done(brought)

    def _with_settings(self, found: Found, brought: Brought) -> Brought:
        try:
            kept = self._config.take_over(found.staged.parent / self._paths.settings.name)
        except OSError as error:
            words = tr("The settings stayed as they are: {reason}.", reason=error.strerror or error)
            return replace(brought, settings_problem=words)
        self._tasks.spawn(self._settings_came(), "put away secrets of a back-up")
        return replace(brought, settings_kept=kept, settings_problem=self._config.problem or "")


async def _answered(work: Work, function: Callable[[], Answer]) -> Answer | NotBrought:
    try:
        return await work.run(function)
    except StoppedError:
        return NotBrought()
    except (OSError, HistoryError) as error:
        return NotBrought(str(error))
    except MemoryError:
        return NotBrought(tr("There is not enough memory for it."))
