"""A notice of the desktop: an answer has ended while the window was not in front.

Invariant: never waits for long and never fails: where a desktop has no notices, nothing is shown.
Linux is asked over D-Bus (`org.freedesktop.Notifications`), which Qt alone cannot do: it has no way
to send an unsigned number from Python. Other systems go through a tray icon that is there only as
long as its notice. A click brings the window to the chat.
"""

from __future__ import annotations

import sys
from html import escape
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from app.build import APPLICATION_ID
from app.ui.icons import mark_icon

ADDRESS = ("/org/freedesktop/Notifications", "org.freedesktop.Notifications")
TRAY_MS = 10_000
CONNECT_S = 0.5
LONGEST_CHARS = 240


class BusNotices(QObject):
    """Notices over the session bus of a Linux desktop."""

    activated = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection: Any = None
        self._notifier: QSocketNotifier | None = None
        self._asked: dict[int, str] = {}  # chat by the serial of a call that is not answered yet
        self._shown: dict[int, str] = {}  # chat by the number of its notice

    def show(self, chat_id: str, title: str, text: str) -> bool:
        """Whether the bus took it; whether a desktop shows it is not waited for."""
        from jeepney import DBusAddress, new_method_call

        try:
            if self._connection is None:
                self._connect()
            hints = {"desktop-entry": ("s", APPLICATION_ID)}
            # The title is text; what is below it is read as markup.
            body = escape(text, quote=False)
            arguments = ("Linnet", 0, APPLICATION_ID, title, body, ["default", ""], hints, -1)
            call = new_method_call(
                DBusAddress(*ADDRESS, interface=ADDRESS[1]), "Notify", "susssasa{sv}i", arguments
            )
            serial = next(self._connection.outgoing_serial)
            self._connection.send(call, serial=serial)
        except (OSError, KeyError, ValueError, RuntimeError):  # no bus, or none that answers
            self.close()
            return False
        self._asked[serial] = chat_id
        return True

    def close(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._asked.clear()

    def _connect(self) -> None:
        from jeepney import MatchRule, message_bus
        from jeepney.io.blocking import open_dbus_connection

        self._connection = open_dbus_connection("SESSION", auth_timeout=CONNECT_S)
        rule = MatchRule(
            type="signal", path=ADDRESS[0], interface=ADDRESS[1], member="ActionInvoked"
        )
        self._connection.send(message_bus.AddMatch(rule))
        socket = self._connection.sock.fileno()
        self._notifier = QSocketNotifier(socket, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_readable)

    def _on_readable(self) -> None:
        try:
            while True:
                self._take(self._connection.receive(timeout=0))
        except TimeoutError:
            return
        except OSError:  # the session ends
            self.close()

    def _take(self, message: Any) -> None:
        from jeepney import HeaderFields, MessageType

        fields = message.header.fields
        if message.header.message_type is MessageType.method_return:
            chat_id = self._asked.pop(fields.get(HeaderFields.reply_serial, -1), None)
            if chat_id is not None and message.body:
                self._shown[message.body[0]] = chat_id
        elif fields.get(HeaderFields.member) == "ActionInvoked":
            chat_id = self._shown.pop(message.body[0], None)
            if chat_id is not None:
                self.activated.emit(chat_id)


class DesktopNotices(QObject):
    """`activated` carries the id of the chat whose notice was clicked."""

    activated = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = BusNotices(self) if sys.platform.startswith("linux") else None
        if self._bus is not None:
            self._bus.activated.connect(self.activated)
        self._tray: QSystemTrayIcon | None = None
        self._tray_chat = ""

    def show(self, chat_id: str, title: str, text: str) -> None:
        """Tell that something happened in a chat. A long text is cut."""
        text = " ".join(text.split())
        if len(text) > LONGEST_CHARS:
            text = text[: LONGEST_CHARS - 1] + "…"
        if self._bus is None or not self._bus.show(chat_id, title, text):
            self._show_in_tray(chat_id, title, text)

    def close(self) -> None:
        if self._bus is not None:
            self._bus.close()
        self._hide_tray()

    def _show_in_tray(self, chat_id: str, title: str, text: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(mark_icon(), self)
            self._tray.messageClicked.connect(self._on_tray_clicked)
        self._tray_chat = chat_id
        self._tray.show()
        self._tray.showMessage(title, text, mark_icon(), TRAY_MS)
        QTimer.singleShot(TRAY_MS, self, self._hide_tray)

    def _on_tray_clicked(self) -> None:
        self.activated.emit(self._tray_chat)

    def _hide_tray(self) -> None:
        if self._tray is not None:
            self._tray.hide()
