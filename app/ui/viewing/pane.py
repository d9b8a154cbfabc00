"""What every pane of the viewer can be asked: to show something, to zoom, to give it to copy.

Invariant: one pane shows one exhibit at a time and holds nothing of it after `leave`; it reads
and decodes off the window's thread. Knows no other pane and not the window around it.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.ui.theme import Theme
from app.ui.viewing.exhibit import Exhibit


class Pane(QWidget):
    """`changed`: the facts, the zoom, or what can be copied are others than before."""

    changed = Signal()
    zooms = True
    """Whether there is anything to zoom at all."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme

    def show_exhibit(self, exhibit: Exhibit) -> None:
        """Show this from now on."""
        raise NotImplementedError

    def leave(self) -> None:
        """Let go of what was shown: files, memory, the sound device."""
        raise NotImplementedError

    @property
    def facts(self) -> str:
        """What is seen of it only when it is read: pixels, lines; "" until then."""
        return ""

    @property
    def zoom(self) -> float | None:
        """1 is the size that it has by itself; `None` where nothing can be zoomed."""
        return None

    def zoom_by(self, factor: float) -> None:
        """Larger or smaller, around the middle."""

    def fit(self) -> None:
        """As large as it fits, or as it is usual."""

    def copied(self) -> QMimeData | None:
        """What Copy gives; `None`: the file itself."""
        return None

    @property
    def can_copy(self) -> bool:
        return True

    def press(self, key: Qt.Key) -> bool:
        """Whether a key, without modifiers, was one of the pane's."""
        return False
