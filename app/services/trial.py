"""Tests a connection step by step, with a plain verdict for each: address, key, list of models.

Invariant: nothing is asked of a model before the person agreed (`ask_a_little`), since that may
cost. A verdict says only what was seen: a list that anybody may read proves no key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import StrEnum

from app.advice import Suggestion, for_failure, suggestions
from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.message import Message, Role, Text
from app.domain.settings import Form, Sampling
from app.domain.stream import Draft
from app.i18n import tr, trn
from app.providers import Providers
from app.providers.base import ChatRequest, Endpoint, ModelInfo
from app.tasks import Clock

LITTLE_TOKENS = 64
_REFUSED = frozenset({ErrorKind.AUTH, ErrorKind.PERMISSION})
_NOBODY = frozenset({ErrorKind.NETWORK, ErrorKind.TIMEOUT})
_NO_API = frozenset({ErrorKind.NOT_FOUND, ErrorKind.PROTOCOL})


class StepKind(StrEnum):
    ADDRESS = "address"
    KEY = "key"
    MODELS = "models"
    ANSWER = "answer"


class StepState(StrEnum):
    """`UNKNOWN` is no fault: it could not be found out without asking the model."""

    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the verdict. `failure` has the details of a step that failed."""

    kind: StepKind
    state: StepState
    text: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole verdict. `suggestions` are other addresses to try (R43)."""

    steps: tuple[Step, ...] = ()
    models: tuple[ModelInfo, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    seconds: float = 0.0

    @property
    def works(self) -> bool:
        return all(step.state is not StepState.FAILED for step in self.steps)

    @property
    def sentence(self) -> str:
        """The verdict in one line: "Works · 412 ms", or what failed."""
        failed = next((step for step in self.steps if step.state is StepState.FAILED), None)
        if failed is not None:
            return failed.text
        return tr("Works · {milliseconds} ms", milliseconds=round(self.seconds * 1000))


class Trial:
    """One test of one service. `progress` hears every step when it begins and when it ends."""

    def __init__(
        self,
        providers: Providers,
        endpoint: Endpoint,
        progress: Callable[[Step], None],
        clock: Clock,
    ) -> None:
        self._providers = providers
        self._endpoint = endpoint
        self._service = endpoint.service
        self._progress = progress
        self._clock = clock
        self._steps: dict[StepKind, Step] = {}
        self._models: tuple[ModelInfo, ...] = ()
        self._suggestions: tuple[Suggestion, ...] = ()

    async def run(self) -> Report:
        """Ask for the list of models, and judge address and key by what comes."""
        began_s = self._clock.monotonic()
        self._tell(StepKind.ADDRESS, StepState.RUNNING)
        try:
            self._models = await self._list(self._endpoint)
        except ChatError as error:
            seconds = self._clock.monotonic() - began_s
            await self._judge(error.failure)
        else:
            seconds = self._clock.monotonic() - began_s
            self._address_answers()
            await self._judge_key_by(self._list_refusal)
            self._tell_models()
        return self._report(seconds)

    async def ask_a_little(self, model: str) -> Report:
        """Ask `model` for one word: the proof that everything works. May cost a little."""
        self._tell(StepKind.ANSWER, StepState.RUNNING)
        question = Message(
            id="q", parent_id=None, role=Role.USER, parts=(Text("Say OK."),), created_at=0.0
        )
        request = ChatRequest(
            messages=(question,),
            sampling=Sampling(model=model, max_tokens=LITTLE_TOKENS, show_reasoning=False),
            stream=self._service.stream,
        )
        began_s = self._clock.monotonic()
        failure = await self._answer(request)
        seconds = self._clock.monotonic() - began_s
        if failure is None:
            text = tr("{model} answers, after {seconds} s.", model=model, seconds=f"{seconds:.1f}")
            self._tell(StepKind.ANSWER, StepState.OK, text)
        else:
            self._fail(StepKind.ANSWER, failure)
        return self._report(seconds)

    async def _answer(self, request: ChatRequest) -> Failure | None:
        """What went wrong, after one mended request at most (R2); `None` for an answer."""
        provider = self._providers.of(self._service)
        for _ in range(2):
            draft = Draft(
                Message(id="a", parent_id="q", role=Role.ASSISTANT, parts=(), created_at=0)
            )
            try:
                async with aclosing(provider.stream(self._endpoint, request)) as events:
                    async for event in events:
                        draft.apply(event)
                return None
            except ChatError as error:
                failure = error.failure
            mended = provider.mend(self._endpoint, request, failure)
            if mended is None or draft.visible:
                return failure
            stream = request.stream if mended.stream is None else mended.stream
            request = replace(request, quirks=mended, stream=stream)
        return failure

    async def _list(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        return await self._providers.of(self._service).models(endpoint)

    async def _list_refusal(self, endpoint: Endpoint) -> Failure | None:
        try:
            await self._list(endpoint)
        except ChatError as error:
            return error.failure
        return None

    async def _knock(self, endpoint: Endpoint) -> Failure | None:
        from app.providers.probes import knock

        return await knock(self._providers.connections, endpoint)

    async def _judge(self, failure: Failure) -> None:
        """The list did not come: what does that say about address and key?"""
        if failure.kind in _NO_API:
            await self._judge_without_list(failure)
        elif failure.kind in _NOBODY:
            self._address_fails(failure)
        else:
            self._address_answers()
            if failure.kind in _REFUSED:
                self._fail(StepKind.KEY, failure)
                self._skip(StepKind.MODELS)
            elif failure.kind is ErrorKind.BILLING:
                self._tell(StepKind.KEY, StepState.OK, tr("The key is accepted."))
                self._fail(StepKind.MODELS, failure)
            else:
                text = tr("The service did not get to the key.")
                self._tell(StepKind.KEY, StepState.UNKNOWN, text)
                self._fail(StepKind.MODELS, failure)

    async def _judge_without_list(self, no_list: Failure) -> None:
        """R22: a service may do without a list. An empty question shows whether it is there."""
        failure = await self._knock(self._endpoint)
        if failure is not None and failure.kind in _NO_API | _NOBODY:
            self._address_fails(failure)
            return
        self._address_answers()
        if failure is not None and failure.kind in _REFUSED:
            self._fail(StepKind.KEY, failure)
            self._skip(StepKind.MODELS)
            return
        await self._judge_key_by(self._knock)
        self._tell(StepKind.MODELS, StepState.UNKNOWN, no_list.message)

    async def _judge_key_by(
        self, refusal_of: Callable[[Endpoint], Awaitable[Failure | None]]
    ) -> None:
        """The same request without the key shows whether the key made the difference."""
        service = self._service
        if service.auth == "none" or service.form is Form.DEMO:
            self._tell(StepKind.KEY, StepState.OK, tr("No key is needed."))
            return
        self._tell(StepKind.KEY, StepState.RUNNING)
        if self._endpoint.key is None:
            here = address.is_loopback(service.base_url)
            text = tr("No key is set, and none was asked for.")
            self._tell(StepKind.KEY, StepState.OK if here else StepState.UNKNOWN, text)
            return
        refusal = await refusal_of(Endpoint(service))
        if refusal is not None and refusal.kind in _REFUSED:
            self._tell(StepKind.KEY, StepState.OK, tr("The key is accepted."))
        else:
            text = tr("The service asks for the key only when a model answers.")
            self._tell(StepKind.KEY, StepState.UNKNOWN, text)

    def _tell_models(self) -> None:
        count = len(self._models)
        if count:
            self._tell(StepKind.MODELS, StepState.OK, trn("One model.", "{count} models.", count))
        elif address.is_loopback(self._service.base_url):
            text = tr("The list is empty. Load a model in {name} first.", name=self._service.name)
            self._tell(StepKind.MODELS, StepState.UNKNOWN, text)
        else:
            text = tr("The list is empty. Type the name of a model.")
            self._tell(StepKind.MODELS, StepState.UNKNOWN, text)

    def _address_answers(self) -> None:
        if self._service.form is Form.DEMO:
            text = tr("The demo is part of this program.")
        else:
            text = tr("{host} answers.", host=address.host(self._service.base_url))
        self._tell(StepKind.ADDRESS, StepState.OK, text)

    def _address_fails(self, failure: Failure) -> None:
        self._suggestions = suggestions(self._service, failure)
        self._fail(StepKind.ADDRESS, failure)
        self._skip(StepKind.KEY)
        self._skip(StepKind.MODELS)

    def _fail(self, kind: StepKind, failure: Failure) -> None:
        text = for_failure(failure, self._service).sentence
        self._tell(kind, StepState.FAILED, text, failure)

    def _skip(self, kind: StepKind) -> None:
        self._tell(kind, StepState.SKIPPED)

    def _tell(
        self, kind: StepKind, state: StepState, text: str = "", failure: Failure | None = None
    ) -> None:
        step = Step(kind=kind, state=state, text=text, failure=failure)
        self._steps[kind] = step
        self._progress(step)

    def _report(self, seconds: float) -> Report:
        return Report(
            steps=tuple(self._steps.values()),
            models=self._models,
            suggestions=self._suggestions,
            seconds=seconds,
        )
