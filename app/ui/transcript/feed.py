"""Brings the chat into the layout: which messages there are, and the answer that is written.

Invariant: what did not change keeps its item; of an answer that grows only the new part is read,
at most once a frame. Knows the chat by what it shows only, and changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from app.domain.message import Media, Message, Part, Timing
from app.domain.path import Path
from app.domain.stream import Draft
from app.ui.transcript.estimate import Estimate, estimate
from app.ui.transcript.head import Setting, setting_of
from app.ui.transcript.item import MessageItem
from app.ui.transcript.layout import Layout
from app.ui.transcript.reasoning import ReasoningSection
from app.ui.transcript.shown import ShownChat
from app.ui.transcript.status import GoingOn, countdown_card, status_words
from app.ui.transcript.surroundings import Surroundings


class Turn(NamedTuple):
    """How the messages changed: `first` is the first that is another one, of the `before` that
    there were. `known` is false when others may have changed too."""

    first: int
    before: int
    known: bool


class Feed:
    """`messages` are those of the layout, in order. `around` may be replaced (other colours)."""

    def __init__(
        self, around: Surroundings, clock: Callable[[], float], today: Callable[[], date]
    ) -> None:
        """`clock`: seconds of the monotonic clock, in which a countdown is given."""
        self.around = around
        self.layout = Layout(self.make, lambda number: self.messages[number].text)
        self.messages = Path(())
        self.chat: ShownChat | None = None
        self._clock = clock
        self._today = today
        self._shown_draft: Draft | None = None

    # Items -------------------------------------------------------------------------------

    def make(self, number: int) -> MessageItem:
        """The item of a message, made anew."""
        message = self.messages[number]
        item = MessageItem(self.around, message, self._setting(number))
        draft = self._draft_of(message)
        if draft is not None:
            self._describe(item)
            item.pull(draft)
            self._describe(item)
        return item

    def fill(self, messages: Path) -> None:
        """Show these messages, from their end."""
        self.messages = messages
        self.layout.reset(self._estimate(0))

    # The chat ----------------------------------------------------------------------------

    def show(self, chat: ShownChat | None) -> None:
        """Show another chat from its end."""
        self.chat = chat
        self._shown_draft = chat.draft if chat is not None else None
        self.fill(self._path())

    def take_tree(self) -> Turn:
        """Follow the conversation."""
        old, new = self.messages, self._path()
        layout = self.layout
        shared = new.shared(old)
        known = new.changed(old, shared)
        if known is None:
            built = {number: item.message for number, item in layout.items.items()}
            changed = {n for n, was in built.items() if n < shared and was != new[n]}
        else:
            changed = set(known)
        first = min((n for n in changed if not self._goes_on(old, new, n)), default=shared)
        self.messages = new
        chat = self.chat
        self._shown_draft = chat.draft if chat is not None else None
        anchor_row = self._anchor_row()
        layout.replace_from(first, self._estimate(first))
        for number, item in layout.items.items():
            setting = self._setting(number)
            if number in changed and self._draft_of(new[number]) is None:
                item.set_message(new[number], setting)
            else:
                item.set_setting(setting)
                if number in changed:
                    self._take_draft(number, item)
        self._keep_anchor(anchor_row)
        return Turn(first, len(old), known is not None)

    def take_draft(self) -> MessageItem | None:
        """Read what the answer has got since the last time; the item when something is new."""
        chat = self.chat
        if chat is None or chat.draft is None:
            return None
        number = len(self.messages) - 1
        item = self.layout.item(number)
        return item if self._take_draft(number, item) else None

    @property
    def behind(self) -> bool:
        """Whether the answer has got more than could be taken at once."""
        number = self.live_number
        item = self.layout.items.get(number) if number is not None else None
        draft = self._shown_draft
        return item is not None and draft is not None and item.is_behind(draft)

    def describe_live(self) -> bool:
        """Bring what changes by time up to date: seconds, status, countdown; whether it did."""
        number = self.live_number
        return number is not None and self._describe(self.layout.item(number))

    @property
    def live_number(self) -> int | None:
        """The number of the message that is being written."""
        if self._shown_draft is None or not self.messages:
            return None
        number = len(self.messages) - 1
        return number if self._draft_of(self.messages[number]) is not None else None

    # Inside ------------------------------------------------------------------------------

    def _estimate(self, first: int) -> Estimate:
        return estimate(self.messages, first, self.around.style, self.layout.column_px)

    def _path(self) -> Path:
        if self.chat is None:
            return Path(())
        path = self.chat.conversation.path()
        draft = self.chat.draft
        if draft is not None and (not path or path[-1].id != draft.message.id):
            return path.plus(draft.message)
        return path

    def _goes_on(self, before: Path, after: Path, number: int) -> bool:
        """Whether a message is the same one, with at most more to it than before."""
        item = self.layout.items.get(number)
        old, new = before[number] if item is None else item.message, after[number]
        if self._draft_of(old) is not None or not old.parts:
            return True
        return [*map(_unmarked, old.parts)] == [*map(_unmarked, new.parts)]

    def _draft_of(self, message: Message) -> Draft | None:
        draft = self._shown_draft
        return draft if draft is not None and draft.message.id == message.id else None

    def _take_draft(self, number: int, item: MessageItem) -> bool:
        draft = self._draft_of(item.message)
        if draft is None:
            return False
        thinking = _thinking(item)
        self._describe(item)
        changed = item.pull(draft)
        if changed:
            self._describe(item)
            if thinking is not None and _thinking(item) is None:
                self._end_thinking(thinking)
        self.layout.note_height(number)
        return changed

    def _end_thinking(self, section: ReasoningSection) -> None:
        """The answer begins: fold the reasoning, unless it is being read."""
        choices = self.around.choices
        if choices.folds_reasoning and not section.chosen and self.layout.follows:
            section.set_open(False, by_person=False)

    def _describe(self, item: MessageItem) -> bool:
        chat = self.chat
        if chat is None:
            return False
        timing = chat.reply.timing if chat.reply is not None else Timing()
        service = self.around.service_of(item.message.service_id)
        card = countdown_card(chat.state, chat.countdown, self._clock(), service)
        upload = chat.reply.upload if chat.reply is not None else None
        going_on = GoingOn(status_words(chat.state, timing), card, upload)
        is_new = item.set_live(True, going_on)
        return item.label_reasoning(timing.reasoning_s) or is_new

    def _setting(self, number: int) -> Setting:
        conversation = self.chat.conversation if self.chat is not None else None
        return setting_of(self.messages, number, conversation, self._today())

    def _anchor_row(self) -> object:
        anchor = self.layout.anchor
        item = self.layout.items.get(anchor.item)
        if item is None or anchor.row >= len(item.rows):
            return None
        return item.rows[anchor.row]

    def _keep_anchor(self, row: object) -> None:
        """A divider above may have come or gone: find the anchored row again."""
        anchor = self.layout.anchor
        item = self.layout.items.get(anchor.item)
        if item is not None and row is not None:
            for number, other in enumerate(item.rows):
                if other is row:
                    anchor.row = number
                    return


def _unmarked(part: Part) -> Part:
    """What is left out of further questions is shown in the same place."""
    return replace(part, left_out=False) if isinstance(part, Media) else part


def _thinking(item: MessageItem) -> ReasoningSection | None:
    """The section that thinks at the moment."""
    last = item.sections[-1] if item.sections else None
    return last if isinstance(last, ReasoningSection) and not last.finished else None
