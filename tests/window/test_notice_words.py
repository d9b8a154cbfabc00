"""What a notice of the desktop is given: the words of an answer, and no markup of its own."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.ui.desktop_notice import BusNotices


class Bus:
    """A connection that keeps what is sent."""

    def __init__(self) -> None:
        self.outgoing_serial = count(1)
        self.sent: list[Any] = []

    def send(self, message: Any, serial: int) -> None:
        self.sent.append(message)

    def close(self) -> None:
        pass


@pytest.mark.usefixtures("qtbot")
def test_an_answer_is_no_markup(qtbot: QtBot) -> None:
    notices = BusNotices()
    bus = notices._connection = Bus()
    assert notices.show("chat", "R&D", 'a < b && c <img src="file:///x.png"> "said"')
    title, body = bus.sent[0].body[3:5]
    assert title == "R&D"
    assert body == 'a &lt; b &amp;&amp; c &lt;img src="file:///x.png"&gt; "said"'
    notices.close()
