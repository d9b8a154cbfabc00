"""Opens and closes the reasoning over a few frames.

Invariant: what the person clicked on stays where it is; without motion it is done at once.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal

from app.ui.transcript.feed import Feed
from app.ui.transcript.reasoning import ReasoningSection

FOLD_MS = 140


class Folding(QObject):
    """`stepped` comes after each step, to lay out again."""

    stepped = Signal()

    def __init__(self, duration_ms: Callable[[int], int], parent: QObject) -> None:
        super().__init__(parent)
        self._duration_ms = duration_ms
        self._section: ReasoningSection | None = None
        self._motion = QVariantAnimation(self)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.valueChanged.connect(self._on_step)
        self._motion.finished.connect(self._on_finished)

    @property
    def moving(self) -> bool:
        return self._section is not None

    def start(self, section: ReasoningSection) -> None:
        """Show the section as open or closed as it says it is."""
        self.finish()
        span = self._duration_ms(FOLD_MS)
        if span <= 0:
            section.move(1.0)
            self.stepped.emit()
            return
        self._section = section
        section.move(0.02)
        self._motion.setDuration(span)
        self._motion.start()

    def toggle(self, feed: Feed, number: int, row: int) -> None:
        """Fold or unfold the reasoning at a row; its header stays in its place."""
        item = feed.layout.item(number)
        found = item.section_of(row)
        if found is None or not isinstance(found[0], ReasoningSection):
            return
        section = found[0]
        self.finish()
        feed.layout.hold(number, item.header_row(section))
        section.set_open(not section.fold.is_open, by_person=True)
        self.start(section)

    def finish(self) -> None:
        """End a motion under way at once."""
        section, self._section = self._section, None
        self._motion.stop()
        if section is not None:
            section.move(1.0)
            self.stepped.emit()

    def _on_step(self, value: object) -> None:
        if self._section is not None and isinstance(value, float):
            self._section.move(min(0.98, max(0.02, value)))
            self.stepped.emit()

    def _on_finished(self) -> None:
        self.finish()
