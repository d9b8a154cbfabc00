"""Which keyring is used: the system's own, by its name; a file or a forgetful one never."""

from __future__ import annotations

import sys
from typing import Any

import keyring.core
import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from app import keyrings
from app.keyrings import KeyringError, KeyringTrouble, system_keyring
from app.secrets import Secrets


class Fake(KeyringBackend):
    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


def fake(module: str, priority: float = 5) -> KeyringBackend:
    kind = type("Keyring", (Fake,), {"__module__": module, "priority": priority})
    return kind()


def chain(*backends: KeyringBackend) -> KeyringBackend:
    return type("Chain", (chainer.ChainerBackend,), {"backends": list(backends)})()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(backend: KeyringBackend) -> None:
        monkeypatch.setattr(keyring.core, "_keyring_backend", backend)

    return use


@pytest.mark.parametrize(
    "backend",
    [
        fail.Keyring(),
        null.Keyring(),
        chain(),
        fake("keyrings.alt.file", 0.5),
        fake("keyrings.alt.file", 5),
        fake("keyrings.cryptfile.cryptfile", 5),
        fake("somebody.file", 0.5),
        chain(fake("keyrings.alt.file"), fail.Keyring()),
    ],
)
def test_a_file_or_nothing_is_no_keyring(use: Any, backend: KeyringBackend) -> None:
    use(backend)
    with pytest.raises(KeyringError, match="keyring") as caught:
        system_keyring()
    assert caught.value.trouble is KeyringTrouble.NONE_THERE


async def test_without_a_desktop_session_it_says_so(
    use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(fail.Keyring())
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert "no desktop session" in (await Secrets({}).state()).problem
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "No usable keyring" in (await Secrets({}).state()).problem


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keyring.backends.macOS", "macOS Keychain"),
        ("keyring.backends.Windows", "Windows Credential Manager"),
        ("keyring.backends.kwallet", "KWallet"),
        ("keyring.backends.SecretService", "GNOME Keyring"),
        ("keyring.backends.libsecret", "GNOME Keyring"),
        ("onepassword_keyring", "the keyring"),
    ],
)
async def test_the_keyring_has_the_name_that_people_know(
    use: Any, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    monkeypatch.setattr(keyrings, "_secret_service_process", lambda: "gnome-keyring-d")
    use(fake(module))
    assert (await Secrets({}).state()).name == name


@pytest.mark.parametrize(
    ("process", "name"),
    [
        ("gnome-keyring-d", "GNOME Keyring"),
        ("kwalletd6", "KWallet"),
        ("ksecretd", "KWallet"),
        ("keepassxc", "KeePassXC"),
        ("", "Secret Service"),
        ("systemd", "Secret Service"),
    ],
)
def test_who_answers_as_secret_service(
    use: Any, monkeypatch: pytest.MonkeyPatch, process: str, name: str
) -> None:
    monkeypatch.setattr(keyrings, "_secret_service_process", lambda: process)
    use(fake("keyring.backends.SecretService"))
    assert system_keyring().name == name


def test_without_a_bus_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jeepney", reason="comes with the Secret Service, on Linux")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert keyrings._secret_service_process() == ""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    assert keyrings._secret_service_process() == ""


def test_a_chain_uses_its_first_good_link_alone(use: Any) -> None:
    file, good, other = fake("keyrings.alt.file"), fake("good"), fake("other")
    assert isinstance(good, Fake)
    assert isinstance(other, Fake)
    use(chain(file, good, other))
    system_keyring().set("acedata", "key")
    assert good.entries == {("linnet", "acedata"): "key"}
    assert other.entries == {}


def test_a_library_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> KeyringBackend:
        raise ImportError("no such back-end")

    monkeypatch.setattr(keyring, "get_keyring", broken)
    with pytest.raises(KeyringError, match="refused") as caught:
        system_keyring()
    assert caught.value.trouble is KeyringTrouble.REFUSED


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (keyring.errors.KeyringLocked("x"), KeyringTrouble.LOCKED),
        (keyring.errors.InitError("dismissed"), KeyringTrouble.LOCKED),
        (keyring.errors.NoKeyringError("x"), KeyringTrouble.NONE_THERE),
        (keyring.errors.PasswordSetError("x"), KeyringTrouble.REFUSED),
        (TimeoutError(), KeyringTrouble.REFUSED),
    ],
)
def test_each_trouble_has_its_sentence(
    use: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, trouble: KeyringTrouble
) -> None:
    def fails(self: Fake, service: str, username: str, password: str) -> None:
        raise error

    backend = fake("keyring.backends.macOS")
    monkeypatch.setattr(type(backend), "set_password", fails)
    use(backend)
    with pytest.raises(KeyringError) as caught:
        system_keyring().set("acedata", "key")
    assert caught.value.trouble is trouble
    assert str(caught.value).endswith((".", ")"))
    if trouble is KeyringTrouble.LOCKED:
        assert str(caught.value).startswith("macOS Keychain is locked.")


def test_a_keyring_that_is_not_made_yet_is_not_asked() -> None:
    """Asking would have it made: a prompt for a new password, for looking at a list of models."""
    made: list[bool] = []
    backend = Fake()

    class Made(Fake):
        def get_password(self, service: str, username: str) -> str | None:
            assert made, "asked for a key before there was a keyring"
            return backend.get_password(service, username)

        def set_password(self, service: str, username: str, password: str) -> None:
            made.append(True)
            backend.set_password(service, username, password)

    ring = keyrings.Keyring(Made(), "GNOME Keyring", lambda: bool(made))
    assert ring.get("service@host") is None
    ring.delete("service@host")
    ring.set("service@host", "key")
    assert ring.get("service@host") == "key"
