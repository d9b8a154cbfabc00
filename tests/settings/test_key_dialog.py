"""Adding a key: it goes to the address that stands in the dialog, and to no other."""

from __future__ import annotations

from pathlib import Path

from loopback import Loopback, whole
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from service_cases import KEY, LIST, room

from app.secrets import KeyPlace
from app.ui.key_dialog import KeyDialog
from app.ui.theme import Theme


async def test_another_address_after_the_keyring_refused(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    async with room(tmp_path, keyring=False) as here, Loopback() as first, Loopback() as second:
        first.add(whole(LIST))
        second.add(whole(LIST))
        dialog = KeyDialog(theme, here.services, parent)
        dialog.service.setCurrentIndex(dialog.service.findText("OpenAI-compatible"))
        for server in (first, second):
            dialog.address.setText(f"{server.url}/v1")
            dialog.key.setText(KEY)
            dialog.go.click()
            await here.settled()
            assert not dialog.session.isHidden()
        dialog.session.click()
        await here.settled()
        (service,) = here.config.settings.services
        assert service.base_url == f"{second.url}/v1"
        assert here.services.keys.state(service).place is KeyPlace.SESSION
        assert dialog.key.text() == ""
