"""Bytes of an answer to JSON events: server-sent events, JSON documents, NDJSON and arrays.

Invariant: any splitting of the same bytes gives the same events (R3), nothing raises but
`TooLongError`, and a line in many pieces costs no more than in one (R10). The body's form is
decided from its first characters, never from a header (R9). Knows no network and no dialect.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

EVENT_LIMIT_CHARS = 64 * 1024 * 1024
HEAD_CHARS = 16 * 1024
GARBLED_CHARS = 2000
DONE = "[DONE]"

_BLANK = " \t\r\n"
_LINE_END = re.compile(r"\r\n|\r|\n")
_STRING_REST = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_STRUCTURE = re.compile(r'["{}\[\]\r\n]')
_STRUCTURE_IN_ARRAY = re.compile(r'["{}\[\],\r\n]')
_RAW_DATA_LINE = "de"  # no line of JSON begins with the first letter of "data" or "event"
_JSON = json.JSONDecoder(strict=False)


class Shape(Enum):
    """What the first characters say the body is."""

    UNKNOWN = auto()
    EVENTS = auto()
    JSON = auto()
    HTML = auto()


class TooLongError(Exception):
    """One event grew beyond `EVENT_LIMIT_CHARS`."""


@dataclass(frozen=True, slots=True)
class Event:
    """One JSON object of an answer, with the name of its SSE event ("" for none).

    `value` is `None` when the data was no JSON object; then `text` holds its beginning.
    """

    name: str
    value: dict[str, Any] | None
    text: str = ""


class Decoder:
    """Feed it bytes, then `end` it. `done` is set by `[DONE]`; what follows is ignored (R7).

    `head` keeps the first characters for an error message; `cut` says that the body ended inside
    a document or a line that could not be read; `parsed` counts the objects, `garbled` the rest.
    """

    def __init__(self) -> None:
        self.shape = Shape.UNKNOWN
        self.done = False
        self.cut = False
        self.parsed = 0
        self.garbled = 0
        self.head = ""
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._first = True
        self._events: list[Event] = []
        self._line: list[str] = []
        self._line_chars = 0
        self._after_cr = False
        self._after_document = False
        self._name = ""
        self._data: list[str] = []
        self._data_chars = 0
        self._document: _Document | None = None

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that `chunk` completes. Raises TooLongError. O(chunk)."""
        return self._take(self._utf8.decode(chunk))

    def end(self) -> list[Event]:
        """The events that the end of the body completes (R6)."""
        events = self._take(self._utf8.decode(b"", final=True))
        if self.done:
            return events
        if self._document is not None:
            self.cut = True
            self._add(self._name, self._document.rest())
            self._document = None
        if self._line:
            self._end_line()
        if not self.done:
            garbled_before = self.garbled
            self._dispatch()
            self.cut = self.cut or self.garbled > garbled_before
        return [*events, *self._flush()]

    def _flush(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _take(self, text: str) -> list[Event]:
        if self.done or not text:
            return []
        if self._first:
            self._first = False
            text = text.removeprefix("\ufeff")  # R4
        if len(self.head) < HEAD_CHARS:
            self.head += text[: HEAD_CHARS - len(self.head)]
        if self.shape is Shape.UNKNOWN:
            text = text.lstrip(_BLANK)
            if not text:
                return []
            self.shape = _shape(text[0])
        if self.shape is not Shape.HTML:
            self._scan(text)
        return self._flush()

    def _scan(self, text: str) -> None:
        at = 0
        while at < len(text) and not self.done:
            if self._document is not None:
                at = self._scan_document(self._document, text, at)
                continue
            if self._after_cr:
                self._after_cr = False
                if text[at] == "\n":
                    at += 1
                    continue
            if self._after_document:
                if text[at] in " \t":
                    at += 1
                    continue
                self._after_document = False
            if not self._line and text[at] in "{[" and self._may_begin_document():
                self._document = _Document(array=text[at] == "[")
                continue
            at = self._scan_line(text, at)

    def _scan_line(self, text: str, at: int) -> int:
        found = _LINE_END.search(text, at)
        if found is None:
            self._grow_line(text[at:])
            return len(text)
        if found.start() > at:
            self._grow_line(text[at : found.start()])
        # A CR may be the first half of CR LF in the next chunk: the line ends now, and a LF that
        # comes first is swallowed then (R3).
        self._after_cr = found[0] == "\r" and found.end() == len(text)
        self._end_line()
        return found.end()

    def _grow_line(self, piece: str) -> None:
        self._line.append(piece)
        self._line_chars += len(piece)
        if self._line_chars + self._data_chars > EVENT_LIMIT_CHARS:
            raise TooLongError

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line.clear()
        self._line_chars = 0
        if not line:
            self._dispatch()
            return
        name, _, value = line.partition(":")  # a comment has the empty name (R5)
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            if value.strip() == DONE:  # the blank line after it may never come (R7)
                self._dispatch()
                self.done = True
                return
            if value[:1] in ("{", "["):
                self._dispatch_whole()
            self._data.append(value)
            self._data_chars += len(value)

    def _may_begin_document(self) -> bool:
        """Whether a line that starts with a bracket is raw JSON and not part of an event (R8)."""
        self._dispatch_whole()
        return not self._data

    def _dispatch_whole(self) -> None:
        """Dispatch the event before a second document where the blank line was forgotten."""
        if len(self._data) != 1:
            return
        try:
            _JSON.decode(self._data[0])
        except (ValueError, RecursionError):
            return
        self._dispatch()

    def _dispatch(self) -> None:
        data, name = "\n".join(self._data), self._name
        self._data.clear()
        self._data_chars = 0
        self._name = ""
        if data.strip():  # otherwise a heartbeat (R6)
            self._add(name, data)

    def _scan_document(self, document: _Document, text: str, at: int) -> int:
        at = document.scan(text, at)
        if document.chars > EVENT_LIMIT_CHARS:
            raise TooLongError
        for piece in document.take():
            self._add(self._name, piece)
        if document.closed or document.broken:
            if document.broken:
                self._add(self._name, document.rest())
            self._document = None
            self._after_document = True
        return at

    def _add(self, name: str, text: str) -> None:
        """Put the JSON objects in `text` among the events, one after another (R9)."""
        at = 0
        found_any = False
        while not self.done:
            while at < len(text) and text[at] in _BLANK:
                at += 1
            if at == len(text):
                return
            if text.startswith(DONE, at) and text[at:].rstrip() == DONE:
                self.done = True
                return
            try:
                value, at = _JSON.raw_decode(text, at)
            except (ValueError, RecursionError):
                if not found_any:
                    self._add_garbled(name, text)
                return
            found_any = True
            for element in value if isinstance(value, list) else (value,):
                if isinstance(element, dict):
                    self.parsed += 1
                    self._events.append(Event(name, element))
                elif element is not None:
                    self._add_garbled(name, text)

    def _add_garbled(self, name: str, text: str) -> None:
        self.garbled += 1
        self._events.append(Event(name, None, text[:GARBLED_CHARS]))


class _Document:
    """Finds the end of one raw JSON document, or the elements of an array as they come.

    `broken` when a line begins like an event: the document will never be whole.
    """

    def __init__(self, *, array: bool) -> None:
        self.closed = False
        self.broken = False
        self.chars = 0
        self._array = array
        self._depth = 0
        self._in_string = False
        self._after_backslash = False
        self._at_line_start = False
        self._pieces: list[str] = []
        self._found: list[str] = []

    def take(self) -> list[str]:
        """The texts of the documents or elements found since the last call."""
        found, self._found = self._found, []
        return found

    def rest(self) -> str:
        """What was collected and did not end."""
        return "".join(self._pieces)

    def scan(self, text: str, at: int) -> int:
        """Collect from `text[at:]`; returns where the document ended, or the length of `text`."""
        begin = at
        while at < len(text):
            if self._in_string:
                at = self._skip_string(text, at)
                continue
            if self._at_line_start and text[at] in _RAW_DATA_LINE:
                self.broken = True
                break
            self._at_line_start = False
            inner = self._array and self._depth == 1
            found = (_STRUCTURE_IN_ARRAY if inner else _STRUCTURE).search(text, at)
            if found is None:
                at = len(text)
                break
            at = found.end()
            mark = found[0]
            if mark == '"':
                self._in_string = True
            elif mark in "\r\n":
                self._at_line_start = True
            elif mark in "{[":
                self._depth += 1
                if self._array and self._depth == 1:
                    begin = at
            elif mark == "," or self._depth == 1:
                element = text[begin : at if not self._array else at - 1]
                begin = at
                self._finish(element)
                if mark != ",":
                    self.closed = True
                    return at
            else:
                self._depth -= 1
        self._collect(text[begin:at])
        return at

    def _skip_string(self, text: str, at: int) -> int:
        if self._after_backslash:
            self._after_backslash = False
            return at + 1
        found = _STRING_REST.match(text, at)
        at = found.end() if found else at
        if at < len(text):
            self._in_string = text[at] != '"'
            self._after_backslash = self._in_string
            at += 1
        return at

    def _collect(self, piece: str) -> None:
        self._pieces.append(piece)
        self.chars += len(piece)

    def _finish(self, last: str) -> None:
        self._collect(last)
        whole = "".join(self._pieces)
        self._pieces.clear()
        self.chars = 0
        if self._array and whole.strip() == DONE[1:-1]:
            whole = DONE  # "[DONE]" on a line of its own looks like an array at first
        if whole.strip():
            self._found.append(whole)


def _shape(first: str) -> Shape:
    if first == "<":
        return Shape.HTML
    return Shape.JSON if first in "{[" else Shape.EVENTS
