"""What replies in Google's form mean: parts, ends, usage, sources; documents without I/O."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from gemini_cases import Answer, chunk
from hypothesis import given
from hypothesis import strategies as st

from app.domain.message import Usage
from app.domain.stream import MediaReceived
from app.providers.gemini_reply import Assembly, normal_usage


def folded(*documents: Any) -> tuple[Answer, Assembly]:
    answer, assembly = Answer(), Assembly()
    for document in documents:
        for event in assembly.feed(document):
            answer.apply(event)
    return answer, assembly


# Content


@pytest.mark.rule("R52")
def test_text_and_thoughts_alternate() -> None:
    answer, _ = folded(
        chunk({"text": "Hm. ", "thought": True}, {"text": "Hel"}),
        chunk({"text": "lo", "thought": False}),
        chunk({"text": "Wait.", "thought": True}),
        chunk({"text": " there"}, finish="STOP"),
    )
    assert answer.draft.text == "Hello there"
    assert answer.draft.reasoning == "Hm. Wait."
    assert [type(part).__name__ for part in answer.message.parts] == [
        "Reasoning",
        "Text",
        "Reasoning",
        "Text",
    ]


@pytest.mark.rule("R52")
@pytest.mark.parametrize(
    "document",
    [
        {},
        {"candidates": None},
        {"candidates": []},
        {"candidates": [None]},
        {"candidates": [{}]},
        {"candidates": [{"content": None}]},
        {"candidates": [{"content": {}}]},
        {"candidates": [{"content": {"role": "model"}}]},
        {"candidates": [{"content": {"parts": None}}]},
        {"candidates": [{"content": {"parts": [{}]}}]},
        {"candidates": [{"content": {"parts": ["text", None, 5]}}]},
        {"candidates": [{"index": 1, "content": {"parts": [{"text": "other"}]}}]},
        {"candidates": {"content": 5}},
        {"usageMetadata": None, "promptFeedback": None, "modelVersion": 3},
    ],
)
def test_every_member_is_optional(document: dict[str, Any]) -> None:
    answer, assembly = folded(document)
    assert not answer.draft.visible
    assert not assembly.visible
    assert assembly.finished is None


@pytest.mark.rule("R52")
def test_both_spellings_are_read() -> None:
    answer, assembly = folded(
        {
            "candidates": [
                {
                    "content": {
                        "parts": [
                            {"text": "t", "thought": True, "thought_signature": "c2ln"},
                            {"function_call": {"id": "1", "name": "f", "args": {"x": 1}}},
                        ]
                    },
                    "finish_reason": "STOP",
                    "grounding_metadata": {"web_search_queries": ["q"]},
                }
            ],
            "usage_metadata": {"prompt_token_count": "7", "total_token_count": 9},
            "model_version": "models/gemini-9",
        }
    )
    assert answer.draft.usage == Usage(prompt=7, total=9)
    assert answer.draft.extras["thought_signatures"] == ["c2ln"]
    assert answer.draft.extras["search_queries"] == ["q"]
    assert answer.finish == ("tool_calls", "STOP")
    assert answer.draft.model == "gemini-9"
    assert assembly.parts[0]["thought_signature"] == "c2ln"


@pytest.mark.rule("R51")
def test_signatures_are_seen_where_they_stand() -> None:
    answer, assembly = folded(
        chunk({"functionCall": {"name": "f"}, "thoughtSignature": "QQ=="}),
        chunk({"functionCall": {"id": "g1", "name": "g", "args": {"a": "ü"}}}),
        chunk({"text": "", "thoughtSignature": "Qg=="}, finish="STOP"),
    )
    first, second = answer.message.tool_calls
    assert (first.id, first.name, first.arguments) == (None, "f", "{}")
    assert first.extra == {"thought_signature": "QQ=="}
    assert (second.id, second.arguments, second.extra) == ("g1", '{"a": "ü"}', {})
    assert answer.draft.extras["tool_signatures"] == {"f": "QQ=="}
    assert answer.draft.extras["thought_signatures"] == ["Qg=="]
    assert assembly.parts[2] == {"text": "", "thoughtSignature": "Qg=="}
    assert answer.finish == ("tool_calls", "STOP")


@pytest.mark.rule("R50")
def test_unknown_parts_are_kept_and_not_shown() -> None:
    odd = {"toolCall": {"x": 1}}
    answer, assembly = folded(chunk(odd, {"text": "a"}, finish="STOP"))
    assert answer.draft.text == "a"
    assert assembly.parts == [odd, {"text": "a"}]


def test_code_that_ran_is_shown_and_told() -> None:
    answer, _ = folded(
        chunk(
            {"text": "Watch:"},
            {"executableCode": {"language": "PYTHON", "code": "print('```')\n"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "```\n"}},
            finish="STOP",
        )
    )
    assert answer.draft.text == (
        "Watch:\n\n````python\nprint('```')\n````\n\n\n\n````output\n```\n````\n\n"
    )
    assert answer.draft.extras["code"] == ["print('```')\n"]
    assert answer.draft.extras["code_output"] == ["```\n"]


@pytest.mark.parametrize("data", ["iVBORw0KGgr__g", "iVBORw0KGgr//g==", "iVBOR\nw0KGgr//g=="])
def test_pictures_in_either_alphabet(data: str) -> None:
    png = b"\x89PNG\r\n\x1a\n\xff\xfe"
    answer, assembly = folded(
        chunk({"inlineData": {"mimeType": "image/png", "data": data}}, finish="STOP")
    )
    assert MediaReceived(mime="image/png", data=png) in answer.events
    # The bytes are kept once, with the attachments.
    assert assembly.parts == [
        {"inlineData": {"mimeType": "image/png", "sha256": hashlib.sha256(png).hexdigest()}}
    ]


def test_pictures_by_address_and_unreadable_ones() -> None:
    answer, _ = folded(
        chunk({"fileData": {"mimeType": "image/png", "fileUri": "https://example.org/a.png"}}),
        chunk({"inlineData": {"mimeType": "image/png", "data": "!!!"}}),
    )
    assert MediaReceived(mime="image/png", url="https://example.org/a.png") in answer.events
    assert answer.notices == ["media_lost"]


def test_sources_each_once_in_order() -> None:
    grounding = {
        "webSearchQueries": ["cats", "cats", "horses"],
        "groundingChunks": [
            {"web": {"uri": "https://a.example", "title": "a"}},
            {"web": {"uri": "https://b.example"}},
            {"web": {"uri": "https://a.example"}},
            {"odd": 1},
        ],
    }
    candidate = {
        "groundingMetadata": grounding,
        "citationMetadata": {"citationSources": [{"uri": "https://c.example"}, {"license": "MIT"}]},
        "urlContextMetadata": {"urlMetadata": [{"retrievedUrl": "https://d.example"}]},
    }
    answer, _ = folded(chunk(candidate=candidate), chunk(candidate=candidate))
    assert answer.draft.extras == {
        "citations": ["https://a.example", "https://b.example", "https://c.example"],
        "citation_titles": [["https://a.example", "a"]],
        "search_queries": ["cats", "horses"],
        "urls": ["https://d.example"],
    }


# Ends


REASONS = {
    "stop": "STOP",
    "length": "MAX_TOKENS CONTINUATION",
    "content_filter": "SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY "
    "IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION ESCALATION PUP_LIMITED_DISABLED",
    "error": "MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS "
    "MISSING_THOUGHT_SIGNATURE MALFORMED_RESPONSE",
    "other": "LANGUAGE OTHER NO_IMAGE IMAGE_OTHER FINISH_REASON_UNSPECIFIED SOMETHING_NEW",
}


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("normal", "word"), [(normal, word) for normal, row in REASONS.items() for word in row.split()]
)
def test_every_end(normal: str, word: str) -> None:
    answer, _ = folded(chunk({"text": "a"}), chunk(finish=word))
    assert answer.finish == (normal, word)


@pytest.mark.rule("R54")
def test_the_official_list_of_ends_is_covered() -> None:
    from google.genai.types import FinishReason

    known = {word for row in REASONS.values() for word in row.split()} | {"MODEL_ARMOR"}
    assert {reason.value for reason in FinishReason} <= known


@pytest.mark.rule("R54")
def test_limit_with_and_without_text() -> None:
    with_text, _ = folded(chunk({"text": "a"}, finish="MAX_TOKENS"))
    without, _ = folded(chunk({"text": "a", "thought": True}, finish="MAX_TOKENS"))
    (said,), (thought,) = with_text.draft.notices, without.draft.notices
    assert said.code == thought.code == "length"
    assert "thinking" in thought.text
    assert "thinking" not in said.text


@pytest.mark.rule("R54")
def test_the_filters_category_is_named() -> None:
    ratings = [
        {"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"},
        {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True},
    ]
    answer, _ = folded(chunk(finish="SAFETY", candidate={"safetyRatings": ratings}))
    assert "HARM_CATEGORY_DANGEROUS_CONTENT" in answer.draft.notices[0].text
    assert "HARASSMENT" not in answer.draft.notices[0].text


@pytest.mark.rule("R54")
def test_continuation_token_is_kept_until_the_real_end() -> None:
    answer, assembly = folded(
        chunk({"text": "a"}, candidate={"continuationToken": "MQ=="}),
        chunk(finish="CONTINUATION", candidate={"continuationToken": "Mg=="}),
    )
    assert answer.finish == ("length", "CONTINUATION")
    assert answer.draft.extras["continuation_token"] == "Mg=="
    assert answer.notices == []
    for event in assembly.feed(chunk(finish="STOP")):
        answer.apply(event)
    assert "continuation_token" not in answer.draft.extras


def test_an_empty_answer_is_told() -> None:
    answer, _ = folded(chunk(finish="STOP"))
    assert answer.notices == ["empty"]


@pytest.mark.rule("R55")
def test_block_reason() -> None:
    _, assembly = folded({"promptFeedback": {"blockReason": "SAFETY"}})
    assert assembly.block_reason == "SAFETY"
    assert assembly.finished is None


# Usage


@pytest.mark.rule("R56")
@pytest.mark.parametrize(
    ("came", "normal"),
    [
        (
            {
                "promptTokenCount": 10,
                "candidatesTokenCount": 20,
                "thoughtsTokenCount": 30,
                "totalTokenCount": 60,
                "cachedContentTokenCount": 4,
            },
            Usage(prompt=10, completion=50, total=60, reasoning=30, cached=4),
        ),
        (  # the candidates' count has the thoughts already
            {
                "promptTokenCount": 10,
                "candidatesTokenCount": 50,
                "thoughtsTokenCount": 30,
                "totalTokenCount": 60,
            },
            Usage(prompt=10, completion=50, total=60, reasoning=30),
        ),
        (
            {"promptTokenCount": 10, "toolUsePromptTokenCount": 5, "totalTokenCount": 15},
            Usage(prompt=15, total=15),
        ),
        (
            {"promptTokenCount": 10, "thoughtsTokenCount": 50, "totalTokenCount": 60},
            Usage(prompt=10, completion=50, total=60, reasoning=50),
        ),
        ({"promptTokenCount": "12"}, Usage(prompt=12)),
        ({"promptTokenCount": True, "totalTokenCount": "many"}, Usage()),
        ({"promptTokenCount": float("nan"), "totalTokenCount": float("inf")}, Usage()),
        ({}, Usage()),
    ],
)
def test_usage(came: dict[str, Any], normal: Usage) -> None:
    assert normal_usage(came) == normal


@pytest.mark.rule("R56")
def test_the_last_usage_wins() -> None:
    answer, _ = folded(
        chunk({"text": "a"}, usageMetadata={"promptTokenCount": 5, "totalTokenCount": 6}),
        chunk(finish="STOP", usageMetadata={"promptTokenCount": 4, "totalTokenCount": 9}),
    )
    assert answer.draft.usage == Usage(prompt=4, total=9)


# Anything at all


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    "candidates content parts text thought thoughtSignature functionCall args name id inlineData "
    "data mimeType fileData fileUri executableCode code codeExecutionResult output finishReason "
    "index usageMetadata totalTokenCount promptFeedback blockReason groundingMetadata "
    "groundingChunks web uri webSearchQueries modelVersion continuationToken".split()
)
DOCUMENTS = st.recursive(
    JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.rule("R52")
@given(st.lists(st.dictionaries(NAMES, DOCUMENTS, max_size=5), max_size=3))
def test_no_document_is_a_bug(documents: list[dict[str, Any]]) -> None:
    answer, assembly = folded(*documents)
    assert answer.draft.visible == assembly.visible
    assert (answer.draft.finished is None) == (assembly.finished is None)


@given(st.binary(max_size=40), st.booleans())
def test_base64(data: bytes, padded: bool) -> None:
    from app.providers.gemini_wire import decoded

    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(data).decode()
        assert decoded(text if padded else text.rstrip("=")) == data
