"""Bodies equal, member for member, to what google-genai sends for the same conversation.

The package is pointed at a server on loopback and its requests are kept. What differs, and why, is
listed in `DIFFERENCES`; everything else has to be the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gemini_cases import KEY, chunk, model_said, request, service, sse, user
from loopback import Loopback, in_thread, reply, whole

from app.domain.message import Media, Reasoning, ToolCall, ToolResult
from app.providers import gemini_wire as wire
from app.providers.base import ChatRequest, Endpoint, Files, HeldBlobs
from app.providers.gemini_request import chat_address, encode, state_of

pytestmark = pytest.mark.filterwarnings("ignore")

DIFFERENCES = {
    "names": "the package writes some names in snake_case; Google reads both, we send camelCase",
    "alphabet": "the package writes bytes in url-safe base64; Google and all proxies read ours",
    "level": "the package writes the thinking level in capitals; both are the same enum word",
    "thoughts": "a chat of the package sends unsigned thoughts back; they are only summaries (R50)",
    "empty": "the package may send an empty generationConfig, which says nothing",
    "version": "the package asks /v1 at a foreign base address; thoughts are a v1beta member",
}

PNG = b"\x89PNG\r\n\x1a\n\xff\xfe\xfb"
BLOB = "5" * 64
SIGNED = [
    {"text": "Hm.", "thought": True},
    {"functionCall": {"name": "add", "args": {"some_number": 1}}, "thoughtSignature": "Y2FsbA=="},
]
MODEL = "gemini-3.8-flash"


def same_spelling(value: Any, name: str = "") -> Any:
    """`value` without the listed differences in spelling."""
    if isinstance(value, dict):
        if name in ("args", "response"):
            return value  # a tool's own names
        spelled = {wire.camel(k): same_spelling(each, wire.camel(k)) for k, each in value.items()}
        return {k: each for k, each in spelled.items() if (k, each) != ("generationConfig", {})}
    if isinstance(value, list):
        return [same_spelling(each) for each in value]
    if name in ("data", "thoughtSignature"):
        return wire.decoded(value)
    return value.lower() if name == "thinkingLevel" else value


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with in_thread() as running:
        yield running


@pytest.fixture(scope="module")
def official(server: Loopback) -> Iterator[Any]:
    from google import genai

    client = genai.Client(api_key=KEY, http_options={"base_url": server.url})
    server.add(whole(chunk({"text": "hi"}, finish="STOP")))
    client.models.generate_content(model="gemma-4", contents="opens the one connection")
    yield client
    client.close()


def sent(server: Loopback, call: Callable[[], object]) -> Any:
    """The body of the last request that `call` makes."""
    call()
    return same_spelling(server.requests[-1].json)


def ours(asked: ChatRequest) -> Any:
    return same_spelling(encode(Endpoint(service("https://h.example"), KEY), asked))


def test_one_question(server: Loopback, official: Any) -> None:
    server.clear()
    server.add(whole(chunk({"text": "hi"}, finish="STOP")))
    theirs = sent(
        server, lambda: official.models.generate_content(model="gemma-4-27b", contents="hello")
    )
    assert ours(request(user("hello"), model="gemma-4-27b")) == theirs
    seen = server.requests[-1]
    mine = chat_address(service(f"{server.url}/v1"), "gemma-4-27b", stream=False)
    assert mine == server.url + seen.target
    assert seen.header("x-goog-api-key") == KEY


@pytest.mark.rule("R58", "R59")
@pytest.mark.parametrize("stream", [True, False])
def test_every_parameter(server: Loopback, official: Any, stream: bool) -> None:
    from google.genai import types

    server.clear()
    document = chunk({"text": "{}"}, finish="STOP")
    server.add(reply(sse(document)) if stream else whole(document))
    config = types.GenerateContentConfig(
        system_instruction="be brief",
        temperature=0.5,
        top_p=0.9,
        max_output_tokens=100,
        response_mime_type="application/json",
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_level="low"),
    )
    asked = {"model": MODEL, "contents": "q", "config": config}
    if stream:
        theirs = sent(server, lambda: [*official.models.generate_content_stream(**asked)])
    else:
        theirs = sent(server, lambda: official.models.generate_content(**asked))
    assert theirs == ours(
        request(
            user("q"),
            system_prompt="be brief",
            temperature=0.5,
            top_p=0.9,
            max_tokens=100,
            json_answer=True,
            effort="low",
        )
    )
    mine = chat_address(service(f"{server.url}/v1"), MODEL, stream=stream)
    assert mine == server.url + server.requests[-1].target


@pytest.mark.rule("R59")
def test_a_thinking_budget(server: Loopback, official: Any) -> None:
    from google.genai import types

    server.clear()
    server.add(whole(chunk({"text": "hi"}, finish="STOP")))
    config = types.GenerateContentConfig(
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=8192)
    )
    theirs = sent(
        server,
        lambda: official.models.generate_content(
            model="gemini-2.5-pro", contents="q", config=config
        ),
    )
    assert theirs == ours(request(user("q"), model="gemini-2.5-pro", effort="medium"))


def test_pictures_and_addresses(server: Loopback, official: Any) -> None:
    from google.genai import types

    server.clear()
    server.add(whole(chunk({"text": "hi"}, finish="STOP")))
    parts = [
        types.Part.from_text(text="what is it?"),
        types.Part.from_bytes(data=PNG, mime_type="image/png"),
        types.Part.from_uri(file_uri="https://example.org/cat.jpg", mime_type="image/jpeg"),
        types.Part(file_data=types.FileData(file_uri="https://www.youtube.com/watch?v=a")),
        types.Part.from_uri(file_uri="https://example.org/b.mp4", mime_type="video/mp4"),
    ]
    theirs = sent(
        server,
        lambda: official.models.generate_content(
            model="gemma-4", contents=types.Content(role="user", parts=parts)
        ),
    )
    asked = user(
        "what is it?",
        Media(mime="image/png", sha256=BLOB),
        Media(mime="image/jpeg", url="https://example.org/cat.jpg"),
        Media(mime="video/mp4", url="https://www.youtube.com/watch?v=a"),
        Media(mime="video/mp4", url="https://example.org/b.mp4"),
    )
    assert theirs == ours(request(asked, model="gemma-4", files=Files(HeldBlobs({BLOB: PNG}))))


@pytest.mark.rule("R50", "R51")
@pytest.mark.parametrize("stream", [True, False])
def test_a_second_turn(server: Loopback, official: Any, stream: bool) -> None:
    """The chat of the package keeps the model's parts, one by one as they came."""
    answer = [{"text": "Hello"}, {"text": "", "thoughtSignature": base64.b64encode(PNG).decode()}]
    document = chunk({"text": "Hm.", "thought": True}, *answer, finish="STOP")
    server.clear()
    server.add(reply(sse(document)) if stream else whole(document))
    chat = official.chats.create(
        model=MODEL, config={"thinking_config": {"include_thoughts": True}}
    )

    def say(words: str) -> object:
        return [*chat.send_message_stream(words)] if stream else chat.send_message(words)

    say("one")
    theirs = sent(server, lambda: say("two"))
    unsigned = theirs["contents"][1]["parts"].pop(0)
    assert unsigned == {"text": "Hm.", "thought": True}  # DIFFERENCES["thoughts"]
    parts = [{"text": "Hm.", "thought": True}, *answer]
    state = state_of(service("https://h.example"), MODEL, parts)
    turns = (user("one"), model_said(Reasoning("Hm."), "Hello", state=state), user("two"))
    assert theirs == ours(request(*turns))


@pytest.mark.rule("R51")
def test_a_call_and_its_result(server: Loopback, official: Any) -> None:
    from google.genai import types

    server.clear()
    server.add(whole(chunk({"text": "2"}, finish="STOP")))
    said = types.Content.model_validate({"role": "model", "parts": SIGNED[1:]})
    result = types.Part.from_function_response(name="add", response={"output": "2"})
    contents = [
        types.Content(role="user", parts=[types.Part.from_text(text="1+1?")]),
        said,
        types.Content(role="user", parts=[result]),
    ]
    theirs = sent(
        server, lambda: official.models.generate_content(model="gemini-2.0-x", contents=contents)
    )
    state = state_of(service("https://h.example"), "gemini-2.0-x", SIGNED)
    call = ToolCall(id=None, name="add", arguments='{"some_number": 1}')
    turns = (
        user("1+1?"),
        model_said(Reasoning("Hm."), call, state=state),
        user(ToolResult(call_id=None, name="add", output="2")),
    )
    assert theirs == ours(request(*turns, model="gemini-2.0-x"))


@pytest.mark.rule("R54")
def test_a_continuation(server: Loopback, official: Any) -> None:
    """The package goes on by itself; the second request is the first one with the token."""
    token = base64.b64encode(b"where it stopped").decode()
    more = {"continuationToken": token}
    server.clear()
    server.add(
        reply(sse(chunk({"text": "a"}, finish="CONTINUATION", candidate=more))),
        reply(sse(chunk({"text": "b"}, finish="STOP"))),
    )
    stream = official.models.generate_content_stream
    theirs = sent(server, lambda: [*stream(model="gemma-4", contents="q")])
    assert theirs == ours(request(user("q"), model="gemma-4", continuation_token=token))
