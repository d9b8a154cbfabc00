"""The inlines of a paragraph that grows: what nothing can change any more is read once.

Invariant: the nodes are those of the whole text, but for the places where plain text is cut. A
beginning is settled when every construct in it is closed, at a space before a letter or digit.
"""

from __future__ import annotations

from collections.abc import Callable

from app.markdown.tree import Inline

FEW_CHARS = 1_536
"""A shorter rest is simply read again."""
KEPT_CHARS = 256
"""So much of the end is not settled, however plain it is."""
AGAIN_CHARS = 512
MANY_TRIES = 8

Nodes = tuple[Inline, ...]


class Growing:
    def __init__(self) -> None:
        self._text = ""
        self._nodes: Nodes = ()
        self._readings = 0
        self._again_at = 0

    def read(
        self,
        text: str,
        readings: int,
        settled: Callable[[str], Nodes | None],
        rest: Callable[[str], Nodes],
    ) -> Nodes:
        """The nodes of `text`. `settled` reads a beginning, if nothing in it is open; `readings`
        tells when the same text may read differently."""
        if readings != self._readings or not text.startswith(self._text):
            self._text, self._nodes, self._readings, self._again_at = "", (), readings, 0
        if len(text) - len(self._text) > FEW_CHARS and len(text) >= self._again_at:
            self._settle(text, settled)
        return (*self._nodes, *rest(text[len(self._text) :]))

    def _settle(self, text: str, settled: Callable[[str], Nodes | None]) -> None:
        start = len(self._text)
        for end in (len(text) - KEPT_CHARS, (start + len(text)) // 2):
            at = _cut(text, start, end)
            nodes = settled(text[start:at]) if at else None
            if nodes is not None:
                self._text, self._nodes = text[:at], self._nodes + nodes
                return
        self._again_at = len(text) + AGAIN_CHARS


def _cut(text: str, start: int, end: int) -> int:
    """A place before `end` after one space and before a letter or digit; 0 where there is none."""
    for _ in range(MANY_TRIES):
        end = text.rfind(" ", start + 1, end)
        if end < 0:
            return 0
        if text[end + 1].isalnum() and text[end - 1] not in " \n\\":
            return end + 1
    return 0
