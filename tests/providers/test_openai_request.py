"""Requests: equal to the examples of the services, valid for the official package, and no more."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openai.types.chat import ChatCompletionContentPartParam
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from wire_calls import call, message, picture, request, results, said, service, user

from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.message import Media, Reasoning, Role, ToolResult
from app.domain.settings import Service
from app.providers import presets
from app.providers.base import ChatRequest, Endpoint, Files, HeldBlobs, Quirks
from app.providers.connections import Connections
from app.providers.openai import OpenAIProvider
from app.providers.openai_request import chat_address, encode

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("openai_*.json"))
# Members of single services that the official package has no type for.
OWN_MEMBERS = {"include_thoughts", "reasoning", "extra_body"}
BLOBS = {"ab": b"\x89PNG", "cd": b"ID3", "ef": b"%PDF", "12": b"mp4", "34": "ä = 1".encode()}


def body_of(asked: ChatRequest, to: Service | None = None) -> dict[str, Any]:
    return encode(to or service(), asked)


def check_against_official_types(body: dict[str, Any]) -> None:
    """Raises for a body that the `openai` package's types do not allow.

    They say `Iterable`, which pydantic checks only when it is read, and not two levels deep: so
    the parts of a content are checked by themselves.
    """
    kind = CompletionCreateParamsStreaming if body["stream"] else CompletionCreateParamsNonStreaming
    known = {name: value for name, value in body.items() if name not in OWN_MEMBERS}
    known["messages"] = []
    for each in body["messages"]:
        if isinstance(each["content"], list):
            for part in each["content"]:
                adapter(ChatCompletionContentPartParam).validate_python(part)
            each = {**each, "content": "checked"}
        known["messages"].append(each)
    checked = adapter(kind).validate_python(known)
    for each in checked["messages"]:
        list(each.get("tool_calls", ()))


def adapter(kind: Any) -> TypeAdapter[Any]:
    if not hasattr(kind, "__total__"):  # a union
        return TypeAdapter(kind)
    return TypeAdapter(with_config(ConfigDict(extra="forbid"))(kind))


@pytest.mark.parametrize(
    "bad",
    [
        {"messages": [{"role": "nobody", "content": "a"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]},
        {"messages": [], "invented": 1},
    ],
)
def test_the_check_against_the_official_types_checks(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_against_official_types({"model": "m", "stream": False, **bad})


# --- The examples of the services


def question_of(example: dict[str, Any]) -> tuple[Service, ChatRequest]:
    """What a person would have to set for the request of `example`."""
    preset = presets.preset(example["service"])
    assert preset is not None
    body = example["body"]
    set_members: dict[str, Any] = {
        "model": body["model"],
        "temperature": body.get("temperature"),
        "max_tokens": body.get("max_tokens"),
        "effort": body.get("reasoning_effort"),
        "show_reasoning": body.get("include_thoughts"),
        "json_answer": "response_format" in body or None,
    }
    messages = []
    for each in body["messages"]:
        if each["role"] == "system":
            set_members["system_prompt"] = each["content"]
            continue
        parts: list[Any] = []
        content = each["content"]
        for part in [{"text": content}] if isinstance(content, str) else content:
            url = part.get("image_url", {}).get("url")
            mime = "video/mp4" if (url or "").endswith(".mp4") else "image/png"
            parts.append(Media(mime=mime, url=url) if url else part["text"])
        messages.append(message(Role(each["role"]), *parts))
    return preset, request(*messages, stream=body["stream"], **set_members)


@pytest.mark.rule("R1", "R20")
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_examples_of_the_services(path: Path) -> None:
    example = json.loads(path.read_text(encoding="utf-8"))
    preset, asked = question_of(example)
    assert body_of(asked, preset) == example["body"]
    assert chat_address(preset) == example["url"]
    check_against_official_types(example["body"])


def test_the_examples_are_all_there() -> None:
    names = {path.stem.removeprefix("openai_") for path in FIXTURES}
    assert names >= {
        *(f"acedata_{kind}" for kind in ("plain", "stream", "turns", "picture", "video")),
        *("apiin", "apiin_older", "gateway"),
    }


# --- Members


@pytest.mark.rule("R1", "R20")
def test_only_what_was_asked_for() -> None:
    hello = [{"role": "user", "content": "hello"}]
    plain = body_of(request(stream=False))
    assert plain == {"model": "test-model", "messages": hello, "stream": False}
    streamed = body_of(request())
    assert streamed == {**plain, "stream": True, "stream_options": {"include_usage": True}}
    quiet = body_of(request(), service(send_stream_options=False))
    assert quiet == {**plain, "stream": True}


@pytest.mark.rule("R1")
def test_everything_that_can_be_asked_for_is_valid() -> None:
    asked = request(
        temperature=0.0,
        top_p=0.5,
        max_tokens=5,
        effort="high",
        json_answer=True,
        system_prompt="Be brief.",
        show_reasoning=True,
    )
    body = body_of(asked)
    check_against_official_types(body)
    assert body["temperature"] == 0.0
    assert body["max_tokens"] == 5
    assert body["reasoning_effort"] == "high"
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    developer = body_of(asked, service(system_role="developer"))
    assert developer["messages"][0]["role"] == "developer"
    check_against_official_types(developer)


@pytest.mark.rule("R1")
def test_extra_members_win() -> None:
    asked = request(temperature=0.5, extra={"temperature": 1, "seed": 3, "stop": ["x"]})
    body = body_of(asked, service(extra_body={"seed": 1, "user": "me"}))
    assert (body["temperature"], body["seed"], body["user"], body["stop"]) == (1, 3, "me", ["x"])
    check_against_official_types(body)


@pytest.mark.rule("R1")
def test_never_two_limits() -> None:
    newer = body_of(request(max_tokens=5), service(token_limit_field="max_completion_tokens"))
    assert (newer["max_completion_tokens"], "max_tokens" in newer) == (5, False)
    extra = body_of(request(max_tokens=5, extra={"max_completion_tokens": 9}))
    assert (extra["max_completion_tokens"], "max_tokens" in extra) == (9, False)


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("control", "effort", "shown", "members"),
    [
        ("none", "high", True, {}),
        ("reasoning_effort", None, None, {}),
        ("reasoning_effort", "low", None, {"reasoning_effort": "low"}),
        ("reasoning_effort", "low", False, {"reasoning_effort": "low"}),
        ("ollama", "low", True, {"reasoning_effort": "low"}),
        ("include_thoughts", None, None, {}),
        ("include_thoughts", None, False, {"include_thoughts": False}),
        (
            "include_thoughts",
            "high",
            True,
            {"include_thoughts": True, "reasoning_effort": "high"},
        ),
        ("openrouter", None, True, {}),
        ("openrouter", "low", None, {"reasoning": {"effort": "low"}}),
        ("openrouter", None, False, {"reasoning": {"exclude": True}}),
        ("gemini", "low", None, {"reasoning_effort": "low"}),
        (
            "gemini",
            "low",
            True,
            {
                "extra_body": {
                    "google": {
                        "thinking_config": {"include_thoughts": True, "thinking_level": "low"}
                    }
                }
            },
        ),
    ],
)
def test_how_reasoning_is_asked_for(
    control: Any, effort: str | None, shown: bool | None, members: dict[str, Any]
) -> None:
    to = service(reasoning_control=control)
    body = body_of(request(effort=effort, show_reasoning=shown, stream=False), to)
    assert {k: v for k, v in body.items() if k not in ("model", "messages", "stream")} == members


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://a.example/v1", "/chat/completions", "https://a.example/v1/chat/completions"),
        ("https://a.example/v1/", "chat/completions", "https://a.example/v1/chat/completions"),
        ("https://a.example/api/v1", "/chat", "https://a.example/api/v1/chat"),
        ("https://a.example/d?v=1", "/chat", "https://a.example/d/chat?v=1"),
    ],
)
def test_addresses(base: str, path: str, url: str) -> None:
    assert chat_address(service(base, path=path)) == url


# --- Messages


def test_a_text_is_a_plain_string() -> None:
    body = body_of(request(user("a"), said("b"), user("c"), system_prompt="s"))
    assert [each["content"] for each in body["messages"]] == ["s", "a", "b", "c"]


def test_answers_without_content_are_left_out() -> None:
    body = body_of(request(user("a"), said(), user("b")))
    assert [each["role"] for each in body["messages"]] == ["user", "user"]


def content(*parts: Any, **flags: Any) -> Any:
    asked = request(user(*parts), files=Files(HeldBlobs(BLOBS)))
    body = body_of(asked, service(**flags))
    return body["messages"][0]["content"]


def data(mime: str, blob: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(BLOBS[blob]).decode()}"


def test_pictures_come_after_the_text() -> None:
    url = Media(mime="image/jpeg", url="https://a.example/cat.jpg")
    assert content(url, "look", picture()) == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "https://a.example/cat.jpg"}},
        {"type": "image_url", "image_url": {"url": data("image/png", "ab")}},
    ]
    assert content(picture()) == [
        {"type": "image_url", "image_url": {"url": data("image/png", "ab")}}
    ]


def test_sound_documents_video_and_text() -> None:
    sound = Media(mime="audio/mpeg", sha256="cd")
    assert content(sound, takes_audio=True) == [
        {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}}
    ]
    paper = Media(mime="application/pdf", sha256="ef", name="a.pdf")
    file = {"filename": "a.pdf", "file_data": data("application/pdf", "ef")}
    assert content(paper, takes_file=True) == [{"type": "file", "file": file}]
    film = Media(mime="video/mp4", sha256="12")
    assert content(film, video_form="video_url") == [
        {"type": "video_url", "video_url": {"url": data("video/mp4", "12")}}
    ]
    assert content(film, video_form="input_video") == [
        {"type": "input_video", "input_video": {"data": "bXA0"}}
    ]
    code = Media(mime="text/x-python", sha256="34", name="a.py")
    quoted = "a.py:\n\n```python\nä = 1\n```"
    assert content("see", code) == f"see\n\n{quoted}"
    assert content("see", code, film, video_form="video_url")[:2] == [
        {"type": "text", "text": "see"},
        {"type": "text", "text": quoted},
    ]


@pytest.mark.parametrize(
    ("media", "flags"),
    [
        (picture(), {"takes_image_data": False}),
        (picture(sha256=None, url="https://a.example/a.png"), {"takes_image_url": False}),
        (picture(sha256=None, url="data:image/png;base64,AA"), {"takes_image_data": False}),
        (Media(mime="audio/wav", sha256="cd"), {}),
        (Media(mime="audio/wav", url="https://a.example/a.wav"), {"takes_audio": True}),
        (Media(mime="application/pdf", sha256="ef"), {}),
        (Media(mime="video/mp4", sha256="12"), {}),
        (Media(mime="video/mp4", url="https://a.example/a.mp4"), {"video_form": "input_video"}),
        (picture(sha256="lost"), {}),
    ],
)
def test_what_cannot_be_sent_is_told_and_stops_no_later_question(
    media: Media, flags: dict[str, Any]
) -> None:
    with pytest.raises(ChatError) as caught:
        content("look", media, **flags)
    assert caught.value.failure.kind is ErrorKind.BAD_REQUEST
    turns = (user("look", media), said("I see"), user("and?"))
    later = request(*turns, files=Files(HeldBlobs(BLOBS)))
    messages = body_of(later, service(**flags))["messages"]
    assert messages[0]["content"].startswith("look\n[")


CALL = call("c1", "f", '{"x":1}', extra_content={"google": {"thought_signature": "sig"}})
RESULT = ToolResult(call_id="c1", name="f", output="42")


@pytest.mark.rule("R19")
def test_calls_and_results_go_back() -> None:
    body = body_of(request(user("a"), said(CALL), results(RESULT), user("b"), stream=False))
    entry = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
    assert body["messages"][1:3] == [
        {"role": "assistant", "content": "", "tool_calls": [entry]},
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
    ]
    check_against_official_types(body)


def test_state_goes_back_with_its_turn() -> None:
    details = [{"type": "reasoning.text", "text": "h"}]
    state = {
        "form": "openai",
        "reasoning_details": details,
        "reasoning_field": "reasoning_content",
        "extra_content": {"google": {"thought_signature": "m"}},
    }
    turn = said(Reasoning("hm"), CALL, state=state)
    entry = body_of(request(user("a"), turn, results(RESULT)))["messages"][1]
    assert entry["reasoning_details"] == details
    assert entry["reasoning_content"] == "hm"
    assert entry["extra_content"] == {"google": {"thought_signature": "m"}}
    assert entry["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "sig"}}
    # A turn without calls, or one whose state belongs to someone else, tells nothing of it.
    plain = body_of(request(user("a"), said(Reasoning("hm"), "x"), user("b")))["messages"][1]
    assert plain == {"role": "assistant", "content": "x"}
    foreign = body_of(request(user("a"), said(CALL), results(RESULT)))["messages"][1]
    assert "extra_content" not in foreign["tool_calls"][0]


# --- Mending


def mend(
    failure: Failure, asked: ChatRequest | None = None, to: Service | None = None
) -> Quirks | None:
    provider = OpenAIProvider(Connections())
    return provider.mend(Endpoint(to or service()), asked or request(), failure)


def refused(text: str = "no", status: int = 400, **more: Any) -> Failure:
    kind = more.pop("kind", ErrorKind.BAD_REQUEST)
    return Failure(kind=kind, message=text, http_status=status, **more)


@pytest.mark.rule("R2")
@pytest.mark.parametrize(
    ("failure", "set_members", "dropped"),
    [
        (refused(param="temperature"), {"temperature": 0.5}, "temperature"),
        (refused("Unsupported value: 'temperature' does"), {"temperature": 0.5}, "temperature"),
        (refused(status=422, param="reasoning_effort"), {"effort": "low"}, "reasoning_effort"),
        (refused("Unknown name \"reasoning_effort\""), {"effort": "low"}, "reasoning_effort"),
        (refused(param="stream_options.include_usage"), {}, "stream_options"),
        (refused("stream_options is not permitted"), {}, "stream_options"),
        (refused(param="top_p"), {"top_p": 0.5}, "top_p"),
    ],
)  # fmt: skip
def test_a_refused_member_is_dropped(
    failure: Failure, set_members: dict[str, Any], dropped: str
) -> None:
    asked = request(**set_members)
    quirks = mend(failure, asked)
    assert quirks == Quirks(dropped=frozenset({dropped}))
    assert dropped in body_of(asked)
    assert dropped not in body_of(replace(asked, quirks=quirks))


@pytest.mark.rule("R2")
def test_include_thoughts_is_dropped() -> None:
    to = service(reasoning_control="include_thoughts")
    failure = refused("Unrecognized request argument supplied: include_thoughts")
    quirks = mend(failure, request(show_reasoning=False), to)
    assert quirks == Quirks(dropped=frozenset({"include_thoughts"}))


@pytest.mark.rule("R2")
def test_the_limit_changes_its_name_once_then_goes() -> None:
    asked = request(max_tokens=5)
    words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    quirks = mend(refused(words, param="max_tokens"), asked)
    assert quirks == Quirks(token_limit_field="max_completion_tokens")
    again = replace(asked, quirks=quirks)
    assert body_of(again)["max_completion_tokens"] == 5
    assert "max_tokens" not in body_of(again)
    gone = mend(refused(param="max_completion_tokens"), again)
    assert gone is not None
    assert gone.dropped == {"max_completion_tokens"}
    other = mend(refused(param="max_completion_tokens"), asked,
                 service(token_limit_field="max_completion_tokens"))  # fmt: skip
    assert other == Quirks(token_limit_field="max_tokens")


@pytest.mark.rule("R2")
@pytest.mark.parametrize(
    ("failure", "set_members"),
    [
        (refused(param="temperature"), {}),  # it was not ours
        (refused("temperature is wrong", status=401), {"temperature": 1.0}),
        (refused("temperatures are high"), {"temperature": 1.0}),
        (refused(param="messages"), {"temperature": 1.0}),
        (refused("this is a reasoning model"), {"effort": "low"}),
        (refused(param="response_format"), {"json_answer": True}),
        (refused(param="temperature", phase=Phase.MID_STREAM), {"temperature": 1.0}),
        (refused(param="temperature"), {"extra": {"temperature": 1.0}}),
        (
            refused(
                "This model's maximum context length is 8192 tokens, but 5000 are in the messages "
                "and 4000 in max_tokens",
                kind=ErrorKind.CONTEXT_LENGTH,
            ),
            {"max_tokens": 4000},
        ),
    ],
)
def test_what_is_not_mended(failure: Failure, set_members: dict[str, Any]) -> None:
    assert mend(failure, request(stream=False, **set_members)) is None


EMPTY = Failure(
    kind=ErrorKind.PROTOCOL,
    message="empty",
    retryable=True,
    phase=Phase.FIRST_EVENT,
    http_status=200,
)


@pytest.mark.rule("R21")
@pytest.mark.parametrize(
    "failure",
    [
        *(refused("streaming is not supported", s) for s in (400, 404, 405, 415, 422, 501)),
        refused("unknown field", param="stream"),
        EMPTY,
    ],
)
def test_a_refused_stream_is_asked_for_as_a_whole(failure: Failure) -> None:
    asked = request()
    quirks = mend(failure, asked)
    assert quirks == Quirks(stream=False)
    body = body_of(replace(asked, quirks=quirks))
    assert body["stream"] is False
    assert "stream_options" not in body


@pytest.mark.rule("R21")
def test_what_is_no_reason_to_stop_streaming() -> None:
    stream = refused("streaming is not supported")
    assert mend(stream, request(stream=False)) is None
    assert mend(stream, to=service(stream_fallback=False)) is None
    assert mend(refused("no stream today", 500)) is None
    assert mend(refused("the upstream refused it")) is None
    assert mend(refused("bad model")) is None
    assert mend(replace(stream, phase=Phase.MID_STREAM)) is None
    assert mend(replace(EMPTY, retryable=False)) is None
