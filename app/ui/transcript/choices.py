"""What the person opened, closed or wrapped in a transcript, by message and place in it.

Invariant: outlives the units, so that it holds when a message is scrolled away and back.
"""

from __future__ import annotations

Key = tuple[str, int]
"""A message id and a number within the message."""


class Choices:
    """`folds_reasoning` is the person's default for finished answers."""

    def __init__(self, folds_reasoning: bool = True) -> None:
        self.folds_reasoning = folds_reasoning
        self._open: dict[Key, bool] = {}
        self._wrapped: set[Key] = set()
        self._drawn: set[Key] = set()
        self._details: set[str] = set()

    def is_open(self, key: Key, otherwise: bool) -> bool:
        return self._open.get(key, otherwise)

    def was_chosen(self, key: Key) -> bool:
        return key in self._open

    def set_open(self, key: Key, is_open: bool) -> None:
        self._open[key] = is_open

    def wrapped(self, key: Key) -> bool:
        return key in self._wrapped

    def set_wrapped(self, key: Key, wrapped: bool) -> None:
        if wrapped:
            self._wrapped.add(key)
        else:
            self._wrapped.discard(key)

    def drawn(self, key: Key) -> bool:
        """Whether code is shown as the picture that it draws."""
        return key in self._drawn

    def toggle_drawn(self, key: Key) -> None:
        self._drawn ^= {key}

    def shows_details(self, message_id: str) -> bool:
        return message_id in self._details

    def toggle_details(self, message_id: str) -> None:
        self._details ^= {message_id}
