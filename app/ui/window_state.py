"""What the window remembers from one start to the next: its place, the sidebar, the open chat, and
where each chat was left.

Invariant: it is comfort, not data: whatever cannot be read or written is left as it is by default.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QTimer

SIDEBAR_PX = 272
NOTE_MS = 300
TITLE_BAR_PX = 40
"""Kept free on a small screen for what the desktop puts around a window."""


class WindowState:
    """Reads and writes one small file. Values are checked when they are read."""

    def __init__(self, file: Path) -> None:
        self._file = QSettings(str(file), QSettings.Format.IniFormat)
        self._noted = ""
        self._noting = QTimer(singleShot=True, interval=NOTE_MS)
        self._noting.timeout.connect(self._write_noted)

    @property
    def geometry(self) -> QByteArray:
        found = self._file.value("geometry")
        return found if isinstance(found, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._file.setValue("geometry", geometry)

    @property
    def sidebar_px(self) -> int:
        try:
            return int(str(self._file.value("sidebar_px", SIDEBAR_PX)))
        except ValueError:
            return SIDEBAR_PX

    @sidebar_px.setter
    def sidebar_px(self, width_px: int) -> None:
        self._file.setValue("sidebar_px", width_px)

    @property
    def sidebar_shown(self) -> bool:
        return str(self._file.value("sidebar_shown", "true")).lower() != "false"

    @sidebar_shown.setter
    def sidebar_shown(self, shown: bool) -> None:
        self._file.setValue("sidebar_shown", shown)

    @property
    def dark(self) -> bool:
        """The palette of the last picture, for the first one of this start."""
        return str(self._file.value("dark", "false")).lower() == "true"

    @dark.setter
    def dark(self, dark: bool) -> None:
        self._file.setValue("dark", dark)

    @property
    def open_chat(self) -> str:
        return str(self._file.value("open_chat", ""))

    @open_chat.setter
    def open_chat(self, chat_id: str) -> None:
        self._noting.stop()
        self._file.setValue("open_chat", chat_id)

    def note_chat(self, chat_id: str) -> None:
        """Write soon which chat is open: a program that is killed finds it again."""
        self._noted = chat_id
        if chat_id != self.open_chat:
            self._noting.start()

    @property
    def places(self) -> str:
        """Where each chat was left, as the transcript writes it."""
        return str(self._file.value("places", ""))

    @places.setter
    def places(self, places: str) -> None:
        self._file.setValue("places", places)

    def write(self) -> None:
        """Put it on the disk now."""
        self._file.sync()

    def _write_noted(self) -> None:
        self.open_chat = self._noted
        self.write()
