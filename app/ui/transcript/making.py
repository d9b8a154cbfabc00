"""Makes the section for a part of a stored message, or for a run of an answer's draft.

Invariant: the same content gives a section of the same kind, stored or streamed, so that an
answer that ends keeps its rows.
"""

from __future__ import annotations

from app.domain.message import Media, Reasoning, Text, ToolCall, ToolResult
from app.domain.stream import Draft, Segment
from app.ui.transcript.choices import Key
from app.ui.transcript.reasoning import ReasoningSection, Section
from app.ui.transcript.sections import Content, MediaSection, TextSection, ToolSection
from app.ui.transcript.surroundings import Surroundings


def stored_section(around: Surroundings, key: Key, part: Content) -> Section:
    """The section of a part that is whole; of a long text the first slice is read."""
    match part:
        case Text(text):
            words = TextSection(around, key)
            words.read(text)
            return words
        case Reasoning(text):
            thoughts = ReasoningSection(around, key, not around.choices.folds_reasoning)
            thoughts.read(text)
            return thoughts
        case Media():
            return MediaSection(around, (part,), from_right=False)
        case ToolCall() | ToolResult():
            return ToolSection(around, part.name, answered=isinstance(part, ToolResult))


def drafted_section(around: Surroundings, key: Key, draft: Draft) -> Section:
    """The section of the draft's item number `key[1]`, with nothing fed to it yet."""
    entry = draft.items[key[1]]
    if isinstance(entry, Segment):
        if entry.kind == "reasoning":
            going_on = key[1] == len(draft.items) - 1
            is_open = going_on or not around.choices.folds_reasoning
            return ReasoningSection(around, key, is_open)
        return TextSection(around, key)
    if isinstance(entry, Media):
        return MediaSection(around, (entry,), from_right=False)
    if isinstance(entry, ToolResult):
        return ToolSection(around, entry.name, answered=True)
    return ToolSection(around, draft.calls[entry].name)
