"""The connection test: a plain verdict for address, key and list, and help where it fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from loopback import End, Loopback, events, reply, whole
from service_cases import KEY, LIST, Door, at, heard, refused, room, verdicts

from app.domain.errors import ErrorKind
from app.domain.settings import Timeouts
from app.providers import presets
from app.secrets import entry
from app.services import StepKind, StepState


async def test_everything_works(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole(LIST), refused())
        report, steps = await here.tested(at(server), KEY)
    assert report.works
    assert verdicts(report) == {"address": "ok", "key": "ok", "models": "ok"}
    assert report.sentence.startswith("Works · ")
    assert [model.id for model in report.models] == ["small-chat", "large-chat"]
    assert [step.text for step in report.steps][1:] == ["The key is accepted.", "2 models."]
    assert [step.state for step in steps if step.kind is StepKind.ADDRESS] == [
        StepState.RUNNING,
        StepState.OK,
    ]
    with_key, without = server.requests
    assert with_key.header("authorization") == f"Bearer {KEY}"
    assert without.header("authorization") is None


async def test_a_list_for_everybody_proves_no_key(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole(LIST))
        report, _ = await here.tested(at(server), KEY)
    assert report.works
    assert verdicts(report) == {"address": "ok", "key": "unknown", "models": "ok"}


async def test_a_wrong_key(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(refused())
        report, _ = await here.tested(at(server), KEY)
    assert not report.works
    assert verdicts(report) == {"address": "ok", "key": "failed", "models": "skipped"}
    assert report.sentence.startswith("The key was not accepted.")
    assert report.suggestions == ()
    assert KEY not in repr(report)


async def test_no_key_for_a_server_on_this_computer(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole(LIST))
        without, _ = await here.tested(at(server, auth="none"))
        unset, _ = await here.tested(at(server))
    assert verdicts(without)["key"] == verdicts(unset)["key"] == "ok"
    assert len(server.requests) == 2


@pytest.mark.rule("R22")
@pytest.mark.parametrize("status", [400, 422])
async def test_a_service_without_a_list(tmp_path: Path, status: int) -> None:
    """An empty question, which costs nothing, shows that address and key are right."""
    async with room(tmp_path) as here, Loopback() as server:
        server.route("/v1/models", reply("<html>404</html>", status=404))
        server.add(whole({"error": {"message": "messages missing"}}, status=status), refused())
        report, _ = await here.tested(at(server), KEY)
    assert verdicts(report) == {"address": "ok", "key": "ok", "models": "unknown"}
    assert report.works
    knocks = [seen for seen in server.requests if seen.method == "POST"]
    assert [seen.target for seen in knocks] == ["/v1/chat/completions"] * 2
    assert all(seen.json == {} for seen in knocks)


async def test_without_a_list_a_wrong_key_is_still_seen(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.route("/v1/models", whole({}, status=405))
        server.add(refused())
        report, _ = await here.tested(at(server, models_path=""), KEY)
    assert verdicts(report) == {"address": "ok", "key": "failed", "models": "skipped"}


@pytest.mark.rule("R43")
async def test_a_wrong_path_is_helped(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(reply("404 page not found", status=404))
        wrong = replace(at(server), base_url=server.url)
        report, _ = await here.tested(wrong, KEY)
        server.clear()
        server.add(whole(LIST), refused())
        (help_,) = report.suggestions
        again, _ = await here.tested(help_.service, KEY)
    assert verdicts(report) == {"address": "failed", "key": "skipped", "models": "skipped"}
    assert help_.service.base_url == f"{server.url}/v1"
    assert again.works


@pytest.mark.rule("R43")
async def test_a_web_page_is_no_api(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(reply("<html><title>Welcome</title></html>"))
        report, _ = await here.tested(at(server), KEY)
    assert verdicts(report)["address"] == "failed"
    assert [each.service.base_url for each in report.suggestions] == [server.url]


@pytest.mark.rule("R70")
async def test_nobody_there(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        async with Loopback() as server:
            service = at(server)
        report, _ = await here.tested(service, KEY)
    assert verdicts(report) == {"address": "failed", "key": "skipped", "models": "skipped"}
    assert "Is the model server running?" in report.sentence


async def test_a_stall(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(reply(End.HANG))
        slow = Timeouts(first_byte_whole_s=0.1)
        report, _ = await here.tested(at(server, timeouts=slow), KEY)
    assert verdicts(report)["address"] == "failed"
    failure = report.steps[0].failure
    assert failure is not None
    assert failure.kind is ErrorKind.TIMEOUT


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (500, {"error": "x"}, {"address": "ok", "key": "unknown", "models": "failed"}),
        (402, {"error": "x"}, {"address": "ok", "key": "ok", "models": "failed"}),
        (403, {"error": "x"}, {"address": "ok", "key": "failed", "models": "skipped"}),
    ],
)
async def test_other_refusals(
    tmp_path: Path, status: int, body: object, verdict: dict[str, str]
) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole(body, status=status))
        report, _ = await here.tested(at(server), KEY)
    assert verdicts(report) == verdict


async def test_an_empty_list(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole({"object": "list", "data": None}))
        report, _ = await here.tested(at(server, auth="none", name="Ollama"))
    assert verdicts(report)["models"] == "unknown"
    assert "Ollama" in report.steps[2].text


async def test_the_demo_works(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        report, _ = await here.tested(presets.DEMO)
    assert report.works
    assert verdicts(report) == {"address": "ok", "key": "ok", "models": "ok"}


async def test_gemini(tmp_path: Path) -> None:
    models = {"models": [{"name": "models/gemini-3.9-flash"}, {"name": "models/gemini-3.8-flash"}]}
    denied = {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "unregistered"}}
    async with room(tmp_path) as here, Loopback() as server:
        here.services.add(presets.GEMINI)
        server.add(whole(models), whole(denied, status=403))
        service = replace(here.services.list()[0], base_url=server.url)
        here.services.change(service)
        report, _ = await here.tested(service, KEY)
        # A Google service follows the newest Flash until the person chooses.
        assert here.config.settings.services[0].default_model == "gemini-3.9-flash"
    assert verdicts(report) == {"address": "ok", "key": "ok", "models": "ok"}
    assert server.requests[0].header("x-goog-api-key") == KEY


# The stored key, and one little question


async def test_a_key_is_tried_as_it_would_be_stored(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole(LIST))
        await here.tested(at(server), f" Bearer {KEY}\n")
        assert server.requests[0].header("authorization") == f"Bearer {KEY}"
        report, _ = await here.tested(at(server), "two words")
        assert report.sentence == "A key has no spaces in it. Copy just the key."


async def test_the_stored_key_is_used(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        here.safe.entries[entry(at(server))] = KEY
        server.add(whole(LIST))
        await here.tested(at(server))
    assert server.requests[0].header("authorization") == f"Bearer {KEY}"


async def test_a_key_that_cannot_be_had(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        here.environment["BAD_KEY"] = "a key with spaces"
        report, _ = await here.tested(at(server, key_env="BAD_KEY"))
        assert server.requests == []
    assert verdicts(report) == {"key": "failed"}


async def test_a_little_question(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        chunk = {"choices": [{"delta": {"content": "OK"}, "finish_reason": "stop"}]}
        server.add(events(chunk))
        report, _ = await heard(
            lambda told, done: here.services.ask_a_little(at(server), KEY, told, done, "small-chat")
        )
    assert verdicts(report) == {"answer": "ok"}
    assert "small-chat" in report.steps[0].text
    (seen,) = server.requests
    assert seen.json["model"] == "small-chat"
    assert seen.json["max_tokens"] == 64


@pytest.mark.rule("R2")
async def test_a_little_question_that_has_to_be_mended(tmp_path: Path) -> None:
    wrong = {"error": {"message": "Unsupported parameter", "param": "max_tokens"}}
    async with room(tmp_path) as here, Loopback() as server:
        chunk = {"choices": [{"delta": {"content": "OK"}, "finish_reason": "stop"}]}
        server.add(whole(wrong, status=400), events(chunk))
        report, _ = await heard(
            lambda told, done: here.services.ask_a_little(at(server), KEY, told, done, "m")
        )
    assert report.works
    assert "max_completion_tokens" in server.requests[1].json


async def test_a_little_question_that_is_refused(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(refused())
        report, _ = await heard(
            lambda told, done: here.services.ask_a_little(at(server), KEY, told, done, "m")
        )
    assert verdicts(report) == {"answer": "failed"}
    assert report.steps[0].failure is not None


async def test_a_test_can_be_cancelled(tmp_path: Path) -> None:
    door = Door()
    async with room(tmp_path) as here, Loopback() as server:
        server.add(reply(door))
        ended: list[object] = []
        cancel = here.services.test(at(server), KEY, ended.append, ended.append)
        await door.reached.wait()
        cancel()
        await here.settled()
    assert [type(each).__name__ for each in ended] == ["Step"]
