"""One reply: when it asks again, when never, what it says meanwhile, and what is kept."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from scripted import DONE, OTHER, SERVICE, Bench, Step, answer, failing, text

from app.domain.errors import RETRYABLE_KINDS, ErrorKind, Failure, Phase
from app.domain.message import Finish, FinishReason, Message, Notice, Role
from app.domain.settings import Sampling, Service
from app.domain.stream import (
    Draft,
    ExtraSeen,
    Finished,
    MediaReceived,
    ModelReported,
    NoticeGiven,
    ReasoningDelta,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
)
from app.providers.base import ChatRequest, ModelInfo, Quirks
from app.reply import Backend, Change, History, Reply, ReplyState
from app.storage.errors import StorageError, Trouble

QUESTION = Message(id="q", parent_id=None, role=Role.USER, parts=text("?"), created_at=1.0)
ANSWER = Message(id="a", parent_id="q", role=Role.ASSISTANT, parts=(), created_at=2.0)


class Watched(Reply):
    """A reply that notes the states it goes through."""

    def __init__(
        self,
        bench: Bench,
        *,
        backend: Backend | None = None,
        model: str | None = "m1",
        history: History | None = None,
    ) -> None:
        self.states: list[ReplyState] = []
        self.deltas = 0
        super().__init__(
            service=SERVICE if model else replace(SERVICE, default_model=""),
            request=ChatRequest(messages=(QUESTION,), sampling=Sampling(model=model)),
            draft=Draft(ANSWER),
            backend=backend or bench.around.backend,
            changed=self._note,
            history=history,
        )

    def _note(self, change: Change) -> None:
        if change is Change.STATE:
            self.states.append(self.state)
        else:
            self.deltas += 1


def script(bench: Bench, *turns: list[Step]) -> None:
    bench.provider.turns = list(turns)


async def test_an_answer_is_folded_and_complete(bench: Bench) -> None:
    script(bench, [ModelReported("m1-0613"), ReasoningDelta("hm"), *answer("Hel", "lo")])
    reply = Watched(bench)
    assert await reply.run() == Finish(reason=FinishReason.STOP, native="stop", complete=True)
    message = reply.draft.to_message(None, reply.timing)
    assert (message.text, message.reasoning, message.model) == ("Hello", "hm", "m1-0613")
    assert reply.states == [ReplyState.WAITING, ReplyState.REASONING, ReplyState.ANSWERING]
    assert reply.deltas == 5
    assert [e.key for e in bench.provider.endpoints] == ["key"]


@pytest.mark.parametrize("is_long", [False, True])
async def test_the_history_is_read_before_it_is_sent(bench: Bench, is_long: bool) -> None:
    """That of a long chat in a thread, beside the window."""
    script(bench, answer("yes"))
    threads: list[int] = []

    def read() -> tuple[Message, ...]:
        threads.append(threading.get_ident())
        return (replace(QUESTION, parts=text("from the disk")),)

    finish = await Watched(bench, history=History(read, is_long=is_long)).run()
    assert finish.complete
    assert bench.provider.requests[0].messages[0].text == "from the disk"
    assert [thread == threading.get_ident() for thread in threads] == [not is_long]


async def test_a_history_that_cannot_be_read_is_a_failure(bench: Bench) -> None:
    def read() -> tuple[Message, ...]:
        raise StorageError(Trouble.DISK, Path("chats.db"))

    finish = await Watched(bench, history=History(read, is_long=True)).run()
    assert finish.failure is not None
    assert "chats.db" in finish.failure.message
    assert bench.provider.requests == []


async def test_a_whole_answer_without_a_reason_is_complete(bench: Bench) -> None:
    script(bench, [TextDelta("all")])
    assert await Watched(bench).run() == Finish(complete=True)


@pytest.mark.rule("R40")
@pytest.mark.parametrize("kind", list(ErrorKind))
async def test_only_what_is_worth_it_is_tried_again(bench: Bench, kind: ErrorKind) -> None:
    script(bench, [failing(kind, retryable=kind in RETRYABLE_KINDS)], answer("there"))
    finish = await Watched(bench).run()
    tried_again = len(bench.provider.requests) == 2
    assert tried_again == finish.complete == (kind in RETRYABLE_KINDS)
    if not tried_again:
        assert finish.failure is not None
        assert finish.failure.kind is kind


@pytest.mark.rule("R40")
@pytest.mark.parametrize("limit", [0, 1, 2, 3, 9])
async def test_at_most_three_retries_or_what_the_failure_allows(bench: Bench, limit: int) -> None:
    script(bench, *[[failing(ErrorKind.SERVER, max_retries=limit)]] * 12)
    finish = await Watched(bench).run()
    assert len(bench.provider.requests) == 1 + min(3, limit)
    assert finish.failure is not None
    assert not finish.complete


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    "shown",
    [
        TextDelta(" "),
        ReasoningDelta("x"),
        ToolCallDelta(ordinal=0, name="f"),
        MediaReceived(mime="image/png", url="https://own.example/x.png"),
    ],
)
async def test_never_after_something_was_shown(bench: Bench, shown: Step) -> None:
    script(bench, [shown, failing(ErrorKind.OVERLOADED)])
    reply = Watched(bench)
    finish = await reply.run()
    assert len(bench.provider.requests) == 1
    assert finish.failure is not None
    assert finish.failure.phase is Phase.MID_STREAM
    assert reply.draft.to_message(finish).parts


@pytest.mark.rule("R40")
async def test_what_shows_nothing_does_not_count(bench: Bench) -> None:
    quiet: list[Step] = [ModelReported("m"), NoticeGiven(Notice("n", "n")), TextDelta("")]
    script(bench, [*quiet, failing(ErrorKind.SERVER)], answer("x"))
    assert (await Watched(bench).run()).complete


@pytest.mark.rule("R41")
@pytest.mark.parametrize("factor", [0.75, 1.0, 1.25])
async def test_the_delay_doubles_and_wavers(bench: Bench, factor: float) -> None:
    bench.hand.factor = factor
    script(bench, *[[failing(ErrorKind.SERVER)]] * 4)
    await Watched(bench).run()
    assert bench.hand.waited == [1.0 * factor, 2.0 * factor, 4.0 * factor]


def test_the_factor_of_the_real_clock_is_within_its_limits() -> None:
    factors = [Backend.__dataclass_fields__["clock"].default.jitter() for _ in range(200)]
    assert 0.75 <= min(factors) < max(factors) <= 1.25


@pytest.mark.rule("R41")
@pytest.mark.parametrize(
    ("wish_s", "waited"),
    [(7.0, [7.0]), (0.25, [0.25]), (120.0, [120.0]), (0.0, [1.0]), (-3.0, [1.0]), (120.5, [])],
)
async def test_the_wish_of_the_server(bench: Bench, wish_s: float, waited: list[float]) -> None:
    script(bench, [failing(ErrorKind.RATE_LIMIT, retry_after_s=wish_s)])
    finish = await Watched(bench).run()
    assert bench.hand.waited == waited
    if not waited:
        assert finish.failure is not None
        assert finish.failure.retry_after_s == wish_s


@pytest.mark.rule("R42")
async def test_the_countdown_is_state_and_can_be_cut_short(bench: Bench) -> None:
    bench.hand.holding = True
    wished = failing(ErrorKind.OVERLOADED, retry_after_s=7.0)
    script(bench, [wished], answer("at last"))
    reply = Watched(bench)
    running = bench.tasks.spawn(reply.run(), "reply")
    await bench.until(lambda: reply.countdown is not None)
    countdown = reply.countdown
    assert countdown is not None
    assert (countdown.attempt, countdown.of) == (1, 3)
    assert countdown.due_at == bench.hand.time + 7.0
    assert countdown.failure == wished
    assert reply.state is ReplyState.COUNTDOWN
    reply.retry_now()
    assert (await running).complete
    assert reply.countdown is None


async def test_no_retries_where_none_are_wanted(bench: Bench) -> None:
    script(bench, [failing(ErrorKind.SERVER)])
    finish = await Watched(bench, backend=bench.backend(retries=False)).run()
    assert finish.failure is not None
    assert len(bench.provider.requests) == 1


@pytest.mark.rule("R2", "R21", "R59")
async def test_a_refused_member_is_mended_once_told_and_remembered(bench: Bench) -> None:
    quirks = Quirks(dropped=frozenset({"temperature"}))
    bench.provider.mending = lambda request, failure: (
        quirks if failure.param == "temperature" else None
    )
    refused = failing(ErrorKind.BAD_REQUEST, retryable=False, param="temperature")
    script(bench, [refused], answer("fine"))
    reply = Watched(bench)
    assert (await reply.run()).complete
    assert [request.quirks for request in bench.provider.requests] == [Quirks(), quirks]
    assert bench.hand.waited == []
    assert [notice.code for notice in reply.draft.notices] == ["mended"]
    assert "temperature" in reply.draft.notices[0].text
    assert bench.around.backend.quirks.get(SERVICE, "m1") == quirks
    assert bench.around.backend.quirks.get(OTHER, "m1") == Quirks()


@pytest.mark.rule("R2")
async def test_what_did_not_help_is_not_remembered_nor_repeated(bench: Bench) -> None:
    quirks = Quirks(dropped=frozenset({"temperature"}))
    bench.provider.mending = lambda request, failure: quirks
    refused = failing(ErrorKind.BAD_REQUEST, retryable=False, param="temperature")
    script(bench, [refused], [refused], [refused])
    reply = Watched(bench)
    assert (await reply.run()).failure == refused
    assert len(bench.provider.requests) == 2
    assert reply.draft.notices == []
    assert bench.around.backend.quirks.get(SERVICE, "m1") == Quirks()


@pytest.mark.rule("R2")
async def test_what_helped_is_remembered_though_the_answer_broke_off(bench: Bench) -> None:
    quirks = Quirks(dropped=frozenset({"temperature"}))
    bench.provider.mending = lambda request, failure: quirks
    refused = failing(ErrorKind.BAD_REQUEST, retryable=False, param="temperature")
    script(bench, [refused], [TextDelta("x"), failing(ErrorKind.TRUNCATED)])
    reply = Watched(bench)
    await reply.run()
    assert bench.around.backend.quirks.get(SERVICE, "m1") == quirks
    assert [notice.code for notice in reply.draft.notices] == ["mended"]


@pytest.mark.rule("R21")
async def test_a_stream_that_fails_at_once_is_asked_for_whole(bench: Bench) -> None:
    bench.provider.mending = lambda request, failure: (
        Quirks(stream=False) if request.stream else None
    )
    script(bench, [failing(ErrorKind.BAD_REQUEST, retryable=False)], [TextDelta("whole")])
    reply = Watched(bench)
    assert (await reply.run()).complete
    assert [request.stream for request in bench.provider.requests] == [True, False]


@pytest.mark.rule("R54")
async def test_an_answer_goes_on_with_its_token(bench: Bench) -> None:
    script(
        bench,
        [TextDelta("one "), ExtraSeen("continuation_token", "t1"), _broken_off()],
        [TextDelta("two "), ExtraSeen("continuation_token", "t2"), _broken_off()],
        answer("three"),
    )
    reply = Watched(bench)
    finish = await reply.run()
    assert finish == Finish(reason=FinishReason.STOP, native="stop", complete=True)
    assert reply.draft.text == "one two three"
    tokens = [request.continuation_token for request in bench.provider.requests]
    assert tokens == [None, "t1", "t2"]


@pytest.mark.rule("R54")
async def test_a_token_that_leads_nowhere_ends_the_answer(bench: Bench) -> None:
    turn: list[Step] = [TextDelta("x"), ExtraSeen("continuation_token", "t"), _broken_off()]
    script(bench, *[list(turn)] * 5)
    finish = await Watched(bench).run()
    assert finish.reason is FinishReason.LENGTH
    assert len(bench.provider.requests) == 2


@pytest.mark.rule("R54", "R40")
async def test_a_failure_within_the_rest_keeps_the_first_part(bench: Bench) -> None:
    script(
        bench,
        [TextDelta("one "), ExtraSeen("continuation_token", "t1"), _broken_off()],
        [failing(ErrorKind.SERVER)],
    )
    reply = Watched(bench)
    finish = await reply.run()
    assert finish.failure is not None
    assert reply.draft.text == "one "


def _broken_off() -> Finished:
    return Finished(FinishReason.LENGTH, "CONTINUATION")


@pytest.mark.rule("R17")
async def test_an_error_after_the_end_leaves_the_answer_standing(bench: Bench) -> None:
    script(bench, [*answer("done"), failing(ErrorKind.SERVER)])
    reply = Watched(bench)
    assert (await reply.run()).complete
    assert [notice.code for notice in reply.draft.notices] == ["failed_after_end"]


@pytest.mark.rule("R17")
async def test_an_end_that_is_an_error_is_a_failure(bench: Bench) -> None:
    ending: list[Step] = [TextDelta("x"), Finished(FinishReason.ERROR, "error")]
    script(bench, [*ending, failing(ErrorKind.SERVER)])
    finish = await Watched(bench).run()
    assert (finish.reason, finish.complete) == (FinishReason.ERROR, False)
    assert finish.failure is not None


async def test_a_blocked_question_counts_as_filtered(bench: Bench) -> None:
    script(bench, [failing(ErrorKind.BLOCKED, retryable=False)])
    assert (await Watched(bench).run()).reason is FinishReason.CONTENT_FILTER


async def test_a_refusal_without_a_key_is_about_the_key(bench: Bench) -> None:
    bench.key = None
    script(bench, [failing(ErrorKind.PERMISSION, retryable=False)])
    finish = await Watched(bench).run()
    assert finish.failure is not None
    assert finish.failure.kind is ErrorKind.AUTH
    assert "No key is set for Own" in finish.failure.message


async def test_where_a_header_lets_in_a_refusal_is_what_the_service_says(bench: Bench) -> None:
    async def whole(service: Service) -> Service:
        return replace(service, extra_headers={"X-Api-Key": "hunter2"})

    bench.key = None
    script(bench, [failing(ErrorKind.AUTH, retryable=False)])
    finish = await Watched(bench, backend=replace(bench.backend(), whole=whole)).run()
    assert finish.failure is not None
    assert "No key is set" not in finish.failure.message


async def test_without_a_chosen_model_the_first_of_the_list_is_asked(bench: Bench) -> None:
    bench.provider.listed = (ModelInfo(id="big"), ModelInfo(id="small"))
    assert (await Watched(bench, model=None).run()).complete
    assert bench.provider.requests[0].sampling.model == "big"


async def test_what_cannot_chat_is_not_asked(bench: Bench) -> None:
    bench.provider.listed = (ModelInfo(id="text-embedding-3"), ModelInfo(id="talker"))
    assert (await Watched(bench, model=None).run()).complete
    assert bench.provider.requests[0].sampling.model == "talker"


@pytest.mark.rule("R22")
async def test_a_service_without_a_list_may_choose_the_model_itself(bench: Bench) -> None:
    bench.provider.listed = Failure(kind=ErrorKind.NOT_FOUND, message="no list")
    assert (await Watched(bench, model=None).run()).complete
    assert bench.provider.requests[0].sampling.model == ""
    bench.provider.listed = Failure(kind=ErrorKind.AUTH, message="no")
    finish = await Watched(bench, model=None).run()
    assert finish.failure == bench.provider.listed


async def test_without_any_model_the_person_is_asked_to_choose(bench: Bench) -> None:
    finish = await Watched(bench, model=None).run()
    assert finish.failure is not None
    assert finish.failure.kind is ErrorKind.MODEL_NOT_FOUND
    assert bench.provider.requests == []


@pytest.mark.rule("R21", "R40")
async def test_an_empty_answer_is_not_asked_for_again_where_that_is_unwanted(bench: Bench) -> None:
    bench.provider.mending = lambda request, failure: Quirks(stream=False)
    script(bench, [failing(ErrorKind.PROTOCOL)])
    finish = await Watched(bench, backend=replace(bench.around.backend, retries=False)).run()
    assert finish.failure is not None
    assert len(bench.provider.requests) == 1
    script(bench, [failing(ErrorKind.BAD_REQUEST, retryable=False)], [DONE])
    assert (
        await Watched(bench, backend=replace(bench.around.backend, retries=False)).run()
    ).complete


@pytest.mark.rule("R54")
async def test_an_answer_that_brings_nothing_more_is_not_continued(bench: Bench) -> None:
    script(
        bench,
        [TextDelta("one"), ExtraSeen("continuation_token", "t1"), _broken_off()],
        [ExtraSeen("continuation_token", "t2"), _broken_off()],
        [ExtraSeen("continuation_token", "t3"), _broken_off()],
    )
    finish = await Watched(bench).run()
    assert (finish.complete, finish.reason) == (True, FinishReason.LENGTH)
    assert len(bench.provider.requests) == 2


async def test_times_are_those_of_the_request_that_answered(bench: Bench) -> None:
    thinking, writing, ending = asyncio.Event(), asyncio.Event(), asyncio.Event()
    script(
        bench,
        [failing(ErrorKind.SERVER)],
        [thinking, ReasoningDelta("hm"), writing, TextDelta("x"), ending, DONE],
    )
    reply = Watched(bench)
    running = bench.tasks.spawn(reply.run(), "reply")
    await bench.until(lambda: len(bench.provider.requests) == 2)
    bench.hand.wall -= 3600.0  # the wall clock is set back: durations do not care
    for seconds, event in ((2.0, thinking), (3.0, writing), (4.0, ending)):
        before = reply.deltas
        bench.hand.advance(seconds)
        event.set()
        await bench.until(lambda before=before: reply.deltas > before)
    await running
    bench.hand.advance(50.0)
    timing = reply.timing
    assert (timing.first_token_s, timing.reasoning_s, timing.total_s) == (2.0, 3.0, 9.0)


async def test_thinking_that_only_its_end_gave_away_is_timed_too(bench: Bench) -> None:
    late = asyncio.Event()
    script(bench, [TextDelta("thought"), late, TextWasReasoning(), *answer("x")])
    reply = Watched(bench)
    running = bench.tasks.spawn(reply.run(), "reply")
    await bench.until(lambda: reply.deltas == 1)
    bench.hand.advance(5.0)
    late.set()
    await running
    assert reply.timing.reasoning_s == 5.0
    assert (reply.draft.reasoning, reply.draft.text) == ("thought", "x")


async def test_pictures_are_stored_where_they_came(bench: Bench) -> None:
    picture = MediaReceived(mime="image/png", data=b"png")
    script(bench, [TextDelta("see "), picture, *answer("there")])
    reply = Watched(bench)
    await reply.run()
    kinds = [type(part).__name__ for part in reply.draft.to_message(None).parts]
    assert kinds == ["Text", "Media", "Text"]
    assert list(bench.kept.values()) == [b"png"]
    assert reply.draft.received_media == []


async def test_a_picture_that_cannot_be_stored_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(event: MediaReceived) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(bench, "_keep_media", full)
    script(bench, [MediaReceived(mime="image/png", data=b"png"), DONE])
    reply = Watched(bench, backend=bench.backend())
    assert (await reply.run()).complete
    assert [notice.code for notice in reply.draft.notices] == ["media_lost"]


async def test_a_key_that_cannot_be_had_is_a_failure(bench: Bench) -> None:
    from app.domain.errors import ChatError

    locked = Failure(kind=ErrorKind.AUTH, message="The keyring is locked.")

    async def refuse(service: object) -> str | None:
        raise ChatError(locked)

    bench._key_of = refuse  # type: ignore[method-assign, assignment]
    assert (await Watched(bench, backend=bench.backend()).run()).failure == locked
    assert bench.provider.requests == []


async def test_an_answer_at_its_limit_is_complete_with_a_notice(bench: Bench) -> None:
    script(bench, [TextDelta("x"), Finished(FinishReason.LENGTH, "length")])
    reply = Watched(bench)
    assert (await reply.run()).complete
    assert [notice.code for notice in reply.draft.notices] == ["length"]


@pytest.mark.rule("R54")
async def test_a_limit_that_was_used_up_by_thinking_is_told(bench: Bench) -> None:
    script(bench, [ReasoningDelta("hm"), Finished(FinishReason.LENGTH, "length")])
    reply = Watched(bench)
    await reply.run()
    assert "thinking" in reply.draft.notices[0].text


async def test_an_empty_answer_that_ended_well_is_told(bench: Bench) -> None:
    script(bench, [DONE])
    reply = Watched(bench)
    assert (await reply.run()).complete
    assert [notice.code for notice in reply.draft.notices] == ["empty"]
