"""The keyring of the system: which one it is, and its three operations in plain words.

Invariant: a key goes into the system's own keyring or nowhere: back-ends that write a file of
their own or forget are refused. Everything here may block for as long as a person looks at a
prompt; `secrets.py` calls it on a thread of its own. No exception that leaves here carries a key.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from app.build import NAME
from app.i18n import tr


class KeyringTrouble(StrEnum):
    NONE_THERE = "none_there"
    LOCKED = "locked"
    SLOW = "slow"
    REFUSED = "refused"


class KeyringError(Exception):
    """What a keyring does wrong. `str()` of it is a sentence for the person."""

    def __init__(self, trouble: KeyringTrouble, sentence: str) -> None:
        super().__init__(sentence)
        self.trouble = trouble


class Backend(Protocol):
    """What is used of a back-end of the keyring library. It raises anything."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class Keyring:
    """Keys by the name of their entry. Every method may block, and raises KeyringError alone."""

    def __init__(
        self, backend: Backend, name: str, is_made: Callable[[], bool] = lambda: True
    ) -> None:
        """`is_made`: whether it holds anything yet. To look into one that is not made would have
        it made, by a prompt for a new password."""
        self.name = name
        self._backend = backend
        self._is_made = is_made

    def get(self, entry: str) -> str | None:
        with _plain_words(self.name):
            if not self._is_made():
                return None
            return self._backend.get_password(NAME, entry)

    def set(self, entry: str, key: str) -> None:
        """Store `key`, and look whether it is there: some back-ends only seem to store."""
        with _plain_words(self.name):
            self._backend.set_password(NAME, entry, key)
        if self.get(entry) != key:
            raise _refused(self.name)

    def delete(self, entry: str) -> None:
        """Does nothing when there is no key."""
        if self.get(entry) is not None:
            with _plain_words(self.name):
                self._backend.delete_password(NAME, entry)


OpenKeyring = Callable[[], Keyring]


def system_keyring() -> Keyring:
    """The keyring of this system. Raises KeyringError (NONE_THERE). Costs an import of 0.1 s."""
    with _plain_words(tr("The keyring")):
        import keyring

        found: Any = keyring.get_keyring()
        # A chain is searched in its order, and only its first link that will do is used.
        for backend in getattr(found, "backends", [found]):
            if _keeps_keys(backend):
                name = _name_of(type(backend).__module__)
                if name == GNOME:
                    return Keyring(backend, name, _gnome_keyring_is_made)
                return Keyring(backend, name)
    raise _none_there()


def _keeps_keys(backend: Any) -> bool:
    """Whether `backend` is no file, not nothing, and one that the library itself recommends."""
    module = type(backend).__module__
    if module.startswith("keyrings.") or module.endswith((".null", ".fail", ".chainer")):
        return False
    return bool(backend.priority >= 1)


def _name_of(module: str) -> str:
    match module.rpartition(".")[2]:
        case "SecretService" | "libsecret":
            return _secret_service_name()
        case "kwallet":
            return "KWallet"
        case "macOS":
            return "macOS Keychain"
        case "Windows":
            return "Windows Credential Manager"
        case _:
            return tr("the keyring")


# The Secret Service is an interface; who answers is told by the name of its process.
GNOME = "GNOME Keyring"
_PROGRAMS = (
    ("gnome-keyring", GNOME),
    ("kwallet", "KWallet"),
    ("ksecretd", "KWallet"),
    ("keepassxc", "KeePassXC"),
)


def _secret_service_name() -> str:
    process = _secret_service_process()
    for beginning, name in _PROGRAMS:
        if process.startswith(beginning):
            return name
    return "Secret Service"


def _secret_service_process() -> str:
    """The name of the program behind the Secret Service; empty when it cannot be told."""
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    bus = DBusAddress(
        "/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus"
    )
    question = new_method_call(bus, "GetConnectionUnixProcessID", "s", ("org.freedesktop.secrets",))
    try:
        with closing(open_dbus_connection(bus="SESSION")) as connection:
            (process_id,) = connection.send_and_get_reply(question).body
        return Path(f"/proc/{int(process_id)}/comm").read_text().strip()
    except (OSError, ValueError, KeyError):  # no bus, not running yet, or another name space
        return ""


def _gnome_keyring_is_made() -> bool:
    """Whether there is a keyring for what programs keep; it is made when the first key is kept."""
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    secrets = DBusAddress(
        "/org/freedesktop/secrets",
        bus_name="org.freedesktop.secrets",
        interface="org.freedesktop.Secret.Service",
    )
    question = new_method_call(secrets, "ReadAlias", "s", ("default",))
    with closing(open_dbus_connection(bus="SESSION")) as connection:
        (path,) = connection.send_and_get_reply(question).body
    return str(path) != "/"


@contextmanager
def _plain_words(name: str) -> Iterator[None]:
    """Raise KeyringError for whatever a back-end raises; its own text may hold anything."""
    try:
        yield
    except KeyringError:
        raise
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if "NoKeyringError" in kinds:
            raise _none_there() from None
        if kinds & {"KeyringLocked", "InitError", "LockedException", "PromptDismissedException"}:
            raise _locked(name) from None
        raise _refused(name, type(error).__name__) from None


def _none_there() -> KeyringError:
    if sys.platform == "linux" and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        words = tr("There is no keyring here, because no desktop session is running.")
    else:
        words = tr("No usable keyring was found on this system.")
    return KeyringError(KeyringTrouble.NONE_THERE, words)


def _locked(name: str) -> KeyringError:
    words = tr("{keyring} is locked. Unlock it and try again.", keyring=name)
    return KeyringError(KeyringTrouble.LOCKED, words)


def slow(name: str, waited_s: float) -> KeyringError:
    words = tr(
        "{keyring} did not answer within {seconds} seconds. It may be waiting to be unlocked: look "
        "for its window, then try again.",
        keyring=name,
        seconds=f"{waited_s:g}",
    )
    return KeyringError(KeyringTrouble.SLOW, words)


def _refused(name: str, detail: str = "") -> KeyringError:
    words = tr("{keyring} refused the request.", keyring=name)
    return KeyringError(KeyringTrouble.REFUSED, f"{words} ({detail})" if detail else words)
