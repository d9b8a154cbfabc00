"""Encodes a `ChatRequest` as a chat/completions request (wire reference 1.2, 1.3).

Invariant: pure; only members that the person or the service asked for are in the body (R1), and
`stream` always is. State of an answer goes back only where it came from; who it belongs to is
settled before (`app.domain.history`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.message import Media, Message, Role, ToolCall, ToolResult
from app.domain.settings import Sampling, Service
from app.i18n import tr
from app.providers.base import ChatRequest, ReadBlob

LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")
# How this program calls the formats of sound, and how the OpenAI form does.
_SOUND_FORMATS = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "x-flac": "flac"}

Json = dict[str, Any]


def chat_address(service: Service) -> str:
    return address.join(service.base_url, service.path)


def encode(service: Service, request: ChatRequest) -> Json:
    """The body. Extra members are merged last and win (R1). Raises ChatError for what a service
    cannot take in the last question.
    """
    body: Json = {
        "model": request.sampling.model or service.default_model,
        "messages": _messages(service, request),
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


def _messages(service: Service, request: ChatRequest) -> list[Json]:
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
                content = _content(service, message, request.read_blob, strict=message is last)
                if content:
                    found.append({"role": "user", "content": content})
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


def _content(
    service: Service, message: Message, read_blob: ReadBlob, *, strict: bool
) -> str | list[Json]:
    """A plain text where there is nothing else: small servers refuse lists. Text goes first."""
    parts: list[Json] = []
    notes: list[str] = []
    for media in message.media:
        part = _media(service, media, read_blob)
        if part is not None:
            parts.append(part)
        elif strict:
            raise ChatError(_not_taken(service, media))
        else:  # an earlier turn, said to another service: it must not stop the chat
            notes.append(f"[{media.name or media.mime or 'attachment'}]")
    text = "\n".join(filter(None, (message.text, *notes)))
    if not parts:
        return text
    return [{"type": "text", "text": text}, *parts] if text else parts


def _media(service: Service, media: Media, read_blob: ReadBlob) -> Json | None:
    """The part for `media`, or `None` where the service cannot take it or its bytes are gone."""
    kind, _, subtype = media.mime.partition("/")
    try:
        match kind:
            case "video":
                return _video(service, media, read_blob)
            case "audio" if service.takes_audio and media.sha256 is not None:
                data = _base64(read_blob(media.sha256))
                sound = {"data": data, "format": _SOUND_FORMATS.get(subtype, subtype)}
                return {"type": "input_audio", "input_audio": sound}
            case "application" if service.takes_file:
                name = media.name or f"document.{subtype}"
                file = {"filename": name, "file_data": _url(media, read_blob)}
                return {"type": "file", "file": file}
            case "text" if media.sha256 is not None:
                text = read_blob(media.sha256).decode("utf-8", "replace")
                return {"type": "text", "text": f"{media.name}\n\n{text}".strip()}
            case "image" | "":
                return _picture(service, media, read_blob)
    except KeyError:
        return None
    return None


def _picture(service: Service, media: Media, read_blob: ReadBlob) -> Json | None:
    is_data = media.url is None or media.url.startswith("data:")
    if not (service.takes_image_data if is_data else service.takes_image_url):
        return None
    return {"type": "image_url", "image_url": {"url": _url(media, read_blob)}}


def _video(service: Service, media: Media, read_blob: ReadBlob) -> Json | None:
    match service.video_form:
        case "image_url" | "video_url" as name:
            return {"type": name, name: {"url": _url(media, read_blob)}}
        case "input_video" if media.sha256 is not None:
            data = _base64(read_blob(media.sha256))
            return {"type": "input_video", "input_video": {"data": data}}
        case _:
            return None


def _url(media: Media, read_blob: ReadBlob) -> str:
    """The address, or the content as a data URL. Raises KeyError for bytes that are gone."""
    if media.url is not None:
        return media.url
    return f"data:{media.mime};base64,{_base64(read_blob(media.sha256 or ''))}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _not_taken(service: Service, media: Media) -> Failure:
    sentence = tr(
        "{service} cannot take {name} ({mime}). Remove it, or choose another service.",
        service=service.name or service.base_url,
        name=media.name or media.url or tr("the attachment"),
        mime=media.mime or tr("unknown type"),
    )
    return Failure(kind=ErrorKind.BAD_REQUEST, message=sentence)


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
