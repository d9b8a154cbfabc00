"""Encodes a `ChatRequest` as a generateContent request (wire reference 3.2 to 3.8).

Invariant: pure; only members that the person or the service asked for are in the body (R1). What
a model said goes back verbatim to the host and model it came from, and nowhere else (R50, R51).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from app.domain import address
from app.domain.kinds import TEXT, VIDEO, is_youtube, kind_of, spelled
from app.domain.message import (
    Media,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from app.domain.quoting import quoted
from app.domain.settings import Sampling, Service
from app.providers import gemini_wire as wire
from app.providers.base import BlobSource, ChatRequest, Endpoint
from app.providers.body import plain_base64
from app.providers.gemini_models import generation, thinking_config

VERSION_PATH = "/v1beta"
# Stands for the signature of a call that another model made (wire reference 3.4).
ANY_SIGNATURE = "skip_thought_signature_validator"

Json = dict[str, Any]
Uploaded = Mapping[tuple[str, str], str]
Base64Of = Callable[[str], str]
"""The base64 of stored content by its sha256. Raises KeyError for what is gone."""


def base_address(service: Service) -> str:
    """The address up to the API version, which is added where the base does not end with one."""
    if address.is_version(address.last_segment(service.base_url)):
        return service.base_url.rstrip("/")
    written = service.path.strip("/")
    known = address.is_version(written.rpartition("/")[2])
    return address.join(service.base_url, written if known else VERSION_PATH)


def chat_address(service: Service, model: str, *, stream: bool) -> str:
    """A stream is asked for as events; without `alt=sse` Google sends an array in pieces."""
    name = model if model.startswith(("models/", "tunedModels/")) else f"models/{model}"
    method = ":streamGenerateContent?alt=sse" if stream else ":generateContent"
    return address.join(base_address(service), quote(name, safe="/:@-._~") + method)


def encode(
    endpoint: Endpoint,
    request: ChatRequest,
    base64_of: Base64Of | None = None,
    uploaded: Uploaded | None = None,
) -> Json:
    """The body. Extra members are merged last, object into object, and win (R1).

    `base64_of` may give stand-ins for stored content; what is `uploaded` (sha256 and type -> its
    address) is referred to.
    """
    service, sampling, dropped = endpoint.service, request.sampling, request.quirks.dropped
    blobs = request.files.blobs
    content = _MediaParts(blobs, base64_of or plain_base64(blobs), uploaded or {})
    turns = _Turns(service, sampling.model or "", content)
    for message in request.messages:
        turns.add(message)
    contents = turns.contents()
    body: Json = {"contents": contents}
    if sampling.system_prompt:
        instruction = {"text": sampling.system_prompt}
        if "systemInstruction" in dropped:
            contents[:] = _joined([{"role": "user", "parts": [instruction]}, *contents])
        else:
            body["systemInstruction"] = {"role": "user", "parts": [instruction]}
    if config := _generation_config(service, sampling, dropped):
        body["generationConfig"] = config
    if request.continuation_token:
        body["continuationToken"] = request.continuation_token
    return _over(_over(body, service.extra_body), sampling.extra)


def _generation_config(service: Service, sampling: Sampling, dropped: frozenset[str]) -> Json:
    config: Json = {
        "temperature": sampling.temperature,
        "topP": sampling.top_p,
        "maxOutputTokens": sampling.max_tokens,
        "responseMimeType": "application/json" if sampling.json_answer else None,
        "thinkingConfig": thinking_config(sampling, service.reasoning_control, dropped) or None,
    }
    return {k: v for k, v in config.items() if v is not None and k not in dropped}


def _over(base: Json, wishes: Mapping[str, Any]) -> Json:
    """`base` with `wishes` laid over it; objects are merged, everything else is replaced."""
    merged = dict(base)
    for name, value in wishes.items():
        below = merged.get(name)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[name] = _over(dict(below), value)
        else:
            merged[name] = value
    return merged


def state_of(service: Service, model: str, parts: Sequence[object]) -> Json:
    """What `Message.provider_state` keeps of an answer: its parts and where they belong.

    The bytes of pictures are kept with the attachments; the state names them by their hash.
    """
    return {
        "form": "gemini",
        "host": _origin(service),
        # A list, so that an answer by two models shows as one.
        "models": [model],
        "parts": wire.merged(parts),
    }


def _origin(service: Service) -> str:
    parts = address.split(service.base_url)
    return f"{parts.scheme}://{parts.netloc}".lower()


class _Turns:
    """Collects the contents of one request, in the order of the messages."""

    def __init__(self, service: Service, model: str, media: _MediaParts) -> None:
        self._service = service
        self._model = model
        self._media = media
        self._found: list[Json] = []

    def add(self, message: Message) -> None:
        if message.role is Role.ASSISTANT:
            self._found.append({"role": "model", "parts": self._said(message)})
        else:
            parts = _single_video_first(message.parts)
            self._found.append({"role": "user", "parts": self._parts(parts)})

    def contents(self) -> list[Json]:
        return _joined(self._found)

    def _said(self, message: Message) -> list[Json]:
        """An answer as it came, where it came from here; otherwise told again (R50, R51).

        One of which a picture is left out by now is told again.
        """
        state = message.provider_state
        kept = state.get("parts")
        cut = any(media.left_out for media in message.media)
        if self._is_own(state) and isinstance(kept, list) and not cut:
            whole = _completed(kept, message.text)
            if whole is not None:
                loaded = map(self._with_data, wire.merged(whole))
                return [part for part in loaded if part is not None]
        return self._signed(message, self._parts(message.parts))

    def _is_own(self, state: Mapping[str, Any]) -> bool:
        """A signature belongs to one host and model; anywhere else it is refused (R51)."""
        return (
            state.get("form") == "gemini"
            and state.get("host") == _origin(self._service)
            and all(model == self._model for model in state.get("models", ()))
        )

    def _with_data(self, part: Json) -> Json | None:
        """`part` with the bytes that its hash stands for; `None` where they are gone."""
        inline = wire.member(part, "inlineData")
        if not isinstance(inline, Mapping) or "sha256" not in inline:
            return part
        media = Media(mime=wire.text(inline, "mimeType"), sha256=inline["sha256"])
        loaded = self._media.inline(media)
        name = "inlineData" if "inlineData" in part else "inline_data"
        return None if loaded is None else {**part, name: loaded["inlineData"]}

    def _signed(self, message: Message, parts: list[Json]) -> list[Json]:
        """From generation 3 on, the first call of a step is refused without a signature."""
        calls = [part for part in parts if "functionCall" in part]
        if message.provider_state.get("form") == "openai":  # of this service, in that form's words
            for part, call in zip(calls, message.tool_calls, strict=True):
                google = wire.member(call.extra.get("extra_content"), "google")
                if signature := wire.text(google, "thoughtSignature"):
                    part["thoughtSignature"] = signature
        version = generation(self._model)
        if calls and (version is None or version >= (3, 0)):
            calls[0].setdefault("thoughtSignature", ANY_SIGNATURE)
        return parts

    def _parts(self, parts: Sequence[Part]) -> list[Json]:
        return [found for part in parts if (found := self._part(part)) is not None]

    def _part(self, part: Part) -> Json | None:
        match part:
            case Text(text):
                return {"text": text} if text else None
            case Reasoning():
                return None
            case Media():
                return self._media.part(part)
            case ToolCall():
                call = {"id": part.id, "name": part.name, "args": _arguments(part.arguments)}
                return {"functionCall": {k: v for k, v in call.items() if v is not None}}
            case ToolResult():
                outcome = {"error" if part.is_error else "output": part.output}
                return _response(part.call_id, part.name, outcome)


class _MediaParts:
    """What is attached, as parts: own content inline or as an upload, addresses as files."""

    def __init__(self, blobs: BlobSource, base64_of: Base64Of, uploaded: Uploaded) -> None:
        self._blobs = blobs
        self._base64_of = base64_of
        self._uploaded = uploaded

    def part(self, media: Media) -> Json | None:
        """`None` where the bytes are gone. What is left out is named."""
        if media.left_out:
            return {"text": f"[{media.name or media.mime}]"}
        if media.sha256 is not None and kind_of(media) is TEXT:
            return self._text(media)
        if media.url is not None and not media.url.startswith("data:"):
            found: Json | None = _reference(media.mime, media.url)
        elif (uri := self._uploaded.get((media.sha256 or "", media.mime))) is not None:
            found = _reference(media.mime, uri)
        else:
            found = self.inline(media)
        about = _video_metadata(media)
        return {**found, "videoMetadata": about} if found and about else found

    def inline(self, media: Media) -> Json | None:
        """With its content; `None` where the bytes are gone."""
        if media.sha256 is not None:
            try:
                return _inline(media.mime, self._base64_of(media.sha256))
            except KeyError:
                return None
        head, _, content = (media.url or "").partition(",")
        mime = head.removeprefix("data:").partition(";")[0] or media.mime
        own = wire.decoded(content) if ";base64" in head else unquote_to_bytes(content)
        return None if own is None else _inline(mime, base64.b64encode(own).decode("ascii"))

    def _text(self, media: Media) -> Json | None:
        try:
            data = self._blobs.read(media.sha256 or "")
        except KeyError:
            return None
        return {"text": quoted(media.name, data.decode("utf-8", "replace"))}


def _reference(mime: str, url: str) -> Json:
    if is_youtube(url) or not mime:
        return {"fileData": {"fileUri": url}}
    return {"fileData": {"mimeType": spelled(mime), "fileUri": url}}


def _video_metadata(media: Media) -> Json:
    """Which part of a video is meant, and how many pictures of a second (wire reference 3.9)."""
    if kind_of(media) is not VIDEO:
        return {}
    found: Json = {
        "startOffset": _duration(media.start_s),
        "endOffset": _duration(media.end_s),
        "fps": media.frames_per_s,
    }
    return {name: value for name, value in found.items() if value is not None}


def _duration(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"


def _completed(kept: list[Any], text: str) -> list[Any] | None:
    """The kept parts with what of `text` they lack; `None` where the two do not fit together.

    An answer that took two requests may have the state of one of them only.
    """
    known = wire.shown_text(kept)
    if text.endswith(known):
        return [{"text": text.removesuffix(known)}, *kept]
    if text.startswith(known):
        return [*kept, {"text": text.removeprefix(known)}]
    return None


def _joined(turns: Sequence[Json]) -> list[Json]:
    """Turns without empty ones, neighbours of one role made one (wire reference 3.3)."""
    found: list[Json] = []
    for turn in turns:
        if not turn["parts"]:
            continue
        if found and found[-1]["role"] == turn["role"]:
            found[-1] = {**turn, "parts": [*found[-1]["parts"], *turn["parts"]]}
        else:
            found.append(turn)
    return found


def _response(call_id: str | None, name: str, outcome: Json) -> Json:
    response: Json = {"id": call_id, "name": name, "response": outcome}
    return {"functionResponse": {k: v for k, v in response.items() if v is not None}}


def _inline(mime: str, data: str) -> Json:
    return {"inlineData": {"mimeType": spelled(mime) or "application/octet-stream", "data": data}}


def _arguments(raw: str) -> Json:
    """A call's arguments as an object, which is all that Google takes."""
    try:
        parsed = json.loads(raw or "{}")
    except ValueError:
        return {"arguments": raw}
    return parsed if isinstance(parsed, dict) else {"arguments": parsed}


def _single_video_first(parts: Sequence[Part]) -> Sequence[Part]:
    """Google advises to put a single video before the text (wire reference 3.9)."""
    videos = [p for p in parts if isinstance(p, Media) and kind_of(p) is VIDEO]
    if len(videos) != 1:
        return parts
    return [*videos, *(part for part in parts if part is not videos[0])]
