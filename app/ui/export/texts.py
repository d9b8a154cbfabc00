"""A chat as Markdown, and as JSON in the form in which services take conversations.

Invariant: comes in pieces, so that no chat and no attachment is in memory as a whole. Nothing that
was said is left out; what is stored here goes into the JSON whole, so that
`linnet ask --messages FILE.json` can go on from it. Runs on a thread.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.domain.message import Media, Message, Reasoning, Role, Text, ToolCall, ToolResult
from app.i18n import tr
from app.ui.transcript.means import PathOf
from app.ui.transcript.wording import author, date_time

PIECE_BYTES = 768 * 1024
"""Of an attachment; a multiple of three, so that the base64 of pieces joins."""


def markdown_pieces(title: str, messages: Iterable[Message]) -> Iterator[str]:
    """The chat with a heading for each message; what was thought is quoted."""
    yield f"# {' '.join(title.split())}\n"
    for message in messages:
        said = [_block(part) for part in message.parts]
        when = date_time(message.created_at)
        for block in (f"## {author(message)}", f"*{when}*", *filter(None, said)):
            yield f"\n{block}\n"


def json_pieces(
    title: str, messages: Iterable[Message], path_of: PathOf, chat_id: str = ""
) -> Iterator[str]:
    """The chat as one object with a list of messages.

    By the ids it is known again, when it is brought back to where it came from.
    """
    about = {"id": chat_id, "title": title} if chat_id else {"title": title}
    yield f'{_dumped(about)[:-2]},\n  "messages": ['
    between = ""
    for message in messages:
        files = _Files(path_of)
        text = _dumped(_object(message, files)).replace("\n", "\n    ")
        yield f"{between}\n    "
        yield from files.filled(text)
        between = ","
    yield "\n  ]\n}\n" if between else "]\n}\n"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


class _Files:
    """Attachments of a message; marks stand for their content until they are written."""

    def __init__(self, path_of: PathOf) -> None:
        self._path_of = path_of
        self._mark = uuid.uuid4().hex
        self._paths: list[Path] = []

    def base64_of(self, sha256: str) -> str | None:
        """What stands for the content; None where it is not here."""
        path = self._path_of(sha256)
        if path is None:
            return None
        self._paths.append(path)
        return f"{self._mark}-{len(self._paths) - 1};"

    def filled(self, text: str) -> Iterator[str]:
        """`text` with the content in the places of the marks. Raises OSError."""
        for at, piece in enumerate(re.split(rf"{self._mark}-(\d+);", text)):
            if at % 2 == 0:
                yield piece
                continue
            with self._paths[int(piece)].open("rb") as file:
                while data := file.read(PIECE_BYTES):
                    yield base64.b64encode(data).decode("ascii")


def _block(part: object) -> str:
    match part:
        case Text(text):
            return text.strip("\n")
        case Reasoning(text):
            lines = (tr("Reasoning"), "", *text.strip("\n").split("\n"))
            return "\n".join(f"> {line}".rstrip() for line in lines)
        case Media():
            name = part.name or part.mime
            words = name.replace("[", "(").replace("]", ")")
            return f"[{words}](<{part.url}>)" if part.url else f"({words})"
        case ToolCall():
            return f"```json\n{part.name}({part.arguments})\n```"
        case ToolResult():
            return _fenced(part.output)
    return ""


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


# The form of the Chat Completions API, with what else is known beside it.


def _object(message: Message, files: _Files) -> dict[str, Any]:
    found: dict[str, Any] = {"id": message.id, "role": message.role.value}
    if message.role is Role.TOOL:
        result = next((part for part in message.parts if isinstance(part, ToolResult)), None)
        if result is not None:
            found |= {"tool_call_id": result.call_id, "name": result.name}
            found["content"] = result.output
    else:
        content = [*_contents(message.parts, files)]
        plain = all(part["type"] == "text" for part in content)
        found["content"] = "".join(part["text"] for part in content) if plain else content
    if message.reasoning:
        found["reasoning_content"] = message.reasoning
    if message.tool_calls:
        found["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    found["created_at"] = datetime.fromtimestamp(message.created_at, UTC).isoformat()
    if message.model:
        found["model"] = message.model
    if message.usage is not None:
        found["usage"] = {name: n for name, n in asdict(message.usage).items() if n is not None}
    return found


def _contents(parts: Iterable[object], files: _Files) -> Iterable[Mapping[str, Any]]:
    for part in parts:
        if isinstance(part, Text):
            yield {"type": "text", "text": part.text}
        elif isinstance(part, Media):
            yield _attachment(part, files)


def _attachment(media: Media, files: _Files) -> Mapping[str, Any]:
    url = media.url
    if media.sha256 is not None:
        data = files.base64_of(media.sha256)
        if data is None:
            return {"type": "text", "text": f"({media.name or media.mime})"}
        url = f"data:{media.mime};base64,{data}"
    kind = media.mime.partition("/")[0]
    if kind in ("image", "video"):
        return {"type": f"{kind}_url", f"{kind}_url": {"url": url}}
    return {"type": "file", "file": {"filename": media.name, "file_data": url}}
