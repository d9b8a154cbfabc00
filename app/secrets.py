"""Keys: from this session, an environment variable, or the keyring of the system.

Invariant: a key is in no file, log, repr or exception, and is read when a request is made. It
belongs to a service at one host: where the address leads elsewhere there is no key yet. The keyring
may block for a minute, so it is asked on a daemon thread, one question after the other, with a
time-out; quitting never waits for it. Headers that are secrets are kept like keys.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.domain import address
from app.domain.settings import Service
from app.i18n import tr
from app.keyrings import Keyring, KeyringTrouble, OpenKeyring, slow, system_keyring
from app.keyrings import KeyringError as KeyringError  # for those who ask

TIMEOUT_S = 20.0

# Zero-width characters and marks of direction come along from web pages and messengers.
_INVISIBLE = r"\s\u200b-\u200f\u2060\ufeff"
_LINE_BREAK = re.compile(rf"[{_INVISIBLE}]*[\r\n\t][{_INVISIBLE}]*")
_INVISIBLE_ENDS = re.compile(rf"\A[{_INVISIBLE}]+|[{_INVISIBLE}]+\Z")
_BEARER = re.compile(r"\A(authorization:\s*)?bearer(\s+|\Z)", re.IGNORECASE)

Answer = TypeVar("Answer")


class KeyPlace(StrEnum):
    """Where the key of a service comes from. `NONE_NEEDED`: it takes no key."""

    NOWHERE = "nowhere"
    NONE_NEEDED = "none_needed"
    SESSION = "session"
    ENVIRONMENT = "environment"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class KeyringState:
    """`name` is that of the keyring (GNOME Keyring, KWallet ...); `problem` why it is of no use."""

    name: str = ""
    problem: str = ""

    @property
    def usable(self) -> bool:
        return not self.problem


class UnusableKeyError(ValueError):
    """A text that cannot be a key. `str()` of it is a sentence that does not repeat it."""


def clean_key(text: str) -> str:
    """`text` without what comes along when a key is copied. Raises UnusableKeyError."""
    key = _LINE_BREAK.sub("", text)
    key = _BEARER.sub("", _INVISIBLE_ENDS.sub("", key)).strip("\"'")
    if not key:
        raise UnusableKeyError(tr("There is no key in it."))
    if " " in key:
        raise UnusableKeyError(tr("A key has no spaces in it. Copy just the key."))
    for character in key:
        if not "!" <= character <= "~":
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            raise UnusableKeyError(
                tr(
                    "A key has no {character} in it. Copy it once more from where you got it.",
                    character=f"“{shown}”",
                )
            )
    return key


def entry(service: Service) -> str:
    """The name of the key of `service` in the keyring: `openai@api.openai.com`."""
    return f"{service.id}@{address.host(service.base_url)}"


def _header_entry(service: Service, name: str) -> str:
    return f"{entry(service)}/{name.strip().lower()}"


class Secrets:
    """Every coroutine may raise KeyringError, after `timeout_s` at the latest."""

    def __init__(
        self,
        environment: Mapping[str, str],
        open_keyring: OpenKeyring = system_keyring,
        timeout_s: float = TIMEOUT_S,
        handed_out: Callable[[str], None] = lambda key: None,
    ) -> None:
        """`handed_out` is told every key that is used, so that the log can hide it."""
        self._environment = environment
        self._open_keyring = open_keyring
        self._timeout_s = timeout_s
        self._handed_out = handed_out
        self._session: dict[str, str] = {}
        self._line = _Line()
        self._keyring: Keyring | None = None  # written and read on the thread of the line

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def place(self, service: Service) -> KeyPlace | None:
        """Where the key of `service` comes from; `None`: only the keyring can tell."""
        if entry(service) in self._session:
            return KeyPlace.SESSION
        if service.auth == "none":
            return KeyPlace.NONE_NEEDED
        if self._environment.get(service.key_env):
            return KeyPlace.ENVIRONMENT
        return None

    async def get(self, service: Service) -> str | None:
        """The key, or `None` where there is none; also where there is no keyring to hold it.

        Raises UnusableKeyError for what lies in the environment variable.
        """
        key = await self._found(service)
        if key is not None:
            self._handed_out(key)
        return key

    async def find(self, service: Service) -> KeyPlace:
        """Where the key of `service` comes from."""
        known = self.place(service)
        if known is not None:
            return known
        return KeyPlace.NOWHERE if await self.get(service) is None else KeyPlace.KEYRING

    async def set(self, service: Service, text: str) -> None:
        """Store the key in the keyring. Raises UnusableKeyError."""
        key = clean_key(text)
        await self._ask(lambda keyring: keyring.set(entry(service), key))
        self._session.pop(entry(service), None)

    def keep_for_session(self, service: Service, text: str) -> None:
        """Use the key until the program ends. Raises UnusableKeyError."""
        self._session[entry(service)] = clean_key(text)

    async def delete(self, service: Service) -> None:
        """Forget the key, here and in the keyring."""
        self._session.pop(entry(service), None)
        try:
            await self._ask(lambda keyring: keyring.delete(entry(service)))
        except KeyringError as error:
            if error.trouble is not KeyringTrouble.NONE_THERE:
                raise

    # Headers that let somebody in, like keys

    async def header(self, service: Service, name: str) -> str | None:
        """The value of a header, or `None` where there is none."""
        place = _header_entry(service, name)
        value = self._session.get(place)
        if value is None:
            try:
                value = await self._ask(lambda keyring: keyring.get(place))
            except KeyringError as error:
                if error.trouble is not KeyringTrouble.NONE_THERE:
                    raise
        if value is not None:
            self._handed_out(value)
        return value

    async def set_header(self, service: Service, name: str, value: str) -> None:
        """Store the value of a header in the keyring."""
        place = _header_entry(service, name)
        await self._ask(lambda keyring: keyring.set(place, value))
        if self._session.get(place) == value:
            del self._session[place]

    def keep_header_for_session(self, service: Service, name: str, value: str) -> None:
        """Use the value until the program ends, or the keyring has it."""
        self._session[_header_entry(service, name)] = value
        self._handed_out(value)

    async def delete_header(self, service: Service, name: str) -> None:
        place = _header_entry(service, name)
        self._session.pop(place, None)
        await self._ask(lambda keyring: keyring.delete(place))

    async def state(self) -> KeyringState:
        """Which keyring there is; never raises."""
        try:
            return KeyringState(name=await self._ask(lambda keyring: keyring.name))
        except KeyringError as error:
            return KeyringState(problem=str(error))

    def close(self) -> None:
        """Forget the keys of this session, and wait for no answer any more."""
        self._session.clear()
        self._line = _Line()

    async def _found(self, service: Service) -> str | None:
        match self.place(service):
            case KeyPlace.NONE_NEEDED:
                return None
            case KeyPlace.SESSION:
                return self._session[entry(service)]
            case KeyPlace.ENVIRONMENT:
                return clean_key(self._environment[service.key_env])
        try:
            return await self._ask(lambda keyring: keyring.get(entry(service)))
        except KeyringError as error:
            if error.trouble is KeyringTrouble.NONE_THERE:
                return None
            raise

    async def _ask(self, question: Callable[[Keyring], Answer]) -> Answer:
        waiting = _Waiting(lambda: question(self._opened()))
        line = self._line
        line.add(waiting.run)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await waiting.answer
        except TimeoutError:
            if line is self._line:  # that thread is stuck: the next question gets another
                self._line = _Line()
            name = self._keyring.name if self._keyring else tr("The keyring")
            raise slow(name, self._timeout_s) from None
        finally:
            waiting.given_up = True

    def _opened(self) -> Keyring:
        if self._keyring is None:
            self._keyring = self._open_keyring()
        return self._keyring


class _Waiting(Generic[Answer]):
    """A question to the thread, and the future of its answer on the loop."""

    def __init__(self, question: Callable[[], Answer]) -> None:
        self.given_up = False
        self._question = question
        self._loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Answer] = self._loop.create_future()

    def run(self) -> None:
        """On the thread."""
        if self.given_up:
            return
        try:
            found = self._question()
        except KeyringError as error:
            refused = error  # the name of an except clause ends with it
            self._later(lambda: self.answer.set_exception(refused))
        else:
            self._later(lambda: self.answer.set_result(found))

    def _later(self, settle: Callable[[], None]) -> None:
        def settle_if_wanted() -> None:
            if not self.answer.done():
                settle()

        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(settle_if_wanted)


class _Line:
    """Runs one thing after the other on a daemon thread, which lives while there is work."""

    def __init__(self) -> None:
        self._work: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._running = False

    def add(self, work: Callable[[], None]) -> None:
        with self._lock:
            self._work.append(work)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="keyring", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._work:
                    self._running = False
                    return
                work = self._work.popleft()
            work()
