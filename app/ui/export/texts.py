"""A chat as Markdown, and as JSON in the form in which services take conversations.

Invariant: nothing that was said is left out; what is stored here goes into the JSON whole, so that
`linnet ask --messages FILE.json` can go on from it. Runs on a thread.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app.domain.message import Media, Message, Reasoning, Role, Text, ToolCall, ToolResult
from app.i18n import tr
from app.ui.transcript.means import PathOf
from app.ui.transcript.wording import author, date_time


def markdown_of(title: str, messages: Sequence[Message]) -> str:
    """The chat with a heading for each message; what was thought is quoted."""
    blocks = [f"# {' '.join(title.split())}"]
    for message in messages:
        said = [_block(part) for part in message.parts]
        when = date_time(message.created_at)
        blocks += [f"## {author(message)}", f"*{when}*", *filter(None, said)]
    return "\n\n".join(blocks) + "\n"


def json_of(title: str, messages: Sequence[Message], path_of: PathOf, chat_id: str = "") -> str:
    """The chat as one object with a list of messages.

    By the ids it is known again, when it is brought back to where it came from.
    """
    whole = {"title": title, "messages": [_object(message, path_of) for message in messages]}
    if chat_id:
        whole = {"id": chat_id, **whole}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


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


def _object(message: Message, path_of: PathOf) -> dict[str, Any]:
    found: dict[str, Any] = {"id": message.id, "role": message.role.value}
    if message.role is Role.TOOL:
        result = next((part for part in message.parts if isinstance(part, ToolResult)), None)
        if result is not None:
            found |= {"tool_call_id": result.call_id, "name": result.name}
            found["content"] = result.output
    else:
        content = [*_contents(message.parts, path_of)]
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


def _contents(parts: Iterable[object], path_of: PathOf) -> Iterable[Mapping[str, Any]]:
    for part in parts:
        if isinstance(part, Text):
            yield {"type": "text", "text": part.text}
        elif isinstance(part, Media):
            yield _attachment(part, path_of)


def _attachment(media: Media, path_of: PathOf) -> Mapping[str, Any]:
    url = media.url
    if media.sha256 is not None:
        path = path_of(media.sha256)
        if path is None:
            return {"type": "text", "text": f"({media.name or media.mime})"}
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        url = f"data:{media.mime};base64,{data}"
    kind = media.mime.partition("/")[0]
    if kind in ("image", "video"):
        return {"type": f"{kind}_url", f"{kind}_url": {"url": url}}
    return {"type": "file", "file": {"filename": media.name, "file_data": url}}
