"""What is selected as plain text, Markdown and HTML together, for the clipboard and for dragging.

Invariant: whole blocks keep their markup in Markdown and HTML; of a block that is selected in
part only its words are taken. What a closed fold hides is not copied. Of a selection that is very
long only the source is given, so that copying does not hold up the window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape

from PySide6.QtCore import QMimeData

from app.domain.message import Message
from app.markdown.render import fragment
from app.markdown.stream import StreamDocument, parse
from app.markdown.tree import Inline, Kind, Leaf
from app.ui.transcript.inlines import words_of
from app.ui.transcript.item import MessageItem
from app.ui.transcript.layout import Layout
from app.ui.transcript.reasoning import ReasoningSection
from app.ui.transcript.rows import Row
from app.ui.transcript.sections import TextSection
from app.ui.transcript.selection import Selection
from app.ui.transcript.units.grid import GridUnit

MAX_RENDERED_CHARS = 100_000
MOST_S = 0.04
"""After so long the rest is given as it was written, without HTML: odd texts are slow to read."""
MARKDOWN_TYPE = "text/markdown"

Words = Callable[[str], str]
"""The words of some inline source."""


class _SlowError(Exception):
    """It takes too long."""


@dataclass(slots=True)
class _Copy:
    """The three forms, block by block. Blocks stand apart by `plain`'s own line ends.

    `is_long`: what is selected is not worth rendering.
    """

    plain: list[str] = field(default_factory=list)
    markdown: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    is_long: bool = False
    is_cut: bool = False
    until: float = field(default_factory=lambda: time.perf_counter() + MOST_S)
    table: Leaf | None = None
    """The table of which the last part was a part."""

    def is_late(self) -> bool:
        """Whether it has taken too long already: the rest is taken as a long one."""
        if time.perf_counter() > self.until:
            self.is_long = self.is_cut = True
        return self.is_cut

    def mime(self) -> QMimeData:
        made = QMimeData()
        made.setText("".join(self.plain).strip("\n"))
        markdown = "\n\n".join(part.strip("\n") for part in self.markdown if part.strip("\n"))
        made.setData(MARKDOWN_TYPE, markdown.encode("utf-8", "replace"))
        if self.html and not self.is_cut:
            made.setHtml("\n".join(self.html))
        return made


def copied(layout: Layout, selection: Selection) -> QMimeData:
    """All forms of the selection. Cost: its length."""
    copy = _Copy()
    ends = selection.ends()
    if ends is None:
        return copy.mime()
    first, last = ends
    numbers = range(first.item, min(last.item, layout.count - 1) + 1)
    copy.is_long = _is_long(layout, numbers)
    if copy.is_long and len(numbers) > 2:
        _copy_sources(layout, numbers, copy)
        return copy.mime()
    for number in numbers:
        item = layout.whole_item(number)
        span = _Span(
            item,
            first.row if number == first.item else 0,
            first.offset if number == first.item else 0,
            min(last.row if number == last.item else 1 << 40, len(item.rows) - 1),
            last.offset if number == last.item else 1 << 40,
        )
        if copy.plain:
            copy.plain.append("\n\n")
        _copy_item(span, copy)
    return copy.mime()


def selected_text(layout: Layout, selection: Selection) -> str:
    """The plain text of the selection."""
    return str(copied(layout, selection).text())


def copied_message(message: Message) -> QMimeData:
    """A whole answer or question: its words, without the reasoning."""
    copy = _Copy(plain=[message.text], markdown=[message.text])
    if len(message.text) <= MAX_RENDERED_CHARS:
        document = parse(message.text)
        with suppress(_SlowError):
            copy.html.append(_html(document, document.leaves, copy))
    return copy.mime()


def _is_long(layout: Layout, numbers: range) -> bool:
    chars = 0
    for number in numbers:
        chars += len(layout.item_source(number))
        if chars > MAX_RENDERED_CHARS:
            return True
    return False


def _copy_sources(layout: Layout, numbers: range, copy: _Copy) -> None:
    for number in numbers:
        source = layout.item_source(number)
        copy.plain.append(source + "\n\n")
        copy.markdown.append(source)


@dataclass(frozen=True, slots=True)
class _Span:
    """What is selected of a message: from an offset of row `low` to one of row `high`."""

    item: MessageItem
    low: int
    start: int
    high: int
    end: int

    def within(self, row: int) -> tuple[int, int]:
        """What is selected of a row."""
        length = self.item.rows[row].built().length()
        return (
            self.start if row == self.low else 0,
            min(self.end, length) if row == self.high else length,
        )

    def holds(self, first: int, last: int) -> bool:
        """Whether the rows `first` to `last` are selected from end to end."""
        if first < self.low or last > self.high:
            return False
        if first == self.low and self.start > 0:
            return False
        return last < self.high or self.end >= self.item.rows[last].built().length()


def _texts(item: MessageItem) -> list[tuple[int, TextSection]]:
    """The texts of a message, each with its first row; a header comes before the reasoning."""
    found: list[tuple[int, TextSection]] = []
    for section in item.sections:
        if isinstance(section, ReasoningSection):
            found.append((item.header_row(section) + 1, section.text))
        elif isinstance(section, TextSection):
            found.append((item.header_row(section), section))
    return found


def _leaf_at(
    texts: Sequence[tuple[int, TextSection]], row: int
) -> tuple[TextSection, Leaf, int, int] | None:
    """The leaf that a row shows, with its text, its first and its last row."""
    for start, section in texts:
        if start <= row < start + len(section.leaf_rows.rows):
            leaf, first, last = section.leaf_rows.leaf_at(row - start)
            return section, leaf, start + first, start + last
    return None


def _copy_item(span: _Span, copy: _Copy) -> None:
    item = span.item
    texts = _texts(item)
    run: list[Leaf] = []
    running: TextSection | None = None
    previous: Row | None = None
    number = span.low
    while number <= span.high:
        row = item.rows[number]
        found = _leaf_at(texts, number)
        if not row.is_open or (found is None and not row.built().length()):
            number += 1
            continue
        section, leaf, first, last = found or (None, None, number, number)
        if previous is not None:
            copy.plain.append(_apart(previous, row, leaf))
        previous = row
        if section is not None and leaf is not None and span.holds(first, last):
            if running is not section:
                _flush(running, run, copy)
                running, run = section, []
            run.append(leaf)
            copy.plain.append(_lead(row) + _leaf_words(section, leaf, copy))
            number = last + 1
            continue
        _flush(running, run, copy)
        running, run = None, []
        _copy_part(row, leaf, span.within(number), copy)
        number += 1
    _flush(running, run, copy)


def _copy_part(row: Row, leaf: Leaf | None, within: tuple[int, int], copy: _Copy) -> None:
    """Some of the words of a block."""
    unit = row.built()
    start, end = within
    if start >= end:
        return
    words = unit.copied(start, end)
    copy.plain.append(words if start else _lead(row) + words)
    copy.markdown.append(words)
    goes_on = leaf is not None and copy.table is leaf
    copy.table = leaf if isinstance(unit, GridUnit) else None
    if isinstance(unit, GridUnit):
        before = copy.html.pop().removesuffix("</table>") if goes_on else ""
        table = _table(unit.rows_between(start, end))
        copy.html.append(before + (table.removeprefix("<table>") if goes_on else table))
    elif leaf is not None and leaf.kind is Kind.CODE:
        copy.html.append(f"<pre><code>{escape(words, quote=False)}</code></pre>")
    else:
        lines = "<br>".join(escape(line, quote=False) for line in words.split("\n"))
        copy.html.append(f"<p>{lines}</p>")


def _leaf_words(section: TextSection, leaf: Leaf, copy: _Copy) -> str:
    """The words of a whole block; of one that is too long the source."""
    copy.is_late()
    match leaf.kind:
        case Kind.CODE:
            return leaf.text
        case Kind.MATH:
            return f"$$\n{leaf.text}\n$$"
        case Kind.RULE:
            return ""
        case Kind.TABLE:
            read: Words = str if copy.is_long else lambda s: words_of(section.document.inlines(s))
            rows = [leaf.head, *leaf.rows]
            return "\n".join(
                "\t".join(read(cell).replace("\n", " ") for cell in row) for row in rows
            )
        case _:
            return leaf.text if copy.is_long else words_of(section.document.leaf_inlines(leaf))


def _flush(section: TextSection | None, run: list[Leaf], copy: _Copy) -> None:
    """Write neighbouring whole leaves with their markup."""
    if section is None or not run:
        return
    if len(run) == len(section.document.leaves):
        copy.markdown.append(section.source)
    else:
        lines = section.source.split("\n")
        copy.markdown.append("\n".join(lines[run[0].start : run[-1].end]))
    if not copy.is_long:
        with suppress(_SlowError):
            copy.html.append(_html(section.document, run, copy))
    elif all(leaf.kind is Kind.TABLE for leaf in run):
        for leaf in run:
            copy.html.append(_table([(True, leaf.head), *((False, row) for row in leaf.rows)]))


def _html(document: StreamDocument, run: Sequence[Leaf], copy: _Copy) -> str:
    """The HTML of whole leaves. Raises _SlowError."""

    def inlines(text: str) -> tuple[Inline, ...]:
        if copy.is_late():
            raise _SlowError
        return document.inlines(text)

    return fragment(document, run, inlines)


def _apart(before: Row, row: Row, leaf: Leaf | None) -> str:
    """The line ends between two blocks: one within a tight list or a table, else two."""
    if leaf is not None and leaf.glue is not None:
        return leaf.glue.replace("\n", " ")
    if row.gap == 0 or (row.inset.lead and before.inset.lead and row.gap <= 4):
        return "\n"
    return "\n\n"


def _lead(row: Row) -> str:
    """The marker of a list item."""
    marker = row.inset.marker
    if marker is None:
        return ""
    if marker.task is not None:
        return "[x] " if marker.task else "[ ] "
    indent = "  " * marker.depth
    return f"{indent}{marker.words or '•'} "


def _table(rows: Sequence[tuple[bool, Sequence[str]]]) -> str:
    found: list[str] = []
    for is_head, cells in rows:
        tag = "th" if is_head else "td"
        inside = "".join(f"<{tag}>{escape(cell, quote=False)}</{tag}>" for cell in cells)
        found.append(f"<tr>{inside}</tr>")
    return f"<table>{''.join(found)}</table>"
