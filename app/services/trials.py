"""Runs trials in the background: fetches the key, starts, tells, and can be cancelled.

Invariant: `done` is called once, unless the trial was cancelled; a key that cannot be had or used
is a verdict like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.settings import Service
from app.providers import Providers
from app.providers.base import Endpoint
from app.secrets import UnusableKeyError, clean_key
from app.services.trial import Report, Step, StepKind, StepState, Trial
from app.tasks import Clock, Tasks, guarded

Cancel = Callable[[], None]


def cancelling(task: asyncio.Task[None]) -> Cancel:
    def cancel() -> None:
        task.cancel()

    return cancel


class Trials:
    def __init__(
        self,
        providers: Providers,
        endpoint_of: Callable[[Service, str | None], Awaitable[Endpoint]],
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._providers = providers
        self._endpoint_of = endpoint_of
        self._tasks = tasks
        self._clock = clock

    def begin(
        self,
        service: Service,
        key: str | None,
        progress: Callable[[Step], None],
        done: Callable[[Report], None],
        work: Callable[[Trial], Coroutine[Any, Any, Report]],
    ) -> Cancel:
        """Try `service` with `key`, or with the stored one where that is `None`."""

        def tell(step: Step) -> None:
            guarded(progress, step)

        async def run() -> None:
            try:
                endpoint = await self._endpoint_of(service, clean_key(key) if key else None)
            except (ChatError, UnusableKeyError) as error:
                told = error.failure if isinstance(error, ChatError) else _unusable(error)
                step = Step(
                    kind=StepKind.KEY, state=StepState.FAILED, text=told.message, failure=told
                )
                tell(step)
                guarded(done, Report(steps=(step,)))
                return
            trial = Trial(self._providers, endpoint, tell, self._clock)
            guarded(done, await work(trial))

        return cancelling(self._tasks.spawn(run(), f"test of {service.id}"))


def _unusable(error: UnusableKeyError) -> Failure:
    return Failure(kind=ErrorKind.AUTH, message=str(error))
