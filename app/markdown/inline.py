"""The inline parser: CommonMark 0.31.2 and GitHub's extensions, math and footnotes.

One pass over the text, linear in its length. Raw HTML is text, but `<br>` breaks the line. With
`unfinished`, the text is the start of something that is still being written: what is open is
closed, and marks at the end whose meaning is not clear yet are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from app.markdown import unfinished as tail
from app.markdown.autolinks import Autolink, find_autolinks
from app.markdown.definitions import (
    LABEL,
    Definition,
    is_safe,
    normalise_label,
    read_destination,
    read_title,
    skip_space,
)
from app.markdown.emphasis import Bracket, Delimiter, Item, read_run, resolve
from app.markdown.entities import ESCAPABLE, REFERENCE, decode_reference, unescape
from app.markdown.formulas import Span, read_brackets, read_dollars
from app.markdown.tree import (
    Code,
    Emphasis,
    FootnoteRef,
    HardBreak,
    Image,
    Inline,
    Link,
    Math,
    SoftBreak,
    Strike,
    Strong,
    Text,
)
from app.markdown.words import plain_text

_SPECIAL = re.compile(r"[\\`*_~\[\]!<&\n$]")
_TICKS = re.compile(r"`+")
_RUN = re.compile(r"\*+|_+|~+")
_DOLLARS = re.compile(r"\$+")
_ADDRESS = re.compile(r"<([A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>\x00-\x20]*)>")
_MAIL = re.compile(
    r"<([a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*)>"
)
_BREAK = re.compile(r"<br[ \t]*/?>", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\[\^([^\]\s\[]{1,100})\]")
_MAX_LABEL_CHARS = 999


def parse_inlines(
    text: str,
    definitions: Mapping[str, Definition],
    footnotes: Mapping[str, int],
    *,
    unfinished: bool = False,
    partial: bool = False,
) -> tuple[Inline, ...]:
    """The nodes of `text`. `footnotes` are the numbers of the labels that are defined.

    `unfinished`: more text may follow; `partial`: it may follow on the same line.
    """
    text = text.rstrip(" \t")
    if unfinished:
        text = tail.trim(text, partial=partial)
    if not text:
        return ()
    return _Scanner(text, definitions, footnotes, unfinished).parse()


def parse_settled(
    text: str, definitions: Mapping[str, Definition], footnotes: Mapping[str, int]
) -> tuple[Inline, ...] | None:
    """The nodes of a beginning of a text; `None` when what follows may change them.

    It ends with a space, and a word follows.
    """
    scanner = _Scanner(text, definitions, footnotes, unfinished=False)
    nodes = scanner.parse()
    return nodes if scanner.is_settled else None


class _Scanner:
    def __init__(
        self,
        text: str,
        definitions: Mapping[str, Definition],
        footnotes: Mapping[str, int],
        unfinished: bool,
    ) -> None:
        self._text = text
        self._definitions = definitions
        self._footnotes = footnotes
        self._unfinished = unfinished
        self._items: list[Item] = []
        self._brackets: list[Bracket] = []
        # Brackets below this index of the list cannot be links: they hold a link already.
        self._linked = 0
        self._ticks: dict[int, list[int]] | None = None
        self._open = False
        """Whether something was taken for text because its end is not there."""

    @property
    def is_settled(self) -> bool:
        """Whether, after `parse`, nothing is open that a text behind this one could close."""
        return not (self._open or self._brackets) and not any(
            isinstance(item, Delimiter) and item.can_open and item.count for item in self._items
        )

    def parse(self) -> tuple[Inline, ...]:
        text, items = self._text, self._items
        at, size = 0, len(text)
        for link in (*find_autolinks(text), None):
            limit = link.start if link else size
            while at < limit:
                found = _SPECIAL.search(text, at, limit)
                if not found:
                    items.append(text[at:limit])
                    at = limit
                    break
                start = found.start()
                if start > at:
                    items.append(text[at:start])
                at = _HANDLERS[text[start]](self, start)
            if link and at == limit:
                self._add_autolink(link)
                at = link.end
        if self._unfinished:
            self._hide_open_bracket()
        return resolve(items, unfinished=self._unfinished)

    def _add_autolink(self, link: Autolink) -> None:
        self._items.append(Link(link.href, "", (Text(self._text[link.start : link.end]),)))

    # ------------------------------------------------- each reads one construct, returns its end

    def _backslash(self, at: int) -> int:
        after = self._text[at + 1 : at + 2]
        if after in ("(", "["):
            span = read_brackets(self._text, at, unfinished=self._unfinished)
            if span:
                return self._add_math(span)
            self._open = True
        if after == "\n":
            self._items.append(HardBreak())
            return self._skip_spaces(at + 2)
        if after and after in ESCAPABLE:
            self._items.append(after)
            return at + 2
        self._items.append("\\")
        return at + 1

    def _line_end(self, at: int) -> int:
        hard = False
        if self._items and isinstance(before := self._items[-1], str):
            hard = before.endswith("  ")
            self._items[-1] = before.rstrip(" ")
        self._items.append(HardBreak() if hard else SoftBreak())
        return self._skip_spaces(at + 1)

    def _skip_spaces(self, at: int) -> int:
        while at < len(self._text) and self._text[at] in " \t":
            at += 1
        return at

    def _backticks(self, at: int) -> int:
        text = self._text
        found = _TICKS.match(text, at)
        start = found.end() if found else at + 1
        close = self._next_ticks(start - at, start)
        if close >= 0:
            self._add_code(text[start:close])
            return close + start - at
        if self._unfinished:
            self._add_code(text[start:].rstrip("`"))
            return len(text)
        self._open = True
        self._items.append(text[at:start])
        return start

    def _next_ticks(self, count: int, at: int) -> int:
        """Where the next run of exactly `count` backticks begins, or -1."""
        if self._ticks is None:
            self._ticks = {}
            for found in _TICKS.finditer(self._text):
                self._ticks.setdefault(len(found.group()), []).append(found.start())
            for runs in self._ticks.values():
                runs.reverse()
        left = self._ticks.get(count, [])
        while left and left[-1] < at:
            left.pop()
        return left[-1] if left else -1

    def _add_code(self, text: str) -> None:
        code = text.replace("\n", " ")
        if code.startswith(" ") and code.endswith(" ") and code.strip(" "):
            code = code[1:-1]
        if code:
            self._items.append(Code(code))

    def _delimiter(self, at: int) -> int:
        found = _RUN.match(self._text, at)
        end = found.end() if found else at + 1
        self._items.append(read_run(self._text, at, end))
        return end

    def _dollar(self, at: int) -> int:
        span = read_dollars(self._text, at, unfinished=self._unfinished)
        if span:
            return self._add_math(span)
        self._open = True
        found = _DOLLARS.match(self._text, at)
        end = found.end() if found else at + 1
        self._items.append(self._text[at:end])
        return end

    def _add_math(self, span: Span) -> int:
        self._items.append(Math(span.tex.strip(), span.display, span.closed))
        return span.end

    def _ampersand(self, at: int) -> int:
        found = REFERENCE.match(self._text, at)
        if not found:
            self._items.append("&")
            return at + 1
        self._items.append(decode_reference(found.group()))
        return found.end()

    def _angle(self, at: int) -> int:
        found = _ADDRESS.match(self._text, at)
        prefix = ""
        if not found:
            found, prefix = _MAIL.match(self._text, at), "mailto:"
        if found and is_safe(found.group(1)):
            address = found.group(1)
            self._items.append(Link(prefix + address, "", (Text(address),)))
            return found.end()
        found = _BREAK.match(self._text, at)
        if found:
            self._items.append(HardBreak())
            return found.end()
        self._open = self._open or self._text[at:].strip().lower() == "<br"
        self._items.append("<")
        return at + 1

    # ------------------------------------------------------------------------------ brackets

    def _bang(self, at: int) -> int:
        opens = self._text.startswith("[", at + 1)
        if opens and self._footnote(at + 1) is None:
            return self._push_bracket(at, image=True)
        self._items.append("!")
        return at + 1

    def _open_bracket(self, at: int) -> int:
        footnote = self._footnote(at)
        if footnote:
            self._items.append(footnote)
            return at + len(footnote.label) + 3
        return self._push_bracket(at, image=False)

    def _footnote(self, at: int) -> FootnoteRef | None:
        found = _FOOTNOTE.match(self._text, at)
        if not found or found.group(1) not in self._footnotes:
            return None
        return FootnoteRef(found.group(1), self._footnotes[found.group(1)])

    def _push_bracket(self, at: int, *, image: bool) -> int:
        if self._brackets:
            self._brackets[-1].followed = True
        end = at + 1 + image
        bracket = Bracket(image, end, len(self._items))
        self._brackets.append(bracket)
        self._items.append(bracket)
        return end

    def _close_bracket(self, at: int) -> int:
        if not self._brackets:
            self._items.append("]")
            return at + 1
        bracket = self._brackets.pop()
        live = bracket.image or len(self._brackets) >= self._linked
        self._linked = min(self._linked, len(self._brackets))
        if live:
            target = self._inline_target(at + 1) or self._reference_target(bracket, at)
            if target:
                href, title, end = target
                self._add_link(bracket, href, title)
                return end
            if self._unfinished and tail.is_open_target(self._text, at + 1):
                if bracket.image or self._text.startswith("(", at + 1):
                    self._add_link(bracket, "", "")
                    return len(self._text)
                if tail.may_become_link(self._text, bracket.position):
                    bracket.hidden = True
                    return len(self._text)
        self._items.append("]")
        return at + 1

    def _inline_target(self, at: int) -> tuple[str, str, int] | None:
        """`(destination "title")` at `at`: address, title, and where it ends."""
        text = self._text
        if not text.startswith("(", at):
            return None
        found = read_destination(text, skip_space(text, at + 1))
        if not found:
            return None
        href, end = unescape(found[0]), found[1]
        title = ""
        gap = skip_space(text, end)
        if gap > end:
            quoted = read_title(text, gap)
            if quoted:
                title, gap = unescape(quoted[0]), skip_space(text, quoted[1])
        if not text.startswith(")", gap) or not is_safe(href):
            return None
        return href, title, gap + 1

    def _reference_target(self, bracket: Bracket, at: int) -> tuple[str, str, int] | None:
        """`[label]`, `[]` or nothing at `at + 1`, as far as the label is defined."""
        if not self._definitions:
            return None
        text, end = self._text, at + 1
        full = LABEL.match(text, end)
        if full:
            label, end = full.group(1), full.end()
        else:
            if text.startswith("[]", end):
                end += 2
            if bracket.followed or at - bracket.position > _MAX_LABEL_CHARS:
                return None
            label = text[bracket.position : at]
        found = self._definitions.get(normalise_label(label))
        return (found.href, found.title, end) if found else None

    def _add_link(self, bracket: Bracket, href: str, title: str) -> None:
        items = self._items
        children = resolve(items[bracket.index + 1 :])
        del items[bracket.index :]
        if bracket.image:
            items.append(Image(href, title, plain_text(children)))
        else:
            items.append(Link(href, title, _without_links(children)))
            self._linked = len(self._brackets)

    def _hide_open_bracket(self) -> None:
        """The text ends within what may become a link: leave its bracket out."""
        if self._brackets and tail.may_become_link(self._text, self._brackets[-1].position):
            bracket = self._brackets[-1]
            bracket.hidden = True
            if bracket.image:
                del self._items[bracket.index :]


def _without_links(nodes: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """A link holds no links: addresses in its text are text."""
    out: list[Inline] = []
    for node in nodes:
        match node:
            case Link(children=children):
                out.extend(children)
            case Strong(children) | Emphasis(children) | Strike(children):
                out.append(replace(node, children=_without_links(children)))
            case _:
                out.append(node)
    return tuple(out)


_HANDLERS: Mapping[str, Callable[[_Scanner, int], int]] = MappingProxyType(
    {
        "\\": _Scanner._backslash,
        "\n": _Scanner._line_end,
        "`": _Scanner._backticks,
        "*": _Scanner._delimiter,
        "_": _Scanner._delimiter,
        "~": _Scanner._delimiter,
        "$": _Scanner._dollar,
        "&": _Scanner._ampersand,
        "<": _Scanner._angle,
        "!": _Scanner._bang,
        "[": _Scanner._open_bracket,
        "]": _Scanner._close_bracket,
    }
)
