"""A picture of a part of the screen, or of a window, to be attached.

Invariant: the program's own windows are out of the way while it is taken and come back however it
ends. On Wayland the desktop is asked, because a program cannot look at the screen there; elsewhere
Qt does it. Where neither can, a sentence says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress

from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QWidget

from app.i18n import tr
from app.ui.screenshot.portal import PortalGrab
from app.ui.screenshot.region import RegionGrab
from app.ui.screenshot.windows import GONE_MS, WindowGrab
from app.ui.theme import Theme


def asks_the_desktop(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this is Wayland, where a program sees no screen; X11 programs in it neither."""
    wayland = QGuiApplication.platformName().startswith("wayland")
    return wayland or environment.get("XDG_SESSION_TYPE") == "wayland"


class Screenshots(QObject):
    """`taken` carries a `QImage`, or the `Path` of a file that the desktop made; `failed` a
    sentence. After neither of them, the person gave it up."""

    taken = Signal(object)
    failed = Signal(str)

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._hidden: list[tuple[QWidget, QRect]] = []
        self._focused: QWidget | None = None
        self._at_work: QObject | None = None

    @property
    def ways(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """What stands in a menu, and what it does."""
        if asks_the_desktop():
            return ((tr("Screenshot…"), self.ask_desktop),)
        return (
            (tr("Screenshot of a region…"), self.take_region),
            (tr("Screenshot of a window…"), self.choose_window),
        )

    def take_region(self) -> None:
        """Let the person draw a rectangle over the screen; Enter takes all of it."""
        if self._at_work is not None:
            return
        grab = self._at_work = RegionGrab(self._theme, self)
        grab.taken.connect(self._on_taken)
        grab.failed.connect(self._on_failed)
        grab.given_up.connect(self._finish)
        self._hide_windows()
        QTimer.singleShot(GONE_MS, grab, grab.begin)

    def choose_window(self) -> None:
        """Offer the windows that can be seen, and take the chosen one."""
        if self._at_work is not None:
            return
        grab = self._at_work = WindowGrab(self._theme, self._window, self)
        grab.chosen.connect(self._hide_windows)  # without a compositor what is covered is black
        grab.taken.connect(self._on_taken)
        grab.failed.connect(self._on_failed)
        grab.given_up.connect(self._finish)
        grab.begin()

    def ask_desktop(self) -> None:
        """Let the desktop's own screenshot window do it."""
        if self._at_work is not None:
            return
        grab = self._at_work = PortalGrab(self)
        grab.taken.connect(self._on_taken)
        grab.failed.connect(self._on_failed)
        grab.given_up.connect(self._finish)
        self._hide_windows()
        QTimer.singleShot(GONE_MS, grab, grab.begin)

    def _on_taken(self, found: object) -> None:
        self._finish()
        if isinstance(found, QImage) and found.isNull():
            self.failed.emit(tr("The screenshot is empty."))
        else:
            self.taken.emit(found)

    def _on_failed(self, sentence: str) -> None:
        self._finish()
        self.failed.emit(sentence)

    def _hide_windows(self) -> None:
        self._focused = QApplication.focusWidget()
        own = (Qt.WindowType.Window, Qt.WindowType.Dialog)
        for widget in QApplication.topLevelWidgets():
            if widget.isVisible() and widget.windowType() in own:
                self._hidden.append((widget, widget.geometry()))
                widget.hide()

    def _finish(self) -> None:
        """Bring the windows back; what worked is not needed any more."""
        if self._at_work is not None:
            self._at_work.deleteLater()
            self._at_work = None
        hidden, self._hidden = self._hidden, []
        for widget, geometry in hidden:
            with suppress(RuntimeError):  # it has gone meanwhile: a person may take minutes
                widget.show()
                if not (widget.isMaximized() or widget.isFullScreen()):
                    widget.setGeometry(geometry)  # window managers put a new window anywhere
        focused, self._focused = self._focused, None
        if hidden:
            self._window.raise_()
            self._window.activateWindow()
            with suppress(RuntimeError):
                if focused is not None and focused.isVisible():
                    focused.setFocus()
