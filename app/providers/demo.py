"""The demo: a model inside the program that streams an answer about the actual question.

Invariant: no network and no key; what it says comes from `demo_answers`. An answer that was
stopped or hit its limit can be continued, because the same question gives the same words.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence

from app.domain.errors import Failure
from app.domain.message import FinishReason, Message, Role, Usage
from app.domain.stream import (
    Finished,
    ModelReported,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    UsageReported,
)
from app.i18n import tr
from app.providers.base import GO_ON_ID, ChatRequest, Endpoint, ModelInfo, Quirks
from app.providers.demo_answers import Script, compose

MODEL = "demo"
VARIATIONS = 3
CONTEXT_TOKENS = 32_768
PIECE_S = 0.012
FIRST_PIECE_S = 0.25
CHARS_PER_TOKEN = 4
_PIECE = re.compile(r"\s*\S{1,12}|\s+")

Pause = Callable[[float], Awaitable[None]]


class DemoProvider:
    """`pause` waits that many seconds; `vary` picks one of so many ways to answer."""

    def __init__(self, pause: Pause = asyncio.sleep, vary: Callable[[int], int] | None = None):
        self._pause = pause
        self._vary = vary or random.randrange

    async def stream(
        self, endpoint: Endpoint, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """Like any model: reasoning, text, usage, end. Never raises ChatError."""
        script = self._script(request)
        sampling = request.sampling
        whole = script.reasoning if sampling.show_reasoning is not False else ""
        tokens = sampling.max_tokens
        limit = len(whole) + len(script.text) if tokens is None else tokens * CHARS_PER_TOKEN
        reasoning = whole[:limit]
        text = script.text[: limit - len(reasoning)]
        yield ModelReported(MODEL)
        await self._pause(FIRST_PIECE_S)
        for delta, said in ((ReasoningDelta, reasoning), (TextDelta, text)):
            for piece in _pieces(said) if request.stream else filter(None, (said,)):
                yield delta(piece)
                await self._pause(PIECE_S)
        yield UsageReported(_usage(request.messages, reasoning, text))
        if len(reasoning) + len(text) < len(whole) + len(script.text):
            yield Finished(FinishReason.LENGTH, "length")
        else:
            yield Finished(FinishReason.STOP, "stop")

    async def models(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        return (
            ModelInfo(
                id=MODEL,
                display=tr("Demo (offline)"),
                context=CONTEXT_TOKENS,
                vision=False,
                thinking=True,
            ),
        )

    def mend(self, endpoint: Endpoint, request: ChatRequest, failure: Failure) -> Quirks | None:
        return None

    def _script(self, request: ChatRequest) -> Script:
        questions = [m for m in request.messages if m.role is Role.USER]
        rest = questions and questions[-1].id == GO_ON_ID
        if rest:
            questions.pop()
        if not questions:
            return Script("", tr("There is no question."))
        if rest and (found := _rest(request, questions)) is not None:
            return found
        return _answer(request, questions, self._vary(VARIATIONS))


def _answer(request: ChatRequest, questions: Sequence[Message], variation: int) -> Script:
    return compose(
        questions[-1],
        turn=len(questions),
        json_answer=bool(request.sampling.json_answer),
        variation=variation,
    )


def _rest(request: ChatRequest, questions: Sequence[Message]) -> Script | None:
    """What is still to be said of the last answer; `None` where it was no answer of the demo."""
    said = next((m.text for m in reversed(request.messages) if m.role is Role.ASSISTANT), "")
    for variation in range(VARIATIONS):
        whole = _answer(request, questions, variation).text
        if whole.startswith(said):
            return Script("", whole.removeprefix(said))
    return None


def _pieces(text: str) -> Iterator[str]:
    """`text` cut into pieces about as long as a model's tokens."""
    return (found[0] for found in _PIECE.finditer(text))


def _usage(messages: Sequence[Message], reasoning: str, text: str) -> Usage:
    """An estimate that calls itself usage, as this model counts by letters."""
    prompt = _tokens("".join(m.text for m in messages))
    thought, written = _tokens(reasoning), _tokens(text)
    return Usage(
        prompt=prompt,
        completion=thought + written,
        total=prompt + thought + written,
        reasoning=thought,
        cached=0,
    )


def _tokens(text: str) -> int:
    return -(-len(text) // CHARS_PER_TOKEN)
