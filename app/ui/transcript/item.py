"""One message as rows: its head, its sections in order, and what stands under it.

Invariant: rows keep their numbers while an answer grows, so places in them stay valid; only the
tail (card, actions) is made anew. A stored message that equals what was streamed keeps all rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.message import Message, Reasoning, Role, Text
from app.domain.stream import Draft, Segment
from app.ui.transcript import wording
from app.ui.transcript.head import Setting, head_rows
from app.ui.transcript.live_tail import live_tail
from app.ui.transcript.making import drafted_section, stored_section
from app.ui.transcript.reasoning import ReasoningSection, Section
from app.ui.transcript.rows import Row
from app.ui.transcript.sections import Content, TextSection
from app.ui.transcript.status import GoingOn
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.tail import finished_tail

CHARS_PER_FRAME = 16_384
CHUNKS_PER_FRAME = 16
"""Fewer are never too much."""


class MessageItem:
    """`rows` from top to bottom. `width` is the column width of the last measuring."""

    def __init__(self, around: Surroundings, message: Message, setting: Setting) -> None:
        self._around = around
        self.message = message
        self.setting = setting
        self._sections: list[Section] = []
        self._taken: list[int] = []
        self._draft: Draft | None = None
        self._revision = 0
        self._tail: list[Row] = []
        self.going_on = GoingOn()
        self.live = False
        self._head = head_rows(around, message, setting)
        self.rows: list[Row] = []
        self._fill(_contents(message))
        self._finish_sections()
        self.renew_tail()

    @property
    def height(self) -> int:
        """What all rows show together. O(sections)."""
        around = sum(row.shown for row in (*self._head, *self._tail))
        return around + sum(section.height for section in self._sections)

    @property
    def source(self) -> str:
        """The text of the answer as far as it is here."""
        return "".join(s.source for s in self._sections if isinstance(s, TextSection))

    @property
    def sections(self) -> Sequence[Section]:
        return self._sections

    def section_of(self, row: int) -> tuple[Section, int] | None:
        """The section that holds a row, and the row's number within it."""
        at = len(self._head)
        for section in self._sections:
            count = len(section.rows)
            if at <= row < at + count:
                return section, row - at
            at += count
        return None

    def header_row(self, section: Section) -> int:
        """The number of the first row of a section."""
        at = len(self._head)
        for other in self._sections:
            if other is section:
                return at
            at += len(other.rows)
        raise ValueError("the section is not of this message")

    def footnote_row(self, label: str) -> int | None:
        """The row where a footnote begins."""
        for section in self._sections:
            if isinstance(section, TextSection):
                row = section.leaf_rows.footnote_row(label)
                if row is not None:
                    return self.header_row(section) + row
        return None

    @property
    def caret_row(self) -> int:
        """The row at whose end the caret of an answer stands that is being written."""
        if self.going_on.status is not None and self.going_on.countdown is None:
            return len(self.rows) - 1
        return len(self.rows) - len(self._tail) - 1

    # A live answer -----------------------------------------------------------------------

    def pull(self, draft: Draft) -> bool:
        """Take over what the draft has got; whether something is new. Cost: the new part."""
        if draft is not self._draft or draft.revision != self._revision:
            if self._draft is not None or not self._continues(draft):
                self._drop_sections()
            self._draft = draft
            self._revision = draft.revision
        changed = False
        for at in range(max(0, len(self._taken) - 1), len(draft.items)):
            entry = draft.items[at]
            if at == len(self._sections):
                if self._sections:
                    self._sections[-1].finish()
                self._add(drafted_section(self._around, (self.message.id, at), draft), 0)
                changed = True
            if isinstance(entry, Segment) and len(entry.chunks) > self._taken[at]:
                section = self._sections[at]
                if section.finished or section.unread:  # an answer that goes on
                    section = drafted_section(self._around, (self.message.id, at), draft)
                    self._sections[at] = section
                    self._taken[at] = 0
                chunks = _first_of(entry.chunks, self._taken[at])
                section.feed(chunks)
                self._taken[at] += len(chunks)
                changed = True
                if self._taken[at] < len(entry.chunks):
                    break  # too much for one frame: the rest comes with the next
        if changed:
            self.renew_tail()
        return changed

    def is_behind(self, draft: Draft) -> bool:
        """Whether the draft has got more than was pulled."""
        if len(self._taken) < len(draft.items):
            return True
        last = draft.items[-1] if draft.items else None
        return isinstance(last, Segment) and self._taken[-1] < len(last.chunks)

    def _continues(self, draft: Draft) -> bool:
        """Whether the draft begins with what is shown already."""
        shown = self._sections
        return len(shown) <= len(draft.items) and all(
            isinstance(entry, Segment) and section.source == entry.text
            for section, entry in zip(shown, draft.items, strict=False)
        )

    def set_live(self, live: bool, going_on: GoingOn) -> bool:
        """Whether it is being written, and what it does or waits for; whether that is new."""
        if (live, going_on) == (self.live, self.going_on):
            return False
        self.live, self.going_on = live, going_on
        self.renew_tail()
        return True

    # A long stored message ---------------------------------------------------------------

    @property
    def unread(self) -> Section | None:
        """The first section that is not read to its end."""
        return next((section for section in self._sections if section.unread), None)

    @property
    def rest_row(self) -> int:
        """The number of the row that stands for what is unread; of a whole item the last."""
        section = self.unread
        end = self.header_row(section) + len(section.rows) if section else len(self.rows)
        return end - 1

    def read_on(self) -> tuple[int, int]:
        """Read another slice; returns the row from which rows have moved, and by how many."""
        section = self.unread
        if section is None:
            return 0, 0
        rest, before = self.rest_row, len(section.rows)
        section.read_on()
        self._gather_rows()
        return rest, len(section.rows) - before

    # A stored message --------------------------------------------------------------------

    def set_message(self, message: Message, setting: Setting) -> None:
        """Show the stored message; rows of equal content stay as they are."""
        contents = _contents(message)
        _feed_rest(self._sections, contents)
        same = len(contents) == len(self._sections) and all(
            section.matches(part) for section, part in zip(self._sections, contents, strict=True)
        )
        other_media = message.media != self.message.media
        self.message = message
        if setting != self.setting or other_media:
            self.setting = setting
            self._head = head_rows(self._around, self.message, self.setting)
        self.live = False
        self._draft = None
        self.going_on = GoingOn()
        if not same:
            self._drop_sections()
            self._fill(contents)
        self._finish_sections()
        self.renew_tail()

    def set_setting(self, setting: Setting) -> None:
        """Other versions, or another line above; the rest stays."""
        if setting != self.setting:
            self.setting = setting
            self._head = head_rows(self._around, self.message, self.setting)
            self.renew_tail()

    def label_reasoning(self, so_far_s: float | None) -> bool:
        """Bring the headers of the reasoning up to date; `so_far_s` is that of a live one.

        Whether one of them changed.
        """
        changed = False
        found = [s for s in self._sections if isinstance(s, ReasoningSection)]
        parts = [part for part in self.message.parts if isinstance(part, Reasoning)]
        usage = self.message.usage
        for at, section in enumerate(found):
            last = at == len(found) - 1
            if self.live and section is self._sections[-1]:
                changed |= section.set_label(wording.thinking(so_far_s))
                continue
            took = parts[at].seconds if at < len(parts) else None
            if took is None and last:
                took = self.message.timing.reasoning_s if not self.live else so_far_s
            count = usage.reasoning if usage is not None and last and len(found) == 1 else None
            changed |= section.set_label(wording.thought(took), wording.tokens(count))
        return changed

    # Inside ------------------------------------------------------------------------------

    def _fill(self, contents: Sequence[Content]) -> None:
        for at, part in enumerate(contents):
            self._add(stored_section(self._around, (self.message.id, at), part), 1)

    def _add(self, section: Section, taken: int) -> None:
        self._sections.append(section)
        self._taken.append(taken)

    def _drop_sections(self) -> None:
        self._sections.clear()
        self._taken.clear()

    def _finish_sections(self) -> None:
        for section in self._sections:
            section.finish()
        self.label_reasoning(None)

    def renew_tail(self) -> None:
        """Bring what stands under the message up to date: card, actions, status."""
        self._set_section_gaps()
        around, message, old = self._around, self.message, self._tail
        if self.live:
            self._tail = live_tail(around, message, self.going_on, old)
        elif message.role is not Role.USER:
            self._tail = finished_tail(around, message, self.setting.versions, old)
        self._gather_rows()

    def _gather_rows(self) -> None:
        rows = list(self._head)
        for section in self._sections:
            rows += section.rows
        self.rows = rows + self._tail

    def _set_section_gaps(self) -> None:
        px = self._around.style.px
        for at, section in enumerate(self._sections):
            if not section.rows:
                continue
            first = section.rows[0]
            boxed = isinstance(section, ReasoningSection)
            gap = px(6 if boxed else 8) if at == 0 else px(12)
            if first.gap != gap:
                first.height += gap - first.gap
                first.gap = gap
                first.width = -1


def _feed_rest(sections: Sequence[Section], contents: Sequence[Content]) -> None:
    """Give the last section what came after its last frame, unless that is too much for one."""
    if not sections or len(sections) > len(contents):
        return
    section, part = sections[-1], contents[len(sections) - 1]
    kind = Text if isinstance(section, TextSection) else Reasoning
    if isinstance(section, TextSection | ReasoningSection) and isinstance(part, kind):
        shown = section.source
        rest = part.text[len(shown) :]
        live = not section.finished and not section.unread
        if live and 0 < len(rest) <= CHARS_PER_FRAME and part.text.startswith(shown):
            section.feed((rest,))


def _first_of(chunks: Sequence[str], start: int) -> Sequence[str]:
    """The chunks from `start` on that are not too much for one frame; at least one."""
    found = chunks[start:]
    if len(found) <= CHUNKS_PER_FRAME:
        return found
    chars = 0
    for at, chunk in enumerate(found):
        chars += len(chunk)
        if chars > CHARS_PER_FRAME:
            return found[: at + 1]
    return found


def _contents(message: Message) -> list[Content]:
    """The parts that become sections; a person's message is all in its head."""
    if message.role is Role.USER:
        return []
    return list(message.parts)
