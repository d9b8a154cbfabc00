"""The list of services: adding, changing, removing; keys and model lists that belong to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from loopback import Loopback, reply, whole
from service_cases import KEY, LIST, Door, at, refused, room

from app.config import Config
from app.domain.errors import ChatError, ErrorKind
from app.domain.key_need import may_need_key, must_have_key
from app.providers import presets
from app.providers.base import ModelInfo
from app.providers.default_model import best_model, first_to_chat
from app.secrets import KeyPlace


async def test_the_demo_is_always_there(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        assert here.services.list() == (presets.DEMO,)
        made = here.services.add(presets.OPENAI)
        assert here.services.list() == (made, presets.DEMO)
        assert here.services.get("demo") == presets.DEMO
        assert here.services.get("nobody") is None


async def test_adding_changing_moving(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        first = here.services.add(presets.OPENAI)
        second = here.services.add(presets.OPENAI)
        assert (first.id, second.id) == ("openai", "openai-2")
        assert second.preset == "openai"
        here.services.change(replace(second, name="Work"))
        here.services.move("openai-2", 0)
        assert [each.name for each in here.services.list()][:2] == ["Work", "OpenAI"]
        kept = Config(tmp_path / "settings.toml", presets.PRESETS).settings.services
        assert kept == here.config.settings.services


async def test_finding_by_what_a_person_types(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        own = here.services.add(replace(presets.OPENAI, name="My Gateway"))
        find = here.services.find
        assert find("openai") == find("MY GATEWAY") == own
        assert find("google gemini") == find("Gemini") == presets.GEMINI
        assert find("demo") == presets.DEMO
        assert find("nobody") is None


async def test_removing_takes_the_key_along(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.config.change(replace(here.config.settings, default_service=made.id))
        assert here.services.keys.store(made, KEY) == ""
        await here.settled()
        assert here.safe.entries == {"openai@api.openai.com": KEY}
        here.services.remove("openai")
        here.services.remove("nobody")
        await here.settled()
        assert here.safe.entries == {}
        assert here.services.list() == (presets.DEMO,)
        assert here.config.settings.default_service == ""


# Keys


async def test_another_host_has_no_key_yet_and_going_back_finds_it(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(refused())
        keys = here.services.keys
        here.environment["OPENAI_API_KEY"] = "from-environment"
        made = here.services.add(presets.OPENAI)
        keys.store(made, KEY)
        await here.settled()
        assert keys.state(made).place is KeyPlace.ENVIRONMENT

        here.services.change(replace(made, base_url=f"{server.url}/v1"))
        moved = here.services.get("openai")
        assert moved is not None
        assert moved.key_env == ""
        assert keys.state(moved).place is None
        keys.look(moved)
        await here.settled()
        assert keys.state(moved).sentence == "No key yet."
        await here.tested(moved)
        assert server.requests
        assert [request.header("authorization") for request in server.requests] == [None]

        here.services.change(replace(moved, base_url=f"{made.base_url}/"))
        back = here.services.get("openai")
        assert back is not None
        assert back.key_env == "OPENAI_API_KEY"
        assert await keys.key_of(back) == "from-environment"
        here.environment.clear()
        assert await keys.key_of(back) == KEY


async def test_a_variable_that_was_named_goes_along(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(replace(presets.OPENAI, key_env="MINE"))
        here.services.change(replace(made, base_url="https://example.org/v1"))
        moved = here.services.get("openai")
        assert moved is not None
        assert moved.key_env == "MINE"
        here.services.change(replace(moved, key_env="OPENAI_API_KEY"))
        kept = Config(tmp_path / "settings.toml", presets.PRESETS).settings.services
        assert kept[0].key_env == "OPENAI_API_KEY"


async def test_removing_takes_the_key_of_the_presets_host_along_too(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        moved = replace(made, base_url="https://example.org/v1")
        here.services.keys.store(made, KEY)
        here.services.keys.store(moved, KEY)
        here.services.change(moved)
        await here.settled()
        assert len(here.safe.entries) == 2
        here.services.remove("openai")
        await here.settled()
        assert here.safe.entries == {}


async def test_a_key_goes_into_the_keyring(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        service = here.services.add(presets.OPENAI)
        keys, heard = here.services.keys, list[str]()
        keys.subscribe(heard.append)
        assert keys.store(service, f"  Bearer {KEY}\n") == ""
        assert keys.state(service).waiting
        await here.settled()
        state = keys.state(service)
        assert (state.place, state.keyring, state.waiting) == (
            KeyPlace.KEYRING,
            "Test Keyring",
            False,
        )
        assert state.sentence == "Stored in Test Keyring, never in a file."
        assert heard == ["openai", "openai"]
        assert await keys.key_of(service) == KEY
        shown: list[str | None] = []
        keys.reveal(service, shown.append)
        keys.delete(service)
        await here.settled()
        assert shown == [KEY]
        assert not keys.state(service).is_there
        assert KEY not in (tmp_path / "settings.toml").read_text()


async def test_nonsense_is_no_key(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        service = here.services.add(presets.OPENAI)
        keys = here.services.keys
        assert "spaces" in keys.store(service, "two words")
        assert keys.keep_for_session(service, " ") != ""
        assert here.tasks.running == ()


async def test_without_a_keyring(tmp_path: Path) -> None:
    async with room(tmp_path, keyring=False) as here:
        service = here.services.add(presets.OPENAI)
        keys = here.services.keys
        keys.store(service, KEY)
        await here.settled()
        state = keys.state(service)
        assert (state.place, state.problem) == (KeyPlace.NOWHERE, "There is no keyring.")
        assert state.sentence == "There is no keyring."
        assert keys.keep_for_session(service, KEY) == ""
        assert keys.state(service).place is KeyPlace.SESSION
        assert await keys.key_of(service) == KEY


async def test_where_else_a_key_comes_from(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        service = replace(here.services.add(presets.OPENAI), key_env="MY_KEY")
        keys = here.services.keys
        assert keys.state(service).sentence == "No key yet."
        here.environment["MY_KEY"] = KEY
        assert keys.state(service).place is KeyPlace.ENVIRONMENT
        assert keys.state(presets.OLLAMA).sentence == "No key is needed."
        here.environment["MY_KEY"] = "not a key"
        with pytest.raises(ChatError) as caught:
            await keys.key_of(service)
        assert caught.value.failure.kind is ErrorKind.AUTH


async def test_a_question_without_the_key_that_is_needed_is_not_asked(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        service = here.services.add(presets.OPENAI)
        keys = here.services.keys
        assert not keys.state(service).is_missing  # nobody has looked
        with pytest.raises(ChatError) as caught:
            await keys.key_to_ask(service)
        assert caught.value.failure.message == "OpenAI has no key yet."
        assert keys.state(service).is_missing
        own = replace(service, base_url="https://gateway.example/v1")
        assert await keys.key_to_ask(own) is None  # it may want none
        keys.keep_for_session(service, KEY)
        assert await keys.key_to_ask(service) == KEY
        assert not keys.state(service).is_missing


async def test_a_key_that_could_not_be_looked_for_is_not_said_to_be_missing(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as here:
        service = replace(here.services.add(presets.OPENAI), key_env="MY_KEY")
        here.environment["MY_KEY"] = "not a key"
        here.services.keys.look(service)
        await here.settled()
        assert not here.services.keys.state(service).is_missing


@pytest.mark.parametrize(
    ("base_url", "may"),
    [
        ("https://gateway.example/v1", True),
        ("http://127.0.0.1:8000/v1", False),
        ("http://192.168.1.20:8000/v1", False),
        ("http://[::1]:8000/v1", False),
        ("http://workstation:8000/v1", False),
        ("http://box.local/v1", False),
        ("https://YOUR-DOMAIN/api/v1", False),
        ("", False),
    ],
)
def test_what_lies_near_may_want_no_key(base_url: str, may: bool) -> None:
    service = replace(presets.OPENAI, base_url=base_url)
    assert may_need_key(service) is may
    assert not may_need_key(replace(service, auth="none"))
    assert not must_have_key(service, presets.PRESETS)


def test_a_preset_at_its_own_address_needs_its_key() -> None:
    assert must_have_key(replace(presets.GEMINI, preset="gemini"), presets.PRESETS)
    assert not must_have_key(presets.DEMO, presets.PRESETS)


async def test_looking_for_a_key(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        service = here.services.add(presets.OPENAI)
        here.safe.entries["openai@api.openai.com"] = KEY
        here.services.keys.look(service)
        here.services.keys.look(service)
        await here.settled()
        assert here.services.keys.state(service).is_there


# Model lists


async def test_a_list_is_fetched_once(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole(LIST))
        service = at(server, default_model="mine", models=("mine", "yours"))
        lists, heard = here.services.lists, list[str]()
        lists.subscribe(heard.append)
        first = lists.wanted(service)
        assert first.loading
        assert [model.id for model in first.models] == ["mine", "yours"]
        lists.wanted(service)
        await here.settled()
        found = lists.wanted(service)
        assert (found.fetched, found.loading) == (True, False)
        assert [model.id for model in found.models] == ["small-chat", "large-chat"]
        assert found.model("small-chat") is not None
        assert found.model("mine") is None
        assert heard == ["own", "own"]
        assert len(server.requests) == 1
        lists.refresh(service)
        await here.settled()
        assert len(server.requests) == 2


@pytest.mark.rule("R22")
async def test_chat_works_without_a_list(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(refused())
        service = at(server, models=("mine",))
        here.services.lists.wanted(service)
        await here.settled()
        known = here.services.lists.wanted(service)
        assert known.failure is not None
        assert known.failure.kind is ErrorKind.AUTH
        assert [model.id for model in known.models] == ["mine"]
        assert len(server.requests) == 1


async def test_another_address_has_another_list(tmp_path: Path) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        door = Door()
        server.add(reply(door, '{"data": [{"id": "old"}]}'))
        old = at(server)
        here.services.lists.refresh(old)
        await door.reached.wait()
        new = replace(old, base_url=f"{server.url}/v2")
        server.clear()
        server.add(whole({"data": [{"id": "new"}]}))
        here.services.lists.refresh(new)
        door.open()
        await here.settled()
        assert [model.id for model in here.services.lists.get(new).models] == ["new"]
        assert not here.services.lists.get(old).fetched
        here.services.lists.forget("own")
        assert here.services.lists.get(new).models == ()


async def test_the_demos_list(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        here.services.lists.wanted(presets.DEMO)
        await here.settled()
        assert here.services.lists.get(presets.DEMO).models[0].id == "demo"


def test_the_best_default_model() -> None:
    def best(service_id: str, *ids: str, chosen: str | None = None) -> str:
        template = presets.preset(service_id)
        assert template is not None
        service = replace(presets.made_from(template, ()), preset=template.id)
        if chosen is not None:
            service = replace(service, default_model=chosen)
        return best_model(service, tuple(ModelInfo(id=each) for each in ids))

    assert best("gemini", "gemini-3.8-flash", "gemini-3.9-flash") == "gemini-3.9-flash"
    assert best("gemini", "gemini-3.9-flash", chosen="gemini-3.1-pro-preview") == (
        "gemini-3.1-pro-preview"
    )
    assert best("gemini-compatible", "house-model") == "house-model"
    assert best("openai", "gpt-5-mini", "gpt-9") == "gpt-5-mini"
    assert best("openai", "text-embedding-3-large", "gpt-9") == "gpt-9"
    assert best("ollama", "qwen3", chosen="gone") == "gone"
    assert best("ollama") == ""
    assert first_to_chat(["whisper-1"]) == "whisper-1"
