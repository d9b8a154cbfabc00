"""Encodes a `ChatRequest` as a chat/completions request (wire reference 1.2, 1.3).

Invariant: only members that the person or the service asked for are in the body (R1), and
`stream` always is. State of an answer goes back only where it came from; who it belongs to is
settled before (`app.domain.history`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain import address
from app.domain.errors import WANTS_ADDRESS, ChatError, ErrorKind, Failure, Phase
from app.domain.kinds import Carrier, carrier_of, could_lie_elsewhere, spelled
from app.domain.message import Media, Message, Role, ToolCall, ToolResult
from app.domain.quoting import quoted
from app.domain.settings import Sampling, Service
from app.i18n import tr
from app.providers.base import ChatRequest
from app.providers.body import Body, Inserts, plain_base64, takes_long

LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")
_SOUND_FORMATS = {"audio/wav": "wav", "audio/mp3": "mp3"}
_REFUSALS = frozenset({400, 415, 422})
_DATA_URL = re.compile(r"\bdata:|\bdata[ _-]?ur[il]s?\b|\bbase ?64\b", re.IGNORECASE)
_BAD_URL = re.compile(
    r"\b(?:image|video|media|file)?[ _]?urls?\b.{0,80}"
    r"(?:http|invalid|unsupported|not supported|not allowed|must|scheme|download|fetch|malformed)"
    r"|(?:invalid|unsupported|not a valid|only|must be|cannot fetch|could not download|"
    r"failed to (?:fetch|download)).{0,80}\b(?:image|video|media|file)?[ _]?urls?\b",
    re.IGNORECASE | re.DOTALL,
)

Json = dict[str, Any]
Base64Of = Callable[[str], str]
"""The base64 of stored content by its sha256. Raises KeyError for what is gone."""


def chat_address(service: Service) -> str:
    return address.join(service.base_url, service.path)


async def body(service: Service, request: ChatRequest) -> Body:
    """What goes over the wire: stored content is written into it piece by piece. Raises ChatError
    like `encode`."""
    inserts = Inserts(request.files.blobs)

    def made() -> Body:
        return inserts.body(encode(service, request, inserts.base64_of))

    return await asyncio.to_thread(made) if takes_long(request.messages) else made()


def encode(service: Service, request: ChatRequest, base64_of: Base64Of | None = None) -> Json:
    """The body. Extra members are merged last and win (R1). Raises ChatError for what a service
    cannot take in the last question. `base64_of` may give stand-ins for stored content.
    """
    content = _Content(service, request, base64_of or plain_base64(request.files.blobs))
    model = request.sampling.model or service.default_model
    body: Json = {
        **({"model": model} if model else {}),  # without one the service may choose
        "messages": _messages(service, request, content),
        "stream": asks_for_stream(request),
        **own_members(service, request),
    }
    extra = {**service.extra_body, **request.sampling.extra}
    if any(name in extra for name in LIMIT_FIELDS):  # never both
        for name in LIMIT_FIELDS:
            body.pop(name, None)
    return {**body, **extra}


def asks_for_stream(request: ChatRequest) -> bool:
    return request.stream and request.quirks.stream is not False


def limit_field(service: Service, request: ChatRequest) -> str:
    return request.quirks.token_limit_field or service.token_limit_field


def own_members(service: Service, request: ChatRequest) -> Json:
    """The members that can be dropped or renamed when a service refuses them (R2)."""
    sampling = request.sampling
    members: Json = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        limit_field(service, request): sampling.max_tokens,
        "response_format": {"type": "json_object"} if sampling.json_answer else None,
        **_reasoning(service, sampling),
    }
    if asks_for_stream(request) and service.send_stream_options:
        members["stream_options"] = {"include_usage": True}
    dropped = request.quirks.dropped
    return {k: v for k, v in members.items() if v is not None and k not in dropped}


def _reasoning(service: Service, sampling: Sampling) -> Json:
    """How this service is told how much to think, and whether to tell what it thought."""
    effort, shown = sampling.effort or None, sampling.show_reasoning
    match service.reasoning_control:
        case "none":
            return {}
        case "include_thoughts":
            return {"include_thoughts": shown, "reasoning_effort": effort}
        case "openrouter":
            wish: Json = {"effort": effort} if effort else {}
            if shown is False:
                wish["exclude"] = True
            return {"reasoning": wish or None}
        case "gemini" | "gemini_level" | "gemini_budget" if shown:
            thinking: Json = {"include_thoughts": True}
            if effort:  # not in both places
                thinking["thinking_level"] = effort
            return {"extra_body": {"google": {"thinking_config": thinking}}}
        case _:
            return {"reasoning_effort": effort}


def _messages(service: Service, request: ChatRequest, content: _Content) -> list[Json]:
    found: list[Json] = []
    if request.sampling.system_prompt:
        found.append({"role": service.system_role, "content": request.sampling.system_prompt})
    last = request.messages[-1] if request.messages else None
    for message in request.messages:
        match message.role:
            case Role.ASSISTANT:
                found += _answer(message)
            case Role.TOOL:
                found += _results(message)
            case Role.USER:
                if said := content.of(message, strict=message is last):
                    found.append({"role": "user", "content": said})
    return found


def _answer(message: Message) -> list[Json]:
    """An earlier answer: its text, its calls, and what its service wants back with them."""
    calls, state = message.tool_calls, message.provider_state
    if not message.text and not calls:
        return []
    entry: Json = {"role": "assistant", "content": message.text}
    if calls:
        entry["tool_calls"] = [_call(call, with_extra=bool(state)) for call in calls]
        if isinstance(details := state.get("reasoning_details"), list):
            entry["reasoning_details"] = details
        if state.get("reasoning_field") == "reasoning_content" and message.reasoning:
            entry["reasoning_content"] = message.reasoning
    if isinstance(extra := state.get("extra_content"), Mapping):
        entry["extra_content"] = dict(extra)
    return [entry]


def _call(call: ToolCall, *, with_extra: bool) -> Json:
    entry: Json = {
        "id": call.id or call.name,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments or "{}"},
    }
    extra = call.extra.get("extra_content")
    if with_extra and isinstance(extra, Mapping):
        entry["extra_content"] = dict(extra)
    return entry


def _results(message: Message) -> list[Json]:
    return [
        {"role": "tool", "tool_call_id": part.call_id or part.name, "content": part.output}
        for part in message.parts
        if isinstance(part, ToolResult)
    ]


class _Content:
    """What a person said, with what is attached, as one service takes it."""

    def __init__(self, service: Service, request: ChatRequest, base64_of: Base64Of) -> None:
        self._service = service
        self._blobs = request.files.blobs
        self._base64_of = base64_of

    def of(self, message: Message, *, strict: bool) -> str | list[Json]:
        """A plain text where there is nothing else: small servers refuse lists.

        Text goes first, then the files that are text, then the media. What the service cannot
        take is named where it was said earlier; with `strict` that raises ChatError.
        """
        media: list[Json] = []
        files: list[str] = []
        notes: list[str] = []
        for each in message.media:
            found = None if each.left_out else self._part(each)
            if isinstance(found, str):
                files.append(found)
            elif found is not None:
                media.append(found)
            elif strict and not each.left_out:
                raise ChatError(_not_taken(self._service, each))
            else:  # an earlier turn, said to another service: it must not stop the chat
                notes.append(f"[{each.name or each.mime or 'attachment'}]")
        text = "\n".join(filter(None, (message.text, *notes)))
        texts = [each for each in (text, *files) if each]
        if not media:
            return "\n\n".join(texts)
        return [*({"type": "text", "text": each} for each in texts), *media]

    def _part(self, media: Media) -> Json | str | None:
        """The part for `media`, a text for a file that is one, or `None` where the service cannot
        take it or its bytes are gone."""
        try:
            return self._carried(carrier_of(self._service, media), media)
        except KeyError:
            return None

    def _carried(self, carrier: Carrier | None, media: Media) -> Json | str | None:
        match carrier:
            case Carrier.PICTURE:
                return {"type": "image_url", "image_url": {"url": self._url(media)}}
            case Carrier.VIDEO:
                form = self._service.video_form
                return {"type": form, form: {"url": self._url(media)}}
            case Carrier.VIDEO_CONTENT:
                return {"type": "input_video", "input_video": {"data": self._content(media)}}
            case Carrier.SOUND:
                kind = _SOUND_FORMATS[spelled(media.mime)]
                sound = {"data": self._content(media), "format": kind}
                return {"type": "input_audio", "input_audio": sound}
            case Carrier.FILE:
                name = media.name or f"document.{media.mime.partition('/')[2]}"
                file = {"filename": name, "file_data": self._url(media)}
                return {"type": "file", "file": file}
            case Carrier.TEXT if media.sha256 is not None:
                text = self._blobs.read(media.sha256).decode("utf-8", "replace")
                return quoted(media.name, text)
            case _:
                return None

    def _url(self, media: Media) -> str:
        """The address, or the content as a data URL. Raises KeyError for bytes that are gone."""
        if media.url is not None:
            return media.url
        return f"data:{media.mime};base64,{self._base64_of(media.sha256 or '')}"

    def _content(self, media: Media) -> str:
        """The base64 of content that lies here, or in a data URL. Raises KeyError."""
        if media.url is not None:
            return media.url.partition(",")[2]
        return self._base64_of(media.sha256 or "")


def _not_taken(service: Service, media: Media) -> Failure:
    sentence = tr(
        "{service} cannot take {name} ({mime}). Remove it, or choose another service.",
        service=service.name or service.base_url,
        name=media.name or media.url or tr("the attachment"),
        mime=media.mime or tr("unknown type"),
    )
    return Failure(kind=ErrorKind.BAD_REQUEST, message=sentence)


def explained(service: Service, request: ChatRequest, failure: Failure) -> Failure:
    """A refusal, marked when it means that the service takes pictures by their address only."""
    before = failure.phase is not Phase.MID_STREAM and failure.http_status in _REFUSALS
    if before and holds_data_urls(service, request) and blames_data_url(failure):
        return replace(failure, codes=(WANTS_ADDRESS, *failure.codes))
    return failure


def holds_data_urls(service: Service, request: ChatRequest) -> bool:
    """Whether a picture or a video goes inside the request, where an address could go."""
    return any(
        could_lie_elsewhere(service, media)
        for message in request.messages
        for media in message.media
    )


def blames_data_url(failure: Failure) -> bool:
    """Whether a refusal says that it wants an address where content came."""
    said = f"{failure.param or ''} {failure.message}"
    return _DATA_URL.search(said) is not None or _BAD_URL.search(said) is not None


def blamed_member(failure: Failure, members: Sequence[str]) -> str | None:
    """Which of our `members` a refusal names, by `param` or in its message (R2)."""
    param = (failure.param or "").split(".")[0].split("[")[0]
    if param in members:
        return param
    words = _words(failure.message)
    # The longest first: "max_tokens" is a word of its own, and "reasoning" is a word of English.
    by_length = sorted(members, key=len, reverse=True)
    return next((name for name in by_length if name != "reasoning" and name in words), None)


def _words(message: str) -> frozenset[str]:
    cleared = "".join(c if c.isalnum() or c == "_" else " " for c in message)
    return frozenset(cleared.split())
