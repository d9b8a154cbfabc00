"""The wire dialects, and the one table that says which service speaks which.

Invariant: importing this loads no dialect and no HTTP; a dialect is loaded when a service of its
form is first asked for. Whoever makes `Providers` closes them.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from app.domain.settings import Form, Service
from app.providers.base import Provider

if TYPE_CHECKING:
    from app.providers.connections import Connections

# httpx would load its command line with all that draws tables, where that happens to be installed.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


LARGEST_DOWNLOAD_BYTES = 500_000_000


class Providers:
    """One provider for each wire form, over shared connections."""

    def __init__(self) -> None:
        self._made: dict[Form, Provider] = {}
        self._connections: Connections | None = None

    def of(self, service: Service) -> Provider:
        """The provider for a service. The first call for a form pays for its imports."""
        if service.form not in self._made:
            self._made[service.form] = self._make(service.form)
        return self._made[service.form]

    @property
    def connections(self) -> Connections:
        """The HTTP clients that all dialects share."""
        if self._connections is None:
            from app.providers.connections import Connections

            self._connections = Connections()
        return self._connections

    async def warm(self, service: Service) -> None:
        """Do now, in a thread where it takes long, what a first question would wait for."""
        await asyncio.to_thread(_import_for, service.form)
        self.of(service)
        if service.form is not Form.DEMO:
            await self.connections.warm(service)

    async def download(
        self, url: str, target: Path, told: Callable[[int, int | None], None]
    ) -> None:
        """Write what lies at `url`, which a person asked for, to `target`.

        `told` hears how many bytes are there, and of how many, where that is known. Raises
        ChatError, OSError.
        """
        from app.providers.download import download

        await download(self.connections, url, target, LARGEST_DOWNLOAD_BYTES, told)

    async def fetch_small(self, url: str, largest_bytes: int, hosts: Collection[str] = ()) -> bytes:
        """What lies at an address of our own, asked for by nobody in particular.

        It may send on to `hosts`. Raises ChatError.
        """
        from app.providers.small_file import fetch_small

        return await fetch_small(self.connections, url, largest_bytes, hosts)

    async def aclose(self) -> None:
        """Close what was opened; a demo alone opens nothing."""
        if self._connections is not None:
            await self._connections.aclose()

    def _make(self, form: Form) -> Provider:
        match form:
            case Form.OPENAI:
                from app.providers.openai import OpenAIProvider

                return OpenAIProvider(self.connections)
            case Form.GEMINI:
                from app.providers.gemini import GeminiProvider

                return GeminiProvider(self.connections)
            case Form.DEMO:
                from app.providers.demo import DemoProvider

                return DemoProvider()
            case _:
                assert_never(form)


def _import_for(form: Form) -> None:
    """Load what speaks `form`. For a thread: some 100 ms."""
    if form is Form.DEMO:
        from app.providers import demo as _demo  # noqa: F401

        return
    from app.providers import connections

    if form is Form.OPENAI:
        from app.providers import openai as _openai  # noqa: F401
    else:
        from app.providers import gemini as _gemini  # noqa: F401
    connections.load_network()
