"""One reply: a single coroutine asks, folds what arrives into the draft, and tries again.

Invariant: a request is repeated only while nothing of the answer was shown (R40), at most three
times, with the delay as visible state (R41, R42); a refused member is mended once (R2, R21, R59).
What had arrived is never dropped. Must not know conversations, storage or windows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from app.domain.errors import WANTS_ADDRESS, ChatError, ErrorKind, Failure, Phase
from app.domain.history import continuation_token, sealed
from app.domain.message import Finish, FinishReason, Media, Message, Notice, Timing
from app.domain.settings import Service
from app.domain.stream import (
    Draft,
    Finished,
    MediaReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
)
from app.domain.upload import Uploading
from app.domain.written_pictures import WrittenPictures
from app.i18n import tr
from app.providers.base import ChatRequest, Endpoint, Provider, Quirks
from app.providers.default_model import best_model, without_list
from app.tasks import Clock

MAX_RETRIES = 3
LONGEST_DELAY_S = 30.0
LONGEST_WISH_S = 120.0


class Change(Enum):
    """What a listener of a chat hears. `DRAFT` comes up to 500 times a second: only mark dirty."""

    TREE = auto()
    DRAFT = auto()
    STATE = auto()
    META = auto()


class ReplyState(StrEnum):
    """`KEYRING`: waiting for the key. `UPLOADING`: attachments go ahead of the question.
    `WAITING`: sent, nothing yet. `COUNTDOWN`: tries again."""

    IDLE = "idle"
    KEYRING = "keyring"
    UPLOADING = "uploading"
    WAITING = "waiting"
    REASONING = "reasoning"
    ANSWERING = "answering"
    COUNTDOWN = "countdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """The next try. `due_at` in seconds of the monotonic clock; try `attempt` of `of`, from 1."""

    due_at: float
    attempt: int
    of: int
    failure: Failure


class LearnedQuirks:
    """What was learned from refused requests, by id of the service and model (R2, R21, R59).

    `keep` is called with what is new; without it all is forgotten at the end.
    """

    def __init__(
        self,
        known: Mapping[tuple[str, str], Quirks] | None = None,
        keep: Callable[[str, str, Quirks], None] | None = None,
    ) -> None:
        self._known = dict(known or {})
        self._keep = keep

    def get(self, service: Service, model: str) -> Quirks:
        return self._known.get((service.id, model), Quirks())

    def learn(self, service: Service, model: str, quirks: Quirks) -> None:
        self._known[service.id, model] = quirks
        if self._keep is not None:
            self._keep(service.id, model, quirks)

    def forget(self, service_id: str) -> None:
        """The service lies elsewhere now: it may take what the one before refused."""
        for place in [place for place in self._known if place[0] == service_id]:
            del self._known[place]


async def _as_it_is(service: Service) -> Service:
    return service


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """What every reply of an engine uses.

    `key_of` may take as long as a keyring prompt and raises ChatError; `keep_media` stores a
    received picture and raises OSError when it cannot. `retries` is False for `--no-retry`.
    `whole` gives a service the headers that the settings do not hold, and raises ChatError.
    """

    provider_of: Callable[[Service], Provider]
    key_of: Callable[[Service], Awaitable[str | None]]
    keep_media: Callable[[MediaReceived], Media]
    quirks: LearnedQuirks
    clock: Clock = Clock()
    retries: bool = True
    whole: Callable[[Service], Awaitable[Service]] = _as_it_is


@dataclass(frozen=True, slots=True)
class History:
    """The messages of a request. `read` may raise OSError; of a long one it is for a thread."""

    read: Callable[[], tuple[Message, ...]]
    is_long: bool = False

    async def messages(self) -> tuple[Message, ...]:
        """Raises ChatError."""
        try:
            return await asyncio.to_thread(self.read) if self.is_long else self.read()
        except OSError as error:
            raise ChatError(Failure(kind=ErrorKind.PROTOCOL, message=str(error))) from error


class Reply:
    """`draft` is what has arrived, `state`, `countdown` and `upload` what is going on.

    `changed` is called once per event with `DRAFT`, and with `STATE` when `state` changes or an
    upload has come further.
    """

    def __init__(
        self,
        *,
        service: Service,
        request: ChatRequest,
        draft: Draft,
        backend: Backend,
        changed: Callable[[Change], None],
        history: History | None = None,
    ) -> None:
        """Without a `history` the request has its messages already."""
        self.service = service
        self.request = request
        self.draft = draft
        self.state = ReplyState.KEYRING
        self.countdown: Countdown | None = None
        self.upload: Uploading | None = None
        self._history = history
        self._backend = backend
        self._clock = backend.clock
        self._changed = changed
        self._written = WrittenPictures()
        self._mendings: list[Notice] = []
        self._deltas_before = 0
        self._now_please = asyncio.Event()
        self._before = draft.message.timing
        self.started_at = self._clock.monotonic()
        self.reasoning_started_at: float | None = None
        self._first_token_s: float | None = None
        self._reasoning_s: float | None = None
        self._ended_at: float | None = None

    @property
    def timing(self) -> Timing:
        """Seconds so far; an answer that goes on counts on from where it was."""
        now = self._clock.monotonic() if self._ended_at is None else self._ended_at
        reasoning_s = self._reasoning_s
        if self.reasoning_started_at is not None:
            reasoning_s = (reasoning_s or 0.0) + now - self.reasoning_started_at
        before = self._before
        return Timing(
            total_s=now - self.started_at + (before.total_s or 0.0),
            first_token_s=(
                self._first_token_s if before.first_token_s is None else before.first_token_s
            ),
            reasoning_s=reasoning_s,
        )

    def message(self, finish: Finish | None) -> Message:
        """The answer so far, its opaque state marked with who gave it. O(length)."""
        return sealed(self.draft.to_message(finish, self.timing), self.service)

    def retry_now(self) -> None:
        """End the countdown that runs, if one does."""
        self._now_please.set()

    async def run(self) -> Finish:
        """Ask until there is an answer or a failure that stands. Raises CancelledError (R24)."""
        try:
            key = await self._backend.key_of(self.service)
            endpoint = Endpoint(await self._backend.whole(self.service), key)
            if self._history is not None:
                messages = await self._history.messages()
                self.request = replace(self.request, messages=messages)
            if not _model(self.request):
                await self._choose_model(endpoint)
            return await self._ask_until_answered(endpoint)
        except ChatError as error:
            return self.ended(error.failure)

    def ended(self, failure: Failure | None = None) -> Finish:
        """How the reply ends, with `failure` or well. A finish that was seen stands (R17)."""
        self._end_timing()
        self._written.end_in(self.draft)
        finished = self.draft.finished
        if finished is not None and finished.reason is not FinishReason.ERROR:
            if failure is not None:
                sentence = tr("The connection failed after the answer was complete.")
                self.draft.note(Notice("failed_after_end", sentence))
            self._note_end(finished.reason)
            return Finish(reason=finished.reason, native=finished.native, complete=True)
        reason = finished.reason if finished else None
        native = finished.native if finished else None
        if failure is None:
            self._note_end(reason)
            return Finish(reason=reason, native=native, complete=True)
        if failure.kind is ErrorKind.BLOCKED:
            reason = FinishReason.CONTENT_FILTER
        if self.draft.visible:
            failure = replace(failure, phase=Phase.MID_STREAM)
        return Finish(reason=reason, native=native, failure=failure)

    def _note_end(self, reason: FinishReason | None) -> None:
        """Remark on what the provider has not remarked on."""
        draft = self.draft
        noted = {notice.code for notice in draft.notices}
        if reason is FinishReason.LENGTH and "length" not in noted:
            if draft.text or not draft.reasoning:
                sentence = tr("The answer reached its limit.")
            else:
                sentence = tr("All tokens went into thinking. Raise the output limit.")
            draft.note(Notice("length", sentence))
        elif not (draft.items or noted) and reason in (None, FinishReason.STOP):
            draft.note(Notice("empty", tr("The model sent an empty answer.")))

    def stopped(self) -> Finish:
        """How the reply ends when the person stops it now (R24)."""
        self._end_timing()
        self._written.end_in(self.draft)
        if self.draft.finished is not None:
            return self.ended()
        return Finish(reason=FinishReason.CANCELLED)

    async def _choose_model(self, endpoint: Endpoint) -> None:
        """Nobody chose a model: take one of the service's list, if it has one. Raises ChatError."""
        self._enter(ReplyState.WAITING)
        try:
            models = await self._backend.provider_of(self.service).models(endpoint)
        except ChatError as error:
            if error.failure.kind is not ErrorKind.NOT_FOUND:
                raise
            chosen = without_list(self.service)  # a chat works without a list (R22)
        else:
            chosen = best_model(self.service, models)
            if not chosen:
                words = tr("Choose a model for {service} first.", service=self.service.name)
                raise ChatError(Failure(kind=ErrorKind.MODEL_NOT_FOUND, message=words))
        sampling = replace(self.request.sampling, model=chosen)
        self.request = replace(self.request, sampling=sampling)
        self.draft.model = chosen

    async def _ask_until_answered(self, endpoint: Endpoint) -> Finish:
        request = self.request
        retries = 0
        while True:
            try:
                await self._ask(endpoint, request)
            except ChatError as error:
                failure = _blamed_on_missing_key(error.failure, endpoint)
                if self.draft.finished is not None or self.draft.visible:
                    self._keep_mending(request)
                    return self.ended(failure)
                if (mended := self._mended(endpoint, request, failure)) is not None:
                    request = mended
                elif (delay_s := self._delay_s(failure, retries)) is not None:
                    retries += 1
                    await self._count_down(failure, delay_s, retries)
                else:
                    if WANTS_ADDRESS in failure.codes:  # told before the next question
                        learned = replace(request.quirks, data_urls=False)
                        self._backend.quirks.learn(self.service, _model(request), learned)
                    return self.ended(failure)
                continue
            self._keep_mending(request)
            following = self._following(request)
            if following is None:
                return self.ended()
            request = following

    async def _ask(self, endpoint: Endpoint, request: ChatRequest) -> None:
        if not self.draft.visible:
            self.started_at = self._clock.monotonic()
        self._enter(ReplyState.WAITING)
        provider = self._backend.provider_of(self.service)
        watched = replace(request, on_upload=self._on_upload)
        async with aclosing(provider.stream(endpoint, watched)) as events:
            async for event in events:
                for each in self._written.passed(event):
                    self.draft.apply(each)
                    await self._mark_progress(each)
                self._changed(Change.DRAFT)
        self._written.end_in(self.draft)

    async def _mark_progress(self, event: StreamEvent) -> None:
        """Keep state and times; a branch that changes nothing costs one comparison."""
        match event:
            case TextDelta():
                if self.state is not ReplyState.ANSWERING:
                    self._begin_answer()
            case ReasoningDelta():
                if self.state is not ReplyState.REASONING:
                    self._begin_reasoning()
            case TextWasReasoning():
                if self._first_token_s is not None and self._reasoning_s is None:
                    elapsed_s = self._clock.monotonic() - self.started_at
                    self._reasoning_s = elapsed_s - self._first_token_s
            case ToolCallDelta():
                self._begin_answer()
            case MediaReceived():
                self._begin_answer()
                await self._keep_media(event)
            case Finished():
                self._end_timing()
            case _:
                pass

    def _on_upload(self, upload: Uploading | None) -> None:
        self.upload = upload
        self.state = ReplyState.WAITING if upload is None else ReplyState.UPLOADING
        self._changed(Change.STATE)

    def _begin_answer(self) -> None:
        self._mark_first_token()
        self._end_reasoning()
        self._enter(ReplyState.ANSWERING)

    def _begin_reasoning(self) -> None:
        self._mark_first_token()
        self.reasoning_started_at = self._clock.monotonic()
        self._enter(ReplyState.REASONING)

    def _end_reasoning(self) -> None:
        if self.reasoning_started_at is not None:
            elapsed_s = self._clock.monotonic() - self.reasoning_started_at
            self._reasoning_s = (self._reasoning_s or 0.0) + elapsed_s
            self.reasoning_started_at = None

    def _mark_first_token(self) -> None:
        if self._first_token_s is None:
            self._first_token_s = self._clock.monotonic() - self.started_at

    def _end_timing(self) -> None:
        if self._ended_at is None:
            self._end_reasoning()
            self._ended_at = self._clock.monotonic()

    async def _keep_media(self, event: MediaReceived) -> None:
        self.draft.received_media.remove(event)
        try:
            media = await asyncio.to_thread(self._backend.keep_media, event)
        except OSError as error:
            sentence = tr("A picture of this answer could not be saved: {reason}", reason=error)
            self.draft.note(Notice("media_lost", sentence))
        else:
            self.draft.add_media(media)

    def _mended(
        self, endpoint: Endpoint, request: ChatRequest, failure: Failure
    ) -> ChatRequest | None:
        """The request without what was refused; None: there is nothing to mend.

        An empty answer was no refusal: to ask otherwise then is to try again.
        """
        if failure.kind is ErrorKind.PROTOCOL and not self._backend.retries:
            return None
        provider = self._backend.provider_of(self.service)
        quirks = provider.mend(endpoint, request, failure)
        if quirks is None or quirks == request.quirks:
            return None
        self._mendings.append(Notice("mended", _mending(request.quirks, quirks)))
        stream = request.stream if quirks.stream is None else quirks.stream
        return replace(request, quirks=quirks, stream=stream)

    def _keep_mending(self, request: ChatRequest) -> None:
        """It helped: tell the person, and ask that way from now on."""
        if self._mendings:
            self._backend.quirks.learn(self.service, _model(request), request.quirks)
        for notice in self._mendings:
            self.draft.note(notice)
        self._mendings.clear()

    def _delay_s(self, failure: Failure, retries: int) -> float | None:
        """Seconds until the next try, None for none (R40, R41)."""
        allowed = min(MAX_RETRIES, failure.max_retries)
        if not (self._backend.retries and failure.retryable and retries < allowed):
            return None
        wish_s = failure.retry_after_s
        if wish_s is not None and wish_s > 0:
            return wish_s if wish_s <= LONGEST_WISH_S else None
        return min(LONGEST_DELAY_S, 2.0**retries) * self._clock.jitter()

    async def _count_down(self, failure: Failure, delay_s: float, attempt: int) -> None:
        self._now_please.clear()
        self.countdown = Countdown(
            due_at=self._clock.monotonic() + delay_s,
            attempt=attempt,
            of=min(MAX_RETRIES, failure.max_retries),
            failure=failure,
        )
        self._enter(ReplyState.COUNTDOWN)
        await self._clock.wait(self._now_please, delay_s)
        self.countdown = None

    def _following(self, request: ChatRequest) -> ChatRequest | None:
        """The same request with the token that the answer ended with (R54 CONTINUATION).

        None where there is no new token, or where the last request brought nothing.
        """
        finished = self.draft.finished
        token = continuation_token(finished.native if finished else None, self.draft.extras)
        if token is None or token == request.continuation_token:
            return None
        if self.draft.deltas == self._deltas_before:
            return None
        self._deltas_before = self.draft.deltas
        self.draft.begin_request()
        self._ended_at = None
        return replace(request, continuation_token=token)

    def _enter(self, state: ReplyState) -> None:
        if state is not self.state:
            self.state = state
            self._changed(Change.STATE)


def _model(request: ChatRequest) -> str:
    return request.sampling.model or ""


def _mending(before: Quirks, after: Quirks) -> str:
    dropped = sorted(after.dropped - before.dropped)
    if dropped:
        names = ", ".join(dropped)
        return tr("The service refused {names}; the question was sent without it.", names=names)
    if after.token_limit_field != before.token_limit_field:
        return tr("The service names the output limit otherwise; the question was sent again.")
    return tr("Streaming failed with this model; the answer came as a whole.")


def _blamed_on_missing_key(failure: Failure, endpoint: Endpoint) -> Failure:
    """Without a key, a refusal is about the key, whatever words the service finds for it.

    Not where another header lets in.
    """
    refused = failure.kind in (ErrorKind.AUTH, ErrorKind.PERMISSION)
    has_secret = endpoint.key is not None or bool(endpoint.other_secrets)
    if not refused or has_secret or endpoint.service.auth == "none":
        return failure
    name = endpoint.service.name or endpoint.service.base_url
    return replace(
        failure,
        kind=ErrorKind.AUTH,
        message=tr(
            "No key is set for {service}. It answered: {words}", service=name, words=failure.message
        ),
    )
