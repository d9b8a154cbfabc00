"""Secrets among the more headers of a service: into the keyring, and out of it for a request.

Invariant: like a key, such a value belongs to a service at one host and is in no file, log or
repr. What the keyring does not take holds for this session, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.config import Config
from app.domain.credentials import KEPT, kept_names, open_credentials, with_kept
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.settings import Service
from app.i18n import tr
from app.keyrings import KeyringError
from app.secrets import Secrets, entry
from app.tasks import Tasks


class SecretHeaders:
    """`told` hears the id of each service of which `sentence` says something new."""

    def __init__(
        self, config: Config, secrets: Secrets, tasks: Tasks, told: Callable[[str], None]
    ) -> None:
        self._config = config
        self._secrets = secrets
        self._tasks = tasks
        self._told = told
        self._problems: dict[str, str] = {}
        self._storing: set[str] = set()
        self._keyring = ""

    def keep(self, service: Service, headers: Mapping[str, str]) -> dict[str, str]:
        """What of `headers` may stand in the settings of `service`; the rest goes to the keyring.

        It can be used at once. What is not among them any more is forgotten.
        """
        secret = open_credentials(headers)
        for name, value in secret.items():
            self._secrets.keep_header_for_session(service, name, value)
        stay = {name.lower() for name in (*secret, *kept_names(headers))}
        gone = {name for name in kept_names(service.extra_headers) if name.lower() not in stay}
        if secret or gone:
            self._tasks.spawn(self._store(service, secret, gone), f"keep headers of {service.id}")
        return with_kept(headers, frozenset(secret))

    def sentence(self, service: Service) -> str:
        """Where the values are that the settings do not hold; empty where there are none."""
        if not kept_names(service.extra_headers):
            return ""
        if entry(service) in self._storing:
            return tr("Waiting for the keyring…")
        if problem := self._problems.get(entry(service)):
            return tr("{problem} The values with dots hold for this session only.", problem=problem)
        where = self._keyring or tr("the keyring")
        return tr("The values with dots are kept in {keyring}, never in a file.", keyring=where)

    async def whole(self, service: Service) -> Service:
        """`service` with the headers that a request carries. Raises ChatError in plain words."""
        headers = dict(service.extra_headers)
        for name in kept_names(headers):
            try:
                value = await self._secrets.header(service, name)
            except KeyringError as error:
                raise ChatError(Failure(kind=ErrorKind.AUTH, message=str(error))) from error
            if value is None:
                words = tr(
                    "The value of the header {name} is not in the keyring. Write it once more into "
                    "the settings of {service}.",
                    name=name,
                    service=service.name or service.id,
                )
                raise ChatError(Failure(kind=ErrorKind.AUTH, message=words))
            headers[name] = value
        return replace(service, extra_headers=headers) if headers else service

    def delete(self, service: Service) -> None:
        """Forget what was kept for `service`, in the background."""
        if names := set(kept_names(service.extra_headers)):
            self._tasks.spawn(self._store(service, {}, names), f"forget headers of {service.id}")

    async def move(self) -> None:
        """Take secrets that still stand in the settings file into the keyring, if it takes them."""
        for service in self._config.settings.services:
            secret = open_credentials(service.extra_headers)
            try:
                for name, value in secret.items():
                    await self._secrets.set_header(service, name, value)
            except KeyringError:
                return  # they stay where they are, and hold
            if secret:
                self._mark(service, secret)
                await self._name_keyring()
                self._told(service.id)

    def _mark(self, service: Service, secret: Mapping[str, str]) -> None:
        """Let the settings name them only, unless they were changed meanwhile."""
        settings = self._config.settings
        now = settings.service(service.id)
        if now is None or entry(now) != entry(service):
            return
        same = {n for n, value in secret.items() if now.extra_headers.get(n) == value}
        marked = replace(now, extra_headers=with_kept(now.extra_headers, frozenset(same)))
        services = tuple(marked if each is now else each for each in settings.services)
        self._config.hide(secret.values(), KEPT)
        self._config.change(replace(settings, services=services))

    async def _store(self, service: Service, secret: Mapping[str, str], gone: set[str]) -> None:
        problem = ""
        self._storing.add(entry(service))
        try:
            for name, value in secret.items():
                await self._secrets.set_header(service, name, value)
            for name in gone:
                await self._secrets.delete_header(service, name)
            await self._name_keyring()
        except KeyringError as error:
            problem = str(error)
        self._storing.discard(entry(service))
        self._problems[entry(service)] = problem
        self._told(service.id)

    async def _name_keyring(self) -> None:
        self._keyring = (await self._secrets.state()).name
