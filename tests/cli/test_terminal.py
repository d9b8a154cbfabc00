"""What a person sees in the terminal: text, remarks, wrong usage, services, lists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import Linnet
from loopback import Loopback, events, whole

from app import __version__
from app.__main__ import names_a_command


def chunk(reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


ANSWER = events(chunk(content="Hello"), chunk(content=" there"), chunk("stop"))
MODELS = {"data": [{"id": "big", "context_length": 1000}, {"id": "small"}]}


def write_settings(home: Path, server: Loopback, *more: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    lines = (
        "[[services]]",
        'id = "work"',
        'name = "My Work"',
        'preset = "openai"',
        f'base_url = "{server.url}/v1"',
        'key_env = "WORK_KEY"',
        'default_model = "m"',
    )
    (home / "settings.toml").write_text("\n".join((*more, *lines)))


# Text


def test_the_answer_goes_to_stdout_and_all_else_to_stderr(linnet: Linnet, server: Loopback) -> None:
    server.add(events(chunk(reasoning_content="hm"), chunk(content="Hello"), chunk("length")))
    done = linnet("ask", "Hi", "--model", "m", "--base-url", server.url)
    assert done.status == 0
    assert done.out == "Hello\n"
    assert done.err.startswith("hm\n")
    assert "reached its limit" in done.err
    assert done.err.count("reached its limit") == 1
    assert "\x1b" not in done.err


def test_a_failure_is_told_in_plain_words(linnet: Linnet, server: Loopback) -> None:
    server.add(whole({"error": {"message": "Incorrect API key provided"}}, 401))
    done = linnet("ask", "Hi", "--model", "m", "--base-url", server.url)
    assert (done.status, done.out) == (1, "")
    assert "key" in done.err
    assert "Traceback" not in done.err


def test_a_cut_off_answer_is_printed_and_told(linnet: Linnet, server: Loopback) -> None:
    server.add(events(chunk(content="Half"), done=False))
    done = linnet("ask", "Hi", "--model", "m", "--base-url", server.url)
    assert (done.status, done.out) == (1, "Half\n")
    assert "kept" in done.err


@pytest.mark.rule("R43")
def test_another_address_is_suggested(linnet: Linnet, server: Loopback) -> None:
    server.add(whole({"error": {"message": "Not Found"}}, 404))
    done = linnet("ask", "Hi", "--model", "m", "--base-url", server.url)
    assert f"{server.url}/v1/chat/completions" in done.err


def test_calls_are_shown(linnet: Linnet, server: Loopback) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "look_up", "arguments": '{"a":1}'}}
    server.add(events(chunk(tool_calls=[call]), chunk("tool_calls")))
    done = linnet("ask", "Hi", "--model", "m", "--base-url", server.url)
    assert 'look_up with {"a":1}' in done.err


def test_the_demo_answers_where_nothing_is_set_up(linnet: Linnet) -> None:
    done = linnet("ask", "What is 12 * 7?", "--no-stream", "--output", "json")
    assert done.status == 0
    assert "84" in done.json["content"]
    assert "demo" in done.err


# Wrong usage


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("ask", "Say what to ask"),
        ("ask  --model m", "Say what to ask"),
        ("ask Hi --temperature 3", "from 0 to 2"),
        ("ask Hi --temperature nan", "from 0 to 2"),
        ("ask Hi --max-tokens 0", "above 0"),
        ("ask Hi --max-tokens 1.5", "above 0"),
        ("ask Hi --extra [1]", "JSON object"),
        ("ask Hi --timeout-idle 0", "from 0.01"),
        ("ask Hi --base-url example.com", "https://"),
        ("ask Hi --base-url ftp://example.com", "https://"),
        ("ask Hi --base-url http://a --service b", "not allowed"),
        ("ask Hi --base-url http://a --form demo", "form"),
        ("ask Hi --form gemini", "--base-url"),
        ("ask Hi --path /chat", "--base-url"),
        ("ask Hi --base-url http://a --form gemini --path /x", "OpenAI form"),
        ("ask Hi --key-env NOT_THERE", "NOT_THERE"),
        ("ask Hi --service nobody", "no service nobody"),
        ("ask Hi --service gateway", "not set up"),
        ("ask Hi --messages missing.json", "missing.json"),
        ("ask Hi --output xml", "xml"),
        ("ask Hi there", "there"),
        ("ask Hi --colour", "--colour"),
        ("frobnicate", "frobnicate"),
        ("render missing.md", "missing.md"),
    ],
)
def test_wrong_usage(linnet: Linnet, arguments: str, words: str) -> None:
    done = linnet(*arguments.split())
    assert (done.status, done.out) == (2, "")
    assert words in done.err
    assert "usage:" in done.err
    assert "Traceback" not in done.err


def test_an_empty_question(linnet: Linnet) -> None:
    assert linnet("ask", stdin=b" \n").status == 2
    assert linnet("ask", " ").status == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("nonsense", "no JSON"),
        ("7", "list of messages"),
        ("[7]", "message 1"),
        ('[{"role": "user", "content": "a"}, {"role": "robot"}]', "message 2: the role"),
        ('[{"role": "user", "content": 7}]', "the content is"),
        ('[{"role": "user", "content": [{"type": "hologram"}]}]', "hologram"),
        ('[{"role": "user", "content": [7]}]', "a part is"),
        ('[{"role": "tool", "content": "x"}]', "tool_call_id"),
        ('[{"role": "assistant", "tool_calls": 7}]', "tool_calls"),
        ('[{"role": "assistant", "tool_calls": [{}]}]', "a function"),
        ('[{"role": "assistant", "content": "x"}]', "no question"),
        ("[]", "no question"),
        (
            '[{"role": "user", "content": [{"type": "image_url", "image_url": "data:x"}]}]',
            "a comma",
        ),
        (
            '[{"role": "user", "content": '
            '[{"type": "image_url", "image_url": {"url": "data:image/png;base64,%"}}]}]',
            "base64",
        ),
    ],
)
def test_a_file_of_messages_with_mistakes(
    linnet: Linnet, tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "messages.json"
    file.write_text(content)
    done = linnet("ask", "--messages", file)
    assert done.status == 2
    assert words in done.err


def test_help_and_version(linnet: Linnet) -> None:
    assert linnet("--version").out == f"Linnet {__version__}\n"
    assert "COMMAND" in linnet("--help").out
    done = linnet("ask", "--help")
    for option in (
        "--service --base-url --form --path --model --key-env --system --messages --temperature "
        "--max-tokens --effort --no-thoughts --no-stream --json-answer --extra --timeout-first "
        "--timeout-idle --no-retry --save --output --home"
    ).split():
        assert option in done.out


def test_the_window_is_for_everything_that_is_no_command() -> None:
    for arguments in ([], ["--home", "ask"], ["--home=x"]):
        assert not names_a_command(arguments)
    for arguments in (["ask"], ["--home", "x", "ask"], ["-h"], ["--version"], ["nonsense"]):
        assert names_a_command(arguments)


# Services


@pytest.mark.parametrize("name", ["work", "WORK", "my work", "OpenAI"])
def test_a_service_by_its_id_name_or_preset(
    linnet: Linnet,
    server: Loopback,
    linnet_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    write_settings(linnet_home, server)
    monkeypatch.setenv("WORK_KEY", "work-key")
    server.add(ANSWER)
    assert linnet("ask", "Hi", "--service", name).status == 0
    assert server.requests[0].header("authorization") == "Bearer work-key"
    assert server.requests[0].json["model"] == "m"


def test_the_default_service_and_its_parameters(
    linnet: Linnet, server: Loopback, linnet_home: Path
) -> None:
    write_settings(linnet_home, server, "[sampling]", "temperature = 0.25", "")
    server.add(ANSWER)
    assert linnet("ask", "Hi").status == 0
    assert server.requests[0].json["temperature"] == 0.25
    assert server.requests[0].header("authorization") is None
    linnet("ask", "Hi", "--temperature", "1", "--base-url", server.url, "--model", "x")
    assert server.requests[1].json["temperature"] == 1


def test_an_address_that_was_typed_gets_no_stored_key(
    linnet: Linnet, server: Loopback, linnet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_settings(linnet_home, server, "[sampling]", "temperature = 0.25", "")
    monkeypatch.setenv("WORK_KEY", "work-key")
    monkeypatch.setenv("OPENAI_API_KEY", "openai-key")
    server.add(ANSWER)
    linnet("ask", "Hi", "--base-url", f"{server.url}/v1", "--model", "m")
    assert server.requests[0].header("authorization") is None
    assert "temperature" not in server.requests[0].json


def test_a_preset_works_without_setting_it_up(linnet: Linnet) -> None:
    done = linnet("ask", "Hi", "--service", "demo", "--no-stream")
    assert done.status == 0
    assert "No service" not in done.err


def test_the_first_model_of_the_list_where_none_is_chosen(linnet: Linnet, server: Loopback) -> None:
    server.route("/v1/models", whole(MODELS))
    server.add(ANSWER)
    done = linnet("ask", "Hi", "--base-url", f"{server.url}/v1")
    assert done.status == 0
    assert server.requests[-1].json["model"] == "big"


def test_nonsense_in_the_settings_is_told(
    linnet: Linnet, server: Loopback, linnet_home: Path
) -> None:
    linnet_home.mkdir()
    (linnet_home / "settings.toml").write_text("= nonsense")
    server.add(ANSWER)
    done = linnet("ask", "Hi", "--model", "m", "--base-url", server.url)
    assert (done.status, done.out) == (0, "Hello there\n")
    assert "settings.toml" in done.err


@pytest.mark.parametrize("before", [True, False])
def test_the_home_stands_before_or_after_the_command(
    linnet: Linnet, server: Loopback, tmp_path: Path, before: bool
) -> None:
    write_settings(tmp_path / "other", server)
    server.add(ANSWER)
    home = ("--home", str(tmp_path / "other"))
    arguments = (*home, "ask", "Hi") if before else ("ask", "Hi", *home)
    assert linnet(*arguments).out == "Hello there\n"


# Lists


def test_models_as_an_object(linnet: Linnet, server: Loopback) -> None:
    server.route("/v1/models", whole(MODELS))
    done = linnet("models", "--base-url", f"{server.url}/v1", "--output", "json")
    assert done.status == 0
    assert list(done.json) == ["models", "error"]
    assert done.json["error"] is None
    members = ["id", "display", "context", "max_output", "vision", "thinking"]
    assert [list(model) for model in done.json["models"]] == [members, members]
    assert (done.json["models"][0]["id"], done.json["models"][0]["context"]) == ("big", 1000)
    assert done.json["models"][1]["context"] is None


def test_models_as_text(linnet: Linnet, server: Loopback) -> None:
    server.route("/v1/models", whole(MODELS))
    done = linnet("models", "--base-url", f"{server.url}/v1")
    assert re.match(r"big +1,000 tokens\nsmall\n", done.out)


@pytest.mark.rule("R22")
def test_a_list_that_cannot_be_had(linnet: Linnet, server: Loopback) -> None:
    server.add(whole({"error": {"message": "no"}}, 401))
    done = linnet("models", "--base-url", f"{server.url}/v1", "--output", "json")
    assert (done.status, done.json["models"]) == (1, [])
    assert done.json["error"]["kind"] == "auth"
    done = linnet("models", "--base-url", f"{server.url}/v1")
    assert (done.status, done.out) == (1, "")
    assert "key" in done.err


def test_chats_are_saved_listed_and_found(
    linnet: Linnet, server: Loopback, linnet_home: Path
) -> None:
    server.add(ANSWER)
    assert linnet("chats").out == ""
    assert not linnet_home.exists()
    done = linnet("ask", "A quagga?", "--save", "--model", "m", "--base-url", server.url)
    assert done.out == "Hello there\n"
    listed = linnet("chats", "--output", "json").json["chats"]
    assert [(chat["title"], chat["message_count"]) for chat in listed] == [("A quagga?", 2)]
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d  A quagga\?\n", linnet("chats").out)
    hits = linnet("chats", "--search", "there", "--output", "json").json["hits"]
    assert [(hit["chat_title"], hit["snippet"]) for hit in hits] == [("A quagga?", "Hello there")]
    done = linnet("chats", "--search", "zebra")
    assert (done.status, done.out) == (0, "")
    assert "0 places" in done.err


def test_a_library_of_a_newer_version_is_refused(linnet: Linnet, linnet_home: Path) -> None:
    from app.storage.database import Database

    linnet_home.mkdir()
    with Database.open(linnet_home / "linnet.db") as database:
        database.execute("PRAGMA user_version = 999")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    done = linnet("ask", "Hi", "--save")
    assert done.status == 1
    assert "newer version" in done.err


def test_markdown_is_rendered(linnet: Linnet, tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    file.write_text("# Title\n\n**bold**")
    assert "<strong>bold</strong>" in linnet("render", file).out
    assert "<h1>" in linnet("render", "-", stdin=b"# Title").out


def test_json_stays_one_object(linnet: Linnet, server: Loopback) -> None:
    server.add(ANSWER)
    done = linnet("ask", "Hi", "--model", "m", "--base-url", server.url, "--output", "json")
    assert done.out.count("\n") == 1
    assert json.loads(done.out)["content"] == "Hello there"


# What comes back


def test_a_saved_chat_is_brought_back(linnet: Linnet, tmp_path: Path) -> None:
    file = tmp_path / "chat.json"
    file.write_text('{"title": "Sky", "messages": [{"role": "user", "content": "Why blue?"}]}')
    done = linnet("chats", "import", str(file))
    assert (done.status, done.out) == (0, "1 chat was added.\n")
    assert "Sky" in linnet("chats").out
    again = linnet("chats", "import", str(file), "--output", "json")
    assert again.json == {
        "added": 0,
        "completed": 0,
        "known": 1,
        "missing_attachments": 0,
        "error": None,
    }


def test_what_cannot_be_brought_back_is_said(linnet: Linnet, tmp_path: Path) -> None:
    done = linnet("chats", "import", str(tmp_path))
    assert (done.status, done.out) == (1, "")
    assert "is no back-up of Linnet" in done.err
    failed = linnet("chats", "import", str(tmp_path), "--output", "json")
    assert "is no back-up of Linnet" in failed.json["error"]
    assert linnet("chats", "import").status == 2
    assert linnet("chats", "import", str(tmp_path), "--search", "x").status == 2
