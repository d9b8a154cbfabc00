"""Keys come from where they should, go nowhere else, and a stuck keyring stops nobody."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import traceback
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.settings import Service
from app.keyrings import Backend, Keyring, KeyringError, KeyringTrouble
from app.secrets import KeyPlace, Secrets, UnusableKeyError, clean_key

KEY = "sk-1234567890-abcdef"
SERVICE = Service(id="acedata", base_url="https://api.acedata.cloud/gemini", key_env="ACE_KEY")
ENTRY = "acedata@api.acedata.cloud"


class Memory:
    """A keyring in memory; each call waits until `gate` is open."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._wait()
        del self.entries[service, username]

    def _wait(self) -> None:
        self.calls += 1
        self.asked.set()
        assert self.gate.wait(30)


@pytest.fixture
def memory() -> Memory:
    return Memory()


def secrets_with(
    backend: Backend, environment: dict[str, str] | None = None, timeout_s: float = 20.0
) -> Secrets:
    return Secrets(environment or {}, lambda: Keyring(backend, "Memory"), timeout_s)


def without_keyring() -> Keyring:
    raise KeyringError(KeyringTrouble.NONE_THERE, "No usable keyring was found on this system.")


async def test_a_key_is_stored_read_and_forgotten(memory: Memory) -> None:
    secrets = secrets_with(memory)
    assert await secrets.get(SERVICE) is None
    assert await secrets.find(SERVICE) is KeyPlace.NOWHERE
    await secrets.set(SERVICE, f"  Bearer {KEY}\n")
    assert memory.entries == {("linnet", ENTRY): KEY}
    assert await secrets.get(SERVICE) == KEY
    assert await secrets.find(SERVICE) is KeyPlace.KEYRING
    assert await secrets.get(replace(SERVICE, id="other")) is None

    await secrets.delete(SERVICE)
    await secrets.delete(SERVICE)
    assert memory.entries == {}
    assert await secrets.get(SERVICE) is None


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.acedata.cloud.example.org/gemini",
        "https://example.org/api.acedata.cloud",
        "https://api.acedata.cloud@example.org/gemini",
        "https://api.acedata.cloud:8443/gemini",
        "http://127.0.0.1:8000/v1",
        "",
    ],
)
async def test_a_key_belongs_to_its_host(memory: Memory, base_url: str) -> None:
    secrets = secrets_with(memory)
    elsewhere = replace(SERVICE, base_url=base_url)
    await secrets.set(SERVICE, KEY)
    assert await secrets.get(elsewhere) is None
    assert await secrets.find(elsewhere) is KeyPlace.NOWHERE
    secrets.keep_for_session(SERVICE, KEY)
    assert secrets.place(elsewhere) is None
    assert await secrets.get(elsewhere) is None
    await secrets.delete(elsewhere)
    await secrets.set(elsewhere, "another")
    assert await secrets.get(replace(SERVICE, base_url="HTTPS://API.AceData.cloud/v2")) == KEY
    assert await secrets.get(elsewhere) == "another"


async def test_a_changed_key_is_seen_at_the_next_request(memory: Memory) -> None:
    secrets = secrets_with(memory)
    await secrets.set(SERVICE, KEY)
    memory.entries["linnet", ENTRY] = "another"
    assert await secrets.get(SERVICE) == "another"


async def test_the_session_wins_then_the_environment(memory: Memory) -> None:
    secrets = secrets_with(memory, {"ACE_KEY": " from-environment\n"})
    memory.entries["linnet", ENTRY] = "from-keyring"
    assert await secrets.get(SERVICE) == "from-environment"
    assert await secrets.find(SERVICE) is KeyPlace.ENVIRONMENT
    secrets.keep_for_session(SERVICE, "from-session")
    assert await secrets.get(SERVICE) == "from-session"
    assert secrets.place(SERVICE) is KeyPlace.SESSION
    assert memory.calls == 0

    secrets.close()
    assert await secrets.get(SERVICE) == "from-environment"
    assert await secrets.get(replace(SERVICE, key_env="NOT_SET")) == "from-keyring"
    assert await secrets.get(replace(SERVICE, key_env="")) == "from-keyring"


async def test_a_stored_key_replaces_that_of_the_session(memory: Memory) -> None:
    secrets = secrets_with(memory)
    secrets.keep_for_session(SERVICE, "for-now")
    await secrets.set(SERVICE, KEY)
    assert await secrets.get(SERVICE) == KEY
    secrets.keep_for_session(SERVICE, "for-now")
    await secrets.delete(SERVICE)
    assert await secrets.find(SERVICE) is KeyPlace.NOWHERE


async def test_every_key_that_is_used_is_told_to_the_log(memory: Memory) -> None:
    used: list[str] = []
    secrets = Secrets({"ACE_KEY": "one"}, lambda: Keyring(memory, ""), handed_out=used.append)
    await secrets.get(SERVICE)
    await secrets.get(replace(SERVICE, key_env=""))
    secrets.keep_for_session(SERVICE, "two")
    await secrets.get(SERVICE)
    memory.entries["linnet", "other@there"] = "three"
    await secrets.get(Service(id="other", base_url="https://there"))
    assert used == ["one", "two", "three"]


async def test_a_service_without_keys_asks_nobody(memory: Memory) -> None:
    secrets = secrets_with(memory, {"ACE_KEY": KEY})
    local = replace(SERVICE, auth="none")
    assert await secrets.get(local) is None
    assert await secrets.find(local) is KeyPlace.NONE_NEEDED
    assert memory.calls == 0


async def test_without_a_keyring() -> None:
    secrets = Secrets({}, without_keyring)
    assert await secrets.get(SERVICE) is None  # a server without keys can still be asked
    assert not (await secrets.state()).usable
    assert "No usable keyring" in (await secrets.state()).problem
    with pytest.raises(KeyringError) as caught:
        await secrets.set(SERVICE, KEY)
    assert caught.value.trouble is KeyringTrouble.NONE_THERE
    await secrets.delete(SERVICE)
    secrets.keep_for_session(SERVICE, KEY)
    assert await secrets.get(SERVICE) == KEY


async def test_a_keyring_may_come_later(memory: Memory) -> None:
    there = False

    def open_keyring() -> Keyring:
        return Keyring(memory, "Memory") if there else without_keyring()

    secrets = Secrets({}, open_keyring)
    assert not (await secrets.state()).usable
    there = True
    assert (await secrets.state()).name == "Memory"


async def test_a_stuck_keyring_is_told_and_the_next_question_goes_round_it(
    memory: Memory,
) -> None:
    secrets = secrets_with(memory, timeout_s=0.05)
    memory.entries["linnet", ENTRY] = KEY
    await secrets.state()
    memory.gate.clear()
    with pytest.raises(KeyringError, match=r"Memory did not answer within 0\.05 seconds") as caught:
        await secrets.get(SERVICE)
    assert caught.value.trouble is KeyringTrouble.SLOW
    assert "unlock" in str(caught.value)

    stuck = threading.active_count()
    with pytest.raises(KeyringError):
        await secrets.get(SERVICE)
    assert threading.active_count() == stuck + 1
    memory.gate.set()
    unhurried = secrets_with(memory)
    assert await unhurried.get(SERVICE) == KEY


async def test_the_loop_goes_on_while_the_keyring_blocks(memory: Memory) -> None:
    secrets = secrets_with(memory)
    memory.entries["linnet", ENTRY] = KEY
    memory.gate.clear()
    waiting = asyncio.create_task(secrets.get(SERVICE))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not waiting.done()
    memory.gate.set()
    assert await waiting == KEY


async def test_a_stopped_question_is_not_asked_any_more(memory: Memory) -> None:
    secrets = secrets_with(memory)
    memory.gate.clear()
    first = asyncio.create_task(secrets.get(SERVICE))
    await asyncio.to_thread(memory.asked.wait, 30)
    second = asyncio.create_task(secrets.get(SERVICE))
    await asyncio.sleep(0)
    for task in (first, second):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    memory.gate.set()
    assert await secrets.get(SERVICE) is None  # behind the two
    assert memory.calls == 2


QUIT = """
import asyncio, sys, threading
from app.domain.settings import Service
from app.keyrings import Keyring
from app.secrets import Secrets

class Stuck:
    def get_password(self, service, username):
        loop.call_soon_threadsafe(asked.set)
        threading.Event().wait()

async def main():
    global asked, loop
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    secrets = Secrets({}, lambda: Keyring(Stuck(), "Stuck"), timeout_s=600)
    task = asyncio.create_task(secrets.get(Service(id="a")))
    await asked.wait()
    task.cancel()
    secrets.close()

asyncio.run(main())
print("left")
"""


def test_quitting_does_not_wait_for_the_keyring() -> None:
    done = subprocess.run([sys.executable, "-c", QUIT], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("left\n", "")


async def test_an_answer_after_the_end_of_the_loop_is_dropped(memory: Memory) -> None:
    memory.gate.clear()

    def ask_and_leave() -> None:
        async def ask() -> None:
            task = asyncio.create_task(secrets_with(memory).get(SERVICE))
            await asyncio.to_thread(memory.asked.wait, 30)
            task.cancel()

        asyncio.run(ask())

    await asyncio.to_thread(ask_and_leave)
    memory.gate.set()


class Talkative:
    """A back-end whose exceptions repeat the key."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError(f"cannot read {KEY}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot store {password}")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyError(KEY)


async def test_no_error_repeats_a_key() -> None:
    secrets = secrets_with(Talkative())
    for question in (secrets.get(SERVICE), secrets.set(SERVICE, KEY), secrets.delete(SERVICE)):
        with pytest.raises(KeyringError, match="Memory refused the request") as caught:
            await question
        assert caught.value.trouble is KeyringTrouble.REFUSED
        assert KEY not in "".join(traceback.format_exception(caught.value))


class Forgetful(Memory):
    def set_password(self, service: str, username: str, password: str) -> None:
        return


async def test_a_keyring_that_only_seems_to_store_is_told() -> None:
    with pytest.raises(KeyringError, match="refused"):
        await secrets_with(Forgetful()).set(SERVICE, KEY)


async def test_a_key_is_in_no_repr(memory: Memory) -> None:
    secrets = secrets_with(memory, {"ACE_KEY": KEY})
    secrets.keep_for_session(SERVICE, KEY)
    assert KEY not in repr(secrets)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (KEY, KEY),
        (f" \t{KEY}\r\n", KEY),
        (f"\ufeff\u200b{KEY}\u200b ", KEY),
        ("sk-1234567890\n   -abcdef", KEY),  # copied from a narrow terminal
        (f"Authorization: Bearer {KEY}", KEY),
        (f"bearer {KEY}", KEY),
        (f'"{KEY}"', KEY),
        ("AQ.a_b-c/d+e==", "AQ.a_b-c/d+e=="),
    ],
)
def test_what_comes_along_with_a_copy_is_dropped(text: str, key: str) -> None:
    assert clean_key(text) == key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no key in it"),
        (" \n\u200b", "no key in it"),
        ("Bearer ", "no key in it"),
        ("two words", "no spaces"),
        ("sk-•••••••", "no “•” in it"),
        ("sk-123…", "no “…” in it"),
        ("sk-12\x0034", r"no “U\+0000” in it"),
        ("sk-12\x7f34", r"no “U\+007F” in it"),
        ("sk-kéy", "no “é” in it"),
        ("sk-\ud800", r"no “U\+D800” in it"),
        ("sk-12\u200b34", r"no “U\+200B” in it"),
    ],
)
def test_what_cannot_be_a_key_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnusableKeyError, match=words):
        clean_key(text)


@given(text=st.text(max_size=40))
def test_any_text_is_a_key_that_can_be_sent_or_refused(text: str) -> None:
    try:
        key = clean_key(text)
    except UnusableKeyError as error:
        told = str(error)
    else:
        told = ""
        assert httpx.Headers({"Authorization": f"Bearer {key}"})["authorization"].endswith(key)
    assert len(text) < 8 or text not in told


async def test_a_bad_variable_is_told_before_anything_is_sent(memory: Memory) -> None:
    secrets = secrets_with(memory, {"ACE_KEY": "sk-•••"})
    with pytest.raises(UnusableKeyError, match="“•”"):
        await secrets.get(SERVICE)
    with pytest.raises(UnusableKeyError):
        await secrets.set(SERVICE, "two words")
    with pytest.raises(UnusableKeyError):
        secrets.keep_for_session(SERVICE, "")
    assert memory.calls == 0
