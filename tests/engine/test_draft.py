"""The fold of events into a message, also when an answer takes more than one request."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.message import (
    Finish,
    Media,
    Message,
    Reasoning,
    Role,
    Text,
    Timing,
    ToolCall,
    ToolResult,
    Usage,
)
from app.domain.stream import (
    Draft,
    ExtraSeen,
    MediaReceived,
    ReasoningDelta,
    StateReported,
    StreamEvent,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    UsageReported,
    mend_surrogates,
)

EMPTY_ANSWER = Message(id="a", parent_id="q", role=Role.ASSISTANT, parts=(), created_at=1.0)
END = Finish(complete=True)


def folded(events: Iterable[StreamEvent], message: Message = EMPTY_ANSWER) -> Draft:
    draft = Draft(message)
    for event in events:
        draft.apply(event)
    return draft


def test_parts_stand_in_the_order_in_which_they_came() -> None:
    draft = folded(
        [
            ReasoningDelta("a"),
            ReasoningDelta("b"),
            TextDelta("c"),
            ToolCallDelta(ordinal=0, id="1", name="f", arguments="{"),
            ReasoningDelta("d"),
            ToolCallDelta(ordinal=0, arguments="}"),
            TextDelta("e"),
        ]
    )
    draft.add_media(Media(mime="image/png", url="u"))
    draft.apply(TextDelta("f"))
    assert draft.to_message(END).parts == (
        Reasoning("ab"),
        Text("c"),
        ToolCall(id="1", name="f", arguments="{}"),
        Reasoning("d"),
        Text("e"),
        Media(mime="image/png", url="u"),
        Text("f"),
    )


def test_usage_is_replaced_and_extras_are_collected() -> None:
    draft = folded(
        [
            UsageReported(Usage(total=1)),
            UsageReported(Usage(total=2)),
            ExtraSeen("credits", 1),
            ExtraSeen("credits", 2),
            ExtraSeen("citations", "a", append=True),
            ExtraSeen("citations", "b", append=True),
        ]
    )
    message = draft.to_message(END)
    assert message.usage == Usage(total=2)
    assert message.extras == {"credits": 2, "citations": ["a", "b"]}


@pytest.mark.rule("R19")
def test_a_call_is_assembled_from_fragments() -> None:
    draft = folded(
        [
            ToolCallDelta(ordinal=0, id="1", name="f", arguments='{"a'),
            ToolCallDelta(ordinal=1, name="g", extra={"s": 1}),
            ToolCallDelta(ordinal=0, id="2", name="no", arguments='":1}'),
        ]
    )
    assert draft.to_message(END).tool_calls == (
        ToolCall(id="1", name="f", arguments='{"a":1}'),
        ToolCall(id=None, name="g", arguments="{}", extra={"s": 1}),
    )


@pytest.mark.rule("R13")
@pytest.mark.parametrize("kind", [TextDelta, ReasoningDelta])
def test_halves_of_a_pair_are_joined(kind: type[TextDelta | ReasoningDelta]) -> None:
    draft = folded([kind("a\ud83d"), kind("\ude00b"), kind("\ud83d\ude00")])
    assert draft.text + draft.reasoning == "a😀b😀"


@pytest.mark.rule("R13")
@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([TextDelta("a\ud83d")], "a\ufffd"),
        ([TextDelta("\ud83d")], "\ufffd"),
        ([TextDelta("\ud83d"), TextDelta("b")], "\ufffdb"),
        ([TextDelta("\ude00x")], "\ufffdx"),
        ([TextDelta("\ud83d"), ReasoningDelta("b"), TextDelta("\ude00")], "\ufffd\ufffd"),
        ([TextDelta("\ud83d"), ToolCallDelta(ordinal=0)], "\ufffd"),
    ],
)
def test_a_lone_half_becomes_the_replacement_sign(events: list[StreamEvent], text: str) -> None:
    assert folded(events).to_message(END).text == text


@pytest.mark.rule("R13")
def test_a_checkpoint_leaves_the_half_waiting() -> None:
    draft = folded([TextDelta("a\ud83d")])
    assert draft.to_message(None).text == "a"
    draft.apply(TextDelta("\ude00"))
    assert draft.to_message(END).text == "a😀"


@pytest.mark.rule("R13")
def test_calls_hold_no_half_either() -> None:
    draft = folded(
        [
            ToolCallDelta(ordinal=0, name="f\ud83d", arguments='"\ud83d'),
            ToolCallDelta(ordinal=0, arguments='\ude00"'),
        ]
    )
    call = draft.to_message(END).tool_calls[0]
    assert (call.name, json.loads(call.arguments)) == ("f\ufffd", "😀")


@given(st.lists(st.text(alphabet="a😀\ud83d\ude00é", max_size=4), max_size=8))
def test_any_cut_gives_the_same_text(pieces: list[str]) -> None:
    draft = folded(map(TextDelta, pieces))
    message = draft.to_message(END)
    assert message.text == mend_surrogates("".join(pieces))
    message.text.encode("utf-8")
    assert message.text == draft.text


@pytest.mark.rule("R14a")
def test_text_that_was_reasoning_moves() -> None:
    draft = folded([TextDelta("thought"), TextWasReasoning(), TextDelta("answer")])
    assert (draft.reasoning, draft.text, draft.revision) == ("thought", "answer", 1)


def test_only_what_is_shown_counts_as_visible() -> None:
    quiet = [UsageReported(Usage()), ExtraSeen("x", 1), TextDelta("")]
    assert not folded(quiet).visible
    for event in (
        TextDelta(" "),
        ReasoningDelta("x"),
        ToolCallDelta(ordinal=0),
        MediaReceived(mime="image/png", url="u"),
    ):
        assert folded([*quiet, event]).visible


# An answer that goes on

BEGUN = Message(
    id="a",
    parent_id="q",
    role=Role.ASSISTANT,
    parts=(
        Reasoning("hm", 2.0),
        Text("one "),
        ToolCall(id="1", name="f", arguments="{}"),
        Media(mime="image/png", url="u"),
        ToolResult(call_id="1", name="f", output="x"),
        Text("two "),
    ),
    created_at=1.0,
    extras={"citations": ["a"]},
)


def test_an_answer_that_goes_on_keeps_all_its_parts() -> None:
    draft = Draft(BEGUN)
    assert not draft.visible
    assert draft.to_message(None).parts == BEGUN.parts
    draft.apply(TextDelta("three"))
    draft.apply(ToolCallDelta(ordinal=0, id="2", name="g"))
    draft.apply(ExtraSeen("citations", "b", append=True))
    message = draft.to_message(END)
    assert message.parts == (
        *BEGUN.parts[:-1],
        Text("two three"),
        ToolCall(id="2", name="g", arguments="{}"),
    )
    assert message.extras["citations"] == ["a", "b"]
    assert BEGUN.extras["citations"] == ["a"]


def test_new_reasoning_is_timed_apart_from_the_old() -> None:
    draft = folded([ReasoningDelta("more")], BEGUN)
    message = draft.to_message(END, Timing(reasoning_s=3.0))
    assert [p.seconds for p in message.parts if isinstance(p, Reasoning)] == [2.0, 3.0]


def test_only_the_new_text_turns_out_to_be_reasoning() -> None:
    draft = folded([TextDelta("thought"), TextWasReasoning(), TextDelta("three")], BEGUN)
    message = draft.to_message(END)
    assert message.text == "one two three"
    assert message.reasoning == "hmthought"


def test_states_of_two_requests_are_joined() -> None:
    draft = folded([StateReported({"parts": [1], "id": "x", "only": 1})])
    draft.begin_request()
    draft.apply(StateReported({"parts": [2], "id": "y"}))
    draft.apply(StateReported({"parts": [2, 3], "id": "y"}))
    assert draft.to_message(END).provider_state == {"parts": [1, 2, 3], "id": "y", "only": 1}
