"""`linnet ask` over HTTP: what is sent, the JSON object with all its members, and the status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Linnet
from loopback import End, Loopback, events, reply, whole

MEMBERS = (
    "content reasoning complete finish_reason native_finish_reason usage tool_calls error extras "
    "model seconds first_token_seconds notices"
).split()
ERROR_MEMBERS = "kind message retryable phase http_status retry_after_s codes trace_id".split()


def chunk(reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"model": "m-1", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


ANSWER = events(chunk(content="Hello"), chunk(content=" there"), chunk("stop"))


def test_every_member_is_there(ask: Linnet, server: Loopback) -> None:
    usage = {
        "prompt_tokens": 3,
        "completion_tokens": 5,
        "total_tokens": 8,
        "completion_tokens_details": {"reasoning_tokens": 2},
        "prompt_tokens_details": {"cached_tokens": 1},
    }
    thought = chunk(reasoning_content="hm")
    server.add(
        events(thought, chunk(content="Hello"), chunk("stop"), {"choices": [], "usage": usage})
    )
    done = ask("Hi")
    assert done.status == 0
    assert list(done.json) == MEMBERS
    assert done.json | {"seconds": 0, "first_token_seconds": 0} == {
        "content": "Hello",
        "reasoning": "hm",
        "complete": True,
        "finish_reason": "stop",
        "native_finish_reason": "stop",
        "usage": {"prompt": 3, "completion": 5, "total": 8, "reasoning": 2, "cached": 1},
        "tool_calls": [],
        "error": None,
        "extras": {},
        "model": "m-1",
        "seconds": 0,
        "first_token_seconds": 0,
        "notices": [],
    }
    assert 0 <= done.json["first_token_seconds"] <= done.json["seconds"] < 10


@pytest.mark.rule("R1", "R44")
def test_the_body_holds_nothing_that_was_not_asked_for(ask: Linnet, server: Loopback) -> None:
    server.add(ANSWER)
    ask("Hi")
    seen = server.requests[0]
    assert (seen.method, seen.target) == ("POST", "/v1/chat/completions")
    assert seen.json == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert seen.header("authorization") is None


def test_everything_that_was_asked_for_is_sent(
    ask: Linnet, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", " the-key \n")
    server.add(whole({"choices": [{"message": {"content": "{}"}}]}))
    parameters = "--temperature 0.5 --max-tokens 10 --effort high --no-stream --json-answer".split()
    extra = ("--extra", '{"seed": 7}', "--path", "/chat", "--key-env", "MY_KEY", "--system", "Be.")
    done = ask("Hi", *parameters, *extra)
    seen = server.requests[0]
    assert seen.path == "/v1/chat"
    assert seen.header("authorization") == "Bearer the-key"
    assert seen.json == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be."}, {"role": "user", "content": "Hi"}],
        "stream": False,
        "temperature": 0.5,
        "max_tokens": 10,
        "reasoning_effort": "high",
        "response_format": {"type": "json_object"},
        "seed": 7,
    }
    assert (done.status, done.json["complete"], done.json["finish_reason"]) == (0, True, None)


def test_the_form_of_google(linnet: Linnet, server: Loopback) -> None:
    parts = [{"text": "hm", "thought": True}, {"text": "Hello", "thoughtSignature": "c2ln"}]
    usage = {"promptTokenCount": 2, "candidatesTokenCount": 3, "totalTokenCount": 5}
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
    server.add(events({"candidates": [candidate], "usageMetadata": usage}, done=False))
    done = linnet(*"ask Hi --form gemini --model g --output json --base-url".split(), server.url)
    assert server.requests[0].path == "/v1beta/models/g:streamGenerateContent"
    assert (done.json["content"], done.json["reasoning"]) == ("Hello", "hm")
    assert done.json["native_finish_reason"] == "STOP"
    assert done.json["usage"]["total"] == 5
    assert done.json["extras"]["thought_signatures"] == ["c2ln"]
    assert done.status == 0


@pytest.mark.rule("R54")
def test_an_answer_that_google_breaks_off_goes_on(linnet: Linnet, server: Loopback) -> None:
    def part(words: str, reason: str, **more: str) -> Any:
        content = {"role": "model", "parts": [{"text": words}]}
        candidate = {"content": content, "finishReason": reason, **more}
        return events({"candidates": [candidate]}, done=False)

    server.add(part("one ", "CONTINUATION", continuationToken="t1"), part("two", "STOP"))
    done = linnet(*"ask Hi --form gemini --model g --output json --base-url".split(), server.url)
    assert done.json["content"] == "one two"
    assert (done.status, done.json["finish_reason"]) == (0, "stop")
    assert [seen.json.get("continuationToken") for seen in server.requests] == [None, "t1"]


def test_tool_calls_are_parsed_or_left_as_they_are(ask: Linnet, server: Loopback) -> None:
    calls = [
        {"index": 0, "id": "c1", "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"index": 1, "id": "c2", "function": {"name": "g", "arguments": '{"a": '}},
    ]
    server.add(events(chunk(tool_calls=calls), chunk("tool_calls")))
    done = ask("Hi")
    assert done.json["tool_calls"] == [
        {"id": "c1", "name": "f", "arguments": {"a": 1}},
        {"id": "c2", "name": "g", "arguments": '{"a": '},
    ]
    assert (done.status, done.json["finish_reason"]) == (0, "tool_calls")


def test_credits_and_citations(ask: Linnet, server: Loopback) -> None:
    body = {
        "choices": [{"message": {"content": "x"}}],
        "credits_consumed": 2,
        "citations": ["https://a.example"],
    }
    server.add(whole(body))
    extras = ask("Hi").json["extras"]
    assert (extras["credits"], extras["citations"]) == (2, ["https://a.example"])


def test_a_limit_is_complete_with_a_notice(ask: Linnet, server: Loopback) -> None:
    server.add(events(chunk(content="x"), chunk("length")))
    done = ask("Hi")
    assert (done.status, done.json["complete"], done.json["finish_reason"]) == (0, True, "length")
    assert len(done.json["notices"]) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "phase", "content"),
    [
        (whole({"error": {"message": "bad key"}}, 401), "auth", "http", ""),
        (reply("<html><title>Hi</title></html>"), "protocol", "first_event", ""),
        (events(done=False), "protocol", "first_event", ""),
        (events(chunk(content="Half"), done=False), "truncated", "mid_stream", "Half"),
        (events(chunk(content="Half"), End.RESET, done=False), "truncated", "mid_stream", "Half"),
        (
            events(chunk(content="Half"), {"error": {"message": "x", "code": 500}}),
            "server",
            "mid_stream",
            "Half",
        ),
    ],
)
def test_failures_keep_what_arrived(
    ask: Linnet, server: Loopback, answer: Any, kind: str, phase: str, content: str
) -> None:
    server.add(answer)
    done = ask("Hi", "--no-retry")
    error = done.json["error"]
    assert list(done.json) == MEMBERS
    assert list(error) == ERROR_MEMBERS
    assert (error["kind"], error["phase"], done.json["content"]) == (kind, phase, content)
    assert (done.status, done.json["complete"]) == (1, False)
    assert len(server.requests) <= 2  # R21: an empty stream is asked for once more, whole


def test_details_of_a_failure(ask: Linnet, server: Loopback) -> None:
    body = {"success": False, "error": {"code": "too_many_requests", "message": "slow"}}
    server.add(whole(body | {"trace_id": "t-1"}, 429, retry_after="600"))
    error = ask("Hi").json["error"]
    assert error["kind"] == "rate_limit"
    assert (error["http_status"], error["retry_after_s"]) == (429, 600)
    assert error["trace_id"] == "t-1"
    assert "too_many_requests" in error["codes"]
    assert len(server.requests) == 1  # R41: not for ten minutes


@pytest.mark.rule("R40")
def test_a_busy_server_is_asked_again(ask: Linnet, server: Loopback) -> None:
    server.add(whole({"error": {"message": "busy"}}, 503, retry_after_ms="1"), ANSWER)
    done = ask("Hi")
    assert (done.status, done.json["content"]) == (0, "Hello there")
    assert "Next try in" in done.err


def test_without_retries(ask: Linnet, server: Loopback) -> None:
    server.add(whole({"error": {"message": "busy"}}, 503), ANSWER)
    done = ask("Hi", "--no-retry")
    assert (done.status, done.json["error"]["kind"]) == (1, "overloaded")


def test_a_filter_is_a_failure(ask: Linnet, server: Loopback) -> None:
    server.add(events(chunk(content="x"), chunk("content_filter")))
    done = ask("Hi")
    assert (done.status, done.json["finish_reason"]) == (1, "content_filter")


@pytest.mark.rule("R23")
def test_silence_ends_the_waiting(ask: Linnet, server: Loopback) -> None:
    server.add(events(chunk(content="Half"), End.HANG))
    done = ask("Hi", "--timeout-idle", "0.05")
    assert (done.json["error"]["kind"], done.json["content"]) == ("timeout", "Half")
    server.clear()
    server.add(events(End.HANG))
    done = ask("Hi", "--timeout-first", "0.05", "--no-retry")
    assert done.json["error"]["kind"] == "timeout"


@pytest.mark.rule("R13")
def test_the_object_is_valid_utf8(ask: Linnet, server: Loopback) -> None:
    broken = b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n'
    wild = b'data: {"choices":[{"delta":{"content":"b\xff"},"finish_reason":"stop"}]}\n\n'
    server.add(events(chunk(content="\ud83d"), chunk(content="\ude00"), broken, wild))
    assert ask("Hi").json["content"] == "😀a\ufffdb\ufffd"


def test_a_question_with_broken_letters_is_mended(ask: Linnet, server: Loopback) -> None:
    server.add(ANSWER)
    ask("x\udcff")
    assert server.requests[0].json["messages"][0]["content"] == "x\ufffd"


# Where the question comes from


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_the_question_can_be_piped(
    ask: Linnet, server: Loopback, arguments: tuple[str, ...]
) -> None:
    server.add(ANSWER)
    ask(*arguments, stdin="\ufeffLong ü question\n".encode() + b"\xff")
    assert server.requests[0].json["messages"][0]["content"] == "Long ü question\n\ufffd"


def test_earlier_messages_come_from_a_file(ask: Linnet, server: Loopback, tmp_path: Path) -> None:
    server.add(ANSWER)
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
    ]
    file = tmp_path / "messages.json"
    file.write_text(json.dumps(messages))
    assert ask("--messages", file).status == 0
    assert server.requests[0].json["messages"] == messages
    ask("And now?", "--messages", file)
    assert server.requests[1].json["messages"] == [
        *messages,
        {"role": "user", "content": "And now?"},
    ]


@pytest.mark.parametrize(
    "url", ["https://x.example/cat.png", "https://x.example/clip.mp4", "data:image/png;base64,cG5n"]
)
def test_pictures_and_videos_go_along(
    ask: Linnet, server: Loopback, tmp_path: Path, url: str
) -> None:
    server.add(ANSWER)
    content = [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": url}}]
    file = tmp_path / "messages.json"
    file.write_text(json.dumps([{"role": "user", "content": content}]))
    assert ask("--messages", file).status == 0
    assert server.requests[0].json["messages"][0]["content"] == content


def test_an_answer_of_the_file_with_several_turns(
    ask: Linnet, server: Loopback, tmp_path: Path
) -> None:
    server.add(ANSWER)
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]
    file = tmp_path / "messages.json"
    file.write_text(json.dumps({"messages": messages}))
    ask("--messages", file)
    assert server.requests[0].json["messages"] == messages


# Nothing is kept


def test_asking_leaves_no_trace(ask: Linnet, server: Loopback, linnet_home: Path) -> None:
    server.add(ANSWER)
    ask("Hi")
    assert not linnet_home.exists()


@pytest.mark.rule("R21", "R40")
def test_an_empty_answer_is_asked_for_again_but_not_for_ever(ask: Linnet, server: Loopback) -> None:
    server.add(events(done=False), whole({"choices": []}))
    done = ask("Hi")
    assert (done.status, done.json["error"]["kind"]) == (1, "protocol")
    assert [seen.json["stream"] for seen in server.requests] == [True, False]
    server.requests.clear()
    server.clear()
    server.add(events(done=False), whole({"choices": [{"message": {"content": "There."}}]}))
    done = ask("Hi")
    assert (done.status, done.json["content"]) == (0, "There.")
    assert len(done.json["notices"]) == 1


CALLED = [
    {"role": "user", "content": "Weather?"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "look", "arguments": "{}"},
                "extra_content": {"google": {"thought_signature": "c2ln"}},
            },
            {"id": "c2", "type": "function", "function": {"name": "look", "arguments": "{}"}},
        ],
        "reasoning_content": "hm",
        "reasoning_details": [{"type": "reasoning.text", "text": "hm"}],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    {"role": "tool", "tool_call_id": "c2", "content": "sun"},
]


def test_what_belongs_to_calls_goes_back_with_them(
    ask: Linnet, server: Loopback, tmp_path: Path
) -> None:
    file = tmp_path / "messages.json"
    file.write_text(json.dumps(CALLED))
    server.add(ANSWER)
    ask("--messages", file)
    assert server.requests[-1].json["messages"] == CALLED


@pytest.mark.rule("R51")
def test_signatures_of_calls_reach_the_gemini_form(
    ask: Linnet, server: Loopback, tmp_path: Path
) -> None:
    file = tmp_path / "messages.json"
    file.write_text(json.dumps(CALLED))
    ask("--messages", file, "--form", "gemini")
    calls = server.requests[-1].json["contents"][1]["parts"]
    assert [call.get("thoughtSignature") for call in calls] == ["c2ln", None]
