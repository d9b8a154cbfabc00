"""What is selected as plain text, Markdown and HTML together, for the clipboard and for dragging.

Invariant: whole blocks keep their markup in Markdown and HTML; of a block that is selected in
part only its words are taken. What a closed fold hides is not copied. Of a selection that is very
long only the source is given, so that copying does not hold up the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from PySide6.QtCore import QMimeData

from app.domain.message import Message
from app.markdown.render import fragment
from app.markdown.stream import StreamDocument, parse
from app.markdown.tree import Kind, Leaf
from app.ui.transcript.item import MessageItem
from app.ui.transcript.layout import Layout
from app.ui.transcript.reasoning import ReasoningSection, Section
from app.ui.transcript.rows import Row
from app.ui.transcript.sections import TextSection
from app.ui.transcript.selection import Position, Selection
from app.ui.transcript.units.grid import GridUnit

MAX_RENDERED_CHARS = 400_000
MARKDOWN_TYPE = "text/markdown"


@dataclass(slots=True)
class _Copy:
    """The three forms, block by block. Blocks stand apart by `plain`'s own line ends."""

    plain: list[str] = field(default_factory=list)
    markdown: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)

    def mime(self) -> QMimeData:
        made = QMimeData()
        made.setText("".join(self.plain).strip("\n"))
        markdown = "\n\n".join(part.strip("\n") for part in self.markdown if part.strip("\n"))
        made.setData(MARKDOWN_TYPE, markdown.encode("utf-8", "replace"))
        if self.html:
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
    if _is_long(layout, numbers):
        _copy_sources(layout, numbers, copy)
        return copy.mime()
    for number in numbers:
        item = layout.whole_item(number)
        rows = _selected_rows(item, number, first, last, selection)
        if rows:
            if copy.plain:
                copy.plain.append("\n\n")
            _copy_rows(item, rows, copy)
    return copy.mime()


def selected_text(layout: Layout, selection: Selection) -> str:
    """The plain text of the selection."""
    return str(copied(layout, selection).text())


def copied_message(message: Message) -> QMimeData:
    """A whole answer or question: its words, without the reasoning."""
    copy = _Copy(markdown=[message.text])
    document = parse(message.text)
    copy.plain.append(message.text)
    if len(message.text) <= MAX_RENDERED_CHARS:
        copy.html.append(fragment(document, document.leaves))
    return copy.mime()


def _is_long(layout: Layout, numbers: range) -> bool:
    """Whether more is selected than is worth rendering, by what the messages are estimated at."""
    if len(numbers) < 3:
        return False
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


def _selected_rows(
    item: MessageItem, number: int, first: Position, last: Position, selection: Selection
) -> list[tuple[int, int, int]]:
    """Row, start and end of what is selected of a message, hidden rows left out."""
    found: list[tuple[int, int, int]] = []
    low = first.row if number == first.item else 0
    high = last.row if number == last.item else len(item.rows) - 1
    for row_number in range(low, min(high, len(item.rows) - 1) + 1):
        row = item.rows[row_number]
        if not row.is_open:
            continue
        within = selection.within(number, row_number)
        if within is None:
            continue
        length = row.built().length()
        start, end = within[0], min(within[1], length)
        if start < end or (length == 0 and row.gap):
            found.append((row_number, start, end))
    return found


def _copy_rows(item: MessageItem, rows: Sequence[tuple[int, int, int]], copy: _Copy) -> None:
    run: list[Leaf] = []
    running: TextSection | None = None
    previous: Row | None = None
    for number, start, end in rows:
        row = item.rows[number]
        unit = row.built()
        if not unit.length():
            continue
        if previous is not None:
            copy.plain.append(_apart(previous, row))
        previous = row
        words = unit.copied(start, end)
        copy.plain.append(_lead(row, start) + words)
        found = item.section_of(number)
        section = _text_section(found[0]) if found is not None else None
        leaf = section.leaf_rows.leaf_at(_inner(found)) if section and found else None
        whole = start == 0 and end >= unit.length()
        if section is not None and leaf is not None and whole:
            if running is not section:
                _flush(running, run, copy)
                running, run = section, []
            if not run or run[-1] is not leaf:
                run.append(leaf)
            continue
        _flush(running, run, copy)
        running, run = None, []
        copy.markdown.append(words)
        if isinstance(unit, GridUnit):
            copy.html.append(_table(unit.rows_between(start, end)))
        elif leaf is not None and leaf.kind is Kind.CODE:
            copy.html.append(f"<pre><code>{escape(words, quote=False)}</code></pre>")
        else:
            lines = "<br>".join(escape(line, quote=False) for line in words.split("\n"))
            copy.html.append(f"<p>{lines}</p>")
    _flush(running, run, copy)


def _flush(section: TextSection | None, run: list[Leaf], copy: _Copy) -> None:
    """Write neighbouring whole leaves with their markup."""
    if section is None or not run:
        return
    lines = section.source.split("\n")
    copy.markdown.append("\n".join(lines[run[0].start : run[-1].end]))
    document: StreamDocument = section.document
    copy.html.append(fragment(document, run))


def _text_section(section: Section) -> TextSection | None:
    if isinstance(section, ReasoningSection):
        return section.text
    return section if isinstance(section, TextSection) else None


def _inner(found: tuple[Section, int] | None) -> int:
    """The row within the text of a section; the header of the reasoning comes before it."""
    if found is None:
        return 0
    section, row = found
    return row - 1 if isinstance(section, ReasoningSection) else row


def _apart(before: Row, row: Row) -> str:
    """The line ends between two blocks: one within a tight list or a table, else two."""
    if row.gap == 0 or (row.inset.lead and before.inset.lead and row.gap <= 4):
        return "\n"
    return "\n\n"


def _lead(row: Row, start: int) -> str:
    """The marker of a list item."""
    marker = row.inset.marker
    if marker is None or start:
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
