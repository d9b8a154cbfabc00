"""A provider that answers by script and a clock that a test moves, around a real database."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.chat import Chat, Surroundings
from app.domain.conversation import Conversation, Unsent
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.message import FinishReason, Media, Message, Text
from app.domain.settings import Sampling, Service, Settings
from app.domain.stream import Finished, MediaReceived, StreamEvent, TextDelta
from app.providers.base import ChatRequest, Endpoint, Files, ModelInfo, Quirks
from app.reply import Backend, LearnedQuirks
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.tasks import Clock, Tasks

SERVICE = Service(id="own", name="Own", base_url="https://own.example/v1", default_model="m1")
OTHER = Service(id="other", name="Other", base_url="https://other.example/v1", default_model="m2")
SETTINGS = Settings(services=(SERVICE, OTHER), default_service="own")

# A turn is what one request gives: events, failures to raise, events to wait for.
Step = StreamEvent | Failure | asyncio.Event | BaseException
DONE = Finished(FinishReason.STOP, "stop")


def failing(kind: ErrorKind, **more: Any) -> Failure:
    """A failure that may be retried, unless `more` says otherwise."""
    return Failure(kind=kind, message=f"It was {kind}.", **{"retryable": True, **more})


def answer(*words: str) -> list[Step]:
    return [*map(TextDelta, words), DONE]


class ScriptedProvider:
    """Gives one turn after the other; without a turn left it answers "ok"."""

    def __init__(self, *turns: list[Step]) -> None:
        self.turns = list(turns)
        self.requests: list[ChatRequest] = []
        self.endpoints: list[Endpoint] = []
        self.open = 0
        self.mending: Callable[[ChatRequest, Failure], Quirks | None] = lambda *_: None
        self.listed: tuple[ModelInfo, ...] | Failure = ()

    async def stream(
        self, endpoint: Endpoint, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        self.endpoints.append(endpoint)
        self.requests.append(request)
        turn = self.turns.pop(0) if self.turns else answer("ok")
        self.open += 1
        try:
            await asyncio.sleep(0)
            for step in turn:
                match step:
                    case asyncio.Event():
                        await step.wait()
                    case Failure():
                        raise ChatError(step)
                    case BaseException():
                        raise step
                    case _:
                        yield step
        finally:
            self.open -= 1

    async def models(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        if isinstance(self.listed, Failure):
            raise ChatError(self.listed)
        return self.listed

    def mend(self, endpoint: Endpoint, request: ChatRequest, failure: Failure) -> Quirks | None:
        return self.mending(request, failure)


@dataclass
class _Timer:
    due_at: float
    call: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class HandClock:
    """Time stands still until `advance`; waits are over at once unless `holding`."""

    time: float = 1_000.0
    wall: float = 1_700_000_000.0
    factor: float = 1.0
    holding: bool = False
    waited: list[float] = field(default_factory=list)
    timers: list[_Timer] = field(default_factory=list)

    def advance(self, seconds: float) -> None:
        """Let time pass and call what is due."""
        self.time += seconds
        self.wall += seconds
        for timer in [t for t in self.timers if t.due_at <= self.time]:
            self.timers.remove(timer)
            if not timer.cancelled:
                timer.call()

    def call_later(self, delay_s: float, call: Callable[[], None]) -> _Timer:
        timer = _Timer(self.time + delay_s, call)
        self.timers.append(timer)
        return timer

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        self.waited.append(timeout_s)
        if self.holding:
            await event.wait()
        else:
            self.time += timeout_s

    def clock(self) -> Clock:
        return Clock(
            now=lambda: self.wall,
            monotonic=lambda: self.time,
            call_later=self.call_later,
            wait=self.wait,
            jitter=lambda: self.factor,
        )


class Bench:
    """The engine around chats: a scripted provider, a hand clock, a real database."""

    def __init__(self, folder: Path, *turns: list[Step]) -> None:
        self.provider = ScriptedProvider(*turns)
        self.hand = HandClock()
        self.settings = SETTINGS
        self.tasks = Tasks()
        self.key: str | None = "key"
        self.kept: dict[str, bytes] = {}
        self.database = Database.open(folder / "chats.sqlite3")
        self.conversations = Conversations(self.database)
        self.ended: list[Message] = []
        ids = itertools.count(1)
        self.around = Surroundings(
            backend=self.backend(),
            store=self.conversations,
            settings=lambda: self.settings,
            files=Files(),
            tasks=self.tasks,
            new_id=lambda: f"id{next(ids):05}",
        )

    def backend(self, *, retries: bool = True) -> Backend:
        return Backend(
            provider_of=lambda service: self.provider,
            key_of=self._key_of,
            keep_media=self._keep_media,
            quirks=LearnedQuirks(),
            clock=self.hand.clock(),
            retries=retries,
        )

    async def _key_of(self, service: Service) -> str | None:
        return self.key

    def _keep_media(self, event: MediaReceived) -> Media:
        if event.data is None:
            return Media(mime=event.mime, url=event.url)
        name = f"{len(self.kept):064}"
        self.kept[name] = event.data
        return Media(mime=event.mime, sha256=name, size_bytes=len(event.data))

    def new_chat(self) -> Chat:
        conversation = Conversation(id=self.around.new_id(), created_at=self.hand.wall)
        return self.chat(conversation, stored=False)

    def chat(
        self, conversation: Conversation, *, stored: bool = True, unsent: Unsent = Unsent()
    ) -> Chat:
        return Chat(
            conversation,
            unsent,
            self.around,
            stored=stored,
            told=lambda chat, change: None,
            ended=lambda chat, message: self.ended.append(message),
        )

    def reopened(self, chat: Chat) -> Chat:
        """The chat as another start of the program would find it."""
        loaded = self.conversations.load(chat.id)
        return self.chat(loaded, unsent=self.conversations.unsent(chat.id))

    async def settle(self) -> None:
        """Wait until no task runs, at most five seconds."""
        await self.until(lambda: not self.tasks.running)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until `true()`, at most five seconds."""
        async with asyncio.timeout(5):
            while not true():  # noqa: ASYNC110 - any turn of the loop may make it true
                await asyncio.sleep(0)

    async def close(self) -> None:
        await self.tasks.cancel_all()
        self.conversations.close()
        self.database.close()


def text(words: str) -> tuple[Text, ...]:
    return (Text(words),)


SAMPLING = Sampling(model="m1")
