"""A chat that has grown larger than its service or model takes: what helps is offered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from loopback import Loopback
from stage import Stage, play, service

from app.domain.conversation import Conversation
from app.domain.crowding import Crowd
from app.domain.kinds import MB
from app.domain.message import Media, Message, Part, Role, Text
from app.domain.settings import Form, Service
from app.providers.base import ModelInfo
from app.reply import Change

pytestmark = pytest.mark.usefixtures("qapp")

OWN = Service(id="own", name="Own", largest_request_mb=4)


def photo(sha256: str, size_bytes: int = 1_500_000) -> Media:
    return Media(mime="image/jpeg", sha256=sha256, name=f"{sha256}.jpg", size_bytes=size_bytes)


def grown(*questions: Iterable[Part]) -> Conversation:
    conversation = Conversation(id="c")
    for number, parts in enumerate(questions):
        for name, role, said in (("q", Role.USER, parts), ("a", Role.ASSISTANT, (Text("Yes."),))):
            message = Message(
                id=f"{name}{number}",
                parent_id=conversation.leaf_id,
                role=role,
                parts=tuple(said),
                created_at=0,
            )
            conversation = conversation.append(message)
    return conversation


def test_the_oldest_attachments_are_proposed_until_it_fits() -> None:
    said = grown((photo("1"),), (photo("2"), photo("3")), (Text("And?"),))
    much = Crowd(said, OWN).too_much(())
    assert much is not None
    assert (much.size_bytes, much.limit_bytes) == (6_000_000, 4 * MB)
    assert much.places == (("q0", 0),)
    more = Crowd(said, OWN).too_much((photo("4"),))
    assert more is not None
    assert more.places == (("q0", 0), ("q1", 0))
    left = said.with_media_left_out("q0", 0, True)
    assert Crowd(left, OWN).too_much(()) is None


def test_what_is_new_alone_is_not_the_matter_of_the_chat() -> None:
    assert Crowd(grown((Text("Hi"),)), OWN).too_much((photo("9", 9 * MB),)) is None
    boundless = replace(OWN, largest_request_mb=0)
    assert Crowd(grown((photo("9", 9 * MB),)), boundless).too_much(()) is None
    demo = replace(OWN, form=Form.DEMO)
    assert Crowd(grown((photo("9", 9 * MB),)), demo).too_much(()) is None


def test_a_long_chat_begins_later_at_a_question() -> None:
    said = grown(*[(Text("x" * 4000),)] * 10)
    crowd = Crowd(said, OWN)
    assert crowd.too_long(0, None) is None
    assert crowd.too_long(0, 20_000) is None
    long = crowd.too_long(500, 8_000)
    assert long is not None
    assert (
        crowd.first_that_fits(long) == "q5"
    )  # five thousand tokens and the question, of six thousand
    shortest = crowd.too_long(0, 100)
    assert shortest is not None
    assert crowd.first_that_fits(shortest) == "q9"
    assert Crowd(grown((Text("x" * 4000),)), OWN).too_long(0, 100) is None
    again = replace(said, context_start_id="q5")
    assert Crowd(again, OWN).too_long(500, 8_000) is None


def test_attachments_are_left_out_from_above_the_message(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        strip = on.page.composer.crowded
        said = grown((photo("1"), Text("One")), (photo("2"), photo("3"), Text("Two")))
        on.chat.revise(replace(said, id=on.chat.id), Change.TREE)
        assert strip.isVisible()
        assert strip.accessibleName() == (
            "6.0 MB with earlier attachments; Own server takes 4.0 MB."
        )
        assert strip.action.text() == "Leave out the oldest"
        on.window.resize(1100, 700)
        await on.until(lambda: strip.width() > 600)
        one_line = strip.height()
        on.window.resize(440, 600)
        await on.until(lambda: strip.height() > one_line)  # the words stay
        await on.until(lambda: strip.action.y() > one_line / 2)
        on.window.resize(1100, 700)
        await on.until(lambda: strip.height() == one_line)
        strip.action.click()
        assert not strip.isVisible()
        assert on.chat.conversation.messages["q0"].media[0].left_out
        assert "is left out of further questions" in on.window.notice.text
        on.window.notice.action.click()
        assert strip.isVisible()
        assert not on.chat.conversation.messages["q0"].media[0].left_out
        strip.close_button.click()
        assert not strip.isVisible()

    limited = service(Loopback(), largest_request_mb=4)
    play(story, linnet_home, (limited,))


def test_old_messages_are_left_out_from_above_the_message(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        strip, lists = on.page.composer.crowded, on.engine.services.lists
        said = grown(*[(Text("x" * 4000),)] * 10)
        on.chat.revise(replace(said, id=on.chat.id), Change.TREE)
        assert not strip.isVisible()
        lists.put(on.chat.service, (ModelInfo(id="model-a", context=8_000),))
        assert strip.isVisible()
        assert "; the model reads 8.0 K" in strip.accessibleName()
        strip.action.click()
        assert on.chat.conversation.context_start_id == "q5"
        assert not strip.isVisible()
        on.window.notice.action.click()
        assert on.chat.conversation.context_start_id is None
        assert strip.isVisible()

    play(story, linnet_home, (service(Loopback()),))
