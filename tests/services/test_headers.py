"""Secrets among the more headers of a service lie in the keyring, and go along with requests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from loopback import Loopback, whole
from service_cases import KEY, LIST, at, room

from app.config import Config
from app.domain.credentials import KEPT, is_credential
from app.domain.errors import ChatError
from app.domain.key_need import may_need_key
from app.providers import presets

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Api-Key", "abc"),
        ("api-key", "abc"),
        ("Cookie", "a=b"),
        ("CF-Access-Client-Secret", "abc"),
        ("x-auth-token", "abc"),
        ("Proxy-Authorization", "x"),
        ("X-Whatever", "Bearer abc"),
        ("X-Whatever", "sk-0123456789abcdef"),
        ("X-Whatever", "a1b2c3d4e5f6a7b8c9d0e1"),
    ],
)
def test_what_looks_like_a_credential(name: str, value: str) -> None:
    assert is_credential(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Title", "Linnet"),
        ("HTTP-Referer", "https://example.org/a/page"),
        ("anthropic-beta", "prompt-caching-2024-07-31"),
        ("X-Author", "somebody"),
        ("X-Tenant", "2f1c7f9e-0c1d-4b7a-9d43-0f3a5c1e2b44"),
        ("Accept-Language", "en-GB,en;q=0.8"),
    ],
)
def test_what_does_not(name: str, value: str) -> None:
    assert not is_credential(name, value)


async def test_a_secret_header_goes_to_the_keyring_and_with_the_request(tmp_path: Path) -> None:
    async with Loopback() as server, room(tmp_path) as here:
        server.route("/v1/models", whole(LIST))
        made = here.services.add(at(server))
        headers = {"X-Api-Key": SECRET, "X-Title": "Linnet"}
        here.services.change_headers(made.id, headers)
        service = here.services.get(made.id)
        assert service is not None
        assert service.extra_headers == {"X-Api-Key": KEPT, "X-Title": "Linnet"}
        await here.services.lists._fetch(service)  # also before the keyring has it
        await here.settled()
        host = f"127.0.0.1:{server.port}"
        assert here.safe.entries == {f"{made.id}@{host}/x-api-key": SECRET}
        assert SECRET not in (tmp_path / "settings.toml").read_text()
        assert SECRET not in repr(await here.services.keys.headers.whole(service))
        assert "Test Keyring" in here.services.keys.headers.sentence(service)
        await here.services.lists._fetch(service)
        assert [seen.header("x-api-key") for seen in server.requests] == [SECRET, SECRET]
        assert server.requests[0].header("x-title") == "Linnet"


async def test_what_a_service_echoes_of_it_is_not_shown(tmp_path: Path) -> None:
    async with Loopback() as server, room(tmp_path) as here:
        server.route("/v1/models", whole({"error": {"message": f"Bad {SECRET}"}}, 403))
        made = here.services.add(at(server))
        here.services.change_headers(made.id, {"X-Api-Key": SECRET})
        service = here.services.get(made.id)
        assert service is not None
        here.services.lists.refresh(service)
        await here.settled()
        failure = here.services.lists.get(service).failure
        assert failure is not None
        assert SECRET not in failure.message + failure.detail


async def test_a_value_belongs_to_its_host_and_goes_with_its_service(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.services.change_headers(made.id, {"X-Api-Key": SECRET})
        await here.settled()
        service = here.services.get(made.id)
        assert service is not None
        assert not may_need_key(service)
        keep = here.services.keys.headers
        elsewhere = replace(service, base_url="https://other.example/v1")
        with pytest.raises(ChatError) as caught:
            await keep.whole(elsewhere)
        assert "X-Api-Key is not in the keyring" in caught.value.failure.message
        here.services.change_headers(made.id, {"X-Title": "Linnet"})
        await here.settled()
        assert here.safe.entries == {}
        here.services.change_headers(made.id, {"X-Api-Key": SECRET})
        await here.settled()
        here.services.remove(made.id)
        await here.settled()
        assert here.safe.entries == {}


async def test_a_name_may_be_written_otherwise_and_a_value_be_no_secret_any_more(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.services.change_headers(made.id, {"X-Whatever": f"Bearer {SECRET}"})
        await here.settled()
        here.services.change_headers(made.id, {"x-whatever": KEPT})
        await here.settled()
        service = here.services.get(made.id)
        assert service is not None
        whole = await here.services.keys.headers.whole(service)
        assert whole.extra_headers == {"x-whatever": f"Bearer {SECRET}"}
        here.services.change_headers(made.id, {"X-Whatever": "nothing"})
        await here.settled()
        assert here.safe.entries == {}


async def test_without_a_keyring_it_holds_for_the_session_and_that_is_said(tmp_path: Path) -> None:
    async with room(tmp_path, keyring=False) as here:
        made = here.services.add(presets.OPENAI)
        here.services.change_headers(made.id, {"X-Api-Key": SECRET})
        await here.settled()
        service = here.services.get(made.id)
        assert service is not None
        keep = here.services.keys.headers
        assert (await keep.whole(service)).extra_headers == {"X-Api-Key": SECRET}
        assert keep.sentence(service).startswith("There is no keyring. The values with dots hold")
        assert SECRET not in (tmp_path / "settings.toml").read_text()


WRITTEN = f"""\
# mine
[[services]]
id = "work"
base_url = "https://work.example/v1"
extra_headers = {{ X-Api-Key = "{SECRET}", X-Title = "Linnet" }}
strange = 1
"""


async def test_settings_of_before_are_moved_without_loss(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(WRITTEN)
    async with room(tmp_path) as here:
        await here.services.keys.headers.move()
        (service,) = here.config.settings.services
        assert service.extra_headers == {"X-Api-Key": KEPT, "X-Title": "Linnet"}
        assert here.safe.entries == {"work@work.example/x-api-key": SECRET}
        assert (await here.services.keys.headers.whole(service)).extra_headers == {
            "X-Api-Key": SECRET,
            "X-Title": "Linnet",
        }
    old = tmp_path / "settings.toml.old"
    for each in (file, old):
        assert SECRET not in each.read_text(), each
    assert "# mine" in old.read_text()
    assert "strange = 1" in file.read_text()
    assert Config(file).settings.services == (service,)


async def test_a_secret_is_hidden_in_all_copies_however_it_was_written(tmp_path: Path) -> None:
    file, before = tmp_path / "settings.toml", tmp_path / "settings.toml.before-1"
    before.write_text(WRITTEN.replace(SECRET, f'a=\\"{SECRET}\\\\b\\"'))
    file.write_text(WRITTEN.replace(SECRET, f'a=\\"{SECRET}\\\\b\\"'))
    async with room(tmp_path) as here:
        await here.services.keys.headers.move()
        assert here.safe.entries == {"work@work.example/x-api-key": f'a="{SECRET}\\b"'}
    for each in (file, tmp_path / "settings.toml.old", before):
        assert SECRET not in each.read_text(), each


async def test_settings_stay_where_no_keyring_takes_them(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(WRITTEN)
    async with room(tmp_path, keyring=False) as here:
        await here.services.keys.headers.move()
        (service,) = here.config.settings.services
        assert service.extra_headers["X-Api-Key"] == SECRET
        found = await here.services.keys.headers.whole(service)
        assert found.extra_headers["X-Api-Key"] == SECRET
    assert file.read_text() == WRITTEN


async def test_settings_that_hold_no_secret_do_not_wake_the_keyring(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.services.change_headers(made.id, {"X-Title": "Linnet"})
        await here.services.keys.headers.move()
        await here.services.keys.headers.whole(here.config.settings.services[0])
        assert here.services.keys._secrets._keyring is None
        assert KEY not in here.safe.entries.values()
