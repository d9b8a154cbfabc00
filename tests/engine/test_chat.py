"""A chat: what each command does to the tree, to the reply that runs, and to the disk."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from scripted import (
    DONE,
    OTHER,
    SERVICE,
    SETTINGS,
    Bench,
    Step,
    answer,
    failing,
    text,
)

from app.asking import GO_ON
from app.chat import Chat
from app.domain.conversation import Unsent
from app.domain.errors import ErrorKind
from app.domain.message import FinishReason, Media, Message, Notice, Role, Text
from app.domain.settings import Sampling, Service, Settings
from app.domain.stream import (
    ExtraSeen,
    Finished,
    NoticeGiven,
    ReasoningDelta,
    StateReported,
    TextDelta,
    ToolCallDelta,
)
from app.providers.presets import DEMO
from app.reply import Change, ReplyState


def said(chat: Chat) -> list[str]:
    return [message.text for message in chat.conversation.path()]


def last(chat: Chat) -> Message:
    return chat.conversation.path()[-1]


def roles(messages: tuple[Message, ...]) -> list[tuple[str, str]]:
    return [(message.role.value, message.text) for message in messages]


async def ask(bench: Bench, chat: Chat, words: str, *turn: Step) -> None:
    bench.provider.turns.append(list(turn) or answer(f"re {words}"))
    chat.send(text(words))
    await bench.settle()


async def half_way(bench: Bench, chat: Chat, words: str = "hi") -> asyncio.Event:
    """Ask, and wait until half of the answer is there; the event lets it go on."""
    rest = asyncio.Event()
    bench.provider.turns.append([TextDelta("half"), rest, *answer(" whole")])
    chat.send(text(words))
    await bench.until(lambda: chat.draft is not None and chat.draft.text == "half")
    return rest


async def test_a_question_and_its_answer_are_kept(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "hello")
    assert said(chat) == ["hello", "re hello"]
    assert bench.reopened(chat).conversation == chat.conversation
    message = last(chat)
    assert (message.service_id, message.service_name, message.model) == ("own", "Own", "m1")
    assert message.finish is not None
    assert message.finish.complete
    assert chat.state is ReplyState.IDLE
    assert chat.draft is chat.reply is chat.started_at is chat.countdown is None
    assert bench.ended == [message]


async def test_the_question_is_on_disk_before_the_answer(bench: Bench) -> None:
    chat = bench.new_chat()
    chat.send(text("hello"))
    stored = bench.conversations.load(chat.id).path()
    assert roles(stored) == [("user", "hello"), ("assistant", "")]
    assert stored[-1].finish is None
    await bench.settle()


async def test_the_whole_history_goes_along(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "one")
    await ask(bench, chat, "two")
    assert roles(bench.provider.requests[-1].messages) == [
        ("user", "one"),
        ("assistant", "re one"),
        ("user", "two"),
    ]


async def test_old_turns_can_be_left_out(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "one")
    await ask(bench, chat, "two")
    chat.leave_out_before(chat.conversation.path()[2].id)
    await ask(bench, chat, "three")
    assert [m.text for m in bench.provider.requests[-1].messages] == ["two", "re two", "three"]
    assert said(chat)[:2] == ["one", "re one"]
    chat.leave_out_before(None)
    await ask(bench, chat, "four")
    assert len(bench.provider.requests[-1].messages) == 7


async def test_an_empty_question_is_not_sent(bench: Bench) -> None:
    chat = bench.new_chat()
    chat.send(())
    assert not chat.conversation.messages
    assert bench.tasks.running == ()


@pytest.mark.rule("R24")
async def test_stop_keeps_what_arrived_at_once(bench: Bench) -> None:
    chat = bench.new_chat()
    await half_way(bench, chat)
    before = time.perf_counter()
    chat.stop()
    took_s = time.perf_counter() - before
    assert said(chat) == ["hi", "half"]
    finish = last(chat).finish
    assert finish is not None
    assert (finish.reason, finish.failure) == (FinishReason.CANCELLED, None)
    assert chat.state is ReplyState.IDLE
    assert took_s < 0.1
    await bench.settle()
    assert bench.provider.open == 0
    assert bench.reopened(chat).conversation == chat.conversation
    assert len(bench.ended) == 1


async def test_stop_before_the_reply_began(bench: Bench) -> None:
    chat = bench.new_chat()
    chat.send(text("hi"))
    chat.stop()
    finish = last(chat).finish
    assert finish is not None
    assert finish.reason is FinishReason.CANCELLED
    await bench.settle()
    assert bench.provider.requests == []


async def test_stop_during_the_countdown(bench: Bench) -> None:
    bench.hand.holding = True
    chat = bench.new_chat()
    bench.provider.turns.append([failing(ErrorKind.SERVER)])
    chat.send(text("hi"))
    await bench.until(lambda: chat.countdown is not None)
    assert chat.state is ReplyState.COUNTDOWN
    chat.stop()
    assert chat.countdown is None
    await bench.settle()
    assert len(bench.provider.requests) == 1


async def test_stop_after_the_end_was_seen_is_no_stop(bench: Bench) -> None:
    chat = bench.new_chat()
    bench.provider.turns.append([*answer("done"), asyncio.Event()])
    chat.send(text("hi"))
    await bench.until(lambda: chat.draft is not None and chat.draft.finished is not None)
    chat.stop()
    finish = last(chat).finish
    assert finish is not None
    assert finish.complete
    await bench.settle()


async def test_a_failure_stands_on_its_message_with_the_text_before_it(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "hi", TextDelta("some"), failing(ErrorKind.TRUNCATED))
    again = bench.reopened(chat)
    finish = last(again).finish
    assert last(again).text == "some"
    assert finish is not None
    assert finish.failure is not None
    assert finish.failure.kind is ErrorKind.TRUNCATED


async def test_regenerate_keeps_the_old_answer_as_a_version(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "hi")
    old = last(chat).id
    bench.provider.turns.append(answer("other"))
    chat.regenerate(old)
    await bench.settle()
    assert said(chat) == ["hi", "other"]
    assert chat.conversation.children[last(chat).parent_id] == (old, last(chat).id)
    assert roles(bench.provider.requests[-1].messages) == [("user", "hi")]
    chat.select(old)
    assert said(chat) == ["hi", "re hi"]
    assert said(bench.reopened(chat)) == ["hi", "re hi"]


async def test_editing_makes_a_branch_and_leaves_the_old_one(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "one")
    await ask(bench, chat, "two")
    first = chat.conversation.path()[0].id
    chat.edit(first, text("uno"))
    await bench.settle()
    assert said(chat) == ["uno", "ok"]
    assert len(bench.provider.requests[-1].messages) == 1
    chat.select(first)
    assert said(chat) == ["one", "re one", "two", "re two"]
    assert chat.conversation.title == "one"


async def test_retry_takes_the_place_of_an_answer_without_anything(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "hi", failing(ErrorKind.AUTH, retryable=False))
    failed = last(chat).id
    bench.provider.turns.append(answer("now"))
    chat.retry(failed)
    await bench.settle()
    assert last(chat).id == failed
    assert last(chat).text == "now"
    assert chat.conversation.children[last(chat).parent_id] == (failed,)
    assert bench.reopened(chat).conversation == chat.conversation


async def test_retry_of_a_partial_answer_is_a_new_version(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "hi", TextDelta("some"), failing(ErrorKind.TRUNCATED))
    failed = last(chat).id
    bench.provider.turns.append(answer("all"))
    chat.retry(failed)
    await bench.settle()
    assert chat.conversation.messages[failed].text == "some"
    assert last(chat).text == "all"


async def test_resume_joins_the_rest_to_the_same_answer(bench: Bench) -> None:
    chat = bench.new_chat()
    limit = Finished(FinishReason.LENGTH, "length")
    full = NoticeGiven(Notice("length", "The limit."))
    await ask(bench, chat, "count", ReasoningDelta("hm"), TextDelta("one tw"), full, limit)
    cut = last(chat)
    bench.provider.turns.append([TextDelta("o three"), DONE])
    chat.resume(cut.id)
    assert chat.draft is not None
    assert chat.draft.text == "one tw"
    await bench.settle()
    whole = last(chat)
    assert whole.id == cut.id
    assert (whole.text, whole.reasoning, whole.notices) == ("one two three", "hm", ())
    assert len([part for part in whole.parts if isinstance(part, Text)]) == 1
    assert roles(bench.provider.requests[-1].messages) == [
        ("user", "count"),
        ("assistant", "one tw"),
        ("user", GO_ON),
    ]
    assert bench.reopened(chat).conversation == chat.conversation
    assert said(chat) == ["count", "one two three"]


async def test_a_rest_that_fails_leaves_the_answer_as_it_was(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "count", TextDelta("one"), failing(ErrorKind.TRUNCATED))
    bench.provider.turns.append([failing(ErrorKind.AUTH, retryable=False)])
    chat.resume(last(chat).id)
    await bench.settle()
    assert last(chat).text == "one"
    finish = last(chat).finish
    assert finish is not None
    assert finish.failure is not None
    assert finish.failure.kind is ErrorKind.AUTH


@pytest.mark.rule("R54")
async def test_resume_uses_the_token_that_the_answer_ended_with(bench: Bench) -> None:
    chat = bench.new_chat()
    broken_off = Finished(FinishReason.LENGTH, "CONTINUATION")
    first: list[Step] = [TextDelta("a"), ExtraSeen("continuation_token", "t"), broken_off]
    bench.provider.turns += [list(first), list(first)]
    chat.send(text("hi"))
    await bench.settle()
    assert last(chat).text == "aa"
    bench.provider.turns.append(answer("b"))
    chat.resume(last(chat).id)
    await bench.settle()
    assert last(chat).text == "aab"
    assert bench.provider.requests[-1].continuation_token == "t"
    assert roles(bench.provider.requests[-1].messages) == [("user", "hi")]


async def test_a_question_asked_meanwhile_waits_and_then_goes_out(bench: Bench) -> None:
    chat = bench.new_chat()
    rest = await half_way(bench, chat)
    chat.send(text("and"))
    chat.send((Text("more"), Media(mime="image/png", url="https://x.example/a.png")))
    queued = chat.queued
    assert queued is not None
    assert queued[0] == Text("and\n\nmore")
    assert said(bench.reopened(chat))[:1] == ["hi"]
    rest.set()
    await bench.settle()
    assert said(chat) == ["hi", "half whole", "and\n\nmore", "ok"]
    assert chat.queued is None


async def test_a_question_that_waits_survives_a_crash(bench: Bench) -> None:
    chat = bench.new_chat()
    rest = await half_way(bench, chat)
    chat.send(text("and"))
    assert bench.reopened(chat).unsent == Unsent("and")
    chat.set_unsent("typing")
    bench.hand.advance(1.0)
    assert bench.reopened(chat).unsent == Unsent("and\n\ntyping")
    rest.set()
    await bench.settle()
    bench.hand.advance(1.0)
    assert bench.reopened(chat).unsent == Unsent("typing")


async def test_a_failure_holds_the_question_back(bench: Bench) -> None:
    chat = bench.new_chat()
    fail = asyncio.Event()
    bench.provider.turns.append([TextDelta("x"), fail, failing(ErrorKind.TRUNCATED)])
    chat.send(text("one"))
    await bench.until(lambda: chat.state is ReplyState.ANSWERING)
    chat.send(text("two"))
    fail.set()
    await bench.settle()
    assert chat.queued == text("two")
    chat.unqueue()
    assert (chat.queued, chat.unsent) == (None, Unsent("two"))
    assert said(chat) == ["one", "x"]


async def test_the_question_that_waits_can_be_sent_at_once(bench: Bench) -> None:
    chat = bench.new_chat()
    await half_way(bench, chat)
    chat.send(text("instead"))
    chat.send_queued()
    await bench.settle()
    assert said(chat) == ["hi", "half", "instead", "ok"]


async def test_a_bug_in_a_view_does_not_stop_the_reply(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, bug, trace: bugs.append(bug))
    chat = bench.new_chat()
    heard: list[Change] = []

    def broken(change: Change) -> None:
        raise ZeroDivisionError

    chat.subscribe(broken)
    chat.subscribe(heard.append)
    await ask(bench, chat, "hi")
    assert last(chat).text == "re hi"
    assert len(bugs) == len(heard) > 0


async def test_a_bug_in_a_provider_is_told_and_keeps_the_text(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, bug, trace: bugs.append(bug))
    chat = bench.new_chat()
    await ask(bench, chat, "hi", TextDelta("some"), ZeroDivisionError())
    assert [type(bug) for bug in bugs] == [ZeroDivisionError]
    assert last(chat).text == "some"
    finish = last(chat).finish
    assert finish is not None
    assert finish.failure is not None
    assert bench.provider.open == 0


async def test_a_delta_costs_one_call(bench: Bench) -> None:
    chat = bench.new_chat()
    heard: list[Change] = []
    chat.subscribe(heard.append)
    await ask(bench, chat, "hi", *map(TextDelta, "abcdefghij"), DONE)
    assert heard.count(Change.DRAFT) == 11
    assert len(heard) < 20


async def test_whoever_left_hears_nothing(bench: Bench) -> None:
    chat = bench.new_chat()
    heard: list[Change] = []
    leave = chat.subscribe(heard.append)
    leave()
    leave()
    await ask(bench, chat, "hi")
    assert heard == []


async def test_the_title_comes_from_the_first_question(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "# Why is the sky blue?\nReally?")
    assert chat.conversation.title == "Why is the sky blue?"
    await ask(bench, chat, "And red?")
    assert chat.conversation.title == "Why is the sky blue?"


async def test_the_title_of_the_person_stays(bench: Bench) -> None:
    chat = bench.new_chat()
    named = replace(chat.conversation, title="Mine", titled_by_person=True)
    chat.revise(named, Change.META)
    await ask(bench, chat, "question")
    assert chat.conversation.title == "Mine"


async def test_the_opaque_state_goes_back_to_its_own_host_only(bench: Bench) -> None:
    chat = bench.new_chat()
    state = {"parts": [{"thoughtSignature": "s"}]}
    await ask(bench, chat, "one", TextDelta("1"), StateReported(state), DONE)
    await ask(bench, chat, "two")
    assert bench.provider.requests[-1].messages[1].provider_state == state
    chat.set_service("other", "m2")
    await ask(bench, chat, "three")
    assert bench.provider.requests[-1].messages[1].provider_state == {}
    chat.set_service("own", None)
    await ask(bench, chat, "four")
    assert bench.provider.requests[-1].messages[1].provider_state == state
    moved = replace(SERVICE, base_url="https://elsewhere.example/v1")
    bench.settings = replace(SETTINGS, services=(moved, OTHER))
    await ask(bench, chat, "five")
    assert bench.provider.requests[-1].messages[1].provider_state == {}


async def test_the_state_of_an_answer_in_two_requests_is_joined(bench: Bench) -> None:
    chat = bench.new_chat()
    limit = Finished(FinishReason.LENGTH, "length")
    await ask(bench, chat, "hi", TextDelta("a"), StateReported({"parts": [1], "id": "x"}), limit)
    bench.provider.turns.append([TextDelta("b"), StateReported({"parts": [2], "id": "y"}), DONE])
    chat.resume(last(chat).id)
    await bench.settle()
    await ask(bench, chat, "more")
    state = bench.provider.requests[-1].messages[1].provider_state
    assert state == {"parts": [1, 2], "id": "y"}


async def test_calls_without_a_result_are_kept_but_not_sent(bench: Bench) -> None:
    chat = bench.new_chat()
    call = ToolCallDelta(ordinal=0, id="c1", name="f", arguments='{"a":')
    end = Finished(FinishReason.TOOL_CALLS, "tool_calls")
    await ask(bench, chat, "hi", TextDelta("x"), call, StateReported({"parts": [1]}), end)
    assert last(chat).tool_calls[0].arguments == '{"a":'
    await ask(bench, chat, "go on")
    sent = bench.provider.requests[-1].messages[1]
    assert (sent.text, sent.tool_calls, sent.provider_state) == ("x", (), {})


async def test_an_answer_without_content_is_not_sent(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "one", failing(ErrorKind.AUTH, retryable=False))
    await ask(bench, chat, "two")
    assert roles(bench.provider.requests[-1].messages) == [("user", "one"), ("user", "two")]


async def test_a_clock_that_is_set_back_keeps_the_order(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "one")
    bench.hand.wall -= 7200.0
    await ask(bench, chat, "two")
    times = [message.created_at for message in chat.conversation.path()]
    assert times == sorted(times)
    assert chat.conversation.updated_at >= times[-1]


async def test_parameters_of_the_chat_stand_over_the_settings(bench: Bench) -> None:
    bench.settings = replace(SETTINGS, sampling=Sampling(temperature=0.5, effort="low"))
    chat = bench.new_chat()
    chat.set_sampling(Sampling(temperature=1.0))
    await ask(bench, chat, "hi")
    sampling = bench.provider.requests[-1].sampling
    assert (sampling.temperature, sampling.effort, sampling.model) == (1.0, "low", "m1")
    assert bench.reopened(chat).sampling == sampling


async def test_a_chat_stays_with_its_service(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "hi")
    bench.settings = replace(SETTINGS, default_service="other")
    assert chat.service.id == "own"
    assert bench.new_chat().service.id == "other"


async def test_a_chat_whose_service_is_gone_goes_on_with_the_default(bench: Bench) -> None:
    chat = bench.new_chat()
    chat.set_service("other", "special")
    await ask(bench, chat, "hi")
    bench.settings = replace(SETTINGS, services=(SERVICE,))
    assert (chat.service, chat.sampling.model) == (SERVICE, "m1")
    await ask(bench, chat, "again")
    assert bench.provider.requests[-1].sampling.model == "m1"
    assert chat.conversation.sampling.model is None


def test_without_any_service_the_demo_answers(bench: Bench) -> None:
    bench.settings = Settings()
    chat = bench.new_chat()
    assert (chat.service, chat.sampling.model) == (DEMO, "demo")


def test_the_default_model_belongs_to_the_default_service(bench: Bench) -> None:
    bench.settings = replace(SETTINGS, sampling=Sampling(model="favourite"))
    chat = bench.new_chat()
    assert chat.sampling.model == "favourite"
    chat.set_service("other", None)
    assert chat.sampling.model == "m2"
    bare = Service(id="bare", base_url="https://bare.example", models=("first", "second"))
    bench.settings = replace(bench.settings, services=(bare,))
    chat.set_service("bare", None)
    assert chat.sampling.model == "first"


async def test_closing_keeps_the_answer_as_cut_off(bench: Bench) -> None:
    chat = bench.new_chat()
    await half_way(bench, chat)
    chat.set_unsent("next")
    chat.close()
    await bench.tasks.cancel_all()
    again = bench.reopened(chat)
    finish = last(again).finish
    assert (last(again).text, again.unsent) == ("half", Unsent("next"))
    assert finish is not None
    assert finish.failure is not None
    assert finish.failure.kind is ErrorKind.TRUNCATED


async def test_several_chats_reply_at_once(bench: Bench) -> None:
    chats = [bench.new_chat() for _ in range(5)]
    rests = [await half_way(bench, chat, f"q{i}") for i, chat in enumerate(chats)]
    assert {chat.state for chat in chats} == {ReplyState.ANSWERING}
    for rest in reversed(rests):
        rest.set()
    await bench.settle()
    assert [last(chat).text for chat in chats] == ["half whole"] * 5


async def test_the_reply_goes_on_while_another_branch_is_shown(bench: Bench) -> None:
    chat = bench.new_chat()
    await ask(bench, chat, "one")
    old = last(chat).id
    rest = asyncio.Event()
    bench.provider.turns.append([TextDelta("half"), rest, *answer(" whole")])
    chat.regenerate(old)
    await bench.until(lambda: chat.state is ReplyState.ANSWERING)
    chat.select(old)
    rest.set()
    await bench.settle()
    assert said(chat) == ["one", "re one"]
    newer = chat.conversation.children[last(chat).parent_id][1]
    assert chat.conversation.messages[newer].text == "half whole"


async def test_editing_while_a_reply_runs_stops_it(bench: Bench) -> None:
    chat = bench.new_chat()
    await half_way(bench, chat)
    question, cut = chat.conversation.path()
    chat.edit(question.id, text("better"))
    await bench.settle()
    assert said(chat) == ["better", "ok"]
    assert chat.conversation.messages[cut.id].text == "half"
    assert Role.ASSISTANT is chat.conversation.messages[cut.id].role
