"""What colours code, by language; the first of a language is made in a thread.

Invariant: nothing here waits: a lexer that is not at hand is asked for and comes a moment later,
while the code is shown plain. It stays at hand as long as the view lives.
"""

from __future__ import annotations

from app.markdown.highlight import Highlighter, highlighter_for
from app.ui.worker import Worker


class Lexers:
    def __init__(self) -> None:
        self._at_hand: set[str] = set()
        self._asked: set[str] = set()
        self._worker = Worker("lexers", self._load)

    def ask(self, language: str) -> bool:
        """Whether `make` may be called now; if not, it soon may."""
        if language in self._at_hand:
            return True
        if language not in self._asked:
            self._asked.add(language)
            self._worker.put(language)
        return False

    def make(self, language: str) -> Highlighter | None:
        """A new highlighter; `None` for a language that is not known."""
        return highlighter_for(language)

    def _load(self, language: str) -> None:
        highlighter_for(language)
        self._at_hand.add(language)
