"""Reading Google's JSON: both spellings of a name, 64-bit numbers as texts, base64, parts.

Invariant: nothing here raises for what a service may send; what does not fit is absent. A number
that is missing is unknown, never 0 (wire reference 3.2).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.stream import mend_surrogates

_CAPITAL = re.compile("[A-Z]")
# The siblings of what a part is (wire reference 3.4).
_ABOUT_A_PART = frozenset(
    {"thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"}
)


def snake(name: str) -> str:
    return _CAPITAL.sub(lambda found: "_" + found[0].lower(), name)


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def member(value: object, name: str) -> Any:
    """Member `name` (camelCase) of a JSON object in either spelling; `None` where it is not."""
    if not isinstance(value, Mapping):
        return None
    found = value.get(name)
    return value.get(snake(name)) if found is None else found


def text(value: object, name: str) -> str:
    """A member that is a text; empty where it is not."""
    found = member(value, name)
    return found if isinstance(found, str) else ""


def items(value: object, name: str) -> list[Any]:
    """A member that is a list; empty where it is not."""
    found = member(value, name)
    return found if isinstance(found, list) else []


def number(value: object, name: str) -> int | None:
    """A whole number, also as a text (proto3 writes 64 bits so); `None` is unknown."""
    found = member(value, name)
    if isinstance(found, str):
        try:
            return int(found)
        except ValueError:
            return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return int(found) if found == found and abs(found) != float("inf") else None


def signature(part: object) -> str:
    return text(part, "thoughtSignature")


def is_thought(part: object) -> bool:
    return member(part, "thought") is True


def is_plain_text(part: Mapping[str, Any]) -> bool:
    """Whether `part` is text and nothing else: no signature, no unknown sibling (R51)."""
    return isinstance(part.get("text"), str) and part.keys() <= {"text", "thought"}


def is_nothing(part: Mapping[str, Any]) -> bool:
    """Whether `part` may be left out: an unsigned empty text or no content at all (R51)."""
    kinds = {camel(name) for name in part} - _ABOUT_A_PART
    return not signature(part) and (not kinds or (kinds == {"text"} and not part["text"]))


def merged(parts: Iterable[object]) -> list[dict[str, Any]]:
    """`parts` with neighbouring plain texts joined, order kept, nothing signed touched (R50).

    Unsigned thoughts are left out: they never go back.
    """
    found: list[dict[str, Any]] = []
    run: list[str] = []  # the pieces of the plain text at the end of `found`
    for each in parts:
        part = _without_blanks(each)
        if (is_thought(part) and not signature(part)) or is_nothing(part):
            continue
        if is_plain_text(part):
            run.append(part["text"])
            if len(run) > 1:
                continue
        else:
            _close(found, run)
            run = []
        found.append(part)
    _close(found, run)
    return [_mended(part) for part in found]


def _mended(value: Any) -> Any:
    """`value` without half surrogates, which no database and no encoder takes (R13)."""
    if isinstance(value, str):
        return value if value.isascii() else mend_surrogates(value)
    if isinstance(value, Mapping):
        return {_mended(name): _mended(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_mended(each) for each in value]
    return value


def _without_blanks(part: object) -> dict[str, Any]:
    """Some proxies write every member of a part, null or empty where it does not apply."""
    if not isinstance(part, Mapping):
        return {}
    return {
        name: value
        for name, value in part.items()
        if value is not None and (value != "" or camel(name) != "thoughtSignature")
    }


def _close(found: list[dict[str, Any]], run: list[str]) -> None:
    if len(run) > 1:
        found[-1] = {"text": "".join(run)}


def decoded(data: str) -> bytes | None:
    """Base64 in either alphabet, with or without padding; `None` where it is none."""
    ordinary = "".join(data.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(ordinary + "=" * (-len(ordinary) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def shown(part: object) -> str:
    """What of a part stands in the answer's text. Depends on this part alone.

    Code that the service ran and its output are shown as fenced blocks.
    """
    if is_thought(part):
        return ""
    if code := member(part, "executableCode"):
        language = text(code, "language").lower()
        word = "" if language == "language_unspecified" else language
        return fenced(text(code, "code"), word)
    if result := member(part, "codeExecutionResult"):
        return fenced(text(result, "output"), "output")
    return text(part, "text")


def shown_text(parts: Iterable[object]) -> str:
    return "".join(map(shown, parts))


def fenced(content: str, word: str) -> str:
    """A fenced block that no run of backticks in `content` can end."""
    longest = max((len(run) for run in re.findall("`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"\n\n{fence}{word}\n{content.rstrip()}\n{fence}\n\n"
