"""A screenshot by the desktop itself: its portal shows what to choose from and makes the file.

Invariant: asked on a thread, because the person may take their time; a desktop without the portal
is told of in a sentence. Sent over the session bus (`org.freedesktop.portal.Screenshot`).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from PySide6.QtCore import QObject, Qt, Signal

from app.i18n import tr
from app.ui.worker import Worker

PORTAL = "org.freedesktop.portal.Desktop"
PORTAL_PATH = "/org/freedesktop/portal/desktop"
REQUEST = "org.freedesktop.portal.Request"
ANSWER_S = 5.0
"""So long the portal may take to say that it will ask the person."""
PERSON_S = 600.0
LOOK_S = 0.5
TAKEN, GIVEN_UP = 0, 1


class PortalGrab(QObject):
    """`taken` carries the `Path` of the file."""

    taken = Signal(object)
    failed = Signal(str)
    given_up = Signal()
    _answered = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = Worker("screenshot portal", self._work)
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> None:
        if "DBUS_SESSION_BUS_ADDRESS" in os.environ:
            self._worker.put(None)
        else:
            self._on_answered(tr("This desktop offers no screenshots to programs."))

    def _work(self, _: None) -> None:
        found = ask_portal()
        with suppress(RuntimeError):  # the program has ended meanwhile
            self._answered.emit(found)

    def _on_answered(self, found: Path | str | None) -> None:
        match found:
            case Path():
                self.taken.emit(found)
            case str():
                self.failed.emit(found)
            case None:
                self.given_up.emit()


def ask_portal() -> Path | str | None:
    """The file that the portal made; a sentence for a failure; `None`: the person gave it up.

    Waits for the person, ten minutes at most.
    """
    from jeepney import DBusAddress, MatchRule, MessageType, message_bus, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    sorry = tr("This desktop offers no screenshots to programs.")
    portal = DBusAddress(PORTAL_PATH, PORTAL, "org.freedesktop.portal.Screenshot")
    token = f"linnet{uuid4().hex}"
    options = {
        "handle_token": ("s", token),
        "interactive": ("b", True),
        "modal": ("b", False),
    }
    try:
        with open_dbus_connection("SESSION", auth_timeout=ANSWER_S) as connection:
            rule = MatchRule(type="signal", interface=REQUEST, member="Response")
            connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=ANSWER_S)
            call = new_method_call(portal, "Screenshot", "sa{sv}", ("", options))
            with connection.filter(rule) as responses:
                answer = connection.send_and_get_reply(call, timeout=ANSWER_S)
                if answer.header.message_type is not MessageType.method_return:
                    return sorry
                said = _response(connection, responses, answer.body[0])
    except (OSError, KeyError, ValueError, RuntimeError):  # no bus, or none that answers
        return sorry
    return _outcome(said)


def _response(connection: Any, responses: Any, handle: str) -> tuple[int, dict[str, Any]]:
    """What the request at `handle` ended with."""
    from jeepney import HeaderFields

    end = monotonic() + PERSON_S
    while monotonic() < end:
        with suppress(TimeoutError):
            message = connection.recv_until_filtered(responses, timeout=LOOK_S)
            if message.header.fields.get(HeaderFields.path) == handle:
                code, results = message.body
                return code, results
    return GIVEN_UP, {}


def _outcome(said: tuple[int, dict[str, Any]]) -> Path | str | None:
    code, results = said
    if code == GIVEN_UP:
        return None
    _, uri = results.get("uri", ("s", ""))
    parts = urlsplit(str(uri))
    if code != TAKEN or parts.scheme != "file":
        return tr("The desktop could not take the screenshot.")
    return Path(unquote(parts.path))
