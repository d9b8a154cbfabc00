"""Requests in Google's form: bodies, addresses, what goes back to the model, and thinking."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from gemini_cases import KEY, MODEL, model_said, request, service, user

from app.domain.message import Media, Message, Reasoning, Role, ToolCall, ToolResult
from app.domain.settings import Service
from app.providers import gemini_wire as wire
from app.providers import presets
from app.providers.base import ChatRequest, Endpoint, Files, HeldBlobs, Quirks
from app.providers.gemini_request import chat_address, encode, state_of

HOST = "https://generativelanguage.googleapis.com"
PNG = b"\x89PNG\r\n\x1a\n\xff\xfe"


def body(asked: ChatRequest, at: Service = presets.GEMINI) -> dict[str, Any]:
    return encode(Endpoint(at, KEY), asked)


def config(model: str = "gemma-4-27b", at: Service = presets.GEMINI, **wishes: Any) -> Any:
    return body(request(model=model, **wishes), at).get("generationConfig")


def thinking(model: str, effort: str | None = None, **wishes: Any) -> Any:
    return (config(model, effort=effort, **wishes) or {}).get("thinkingConfig")


# Addresses


@pytest.mark.parametrize(
    ("base_url", "path", "whole"),
    [
        (HOST, "/v1beta", f"{HOST}/v1beta"),
        (f"{HOST}/v1beta", "/v1beta", f"{HOST}/v1beta"),
        (f"{HOST}/v1/", "/v1beta", f"{HOST}/v1"),
        ("https://proxy.example/gemini", "/v1", "https://proxy.example/gemini/v1"),
        ("http://127.0.0.1:9", "/chat/completions", "http://127.0.0.1:9/v1beta"),
        ("http://127.0.0.1:9", "", "http://127.0.0.1:9/v1beta"),
    ],
)
def test_addresses(base_url: str, path: str, whole: str) -> None:
    at = service(base_url, path=path)
    assert chat_address(at, MODEL, stream=False) == f"{whole}/models/{MODEL}:generateContent"
    assert (
        chat_address(at, f"models/{MODEL}", stream=True)
        == f"{whole}/models/{MODEL}:streamGenerateContent?alt=sse"
    )


def test_odd_model_names_stay_in_the_path() -> None:
    assert "/models/a%3Fkey%3Db%23c:generateContent" in chat_address(
        presets.GEMINI, "a?key=b#c", stream=False
    )
    assert "/v1beta/tunedModels/mine:" in chat_address(
        presets.GEMINI, "tunedModels/mine", stream=False
    )


# Bodies


@pytest.mark.rule("R1")
def test_only_what_was_asked_for() -> None:
    asked = request(user("hello"), model="gemma-4-27b")
    assert body(asked) == {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}


@pytest.mark.rule("R1", "R58")
def test_every_wish_has_its_place() -> None:
    asked = request(
        user("q"),
        model="gemma-4-27b",
        system_prompt="be brief",
        temperature=0.0,
        top_p=0.9,
        max_tokens=100,
        json_answer=True,
    )
    assert body(asked) == {
        "contents": [{"role": "user", "parts": [{"text": "q"}]}],
        "systemInstruction": {"role": "user", "parts": [{"text": "be brief"}]},
        "generationConfig": {
            "temperature": 0.0,
            "topP": 0.9,
            "maxOutputTokens": 100,
            "responseMimeType": "application/json",
        },
    }


@pytest.mark.rule("R1")
def test_extra_members_are_merged_last_and_win() -> None:
    at = replace(
        presets.GEMINI,
        extra_body={"generationConfig": {"topK": 1, "seed": 7}, "tools": [{"googleSearch": {}}]},
    )
    wishes = {"generationConfig": {"topK": 40}, "serviceTier": "flex"}
    sent = body(request(model="gemma-4", temperature=0.5, extra=wishes), at)
    assert sent["generationConfig"] == {"temperature": 0.5, "topK": 40, "seed": 7}
    assert sent["tools"] == [{"googleSearch": {}}]
    assert sent["serviceTier"] == "flex"


def test_neighbours_of_one_role_are_merged_and_empty_turns_left_out() -> None:
    asked = request(user("one"), model_said(), user("two"), model_said("a"), user("", "three"))
    assert body(asked)["contents"] == [
        {"role": "user", "parts": [{"text": "one"}, {"text": "two"}]},
        {"role": "model", "parts": [{"text": "a"}]},
        {"role": "user", "parts": [{"text": "three"}]},
    ]


def test_reasoning_is_not_told_again() -> None:
    asked = request(user("q"), model_said(Reasoning("hm"), "a"), user("r"))
    assert body(asked)["contents"][1]["parts"] == [{"text": "a"}]


def test_media_inline_by_address_and_from_youtube() -> None:
    asked = request(
        user(
            "what?",
            Media(mime="image/png", sha256="5" * 64),
            Media(mime="image/jpeg", url="https://example.org/cat.jpg"),
            Media(mime="image/png", url="data:image/png;base64,iVBORw0KGgr__g"),
            Media(mime="", url="https://www.youtube.com/watch?v=x"),
            Media(mime="video/mp4", url="https://youtu.be/y"),
        ),
        files=Files(HeldBlobs({"5" * 64: PNG})),
    )
    data = base64.b64encode(PNG).decode()
    assert body(asked)["contents"][0]["parts"] == [
        {"text": "what?"},
        {"inlineData": {"mimeType": "image/png", "data": data}},
        {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://example.org/cat.jpg"}},
        {"inlineData": {"mimeType": "image/png", "data": data}},
        {"fileData": {"fileUri": "https://www.youtube.com/watch?v=x"}},
        {"fileData": {"fileUri": "https://youtu.be/y"}},
    ]


def test_a_single_video_stands_before_the_text() -> None:
    asked = request(user("what?", Media(mime="video/mp4", url="https://example.org/a.mp4")))
    first, second = body(asked)["contents"][0]["parts"]
    assert first["fileData"]["fileUri"] == "https://example.org/a.mp4"
    assert second == {"text": "what?"}


def test_an_attachment_that_is_gone_is_left_out() -> None:
    asked = request(user("what?", Media(mime="image/png", sha256="5" * 64)))
    assert body(asked)["contents"][0]["parts"] == [{"text": "what?"}]


def test_calls_and_results() -> None:
    call = ToolCall(id="c1", name="add", arguments='{"a": 1}')
    results = Message(
        id="t",
        parent_id=None,
        role=Role.TOOL,
        created_at=0.0,
        parts=(
            ToolResult(call_id="c1", name="add", output="2"),
            ToolResult(call_id=None, name="odd", output="no", is_error=True),
        ),
    )
    asked = request(user("q"), model_said(call), results, model="gemini-2.5-flash")
    assert body(asked)["contents"][1:] == [
        {
            "role": "model",
            "parts": [{"functionCall": {"id": "c1", "name": "add", "args": {"a": 1}}}],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c1", "name": "add", "response": {"output": "2"}}},
                {"functionResponse": {"name": "odd", "response": {"error": "no"}}},
            ],
        },
    ]


@pytest.mark.parametrize(
    ("raw", "sent"),
    [("", {}), ("not json", {"arguments": "not json"}), ("[1]", {"arguments": [1]})],
)
def test_arguments_are_always_an_object(raw: str, sent: dict[str, Any]) -> None:
    asked = request(user("q"), model_said(ToolCall(id=None, name="f", arguments=raw)), user("r"))
    assert body(asked)["contents"][1]["parts"][0]["functionCall"]["args"] == sent


@pytest.mark.rule("R54")
def test_continuation_repeats_the_request_with_the_token() -> None:
    plain = body(request(user("q")))
    assert body(request(user("q"), continuation_token="YWJj")) == {
        **plain,
        "continuationToken": "YWJj",
    }


@pytest.mark.rule("R2")
def test_refused_members_stay_away() -> None:
    dropped = frozenset({"temperature", "systemInstruction"})
    asked = request(
        user("q"),
        model="gemma-3",
        temperature=0.1,
        system_prompt="be brief",
        quirks=Quirks(dropped=dropped),
    )
    # Without its own place the system prompt is said first.
    assert body(asked) == {
        "contents": [{"role": "user", "parts": [{"text": "be brief"}, {"text": "q"}]}]
    }


# What goes back to the model


SIGNED = [
    {"text": "Let me see.", "thought": True, "thoughtSignature": "dGhvdWdodA=="},
    {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "Y2FsbA=="},
    {"text": "Hello"},
    {"text": "", "thoughtSignature": "ZW5k"},
]


def told_again(message: Message, model: str = MODEL, at: Service = presets.GEMINI) -> Any:
    return body(request(user("q"), message, user("r"), model=model), at)["contents"][1]["parts"]


@pytest.mark.rule("R50", "R51")
def test_parts_go_back_verbatim_without_unsigned_thoughts() -> None:
    came = [{"text": "Hm.", "thought": True}, *SIGNED, {"someNewKind": {"a": [1]}}]
    state = state_of(presets.GEMINI, MODEL, came)
    assert told_again(model_said("Hello", state=state)) == came[1:]


def test_an_answer_without_its_picture_is_told_again() -> None:
    inline = {"mimeType": "image/png", "sha256": "5" * 64}
    state = state_of(presets.GEMINI, MODEL, [{"text": "here"}, {"inlineData": inline}])
    picture = Media(mime="image/png", sha256="5" * 64, name="cat.png", left_out=True)
    assert told_again(model_said("here", picture, state=state)) == [
        {"text": "here"},
        {"text": "[cat.png]"},
    ]


@pytest.mark.rule("R51")
@pytest.mark.parametrize(
    ("model", "at"),
    [
        ("gemini-3.1-pro-preview", presets.GEMINI),
        (MODEL, replace(presets.GEMINI, base_url="https://other.example")),
        (MODEL, replace(presets.GEMINI, base_url="http://generativelanguage.googleapis.com")),
    ],
)
def test_signatures_stay_with_their_model_and_host(model: str, at: Service) -> None:
    state = state_of(presets.GEMINI, MODEL, SIGNED)
    call = ToolCall(id=None, name="f", arguments="{}", extra={"thought_signature": "Y2FsbA=="})
    assert told_again(model_said(call, "Hello", state=state), model, at) == [
        {
            "functionCall": {"name": "f", "args": {}},
            "thoughtSignature": "skip_thought_signature_validator",
        },
        {"text": "Hello"},
    ]


@pytest.mark.rule("R51")
def test_only_the_first_call_of_a_step_needs_a_signature() -> None:
    calls = (ToolCall(id="1", name="f", arguments="{}"), ToolCall(id="2", name="g", arguments="{}"))
    first, second = told_again(model_said(*calls))
    assert first["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in second
    assert "thoughtSignature" not in told_again(model_said(*calls), "gemini-2.5-pro")[0]


@pytest.mark.rule("R50")
def test_state_of_another_form_is_not_sent() -> None:
    state = {"form": "openai", "reasoning_details": [{"type": "reasoning.encrypted"}]}
    assert told_again(model_said("Hello", state=state)) == [{"text": "Hello"}]


@pytest.mark.rule("R50")
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Oh. Hello", [{"text": "Oh. "}, {"text": "Hello", "thoughtSignature": "cw=="}]),
        ("Hello there", [{"text": "Hello", "thoughtSignature": "cw=="}, {"text": " there"}]),
        ("Goodbye", [{"text": "Goodbye"}]),
    ],
)
def test_state_of_one_request_of_two(text: str, parts: list[dict[str, Any]]) -> None:
    """An answer that was continued, stopped or changed since."""
    state = state_of(presets.GEMINI, MODEL, [{"text": "Hello", "thoughtSignature": "cw=="}])
    assert told_again(model_said(text, state=state)) == parts


@pytest.mark.rule("R50")
def test_an_answer_by_two_models_is_told_again() -> None:
    state = state_of(presets.GEMINI, MODEL, [{"text": "Hello", "thoughtSignature": "cw=="}])
    state["models"] = ["gemini-3.1-pro-preview", MODEL]
    assert told_again(model_said("Hello", state=state)) == [{"text": "Hello"}]


def test_the_text_of_code_that_ran_belongs_to_the_state() -> None:
    came = [
        {"text": "Watch: "},
        {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
        {"text": "Done."},
    ]
    state = state_of(presets.GEMINI, MODEL, came)
    assert told_again(model_said(wire.shown_text(came), state=state)) == came


@pytest.mark.rule("R51")
def test_merging_touches_nothing_signed() -> None:
    came = [
        {"text": "a"},
        {"text": "b"},
        {"text": ""},
        {"text": "c", "thoughtSignature": "MQ=="},
        {"text": "d"},
        {"text": "e", "inlineData": None, "thoughtSignature": ""},
        {"text": "", "thought_signature": "Mg=="},
        {},
    ]
    assert wire.merged(came) == [
        {"text": "ab"},
        {"text": "c", "thoughtSignature": "MQ=="},
        {"text": "de"},
        {"text": "", "thought_signature": "Mg=="},
    ]


def test_split_surrogates_are_joined_in_the_state() -> None:
    assert wire.merged([{"text": "\ud83d"}, {"text": "\ude00"}]) == [{"text": "😀"}]


# Thinking


@pytest.mark.rule("R59")
@pytest.mark.parametrize(
    ("model", "effort", "level"),
    [
        ("gemini-3.8-flash", "low", "low"),
        ("gemini-3.8-flash", "minimal", "low"),
        ("gemini-3.7-flash", "none", "low"),
        ("gemini-3.6-flash", "minimal", "minimal"),
        ("gemini-3.5-flash-lite", "none", "minimal"),
        ("gemini-3.8-flash", "max", "high"),
        ("gemini-3.1-pro-preview", "minimal", "low"),
        ("gemini-3.1-pro-preview", "medium", "medium"),
        ("gemini-3-pro-preview", "medium", "high"),
        ("gemini-3-flash-preview", "minimal", "minimal"),
        ("gemini-4-pro", "xhigh", "xhigh"),
        ("gemini-4-pro", "none", "low"),
        ("gemini-flash-latest", "HIGH", "high"),
        ("models/gemini-3.8-flash", "adaptive", "adaptive"),
    ],
)
def test_levels_from_generation_3_on(model: str, effort: str, level: str) -> None:
    assert thinking(model, effort) == {"includeThoughts": True, "thinkingLevel": level}


@pytest.mark.rule("R59")
@pytest.mark.parametrize(
    ("model", "effort", "budget"),
    [
        ("gemini-2.5-pro", "none", 128),
        ("gemini-2.5-pro", "low", 1024),
        ("gemini-2.5-pro", "max", 32768),
        ("gemini-2.5-flash", "none", 0),
        ("gemini-2.5-flash", "medium", 8192),
        ("gemini-2.5-flash", "high", 24576),
        ("gemini-2.5-flash-lite", "minimal", 512),
        ("gemini-2.5-flash-lite-preview-09-2025", "auto", -1),
    ],
)
def test_budgets_for_generation_2_5(model: str, effort: str, budget: int) -> None:
    assert thinking(model, effort) == {"includeThoughts": True, "thinkingBudget": budget}


@pytest.mark.rule("R59")
@pytest.mark.parametrize("control", ["gemini", "gemini_level", "gemini_budget", "reasoning_effort"])
@pytest.mark.parametrize("model", ["gemini-2.5-pro", "gemini-3.8-flash", "house-model"])
def test_never_a_level_and_a_budget(control: Any, model: str) -> None:
    at = replace(presets.GEMINI, reasoning_control=control)
    sent = config(model, at, effort="high")["thinkingConfig"]
    assert ("thinkingLevel" in sent) != ("thinkingBudget" in sent)


@pytest.mark.rule("R59")
def test_thoughts_are_asked_for_where_the_model_thinks() -> None:
    assert thinking("gemini-3.8-flash") == {"includeThoughts": True}
    assert thinking("gemini-2.5-flash") == {"includeThoughts": True}
    assert thinking("gemini-3-pro-image-preview") == {"includeThoughts": True}
    for quiet in ("gemma-4-27b", "gemini-2.0-flash", "gemini-2.5-flash-image", "gemini-3-tts-1"):
        assert thinking(quiet) is None
    assert thinking("gemma-4-27b", show_reasoning=True) == {"includeThoughts": True}
    assert thinking("gemini-3.8-flash", show_reasoning=False) is None
    assert thinking("gemini-3.8-flash", "low", show_reasoning=False) == {"thinkingLevel": "low"}
    assert thinking("gemini-2.0-flash", "low") is None
    off = replace(presets.GEMINI, reasoning_control="none")
    assert config("gemini-3.8-flash", off, effort="low") is None


@pytest.mark.rule("R59")
def test_after_a_refusal_the_thoughts_are_asked_for_alone() -> None:
    level = Quirks(dropped=frozenset({"thinkingLevel"}))
    assert thinking(MODEL, "low", quirks=level) == {"includeThoughts": True}
    all_of_it = Quirks(dropped=frozenset({"thinkingLevel", "thinkingConfig"}))
    assert thinking(MODEL, "low", quirks=all_of_it) is None
