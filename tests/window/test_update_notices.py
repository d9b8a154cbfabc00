"""New versions in the window: asked once, told once, and never in the way."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from loopback import in_thread, whole
from release_lists import Looking, listed
from stage import Stage, play

from app.ui.settings.about import AboutPage
from app.ui.settings.window import SettingsWindow
from app.ui.update_notices import UpdateNotices
from app.updates import ASK_AFTER_S

pytestmark = pytest.mark.usefixtures("qapp")


def test_it_is_asked_once_and_told_once(tmp_path: Path) -> None:
    with in_thread() as server:
        server.add(whole(listed()))

        async def story(stage: Stage) -> None:
            window, config = stage.window, stage.engine.config
            looking = Looking(tmp_path, f"{server.url}/latest.json")
            looking.config = config
            updates = looking.again()
            updates.start()
            opened: list[str] = []
            notices = UpdateNotices(updates, config, window, lambda: opened.append("about"))
            window.activateWindow()
            await stage.until(window.isActiveWindow)
            notices.speak()
            assert not window.notice.isVisible()  # not on the first days
            looking.watch.pass_time(ASK_AFTER_S)
            window.notice.show_text("Something else")
            notices.speak()
            assert window.notice.text == "Something else"
            window.notice.hide()
            notices.speak()
            assert "once a day?" in window.notice.text
            window.notice.hide()
            notices.speak()
            assert not window.notice.isVisible()  # asked once
            window.notice.show_text("again")
            notices._switch_on()
            window.notice.hide()
            await stage.until(lambda: updates.state.newer is not None)
            notices.speak()
            assert window.notice.text == "Linnet 0.6.0 is there."
            window.notice.action.click()
            assert opened == ["about"]
            notices.speak()
            assert not window.notice.isVisible()
            await looking.close()

        play(story, tmp_path / "home")


def test_the_settings_open_at_what_is_new(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.window.settingsRequested.emit()
        settings = cast(SettingsWindow, stage.window.findChild(SettingsWindow))
        assert settings.isVisible()
        settings.show_page("about")
        assert stage.window.findChild(AboutPage).isVisible()
        settings.close()

    play(story, tmp_path / "home")
