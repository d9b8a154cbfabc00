"""Keys for the window: questions to `Secrets` with an answer by callback, and in plain words.

Invariant: nobody waits: the keyring may ask the person first, and `waiting` says so. A key passes
through here and is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.config import Config
from app.domain import address
from app.domain.errors import NO_KEY, ChatError, ErrorKind, Failure
from app.domain.key_need import must_have_key
from app.domain.settings import Service
from app.i18n import tr
from app.keyrings import KeyringError
from app.providers.base import Endpoint
from app.secrets import KeyPlace, Secrets, UnusableKeyError, clean_key, entry
from app.services.headers import SecretHeaders
from app.tasks import Listeners, Tasks, guarded

Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """Where the key of a service is. `place` is `None` while that is not known.

    `keyring` names the keyring, `problem` says why it is of no use: then the key can be kept for
    this session, or come from an environment variable. `is_missing`: it was looked for, and is
    not there.
    """

    place: KeyPlace | None = None
    is_missing: bool = False
    keyring: str = ""
    problem: str = ""
    waiting: bool = False

    @property
    def is_there(self) -> bool:
        return self.place in (KeyPlace.SESSION, KeyPlace.ENVIRONMENT, KeyPlace.KEYRING)

    @property
    def sentence(self) -> str:
        """What stands under the key's field."""
        if self.waiting:
            return tr("Waiting for the keyring…")
        if self.problem and not self.is_there:
            return self.problem
        match self.place:
            case KeyPlace.KEYRING:
                return tr("Stored in {keyring}, never in a file.", keyring=self.keyring)
            case KeyPlace.SESSION:
                return tr("Kept for this session only.")
            case KeyPlace.ENVIRONMENT:
                return tr("Taken from the environment variable.")
            case KeyPlace.NONE_NEEDED:
                return tr("No key is needed.")
            case _:
                return tr("No key yet.")


class Keys:
    """Tells its listeners the id of each service whose key state changed.

    `headers` keeps other secrets of services.
    """

    def __init__(
        self, config: Config, secrets: Secrets, tasks: Tasks, presets: Sequence[Service]
    ) -> None:
        self._secrets = secrets
        self._tasks = tasks
        self._presets = presets
        self._states: dict[str, KeyState] = {}
        self._listeners: Listeners[str] = Listeners()
        self.headers = SecretHeaders(config, secrets, tasks, self._listeners.tell)

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        return self._listeners.add(listener)

    def state(self, service: Service) -> KeyState:
        """What is known now; the keyring is not asked."""
        if (place := self._secrets.place(service)) is not None:
            return KeyState(place=place)
        return self._states.get(entry(service), KeyState())

    def look(self, service: Service) -> None:
        """Find out in the background; a listener hears when it is known."""
        if not self.state(service).waiting:
            self._begin(service, None, "look for")

    def store(self, service: Service, text: str) -> str:
        """Put a key into the keyring in the background; what is wrong with `text`, "" if nothing.

        When the keyring fails, the state says why in `problem`.
        """
        try:
            key = clean_key(text)
        except UnusableKeyError as error:
            return str(error)
        self._begin(service, lambda: self._secrets.set(service, key), "store")
        return ""

    def keep_for_session(self, service: Service, text: str) -> str:
        """Use a key until the program ends; what is wrong with `text`, "" if nothing."""
        try:
            self._secrets.keep_for_session(service, text)
        except UnusableKeyError as error:
            return str(error)
        self._listeners.tell(service.id)
        return ""

    def delete(self, service: Service) -> None:
        """Forget the key, here and in the keyring, in the background."""
        self._begin(service, lambda: self._secrets.delete(service), "delete")

    def reveal(self, service: Service, done: Callable[[str | None], None]) -> None:
        """Give `done` the key, to be shown while the person asks for it; `None`: there is none."""

        async def ask() -> None:
            try:
                key = await self._secrets.get(service)
            except (KeyringError, UnusableKeyError):
                key = None
            guarded(done, key)

        self._tasks.spawn(ask(), f"reveal the key of {service.id}")

    async def key_of(self, service: Service) -> str | None:
        """The key for a request. Raises ChatError (auth) in plain words."""
        try:
            return await self._secrets.get(service)
        except (KeyringError, UnusableKeyError) as error:
            raise ChatError(Failure(kind=ErrorKind.AUTH, message=str(error))) from error

    async def key_to_ask(self, service: Service) -> str | None:
        """The key for a question. Raises ChatError (auth) also where nothing is answered without
        one: the service is not even asked."""
        key = await self.key_of(service)
        if key is None and must_have_key(service, self._presets):
            self._keep(
                service, replace(self.state(service), place=KeyPlace.NOWHERE, is_missing=True)
            )
            name = service.name or address.host(service.base_url)
            words = tr("{service} has no key yet.", service=name)
            raise ChatError(Failure(kind=ErrorKind.AUTH, message=words, codes=(NO_KEY,)))
        return key

    async def endpoint(self, service: Service, key: str | None = None) -> Endpoint:
        """`service` with what a request to it carries; `key` stands in for the stored one.

        Raises ChatError.
        """
        found = key or await self.key_of(service)
        return Endpoint(await self.headers.whole(service), found)

    def _begin(self, service: Service, work: Work | None, name: str) -> None:
        self._keep(service, replace(self._states.get(entry(service), KeyState()), waiting=True))
        self._tasks.spawn(self._finish(service, work), f"{name} the key of {service.id}")

    async def _finish(self, service: Service, work: Work | None) -> None:
        """Do `work`, then look where the key is now."""
        problem = ""
        try:
            if work is not None:
                await work()
            place = await self._secrets.find(service)
            is_missing = place is KeyPlace.NOWHERE
        except (KeyringError, UnusableKeyError) as error:
            place, problem = KeyPlace.NOWHERE, str(error)
            is_missing = self.state(service).is_missing  # what was known before
        keyring = await self._secrets.state()
        self._keep(
            service,
            KeyState(
                place=place,
                is_missing=is_missing,
                keyring=keyring.name,
                problem=problem or keyring.problem,
            ),
        )

    def _keep(self, service: Service, state: KeyState) -> None:
        self._states[entry(service)] = state
        self._listeners.tell(service.id)
