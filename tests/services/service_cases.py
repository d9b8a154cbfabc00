"""Building blocks for the tests of services: an engine room without a window, and its keyring."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from loopback import Gate, Loopback, Reply, whole

from app.config import Config
from app.domain.settings import Service
from app.keyrings import Keyring, KeyringError, KeyringTrouble
from app.providers import Providers, presets
from app.secrets import Secrets
from app.services import Report, Services, Step
from app.tasks import Tasks

KEY = "sk-test-0123456789"
LIST = {"object": "list", "data": [{"id": "small-chat"}, {"id": "large-chat"}]}
REFUSED = {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}


class Safe:
    """A keyring back-end in memory."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[username]


class Door(Gate):
    """A gate that tells when the script has come to it."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self) -> None:
        self.reached.set()
        await super().wait()


@dataclass
class Room:
    services: Services
    config: Config
    tasks: Tasks
    safe: Safe
    environment: dict[str, str] = field(default_factory=dict)

    async def settled(self) -> None:
        """Until nothing runs in the background any more."""
        while running := [t for t in asyncio.all_tasks() if t.get_name() in self.tasks.running]:
            await asyncio.wait(running, timeout=5)

    async def tested(self, service: Service, key: str | None = None) -> tuple[Report, list[Step]]:
        return await heard(lambda told, done: self.services.test(service, key, told, done))


@asynccontextmanager
async def room(folder: Path, keyring: bool = True) -> AsyncIterator[Room]:
    safe, environment, tasks = Safe(), dict[str, str](), Tasks()

    def open_keyring() -> Keyring:
        if not keyring:
            raise KeyringError(KeyringTrouble.NONE_THERE, "There is no keyring.")
        return Keyring(safe, "Test Keyring")

    config = Config(folder / "settings.toml", presets.PRESETS)
    providers = Providers()
    secrets = Secrets(environment, open_keyring)
    try:
        yield Room(Services(config, secrets, providers, tasks), config, tasks, safe, environment)
    finally:
        await tasks.cancel_all()
        await providers.aclose()
        secrets.close()


async def heard(
    begin: Callable[[Callable[[Step], None], Callable[[Report], None]], object],
) -> tuple[Report, list[Step]]:
    """The report of a test, and the steps in the order in which they were told."""
    steps: list[Step] = []
    report: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
    begin(steps.append, report.set_result)
    return await asyncio.wait_for(report, 10), steps


def at(server: Loopback, **fields: Any) -> Service:
    """A service on `server`, reached by a name that counts as another computer's: it has a key."""
    made = {"id": "own", "name": "Own", "preset": "openai-compatible", **fields}
    return replace(presets.OPENAI_COMPATIBLE, base_url=f"{server.url}/v1", **made)


def verdicts(report: Report) -> dict[str, str]:
    return {step.kind.value: step.state.value for step in report.steps}


def refused(status: int = 401) -> Reply:
    return whole(REFUSED, status=status)
