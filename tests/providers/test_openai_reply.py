"""The assembler: chunks and whole replies, with everything missing, null or in another place."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_calls import Answer, completion, delta

from app.domain.message import FinishReason, Usage
from app.domain.stream import ExtraSeen, Finished, ModelReported, TextDelta, UsageReported
from app.providers.openai_reply import Assembly

PNG = base64.b64encode(b"\x89PNG not really").decode()


def assemble(*chunks: dict[str, Any], done: bool = True) -> Answer:
    """What the chunks fold to when nothing goes wrong."""
    assembly, answer = Assembly(), Answer()
    for chunk in chunks:
        for event in assembly.feed(chunk):
            answer.add(event)
    for event in (*assembly.flush(), *assembly.state(), *assembly.end(done=done)):
        answer.add(event)
    return answer


def extras(answer: Answer) -> dict[str, Any]:
    return dict(answer.message.extras)


# --- Chunks


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    "nothing",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": {}},
        {"choices": [None, 5, "x"]},
        {"choices": [{}]},
        {"choices": [{"index": 0, "delta": None, "finish_reason": None}]},
        {"choices": [{"delta": {}, "finish_reason": ""}]},
        {"choices": [{"delta": {"content": None, "role": None, "tool_calls": None}}]},
        {"choices": [{"delta": {"content": 5, "tool_calls": {}, "reasoning_content": 7}}]},
        {"choices": [{"index": 1, "delta": {"content": "other"}, "finish_reason": "length"}]},
        {"id": "", "model": "", "created": 0.5, "usage": None, "object": None},
        {"choices": [{"message": None}]},
        {"choices": [{"delta": {"annotations": None, "images": [5], "function_call": None}}]},
    ],
)
def test_chunks_that_say_nothing(nothing: dict[str, Any]) -> None:
    answer = assemble(nothing, delta("a"), nothing, delta("b", "stop"), nothing)
    assert answer.text == "ab"
    assert answer.finished == Finished(FinishReason.STOP, "stop")


@pytest.mark.rule("R12")
def test_choice_without_an_index_and_index_as_text() -> None:
    assert assemble({"choices": [{"delta": {"content": "a"}}]}).text == "a"
    assert assemble({"choices": [{"index": "0", "delta": {"content": "a"}}]}).text == "a"


@pytest.mark.rule("R12", "R13")
def test_the_growing_message_beside_the_delta_is_not_used() -> None:
    one, two = delta("a"), delta("b", "stop")
    one["choices"][0]["message"] = {"content": "a"}
    two["choices"][0]["message"] = {"content": "ab"}
    final = completion("ab")
    assert assemble(one, two, final).text == "ab"


@pytest.mark.rule("R12", "R13")
def test_a_whole_completion_as_one_event() -> None:
    answer = assemble(completion("all", reasoning_content="hm"))
    assert (answer.reasoning, answer.text) == ("hm", "all")


@pytest.mark.rule("R12")
def test_messages_without_deltas_that_grow_or_go_on() -> None:
    assert assemble(completion("a", None), completion("ab", None), completion("abc")).text == "abc"
    assert assemble(completion("a", None), completion("b", None), completion("c")).text == "abc"


@pytest.mark.rule("R20")
def test_a_completion_in_an_envelope() -> None:
    inner = {**completion("hi", None), "credits_consumed": 5}
    answer = assemble({"code": 200, "message": "success", "data": inner}, done=False)
    assert answer.text == "hi"
    assert extras(answer)["credits"] == 5


# --- Text


@pytest.mark.rule("R13")
def test_text_is_appended_as_it_is() -> None:
    pieces = [" a", "\n", "  ", "b ", "", "\t", "\u2028c"]
    answer = assemble(*(delta(piece, role="assistant") for piece in pieces), delta(finish="stop"))
    assert answer.text == "".join(pieces)


@pytest.mark.rule("R13")
@pytest.mark.parametrize(
    ("content", "reasoning", "text"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "", "ab"),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "h"}]}], "h", ""),
        ([{"type": "thinking", "thinking": "h"}, {"type": "text", "text": "a"}], "h", "a"),
        (
            [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "h"}]}, "a"],
            "h",
            "a",
        ),
        ([None, 5, {}, {"type": "text", "text": None}, {"text": "a"}], "", "a"),
        ([], "", ""),
    ],
)
def test_content_as_a_list(content: list[Any], reasoning: str, text: str) -> None:
    answer = assemble(delta(content, "stop"))
    assert (answer.reasoning, answer.text) == (reasoning, text)


@pytest.mark.rule("R13")
def test_a_refusal_is_shown_and_marked() -> None:
    answer = assemble(delta(refusal="I "), delta(refusal="cannot."), delta(finish="stop"))
    assert answer.text == "I cannot."
    assert extras(answer)["refusal"] is True
    assert answer.notices == ["refusal"]
    whole = assemble(completion(None, refusal="No."))
    assert (whole.text, extras(whole)["refusal"]) == ("No.", True)


@pytest.mark.rule("R13")
def test_halves_of_a_character_are_joined() -> None:
    chunks = [json.loads(f'{{"choices":[{{"delta":{{"content":"{x}"}}}}]}}') for x in
              ("a\\ud83d", "\\ude00b", "\\ud83d", "c")]  # fmt: skip
    assert assemble(*chunks, delta(finish="stop")).text == "a😀b\ufffdc"


# --- Reasoning


@pytest.mark.rule("R14")
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_names_of_the_reasoning(field: str) -> None:
    answer = assemble(delta(**{field: "h"}), delta(**{field: "m"}), delta("a", "stop"))
    assert (answer.reasoning, answer.text) == ("hm", "a")


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("members", "reasoning"),
    [
        ({"reasoning_content": "h", "reasoning": "h"}, "h"),
        ({"reasoning_content": "", "reasoning": "h"}, "h"),
        ({"reasoning_content": None, "reasoning": None, "thinking": "h"}, "h"),
        ({"reasoning": {"effort": "low"}, "thinking": "h"}, "h"),
        (
            {"reasoning": "h", "reasoning_details": [{"type": "reasoning.text", "text": "h"}]},
            "h",
        ),
        (
            {
                "reasoning_details": [
                    {"type": "reasoning.summary", "summary": "s"},
                    {"type": "reasoning.encrypted", "data": "xxx"},
                    {"type": "reasoning.text", "text": "t"},
                ]
            },
            "st",
        ),
        ({"reasoning_details": [{"text": 5}, None, "x"]}, ""),
    ],
)
def test_one_source_of_reasoning(members: dict[str, Any], reasoning: str) -> None:
    assert assemble(delta(**members), delta("a", "stop")).reasoning == reasoning


@pytest.mark.rule("R14")
def test_details_that_repeat_what_a_field_said_before() -> None:
    details = [{"type": "reasoning.text", "text": "all of it", "signature": "sig"}]
    answer = assemble(
        delta(reasoning="all of it"), delta(reasoning_details=details), delta("a", "stop")
    )
    assert answer.reasoning == "all of it"


@pytest.mark.rule("R14")
def test_details_are_kept_whole_for_the_way_back() -> None:
    def piece(**more: Any) -> dict[str, Any]:
        return {"type": "reasoning.text", "index": 0, **more}

    sealed = {"type": "reasoning.encrypted", "index": 1, "data": "xyz", "id": "r1"}
    answer = assemble(
        delta(reasoning_details=[piece(text="a", format="f")]),
        delta(reasoning_details=[piece(text="b")]),
        delta(reasoning_details=[piece(signature="sig"), sealed]),
        delta("x", "stop"),
    )
    assert answer.state["reasoning_details"] == [
        piece(text="ab", format="f", signature="sig"),
        sealed,
    ]
    assert extras(answer)["reasoning_details_types"] == ["reasoning.text", "reasoning.encrypted"]


@pytest.mark.rule("R14a")
def test_a_field_of_reasoning_makes_tags_text() -> None:
    answer = assemble(delta(reasoning="h"), delta("<think>a</think>b", "stop"))
    assert (answer.reasoning, answer.text) == ("h", "<think>a</think>b")


@pytest.mark.rule("R14a")
def test_tags_in_chunks_and_whole() -> None:
    pieces = ["<th", "ink>", "\nh", "m\n", "</think", ">", "\n\n", "a"]
    answer = assemble(*map(delta, pieces), delta(finish="stop"))
    assert (answer.reasoning, answer.text) == ("hm", "a")
    whole = assemble(completion("<think>hm</think>a"))
    assert (whole.reasoning, whole.text) == ("hm", "a")


@pytest.mark.rule("R14a")
def test_a_closing_tag_alone() -> None:
    answer = assemble(*map(delta, ["h", "m\n", "</think>", "\n", "a"]), delta(finish="stop"))
    assert (answer.reasoning, answer.text) == ("hm", "a")


@pytest.mark.rule("R14a")
def test_thinking_that_used_up_the_limit() -> None:
    answer = assemble(delta("<think>hm"), delta(finish="length"))
    assert (answer.reasoning, answer.text) == ("hm", "")
    [notice] = answer.message.notices
    assert notice.code == "length"
    assert "thinking" in notice.text
    assert assemble(delta("<think>hm", "stop")).notices == ["only_reasoning"]


def google_thought(text: str, thought: bool, finish: str | None = None) -> dict[str, Any]:
    google: dict[str, Any] = {"thought": True} if thought else {}
    return delta(text, finish, extra_content={"google": google})


@pytest.mark.rule("R14b")
def test_googles_flagged_thoughts() -> None:
    answer = assemble(
        google_thought("<thought>h", True),
        google_thought("m", True),
        google_thought("</thought>a", False, "stop"),
    )
    assert (answer.reasoning, answer.text) == ("hm", "a")
    flag = {"google": {"thought": True}}
    whole = assemble(completion("<thought>hm</thought>a", extra_content=flag))
    assert (whole.reasoning, whole.text) == ("hm", "a")
    bare = assemble(google_thought("hm", True), google_thought("a", False, "stop"))
    assert (bare.reasoning, bare.text) == ("hm", "a")


# --- Usage


@pytest.mark.rule("R15")
def test_the_last_usage_wins() -> None:
    def chunk(total: int) -> dict[str, Any]:
        return {**delta("a"), "usage": {"prompt_tokens": 1, "total_tokens": total}}

    answer = assemble(chunk(5), chunk(6), delta(finish="stop"), {"choices": [], "usage": None})
    assert answer.usage == Usage(prompt=1, total=6)


@pytest.mark.rule("R15")
@pytest.mark.parametrize(
    "chunk",
    [
        {"choices": [], "usage": {"prompt_tokens": 3}},
        {"choices": None, "usage": {"prompt_tokens": 3}},
        {"choices": [{"index": 0, "delta": {}, "usage": {"prompt_tokens": 3}}]},
        {"choices": [], "x_groq": {"usage": {"prompt_tokens": 3}}},
        {"choices": [], "usage": {"input_tokens": 3}},
    ],
)
def test_places_of_the_usage(chunk: dict[str, Any]) -> None:
    assert assemble(delta("a", "stop"), chunk).usage == Usage(prompt=3)


@pytest.mark.rule("R15")
def test_the_normal_form_of_the_usage() -> None:
    usage = {
        "prompt_tokens": 1092,
        "completion_tokens": 50,
        "total_tokens": 1200,
        "input_tokens": 0,
        "output_tokens": 0,
        "prompt_tokens_details": {"cached_tokens": 8, "text_tokens": 4, "image_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 40},
        "cost": 0.25,
    }
    whole = Usage(prompt=1092, completion=50, total=1200, reasoning=40, cached=8, cost=0.25)
    assert assemble({**completion("a"), "usage": usage}).usage == whole


@pytest.mark.rule("R15")
def test_unknown_is_unknown() -> None:
    junk = {"prompt_tokens": None, "completion_tokens": "7", "total_tokens": -1, "cached_tokens": 4}
    assert assemble({**completion("a"), "usage": junk}).usage == Usage(cached=4)
    assert assemble(completion("a")).usage is None
    assert assemble({**completion("a"), "usage": {}}).usage is None
    strange = {"prompt_tokens": float("inf"), "total_tokens": 10**400, "cost": True}
    assert assemble({**completion("a"), "usage": strange}).usage == Usage()


@pytest.mark.rule("R15")
def test_credits() -> None:
    told = {**completion("a", None), "credits_consumed": 2.5}
    alone = assemble(told)
    assert (alone.usage, extras(alone)["credits"]) == (None, 2.5)
    both = assemble({**told, "usage": {"total_tokens": 9}})
    assert both.usage == Usage(total=9, credits=2.5)
    late = assemble(delta("a", "stop"), {"usage": {"total_tokens": 9}}, {"credits_consumed": 1})
    assert late.usage == Usage(total=9, credits=1)


@pytest.mark.rule("R15")
def test_speed_of_llama_cpp() -> None:
    answer = assemble({**delta("a", "stop"), "timings": {"predicted_per_second": 42.5}})
    assert extras(answer)["tokens_per_second"] == 42.5


# --- The end


@pytest.mark.rule("R16")
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        *((word, FinishReason.STOP) for word in ("stop", "end_turn", "eos", "stop_sequence")),
        ("COMPLETE", FinishReason.STOP),
        ("Stop", FinishReason.STOP),
        *((word, FinishReason.LENGTH) for word in ("length", "max_tokens", "model_length")),
        *((w, FinishReason.TOOL_CALLS) for w in ("tool_calls", "tool_use", "function_call")),
        ("content_filter", FinishReason.CONTENT_FILTER),
        ("SAFETY", FinishReason.CONTENT_FILTER),
        ("error", FinishReason.ERROR),
        ("abort", FinishReason.OTHER),
    ],
)
def test_reasons(raw: str, reason: FinishReason) -> None:
    assert assemble(delta("a", raw)).finished == Finished(reason, raw)


@pytest.mark.rule("R16")
@pytest.mark.parametrize("nothing", ["", None])
def test_an_empty_reason_is_none(nothing: str | None) -> None:
    assert assemble(delta("a", nothing), done=True).finished == Finished(FinishReason.STOP, None)
    assert assemble(completion("a", nothing), done=False).finished is None


@pytest.mark.rule("R16")
def test_a_later_empty_reason_takes_nothing_back() -> None:
    chunks = (delta("a", "length"), delta(finish=None), delta(finish=""))
    assert assemble(*chunks).finished == Finished(FinishReason.LENGTH, "length")


@pytest.mark.rule("R16")
def test_the_native_word_of_a_router() -> None:
    chunk = delta("a", "stop")
    chunk["choices"][0]["native_finish_reason"] = "end_turn"
    assert assemble(chunk).finished == Finished(FinishReason.STOP, "end_turn")


@pytest.mark.rule("R16")
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("stop", FinishReason.TOOL_CALLS),
        (None, FinishReason.TOOL_CALLS),
        ("length", FinishReason.LENGTH),
    ],
)
def test_calls_decide_about_stop(raw: str | None, reason: FinishReason) -> None:
    calls = [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}]
    finished = assemble(delta(None, raw, tool_calls=calls)).finished
    assert finished == Finished(reason, raw)


@pytest.mark.rule("R16")
@pytest.mark.parametrize(
    ("raw", "code"),
    [("length", "length"), ("content_filter", "content_filter"), ("abort", "finish")],
)
def test_ends_that_are_told(raw: str, code: str) -> None:
    assert assemble(delta("a", raw)).notices == [code]


# --- Calls, pictures, sources


@pytest.mark.rule("R19")
def test_calls_in_chunks_whole_and_of_old() -> None:
    whole = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
    first = {"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x"'}}
    rest = {"index": 0, "function": {"arguments": ":1}"}}
    expected = [("a", "f", '{"x":1}')]
    assert assemble(delta(tool_calls=[first]), delta(tool_calls=[rest])).calls == expected
    assert assemble(completion(None, tool_calls=[whole])).calls == expected
    old = assemble(
        delta(function_call={"name": "f", "arguments": '{"x"'}),
        delta(None, "function_call", function_call={"arguments": ":1}"}),
    )
    assert old.calls == [(None, "f", '{"x":1}')]
    assert old.finished == Finished(FinishReason.TOOL_CALLS, "function_call")


@pytest.mark.rule("R19")
def test_signatures_stay_with_their_call() -> None:
    signed = {"google": {"thought_signature": "sig"}}
    calls = [
        {"id": "a", "function": {"name": "f", "arguments": "{}"}, "extra_content": signed},
        {"id": "b", "function": {"name": "g", "arguments": "{}"}},
    ]
    answer = assemble(*(delta(tool_calls=[each]) for each in calls), delta(finish="stop"))
    first, second = answer.message.tool_calls
    assert first.extra == {"extra_content": signed}
    assert second.extra == {}
    assert extras(answer)["tool_signatures"] == {"a": "sig"}
    assert answer.state["form"] == "openai"


def test_the_signature_of_a_message_is_kept() -> None:
    signed = {"google": {"thought_signature": "sig"}}
    answer = assemble(delta("a"), delta("", "stop", extra_content=signed))
    assert answer.state["extra_content"] == signed


def test_nothing_to_keep_is_not_kept() -> None:
    assert assemble(delta(reasoning="h"), delta("a", "stop")).state == {}


def test_pictures() -> None:
    data = f"data:image/png;base64,{PNG}"
    image = {"type": "image_url", "image_url": {"url": data}}
    far = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    answer = assemble(delta(images=[image]), delta("a", images=[image, far]), delta(finish="stop"))
    assert [(p.mime, p.data, p.url) for p in answer.pictures] == [
        ("image/png", b"\x89PNG not really", None),
        ("image/*", None, "https://example.com/a.png"),
    ]
    assert extras(answer)["images"] == 2
    listed = assemble(delta([image], "stop"))
    assert len(listed.pictures) == 1


def test_a_damaged_picture_is_told() -> None:
    image = {"image_url": {"url": "data:image/png;base64,%%%"}}
    answer = assemble(delta("a", "stop", images=[image]))
    assert (answer.pictures, answer.notices) == ([], ["media_lost"])


def test_sources() -> None:
    note = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
    answer = assemble(
        {**delta("a", annotations=[note]), "citations": ["https://b.example"]},
        {**delta("b", "stop", annotations=[note]), "citations": ["https://b.example"]},
    )
    assert sorted(extras(answer)["citations"]) == ["https://a.example", "https://b.example"]
    assert extras(answer)["citation_titles"] == [["https://a.example", "A"]]


def test_order_of_events() -> None:
    chunk = {**delta("a", reasoning="h"), "usage": {"total_tokens": 1}}
    kinds = [type(event).__name__ for event in assemble(chunk).events]
    assert kinds == ["ModelReported", "UsageReported", "ReasoningDelta", "TextDelta", "Finished"]


def test_the_model_is_reported_once() -> None:
    answer = assemble(delta("a"), delta("b"), {**delta("c", "stop"), "model": "m-2"})
    reported = [event.model for event in answer.events if isinstance(event, ModelReported)]
    assert reported == ["m-1", "m-2"]


# --- Anything at all

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
NAMES = st.sampled_from(
    "choices index delta message content finish_reason usage reasoning_content reasoning thinking "
    "reasoning_details type text summary tool_calls function name arguments id function_call "
    "refusal images image_url url annotations url_citation extra_content google thought "
    "thought_signature x_groq prompt_tokens credits_consumed timings data model citations".split()
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)
CHOICE = st.fixed_dictionaries(
    {}, optional={"delta": ANYTHING, "message": ANYTHING, "finish_reason": LEAVES}
)


@pytest.mark.rule("R12")
@given(st.lists(st.fixed_dictionaries({"choices": st.lists(CHOICE, max_size=2)}), max_size=4))
def test_no_chunk_raises(chunks: list[dict[str, Any]]) -> None:
    answer = assemble(*chunks)
    json.dumps(answer.state)
    answer.text.encode()


@pytest.mark.rule("R12")
@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=5), max_size=3))
def test_no_object_raises(chunks: list[dict[str, Any]]) -> None:
    for event in assemble(*chunks).events:
        if isinstance(event, TextDelta | ExtraSeen | UsageReported):
            repr(event)
