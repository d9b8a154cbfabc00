"""What is done while nobody moves anything: colours, the next messages, usual languages.

Invariant: a step takes a few milliseconds, and the most needed thing comes first. Nothing here
changes what is seen but colours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.ui.transcript.layout import Layout, Placed
from app.ui.transcript.lexers import Lexers
from app.ui.transcript.rows import Row
from app.ui.transcript.units.code import CodeUnit

COLOUR_BUDGET_S = 0.004
WARM_EVERY_MS = 300
LOOK_AGAIN_MS = 15
"""When a lexer is being loaded that something waits for."""
USUAL_LANGUAGES = ("python",)
"""What is worth to be made ready while nobody waits: the first use of each takes a while."""


class Idle:
    """`step` does one thing and says after how many milliseconds there is another."""

    def __init__(
        self,
        layout: Layout,
        lexers: Lexers,
        repaint: Callable[[int, int], None],
        changed: Callable[[], None],
    ) -> None:
        """`repaint`: from so many pixels below the top so many; `changed`: lay out again."""
        self._layout = layout
        self._lexers = lexers
        self._repaint = repaint
        self._changed = changed
        self._cold = [*USUAL_LANGUAGES]

    def step(self, *, streaming: bool) -> int | None:
        """`None`: nothing is left to do."""
        if self._read_on() or self.colour_more() or self._prepare():
            return 0
        if any(self._uncoloured()):
            return LOOK_AGAIN_MS
        if streaming or not self._cold or not self._layout.count:
            return None
        self._lexers.ask(self._cold.pop())
        return WARM_EVERY_MS

    def _read_on(self) -> bool:
        """Read more of a long message of which something is visible."""
        placed = self._layout.placed
        for number in sorted({place.item for place in placed}):
            if self._layout.items[number].unread is not None:
                self._layout.read_on(number)
                self._changed()
                return True
        return False

    def colour_more(self) -> bool:
        """Colour visible code for a moment; whether there was some to colour."""
        for placed, row, code in self._uncoloured():
            if code.lines.colours.at_hand:
                top, bottom = code.colour_more(COLOUR_BUDGET_S)
                self._repaint(placed.y + row.gap + top, bottom - top)
                return True
        return False

    def _uncoloured(self) -> Iterator[tuple[Placed, Row, CodeUnit]]:
        """Visible code that waits for colours."""
        for placed in self._layout.placed:
            row = self._layout.placed_row(placed)
            if isinstance(row.unit, CodeUnit) and row.unit.lines.colours.waiting:
                yield placed, row, row.unit

    def _prepare(self) -> bool:
        """Build the nearest message that is not built, or not read; whether there was one."""
        layout = self._layout
        if not layout.placed:
            return False
        first, last = layout.placed[0].item, layout.placed[-1].item
        for number in (last + 1, first - 1, last + 2, first - 2):
            if not 0 <= number < layout.count:
                continue
            if number not in layout.items:
                layout.item(number)
                layout.note_height(number)
                return True
            if layout.items[number].unread is not None:
                layout.read_on(number)
                return True
        return False
