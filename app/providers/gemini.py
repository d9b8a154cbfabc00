"""Google's native form: generateContent, streamGenerateContent and the model list.

Invariant: an answer is complete only with a finishReason (R53), or when it is one whole JSON
document; whatever else ends it is a `ChatError`. The key goes in `x-goog-api-key` alone (R44).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from urllib.parse import urlencode

from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.message import FinishReason, Notice
from app.domain.settings import Sampling
from app.domain.stream import NoticeGiven, StateReported, StreamEvent
from app.i18n import tr, trn
from app.providers import gemini_models as models
from app.providers import gemini_request as requests
from app.providers import gemini_wire as wire
from app.providers.base import ChatRequest, Endpoint, ModelInfo, Quirks
from app.providers.complaints import is_error, read
from app.providers.connections import Connections
from app.providers.failures import classify
from app.providers.gemini_reply import Assembly
from app.providers.http import Exchange, fetch
from app.providers.sse import Event, Shape

LOG = logging.getLogger(__name__)
PAGE_ROWS = 1000
PAGES = 50
_OF_A_STREAM = (":", "data:", "event:", "id:", "retry:")
NO_STREAM_STATUS = frozenset({400, 404, 405, 415, 422, 501})

# Members that a model may refuse, and how a refusal names them (R2, R59). An answer in JSON is not
# among them: without it the answer is another one than was asked for.
_BLAMED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("temperature", "temperature"),
        ("topP", r"top_?p\b"),
        ("maxOutputTokens", "max_?output_?tokens"),
        ("systemInstruction", "system_?instruction|developer instruction"),
    )
)
_ABOUT_THINKING = re.compile("think|include_?thoughts")


_NO_LIST = frozenset({ErrorKind.NOT_FOUND, ErrorKind.MODEL_NOT_FOUND, ErrorKind.PROTOCOL})


class GeminiProvider:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def stream(
        self, endpoint: Endpoint, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """See `Provider.stream`. The state comes last, also before a failure."""
        endpoint = _with_key_header(endpoint)
        model = request.sampling.model or ""
        url = requests.chat_address(endpoint.service, model, stream=request.stream)
        if any(message.media for message in request.messages):
            body = await asyncio.to_thread(requests.encode, endpoint, request)
        else:
            body = requests.encode(endpoint, request)
        for notice in _hints(request.sampling):
            yield NoticeGiven(notice)
        assembly = Assembly()
        failure: ChatError | None = None
        exchange = Exchange(self._connections, endpoint, url, body=body, stream=request.stream)
        async with exchange as answer:
            try:
                while (events := await answer.read()) is not None:
                    for event in events:
                        for found in _events(event, answer, assembly):
                            yield found
                        answer.visible = assembly.visible
                        answer.ended = assembly.finished is not None
                _check_end(answer, assembly)
            except ChatError as error:
                failure = error
            # What was cut off is told otherwise; what is unreadable without it is told here (R11).
            if answer.decoder.garbled > answer.decoder.cut and assembly.visible:
                yield NoticeGiven(_skipped(answer.decoder.garbled - answer.decoder.cut))
            if assembly.parts:
                state = requests.state_of(endpoint.service, model, assembly.parts)
                yield StateReported(state)
            if failure is not None:
                raise failure

    async def models(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        """All pages of the list, without what cannot chat (R22)."""
        if not endpoint.service.models_path:
            raise ChatError(Failure(kind=ErrorKind.NOT_FOUND, message=_no_list()))
        try:
            return await self._listed(_with_key_header(endpoint))
        except ChatError as error:
            if error.failure.kind not in _NO_LIST:
                raise
            told = error.failure
            detail = f"{told.message}\n{told.detail}".strip()
            missing = replace(told, kind=ErrorKind.NOT_FOUND, message=_no_list(), detail=detail)
            raise ChatError(missing) from error

    async def _listed(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        service = endpoint.service
        place = address.join(requests.base_address(service), service.models_path)
        found: dict[str, ModelInfo] = {}
        token, seen = "", set[str]()
        for _ in range(PAGES):
            query = {"pageSize": str(PAGE_ROWS)} | ({"pageToken": token} if token else {})
            url = f"{place}?{urlencode(query)}"
            for page in await fetch(self._connections, endpoint, url):
                if is_error(page):
                    refusal = classify(200, {}, page, Phase.HTTP, key=endpoint.key, url=url)
                    raise ChatError(refusal)
                rows = map(models.model_info, wire.items(page, "models") or [page])
                found |= {row.id: row for row in rows if row is not None}
                token = wire.text(page, "nextPageToken")
            if not token or token in seen:
                break
            seen.add(token)
        return tuple(found.values())

    def mend(self, endpoint: Endpoint, request: ChatRequest, failure: Failure) -> Quirks | None:
        """Drop the member that was refused, or the streaming (R2, R21, R59)."""
        quirks, sampling = request.quirks, request.sampling
        said = f"{failure.param or ''} {failure.message}".lower()
        if failure.kind is ErrorKind.BAD_REQUEST and failure.http_status in (400, 422):
            control = endpoint.service.reasoning_control
            thinking = models.thinking_config(sampling, control, quirks.dropped)
            if thinking and _ABOUT_THINKING.search(said):
                wished = thinking.keys() - {"includeThoughts"}
                refused = "thinkingConfig" if "thoughts" in said or not wished else "thinkingLevel"
                return _without(quirks, refused)
            sent = _sent(sampling) - quirks.dropped
            for name, pattern in _BLAMED:
                if name in sent and pattern.search(said):
                    return _without(quirks, name)
        if request.stream and endpoint.service.stream_fallback and _is_about_stream(failure):
            return replace(quirks, stream=False)
        return None


def _with_key_header(endpoint: Endpoint) -> Endpoint:
    """A bearer is for OAuth, not for keys (wire reference 3.1)."""
    if endpoint.service.auth.strip().lower() != "bearer":
        return endpoint
    return replace(endpoint, service=replace(endpoint.service, auth="x-goog-api-key"))


def _events(event: Event, answer: Exchange, assembly: Assembly) -> Iterator[StreamEvent]:
    """What one JSON event says. Raises ChatError for an error in any of its forms (R57)."""
    is_failure = event.name == "error" if event.value is None else is_error(event.value, event.name)
    if not is_failure:
        if event.value is None:
            LOG.warning("An event of an answer was no JSON object and was passed over.")
        yield from assembly.feed(event.value or {})
    elif assembly.finished is None:
        raise answer.error(event)
    else:  # the answer stands (R17)
        said = answer.error(event).failure.message
        sentence = tr("After its end the service reported: {words}", words=said)
        yield NoticeGiven(Notice("failed_after_end", sentence))


def _check_end(answer: Exchange, assembly: Assembly) -> None:
    """Raises ChatError unless the answer ended well (R18, R53, R55)."""
    finished = assembly.finished
    if finished is None and assembly.block_reason and not assembly.visible:
        sentence = assembly.block_message or tr(
            "The provider's filter refused the question: {category}.",
            category=assembly.block_reason,
        )
        raise _failed(answer, ErrorKind.BLOCKED, sentence, assembly.block_reason)
    if finished is not None:
        if finished.reason is FinishReason.ERROR:
            word = finished.native or ""
            sentence = assembly.finish_message or tr("The model stopped with {word}.", word=word)
            raise _failed(answer, ErrorKind.SERVER, sentence, word)
        return
    if not assembly.visible:
        if _is_empty(answer):
            sentence = tr("The server sent an empty answer.")
            raise _failed(answer, ErrorKind.PROTOCOL, sentence, retries=1)
        words = read(answer.decoder.head).message
        sentence = tr("The server sent a text in place of an answer: {text}", text=words)
        raise _failed(answer, ErrorKind.PROTOCOL, sentence)
    if not _is_one_document(answer):
        sentence = tr("The answer ended before it was complete.")
        raise _failed(answer, ErrorKind.TRUNCATED, sentence)


def _is_empty(answer: Exchange) -> bool:
    """Whether nothing came, or only heartbeats, or documents that say nothing."""
    decoder = answer.decoder
    if decoder.parsed or decoder.garbled or decoder.shape is not Shape.EVENTS:
        return not decoder.garbled
    lines = decoder.head.replace("\r", "\n").split("\n")
    return all(not line.strip() or line.startswith(_OF_A_STREAM) for line in lines)


def _is_one_document(answer: Exchange) -> bool:
    """Whether a whole answer came, which needs no reason for its end (wire reference 1.5)."""
    decoder = answer.decoder
    begins = decoder.head.lstrip("\ufeff \t\r\n")[:1]
    whole = decoder.parsed == 1 and not decoder.garbled and not decoder.cut
    return decoder.shape is Shape.JSON and begins == "{" and whole


def _failed(
    answer: Exchange, kind: ErrorKind, sentence: str, code: str = "", *, retries: int = 0
) -> ChatError:
    failure = answer.failure(kind, sentence, retries=retries)
    return ChatError(replace(failure, codes=(code,) if code else ()))


def _skipped(count: int) -> Notice:
    sentence = trn(
        "One piece of this answer could not be read and was left out.",
        "{count} pieces of this answer could not be read and were left out.",
        count,
    )
    return Notice("events_skipped", sentence)


def _no_list() -> str:
    return tr("This server offers no list of models. Type the name of a model.")


def _hints(sampling: Sampling) -> Iterator[Notice]:
    """R58: from generation 3 on the sampling is best left alone."""
    version = models.generation(sampling.model or "")
    changed = sampling.temperature not in (None, 1) or sampling.top_p is not None
    if changed and version is not None and version >= (3, 0):
        sentence = tr("Gemini 3 is made for temperature 1; other values can make it repeat itself.")
        yield Notice("sampling", sentence)


def _sent(sampling: Sampling) -> set[str]:
    """The members that the person's wishes put into a request."""
    wishes = {
        "temperature": sampling.temperature,
        "topP": sampling.top_p,
        "maxOutputTokens": sampling.max_tokens,
        "systemInstruction": sampling.system_prompt or None,
    }
    return {name for name, value in wishes.items() if value is not None}


def _without(quirks: Quirks, name: str) -> Quirks:
    return replace(quirks, dropped=quirks.dropped | {name})


def _is_about_stream(failure: Failure) -> bool:
    """Whether the same question may be asked once more without streaming (R21)."""
    if failure.kind is ErrorKind.PROTOCOL:
        return failure.retryable  # an empty stream
    refused = failure.kind in (ErrorKind.BAD_REQUEST, ErrorKind.NOT_FOUND, ErrorKind.SERVER)
    mentions = "stream" in failure.message.lower()
    return refused and mentions and failure.http_status in NO_STREAM_STATUS
