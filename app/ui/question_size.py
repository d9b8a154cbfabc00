"""How large the next question will be: the chat that goes along, and what is in the composer.

Invariant: the history is counted once for each conversation value, never for a key stroke.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QLocale

from app.domain.conversation import Conversation
from app.domain.estimate import history_tokens, parts_tokens
from app.domain.message import Part
from app.i18n import tr


class QuestionSize:
    """Remembers the last history that it counted."""

    def __init__(self) -> None:
        self._counted: Conversation | None = None
        self._tokens = 0

    def words(self, conversation: Conversation, parts: Iterable[Part]) -> str:
        """The estimate in words; "" where there is nothing to send yet."""
        if conversation is not self._counted:
            self._counted = conversation
            self._tokens = history_tokens(conversation)
        total = self._tokens + parts_tokens(parts)
        return tr("~{count} tokens", count=short_number(total)) if total else ""


def short_number(number: int) -> str:
    """850, 1.1 K, 23 K, 1.2 M: as exact as an estimate is."""
    locale = QLocale()
    for size, unit in ((1_000_000, "M"), (1000, "K")):
        if number >= size:
            value = number / size
            digits = 1 if value < 10 else 0
            return f"{locale.toString(value, 'f', digits)} {unit}"
    return locale.toString(number)
