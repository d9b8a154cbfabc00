"""Colours for code, line by line, with the lexer's state kept between lines.

A line costs its length, whatever came before. Most lexers can be driven so; the others get each
line by itself. `recolour` lexes a block once more as a whole, in steps, for when it is complete.
Pygments is imported at the first known language. A language that it does not know costs a look
into a set: Pygments itself would search every installed package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from app.markdown.colours import Colour, Span, colour_of, join_spans

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_Token: TypeAlias = tuple[int, Any, str]
_Steps: TypeAlias = Mapping[str, Sequence[Any]]

# A longer line is left plain: no regular expression of a lexer is trusted with it.
MAX_LINE_CHARS = 2_000
_MAX_EMPTY_MATCHES = 100

# What models write, where Pygments calls it otherwise.
_OTHER_NAMES = MappingProxyType(
    {
        "cmd": "bat",
        "dotenv": "bash",
        "env": "bash",
        "h": "c",
        "hpp": "cpp",
        "javascriptreact": "jsx",
        "jsonc": "json",
        "jsonl": "json",
        "kt": "kotlin",
        "node": "js",
        "patch": "diff",
        "shellsession": "console",
        "styl": "stylus",
        "svelte": "html",
        "typescriptreact": "tsx",
        "vb": "vbnet",
        "vue": "html",
    }
)
_COMMENTS = (("/*", "*/"), ("<!--", "-->"), ("--[[", "]]"), ("{-", "-}"))
_PLAIN = frozenset(("text", "output"))


def highlighter_for(language: str) -> Highlighter | None:
    """Something to colour code in `language` with; `None` for a language that is not known.

    The first call costs about 15 ms, the first of a language 5 to 35 ms more: warm up the usual
    ones while nobody waits. Never ask for a language whose name is still being written.
    """
    name = _OTHER_NAMES.get(language.lower(), language.lower())
    if not name or name in _PLAIN or name not in _known_names():
        return None
    return Highlighter(_lexer(_class_of(name)))


@cache
def _class_of(name: str) -> type[Lexer]:
    """Pygments itself goes through all its languages at each question."""
    from pygments.lexers import find_lexer_class_by_name

    found: type[Lexer] = find_lexer_class_by_name(name)
    return found


def _lexer(kind: type[Lexer]) -> Lexer:
    return kind(stripnl=False, ensurenl=False)


@cache
def _known_names() -> frozenset[str]:
    from pygments.lexers import get_all_lexers

    return frozenset(
        alias.lower() for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases
    )


class Highlighter:
    """Colours the lines of one block, in order."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._steps = _steps_of(lexer)
        self._stack = ["root"]
        self._comment = _comment_marks(type(lexer)) if self._steps is not None else None
        self._in_comment = False

    def line(self, text: str) -> tuple[Span, ...]:
        """The colours of the next line, which is complete."""
        if len(text) > MAX_LINE_CHARS:
            return ()
        if self._steps is None:
            return join_spans(_spans(self._lexer.get_tokens_unprocessed(text + "\n"), text))
        return self._line_with_state(text, self._steps)

    def preview(self, text: str) -> tuple[Span, ...]:
        """The colours of the next line as far as it is written; keeps the state as it is."""
        stack, in_comment = list(self._stack), self._in_comment
        spans = self.line(text)
        self._stack, self._in_comment = stack, in_comment
        return spans

    def recolour(self, lines: Sequence[str]) -> Iterator[tuple[int, tuple[Span, ...]]]:
        """All lines again, with what only the whole text shows; can be taken step by step."""
        if not lines or any(len(line) > MAX_LINE_CHARS for line in lines):
            return
        number, start = 0, 0
        spans: list[Span] = []
        for at, token, value in self._lexer.get_tokens_unprocessed("\n".join(lines) + "\n"):
            colour = colour_of(token)
            for index, part in enumerate(value.split("\n")):
                if index:
                    yield number, join_spans(spans)
                    start += len(lines[number]) + 1
                    number, spans, at = number + 1, [], start
                    if number == len(lines):
                        return
                if part and colour is not None:
                    spans.append(Span(at - start, len(part), colour))

    # ------------------------------------------------------------------------------ state

    def _line_with_state(self, text: str, steps: _Steps) -> tuple[Span, ...]:
        start = 0
        before: list[Span] = []
        if self._in_comment and self._comment:
            close = text.find(self._comment[1])
            start = len(text) if close < 0 else close + len(self._comment[1])
            if start:
                before.append(Span(0, start, Colour.COMMENT))
            if close < 0:
                return tuple(before)
            self._in_comment = False
        rest = text[start:]
        stack = list(self._stack)
        tokens = list(self._tokens(rest + "\n", steps))
        spans = _spans(tokens, rest)
        opens = self._open_comment(rest)
        if any(at == opens for at, _, _ in tokens):
            # A comment that goes on below, as no other token holds its mark. Lexers match such a
            # comment as a whole, which they cannot do line by line.
            self._stack = stack
            self._in_comment = True
            spans = _spans(self._tokens(rest[:opens], steps), rest[:opens])
            spans.append(Span(opens, len(rest) - opens, Colour.COMMENT))
        shifted = (Span(span.start + start, span.length, span.colour) for span in spans)
        return join_spans((*before, *shifted))

    def _open_comment(self, text: str) -> int:
        """Where a comment may begin that does not end in the line, or -1."""
        if self._comment is None:
            return -1
        mark, end = self._comment
        at = text.rfind(mark)
        return at if at >= 0 and text.find(end, at + len(mark)) < 0 else -1

    def _tokens(self, text: str, steps: _Steps) -> Iterator[_Token]:
        """What `RegexLexer.get_tokens_unprocessed` does, on the state that is kept."""
        at, empty = 0, 0
        stack = self._stack
        while at < len(text):
            step = _first_match(steps[stack[-1]], text, at)
            if step is None:
                if text[at] == "\n":
                    stack[:] = ["root"]
                yield at, (), text[at]
                at += 1
                continue
            found, action, new_state = step
            if callable(action):
                yield from action(self._lexer, found)
            elif action is not None:
                yield at, action, found.group()
            empty = empty + 1 if found.end() == at else 0
            at = found.end() + (empty > _MAX_EMPTY_MATCHES)
            if new_state is not None:
                _change(stack, new_state)


def _first_match(rules: Sequence[Any], text: str, at: int) -> tuple[re.Match[str], Any, Any] | None:
    for match, action, new_state in rules:
        found = match(text, at)
        if found:
            return found, action, new_state
    return None


def _steps_of(lexer: Lexer) -> _Steps | None:
    """The rules of a lexer that can be driven line by line, by state; else `None`."""
    from pygments.lexer import ExtendedRegexLexer, RegexLexer

    if not isinstance(lexer, RegexLexer) or isinstance(lexer, ExtendedRegexLexer):
        return None
    steps: _Steps | None = getattr(lexer, "_tokens", None)
    return steps


@cache
def _comment_marks(kind: type[Lexer]) -> tuple[str, str] | None:
    """What begins and ends a comment that the lexer can only match as a whole."""
    lexer = _lexer(kind)
    for mark, end in _COMMENTS:
        whole = f"{mark} a {end}"
        for _, token, value in lexer.get_tokens_unprocessed(whole + "\n"):
            if value == whole and colour_of(token) is Colour.COMMENT:
                return mark, end
    return None


def _change(stack: list[str], new_state: int | str | tuple[str, ...]) -> None:
    """Push and pop as a rule says; the last state stays."""
    if isinstance(new_state, int):
        del stack[max(1, len(stack) - abs(new_state)) :]
        return
    for state in (new_state,) if isinstance(new_state, str) else new_state:
        if state == "#push":
            stack.append(stack[-1])
        elif state != "#pop":
            stack.append(state)
        elif len(stack) > 1:
            stack.pop()


def _spans(tokens: Iterable[_Token], text: str) -> list[Span]:
    spans = []
    for start, token, value in tokens:
        colour = colour_of(token)
        length = min(len(value), len(text) - start)
        if colour is not None and length > 0:
            spans.append(Span(start, length, colour))
    return spans
