"""Pictures that a model writes into its text as data addresses, taken out while the text streams.

Invariant: text that is no such picture passes unchanged, at most held back for as long as it could
still become one; what stands in a block of code stays text. Cost of a delta: its length.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from app.domain.message import Notice
from app.domain.stream import Draft, MediaReceived, StreamEvent, TextDelta, UsageReported
from app.i18n import tr

MOST_ALT_CHARS = 400
MOST_HEAD_CHARS = MOST_ALT_CHARS + 120
_HEAD = re.compile(r"!\[([^\[\]\n]{0,400})\]\(\s*<?(data:image/[\w.+-]+)((?:;[\w=.-]+)*);base64,")
_DATA = "data:image/"
_SPACE = re.compile(r"\s+")
_FENCES = ("```", "~~~")
_FENCE_CHARS = 8


class WrittenPictures:
    """`passed` gives what goes on of an event; `rest` what is held at the end."""

    def __init__(self) -> None:
        self.cut = False
        """Whether the end came in the middle of a picture."""
        self._held = ""
        self._mime = ""
        self._content: list[str] = []
        self._line = ""
        self._in_code = False

    def passed(self, event: StreamEvent) -> Iterator[StreamEvent]:
        """What goes on now of `event`, in order."""
        if isinstance(event, TextDelta):
            yield from self._text(event.text)
            return
        holds = (self._held or self._mime) and not isinstance(event, UsageReported)
        if holds and (rest := self.rest()):
            yield TextDelta(rest)
        yield event

    def rest(self) -> str:
        """The text that was held back; of a picture that was cut off nothing."""
        held, self._held = self._held, ""
        if self._mime:
            self.cut = True
            self._mime = ""
            self._content.clear()
            return ""
        return held

    def end_in(self, draft: Draft) -> None:
        """No more comes: `draft` takes what is held, and a remark on a picture that was cut off."""
        draft.apply(TextDelta(self.rest()))
        if self.cut:
            sentence = tr("A picture of this answer was cut off.")
            draft.note(Notice("media_lost", sentence))

    def _text(self, text: str) -> Iterator[StreamEvent]:
        while text:
            if self._mime:
                content, end, text = text.partition(")")
                self._content.append(content)
                if end:
                    yield self._picture()
                continue
            text, self._held = self._held + text, ""
            start = text.find("!")
            while start >= 0 and not self._may_begin(text, start):
                start = text.find("!", start + 1)
            if start < 0:
                self._note(text)
                yield TextDelta(text)
                return
            if start:
                self._note(text[:start])
                yield TextDelta(text[:start])
            head = _HEAD.match(text, start)
            if head is None:
                self._held = text[start:]
                return
            self._mime = head[2].removeprefix("data:")
            self._held = head[0]
            text = text[head.end() :]

    def _may_begin(self, text: str, at: int) -> bool:
        """Whether a picture could begin there, as far as can be seen."""
        if not _HEAD.match(text, at) and not self._may_go_on(text, at):
            return False
        in_code, _ = self._after(text[:at])
        return not in_code

    def _may_go_on(self, text: str, at: int) -> bool:
        """Whether what comes next could make a picture's beginning of the end of `text`."""
        seen = text[at : at + MOST_HEAD_CHARS]
        if len(seen) == MOST_HEAD_CHARS or not "![".startswith(seen[:2]):
            return False
        alt, closed, rest = seen[2:].partition("]")
        if not closed:
            return "\n" not in alt and "[" not in alt
        if "\n" in alt or "[" in alt or not "(".startswith(rest[:1]):
            return False
        address = rest[1:].lstrip().removeprefix("<")
        return _DATA.startswith(address[: len(_DATA)]) and not _SPACE.search(address)

    def _picture(self) -> StreamEvent:
        """What was written; text where it is no picture after all."""
        content = "".join(self._content)
        self._content.clear()
        mime, self._mime = self._mime, ""
        head, self._held = self._held, ""
        plain = _SPACE.sub("", content.partition('"')[0]).removesuffix(">")
        try:
            data = base64.b64decode(plain, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if data:
            return MediaReceived(mime=mime, data=data)
        text = f"{head}{content})"
        self._note(text)
        return TextDelta(text)

    def _note(self, text: str) -> None:
        self._in_code, self._line = self._after(text)

    def _after(self, text: str) -> tuple[bool, str]:
        """Whether code is open after `text`, and how the line begins that it ends in."""
        in_code, line = self._in_code, self._line
        if "\n" not in text:
            return in_code, (line + text[:_FENCE_CHARS])[:_FENCE_CHARS]
        first, *others = text.split("\n")
        for each in ((line + first)[:_FENCE_CHARS], *others[:-1]):
            if each.lstrip(" ").startswith(_FENCES):
                in_code = not in_code
        return in_code, others[-1][:_FENCE_CHARS]
