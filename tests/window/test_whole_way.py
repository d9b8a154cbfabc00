"""The whole way, in the real window over a real server: ask, watch, stop, retry, restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import End, Gate, Loopback, events, in_thread, whole
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from stage import Stage, play, service

from app.advice import Action
from app.domain.errors import ErrorKind
from app.domain.message import FinishReason, Role
from app.reply import ReplyState

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def server(qapp: QApplication) -> Iterator[Loopback]:
    with in_thread() as running:
        yield running


def text(words: str, **other: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": words}, **other}]}


def thought(words: str) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"reasoning_content": words}}]}


END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def answer(words: str, reasoning: str = "") -> object:
    start = [thought(reasoning)] if reasoning else []
    return events(*start, text(words), END)


def test_a_question_streams_its_answer_in(server: Loopback, linnet_home: Path) -> None:
    first, second = Gate(), Gate()
    server.add(events(thought("Let me see."), first, text("**Forty"), second, text("-two**"), END))

    async def story(on: Stage) -> None:
        on.ask("What is the answer?")
        composer = on.page.composer
        assert composer.text == ""
        assert composer.send.accessibleName() == "Stop"
        await on.until(lambda: on.chat.state is ReplyState.REASONING)
        first.open()
        await on.until(lambda: on.chat.draft is not None and on.chat.draft.text == "**Forty")
        await on.until(lambda: "Forty" in on.page.transcript.reading.text(1))
        assert on.window.sidebar.chats.model().replying == {on.chat.id}  # type: ignore[attr-defined]
        second.open()
        await on.until(lambda: on.chat.draft is None)
        assert on.answer.text == "**Forty-two**"
        assert on.answer.reasoning == "Let me see."
        assert composer.send.accessibleName() == "Send"
        assert on.titles() == ["What is the answer?"]
        assert on.page.header.title.accessibleName() == "What is the answer?"
        assert on.window.windowTitle() == "What is the answer?"
        asked = server.requests[-1].json
        assert asked["model"] == "model-a"
        assert asked["messages"] == [{"role": "user", "content": "What is the answer?"}]

    play(story, linnet_home, [service(server)])


def test_stopping_keeps_what_arrived(server: Loopback, linnet_home: Path) -> None:
    server.add(events(text("Half an ans"), End.HANG, done=False))

    async def story(on: Stage) -> None:
        on.ask("Tell me")
        await on.until(lambda: on.chat.draft is not None and on.chat.draft.text)
        on.press(Qt.Key.Key_Escape, on=on.page.composer.field)
        assert on.chat.draft is None
        assert on.answer.text == "Half an ans"
        assert on.answer.finish is not None
        assert on.answer.finish.reason is FinishReason.CANCELLED
        await on.until(lambda: server.requests[-1].gone.is_open, "the server sees the close")

    play(story, linnet_home, [service(server)])


def test_a_failure_stands_beside_what_arrived_and_continue_joins_it(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(events(text("The first half"), End.RESET, done=False), answer(" and the second."))

    async def story(on: Stage) -> None:
        failed = await on.asked("Tell me")
        assert failed.text == "The first half"
        assert failed.finish is not None
        assert failed.finish.failure is not None
        on.page.transcript.adviceTaken.emit(failed.id, Action.CONTINUE, "")
        await on.until(lambda: on.chat.draft is None and on.answer.finish and on.answer.text)
        await on.until(lambda: on.answer.finish is not None and on.answer.finish.complete)
        assert on.answer.id == failed.id
        assert on.answer.text == "The first half and the second."

    play(story, linnet_home, [service(server)])


def test_retry_after_a_refusal_takes_the_place_of_the_failed_answer(
    server: Loopback, linnet_home: Path
) -> None:
    refusal = whole({"error": {"message": "No such key", "code": "invalid_api_key"}}, status=401)
    server.add(refusal, answer("Now it works."))

    async def story(on: Stage) -> None:
        failed = await on.asked("Hello")
        assert failed.finish is not None
        assert failed.finish.failure is not None
        assert failed.finish.failure.kind is ErrorKind.AUTH
        on.page.transcript.adviceTaken.emit(failed.id, Action.RETRY, "")
        await on.until(lambda: on.chat.draft is None and on.answer.text)
        assert on.answer.text == "Now it works."
        assert len(on.path) == 2

    play(story, linnet_home, [service(server)])


def test_a_countdown_can_be_cut_short(server: Loopback, linnet_home: Path) -> None:
    busy = whole({"error": {"message": "Slow down"}}, status=429, retry_after="60")
    server.add(busy, answer("At last."))

    async def story(on: Stage) -> None:
        on.ask("Hello")
        await on.until(lambda: on.chat.state is ReplyState.COUNTDOWN)
        assert on.page.composer.send.accessibleName() == "Stop"
        on.page.transcript.adviceTaken.emit(on.answer.id, Action.RETRY_NOW, "")
        await on.until(lambda: on.chat.draft is None)
        assert on.answer.text == "At last."

    play(story, linnet_home, [service(server)])


def test_regenerating_keeps_the_old_answer_as_a_version(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(answer("One."), answer("Two."))

    async def story(on: Stage) -> None:
        first = await on.asked("Say a number")
        on.press(Qt.Key.Key_R, CTRL)
        await on.until(lambda: on.chat.draft is None and on.answer.text == "Two.")
        assert on.chat.conversation.children[on.answer.parent_id] == (first.id, on.answer.id)
        on.page.transcript.versionSelected.emit(first.id)
        assert on.answer.text == "One."

    play(story, linnet_home, [service(server)])


def test_editing_the_last_message_makes_a_branch(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("About cats."), answer("About dogs."))

    async def story(on: Stage) -> None:
        await on.asked("Tell me about cats")
        old = on.path
        on.press(Qt.Key.Key_Up, on=on.page.composer.field)
        field = on.page.composer.field
        assert field.toPlainText() == "Tell me about cats"
        field.selectAll()
        on.type("Tell me about dogs")
        on.press(Qt.Key.Key_Return, on=field)
        await on.until(lambda: on.chat.draft is None and on.answer.text == "About dogs.")
        assert [message.text for message in on.path] == ["Tell me about dogs", "About dogs."]
        assert set(on.chat.conversation.children[None]) == {old[0].id, on.path[0].id}
        assert old[1].id in on.chat.conversation.messages

    play(story, linnet_home, [service(server)])


def test_a_question_asked_meanwhile_waits_for_its_turn(server: Loopback, linnet_home: Path) -> None:
    gate = Gate()
    server.add(events(text("First."), gate, END), answer("Second."))

    async def story(on: Stage) -> None:
        on.ask("one")
        await on.until(lambda: on.chat.draft is not None and on.chat.draft.text)
        on.ask("two")
        assert on.page.composer.queued.isVisible()
        gate.open()
        await on.until(lambda: len(on.path) == 4 and on.chat.draft is None)
        assert [m.text for m in on.path] == ["one", "First.", "two", "Second."]
        assert not on.page.composer.queued.isVisible()

    play(story, linnet_home, [service(server)])


def test_a_stop_holds_the_queued_question_back_and_it_can_be_sent_or_taken_back(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(events(text("First."), End.HANG, done=False), answer("Second."))

    async def story(on: Stage) -> None:
        on.ask("one")
        await on.until(lambda: on.chat.draft is not None and on.chat.draft.text)
        on.ask("two")
        on.page.composer.send.click()  # it is the stop button now
        composer = on.page.composer
        assert composer.queued.isVisible()
        assert composer.queued.action.isVisible()
        composer.queued.close_button.click()
        assert composer.text == "two"
        assert on.chat.queued is None
        on.press(Qt.Key.Key_Return, on=composer.field)
        await on.until(lambda: on.chat.draft is None and on.answer.text == "Second.")

    play(story, linnet_home, [service(server)])


def test_an_answer_goes_on_while_another_chat_is_shown(server: Loopback, linnet_home: Path) -> None:
    gate = Gate()
    server.add(events(text("Slow"), gate, text(" but sure."), END), answer("Quick."))

    async def story(on: Stage) -> None:
        on.ask("slow one")
        await on.until(lambda: on.chat.draft is not None and on.chat.draft.text)
        slow = on.chat
        on.press(Qt.Key.Key_N, CTRL)
        assert on.chat is not slow
        await on.asked("quick one")
        gate.open()
        await on.until(lambda: slow.draft is None)
        row = next(r for r in on.engine.library.chats() if r.id == slow.id)
        assert row.unread
        on.window.open_chat(slow.id)
        assert on.answer.text == "Slow but sure."
        row = next(r for r in on.engine.library.chats() if r.id == slow.id)
        assert not row.unread

    play(story, linnet_home, [service(server)])


def test_everything_is_there_after_a_restart(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("Kept.", "Because."))
    shown: list[str] = []

    async def before(on: Stage) -> None:
        await on.asked("Remember this")
        on.page.composer.field.setFocus()
        on.type("an unsent draft")
        on.window.resize(700, 600)
        on.window.toggle_sidebar()
        shown.append(on.chat.id)

    async def after(on: Stage) -> None:
        assert on.chat.id == shown[0]
        assert [(m.role, m.text) for m in on.path] == [
            (Role.USER, "Remember this"),
            (Role.ASSISTANT, "Kept."),
        ]
        assert on.answer.reasoning == "Because."
        assert on.page.composer.text == "an unsent draft"
        assert (on.window.width(), on.window.height()) == (700, 600)
        assert not on.window.sidebar.isVisible()

    play(before, linnet_home, [service(server)])
    play(after, linnet_home)


def test_an_answer_that_the_end_of_the_program_cut_off_is_marked(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(events(text("As far as"), End.HANG, done=False), answer("All of it."))

    async def before(on: Stage) -> None:
        on.ask("Tell me")
        await on.until(lambda: on.chat.draft is not None and on.chat.draft.text)

    async def after(on: Stage) -> None:
        assert on.answer.text == "As far as"
        assert on.answer.finish is not None
        assert not on.answer.finish.complete
        cut_off = on.answer.id
        on.page.transcript.adviceTaken.emit(cut_off, Action.RETRY, "")
        await on.until(lambda: on.chat.draft is None and on.answer.text == "All of it.")
        assert on.chat.conversation.children[on.answer.parent_id] == (cut_off, on.answer.id)

    play(before, linnet_home, [service(server)])
    play(after, linnet_home)
