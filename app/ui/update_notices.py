"""Tells of a new version, and asks once whether it shall be looked for any: quietly, as a notice.

Invariant: nothing is shown while another notice stands, while the window is not in front, or before
a start is over; each is said once. The answer "no" is to let it go away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from app.build import TITLE
from app.config import Config
from app.i18n import tr
from app.ui.window import MainWindow
from app.updates import Updates

QUIET_MS = 20_000
"""How often it is looked whether there is something to say, the first time after the start."""


class UpdateNotices(QObject):
    """Lives with the window; `show_about` opens the page on which everything stands."""

    def __init__(
        self,
        updates: Updates,
        config: Config,
        window: MainWindow,
        show_about: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._updates = updates
        self._config = config
        self._window = window
        self._show_about = show_about
        self._timer = QTimer(self, interval=QUIET_MS)
        self._timer.timeout.connect(self.speak)
        if updates.package.can_look:
            self._timer.start()
        window.closed.connect(self._timer.stop)

    def speak(self) -> None:
        """Say what there is to say, if this is a good moment."""
        window = self._window
        if not window.isActiveWindow() or window.notice.isVisible():
            return
        newer = self._updates.untold()
        if newer is not None:
            self._updates.told(newer)
            text = tr("{title} {version} is there.", title=TITLE, version=newer.version)
            window.notice.show_text(text, tr("What is new"), self._show_about)
        elif self._updates.wants_to_ask():
            self._updates.asked()
            text = tr(
                "Shall {title} look for a new version once a day? Nothing about you is sent.",
                title=TITLE,
            )
            window.notice.show_text(text, tr("Yes"), self._switch_on)

    def _switch_on(self) -> None:
        self._config.change(replace(self._config.settings, look_for_updates=True))
