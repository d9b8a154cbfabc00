"""Messages from a JSON file in the OpenAI form, as messages of ours; a chat that was exported too.

Invariant: what cannot be understood is refused with a sentence that names the place; nothing is
left out in silence. Bytes in data URLs go where `add_blob` puts them. Signatures and details of
reasoning are taken for those of the service that is asked.
"""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from app.domain.history import sealed
from app.domain.kinds import spelled
from app.domain.message import (
    Finish,
    Media,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from app.domain.recognition import HEAD_BYTES, recognise
from app.domain.settings import Form, Service
from app.domain.stream import mend_surrogates
from app.i18n import tr

AddBlob = Callable[[bytes], str]

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "tool": Role.TOOL}
_SYSTEM = ("system", "developer")
_ID = re.compile("[0-9a-f]{32}")
_SOUNDS = {"mp3": "audio/mp3", "wav": "audio/wav"}


class HistoryError(ValueError):
    """`str()` of it is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class History:
    """`system` holds the system messages, joined; `messages` are linked, oldest first.

    `id` and `title` are those of the chat, where the file was exported from one.
    """

    system: str
    messages: tuple[Message, ...]
    id: str = ""
    title: str = ""


def read_history(
    path: Path,
    service: Service,
    add_blob: AddBlob,
    new_id: Callable[[], str],
    now: float,
    *,
    as_it_was: bool = False,
) -> History:
    """The messages in the file at `path`, for `service`. Raises HistoryError.

    `as_it_was`: with the ids, times and models that the file names, for a chat that comes back.
    """
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig", "replace"))
        found = json.loads(mend_surrogates(json.dumps(found, ensure_ascii=False)))
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise HistoryError(tr("{path} is no JSON: {reason}", path=path, reason=error)) from error
    head = found if isinstance(found, dict) else {}
    entries = head.get("messages") if isinstance(found, dict) else found
    if not isinstance(entries, list):
        raise HistoryError(tr("{path} must hold a list of messages.", path=path))
    reader = _Reader(add_blob, new_id, now, as_it_was)
    for number, entry in enumerate(entries, 1):
        try:
            reader.read(entry)
        except _WrongError as error:
            words = tr("{path}, message {number}: {reason}", path=path, number=number, reason=error)
            raise HistoryError(words) from error
    messages = tuple(sealed(message, service) for message in reader.messages)
    title = head.get("title")
    return History(
        system="\n\n".join(reader.system),
        messages=messages,
        id=_own_id(head) or "",
        title=title if isinstance(title, str) else "",
    )


class _WrongError(ValueError):
    pass


class _Reader:
    def __init__(
        self, add_blob: AddBlob, new_id: Callable[[], str], now: float, as_it_was: bool
    ) -> None:
        self.system: list[str] = []
        self.messages: list[Message] = []
        self._add_blob = add_blob
        self._new_id = new_id
        self._now = now
        self._as_it_was = as_it_was
        self._called: dict[str, str] = {}

    def read(self, entry: object) -> None:
        """Add one message. Raises _WrongError."""
        if not isinstance(entry, dict):
            raise _WrongError(tr("a message is an object with role and content."))
        role, content = entry.get("role"), self._content(entry.get("content"))
        if role in _SYSTEM:
            self.system.append("\n".join(part.text for part in content if isinstance(part, Text)))
            return
        if role not in _ROLES:
            raise _WrongError(tr("the role {role} is not known.", role=json.dumps(role)))
        state: dict[str, object] = {}
        match _ROLES[role]:
            case Role.ASSISTANT:
                state = _state(entry)
                thought = entry.get("reasoning_content")
                before = isinstance(thought, str) and thought
                parts: list[Part] = [Reasoning(before)] if before else []
                parts += [*content, *self._calls(entry.get("tool_calls"))]
            case Role.TOOL:
                call_id = entry.get("tool_call_id")
                if not isinstance(call_id, str):
                    raise _WrongError(tr("a tool result names its tool_call_id."))
                output = "\n".join(part.text for part in content if isinstance(part, Text))
                name = self._called.get(call_id, str(entry.get("name") or ""))
                parts = [ToolResult(call_id=call_id, name=name, output=output)]
            case Role.USER:
                parts = content
        message = Message(
            id=self._new_id(),
            parent_id=self.messages[-1].id if self.messages else None,
            role=_ROLES[role],
            parts=tuple(parts),
            created_at=self._now,
            finish=Finish(complete=True) if _ROLES[role] is Role.ASSISTANT else None,
            provider_state=state,
        )
        self.messages.append(self._dated(message, entry) if self._as_it_was else message)

    def _dated(self, message: Message, entry: Mapping[str, object]) -> Message:
        """`message` as it was, as far as the file says."""
        own_id, model = _own_id(entry), entry.get("model")
        if own_id is None or any(each.id == own_id for each in self.messages):
            own_id = message.id
        try:
            when = datetime.fromisoformat(str(entry.get("created_at"))).timestamp()
        except (ValueError, OverflowError, OSError):
            when = message.created_at
        model = model if isinstance(model, str) else ""
        return replace(message, id=own_id, created_at=when, model=model)

    def _content(self, content: object) -> list[Part]:
        """Text first, in one part, then what is attached."""
        if content is None:
            return []
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        if not isinstance(content, list):
            raise _WrongError(tr("the content is a text or a list of parts."))
        texts: list[str] = []
        media: list[Part] = []
        for part in content:
            found = self._part(part)
            if isinstance(found, str):
                texts.append(found)
            else:
                media.append(found)
        text = "\n".join(texts)
        return [Text(text), *media] if text else media

    def _part(self, part: object) -> str | Media:
        match part:
            case {"type": "text" | "input_text" | "output_text", "text": str(text)}:
                return text
            case {"type": "image_url", "image_url": {"url": str(url)} | str(url)}:
                return self._media(url, "image/jpeg")
            case {"type": "video_url", "video_url": {"url": str(url)} | str(url)}:
                return self._media(url, "video/mp4")
            case {"type": "input_video", "input_video": {"data": str(data)}}:
                return self._blob(_decoded(data), "video/mp4")
            case {"type": "input_audio", "input_audio": {"data": str(data), **rest}}:
                sound = str(rest.get("format", "wav"))
                return self._blob(_decoded(data), _SOUNDS.get(sound, f"audio/{sound}"))
            case {"type": "file", "file": {"file_data": str(url), **rest}}:
                return self._media(url, "application/pdf", str(rest.get("filename", "")))
            case {"type": kind}:
                raise _WrongError(tr("a part of type {kind} is not known.", kind=json.dumps(kind)))
            case _:
                raise _WrongError(tr("a part is an object with a type."))

    def _media(self, url: str, usual: str, name: str = "") -> Media:
        if not url.startswith("data:"):
            path = urlsplit(url).path
            mime = spelled(mimetypes.guess_type(path)[0] or usual)
            return Media(mime=mime, url=url, name=name or path.rpartition("/")[2])
        head, comma, data = url.removeprefix("data:").partition(",")
        if not comma:
            raise _WrongError(tr("a data URL has a comma before its content."))
        mime, *options = head.split(";")
        content = _decoded(data) if "base64" in options else unquote_to_bytes(data)
        return self._blob(content, mime or usual, name)

    def _blob(self, data: bytes, mime: str, name: str = "") -> Media:
        """What it is, its content says, where that is plain."""
        mime = recognise(data[:HEAD_BYTES]) or spelled(mime)
        return Media(mime=mime, sha256=self._add_blob(data), name=name, size_bytes=len(data))

    def _calls(self, calls: object) -> list[ToolCall]:
        if calls is None:
            return []
        if not isinstance(calls, list):
            raise _WrongError(tr("tool_calls is a list."))
        return [self._call(call) for call in calls]

    def _call(self, call: object) -> ToolCall:
        match call:
            case {"function": {"name": str(name), **rest}, **around}:
                arguments = rest.get("arguments", "{}")
            case _:
                raise _WrongError(tr("a tool call has a function with a name."))
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        call_id = around.get("id")
        extra = around.get("extra_content")
        if isinstance(call_id, str):
            self._called[call_id] = name
        return ToolCall(
            id=call_id if isinstance(call_id, str) else None,
            name=name,
            arguments=arguments,
            extra={"extra_content": extra} if isinstance(extra, Mapping) else {},
        )


def _own_id(entry: Mapping[str, object]) -> str | None:
    """The id that the chat or message had here."""
    found = entry.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def _state(entry: Mapping[str, object]) -> dict[str, object]:
    """What a service wants back with its calls (wire reference 1.3)."""
    if not entry.get("tool_calls"):
        return {}
    state: dict[str, object] = {"form": Form.OPENAI.value}
    if isinstance(entry.get("reasoning_content"), str):
        state["reasoning_field"] = "reasoning_content"
    if isinstance(details := entry.get("reasoning_details"), list):
        state["reasoning_details"] = details
    if isinstance(extra := entry.get("extra_content"), Mapping):
        state["extra_content"] = dict(extra)
    return state


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _WrongError(tr("the content of an attachment is no base64.")) from error
