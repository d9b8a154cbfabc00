"""A service without its key is told of at the composer, before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from stage import Stage, play

from app.advice import Action
from app.domain.errors import ErrorKind
from app.domain.settings import Service
from app.providers import presets
from app.ui.settings.key_field import KeyLine

pytestmark = pytest.mark.usefixtures("qapp")

GEMINI = presets.made_from(presets.GEMINI, ())
OWN = Service(id="own", name="Own", base_url="http://127.0.0.1:9/v1", default_model="m")


def test_what_is_written_to_a_service_without_a_key_has_a_line_above(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        strip, composer = on.page.composer.keyless, on.page.composer
        assert not strip.isVisible()  # nobody has written anything: the keyring was not asked
        composer.field.setFocus()
        on.type("Hello")
        await on.until(strip.isVisible)
        assert strip.accessibleName() == "Google Gemini has no key yet."
        on.window.resize(1000, 700)
        strip.action.click()
        await on.until(lambda: isinstance(QApplication.focusWidget(), KeyLine))
        on.engine.services.keys.keep_for_session(on.chat.service, "a-key")
        assert not strip.isVisible()
        assert composer.text == "Hello"
        on.engine.services.keys.delete(on.chat.service)
        await on.until(strip.isVisible)
        strip.close_button.click()
        on.type("!")
        assert not strip.isVisible()

    play(story, linnet_home, (GEMINI,))


def test_a_question_that_is_sent_all_the_same_is_kept_and_not_asked(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        answer = await on.asked("Hello")
        failure = answer.finish and answer.finish.failure
        assert failure is not None
        assert failure.kind is ErrorKind.AUTH
        assert "has no key yet" in failure.message
        assert on.page.composer.keyless.isVisible()
        asked: list[str] = []
        on.page.deeds.keyRequested.connect(asked.append)
        on.page.deeds.advise(answer.id, Action.ENTER_KEY)
        assert asked == [GEMINI.id]

    play(story, linnet_home, (GEMINI,))


def test_a_server_on_this_computer_is_asked_for_no_key(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        on.page.composer.field.setFocus()
        on.type("Hello")
        assert on.engine.tasks.running == () or "key" not in " ".join(on.engine.tasks.running)
        assert not on.page.composer.keyless.isVisible()

    play(story, linnet_home, (OWN,))
