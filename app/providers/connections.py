"""The shared HTTP clients: one for each way out (proxy, certificates, this computer or others).

Invariant: certificates are always checked; loopback addresses never go through a proxy of the
environment (R71); what is left of an answer after `[DONE]` is drained within bounds (R7), so that
its connection can be used again. Knows no dialect and no key.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx
import truststore

from app import __version__
from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.settings import Service
from app.i18n import tr

DRAIN_BYTES = 64 * 1024
DRAIN_S = 1.0
KEEP_ALIVE_S = 30.0  # longer than it takes to read an answer and ask on, shorter than servers wait
# Where distributions keep their certificates when OpenSSL was built for another place.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
USER_AGENT = f"Linnet/{__version__}"


@dataclass(frozen=True, slots=True)
class _WayOut:
    """What decides which client a request can use."""

    here: bool
    proxy: str
    ca_file: str


class Connections:
    """Owns every client, the certificates and the draining of finished answers."""

    def __init__(self) -> None:
        self._clients: dict[_WayOut, httpx.AsyncClient] = {}
        self._certificates: dict[str, ssl.SSLContext] = {}
        self._building = asyncio.Lock()
        self._draining: set[asyncio.Task[None]] = set()

    async def client(self, service: Service) -> httpx.AsyncClient:
        """The client for `service`. Raises ChatError for a bad proxy or certificate file."""
        way = _WayOut(address.is_loopback(service.base_url), service.proxy, service.ca_file)
        if way not in self._clients:
            async with self._building:
                if way not in self._clients:
                    self._clients[way] = await self._make(way)
        return self._clients[way]

    async def warm(self, service: Service) -> None:
        """Do now what a first request would wait for: certificates and a client."""
        with suppress(ChatError):  # the request will say what is wrong
            await self.client(service)

    def drain(self, response: httpx.Response, rest: AsyncIterator[bytes]) -> None:
        """Read the rest of a finished answer in the background, then close it (R7)."""
        work = _drain(response, rest)
        task = asyncio.get_running_loop().create_task(work, name="drain an answer")
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)

    async def settle(self) -> None:
        """Wait until no answer is being drained any more (at most about a second)."""
        while self._draining:
            await asyncio.wait(tuple(self._draining))

    async def aclose(self) -> None:
        """Close everything; the object can be used again afterwards."""
        for task in tuple(self._draining):
            task.cancel()
        await self.settle()
        clients = tuple(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.aclose()

    async def _make(self, way: _WayOut) -> httpx.AsyncClient:
        try:
            trusted = await self._trusted(way)
            return httpx.AsyncClient(
                verify=trusted,
                proxy=_proxy(way.proxy, trusted) if way.proxy else None,
                trust_env=not way.here,
                limits=httpx.Limits(keepalive_expiry=KEEP_ALIVE_S),
                follow_redirects=False,
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            )
        except (OSError, ssl.SSLError) as error:
            sentence = tr("The certificate file cannot be used: {reason}", reason=error)
            raise _unusable(sentence) from error
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            sentence = tr("The proxy address cannot be used: {reason}", reason=error)
            raise _unusable(sentence) from error

    async def _trusted(self, way: _WayOut) -> ssl.SSLContext:
        if way.ca_file not in self._certificates:
            # Reading the system's certificates takes up to 100 ms: not on the window's thread.
            found = await asyncio.to_thread(_certificates, way.ca_file)
            self._certificates[way.ca_file] = found
        return self._certificates[way.ca_file]


def load_network() -> None:
    """Import what httpx loads with its first connection. For a thread: it takes 30 ms."""
    anyio.run(anyio.sleep, 0)
    anyio.connect_tcp, anyio.Lock, anyio.Event  # noqa: B018 - each is loaded when it is named


def _certificates(ca_file: str) -> ssl.SSLContext:
    """The system's trust, with `ca_file` besides. Raises OSError for an unusable file."""
    if _system_has_certificates():
        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        context = httpx.create_ssl_context()  # the certificates that came with the program
    if ca_file:
        context.load_verify_locations(cafile=str(Path(ca_file).expanduser()))
    return context


def _system_has_certificates() -> bool:
    """Whether there is a store to ask: a small Linux may come without one."""
    if sys.platform in ("win32", "darwin"):
        return True
    known = ssl.get_default_verify_paths()
    if known.cafile or (known.capath and any(Path(known.capath).glob("*.0"))):
        return True
    return any(Path(place).is_file() for place in _BUNDLES)


def _proxy(address: str, trusted: ssl.SSLContext) -> httpx.Proxy:
    """The proxy; certificates are for one that is spoken to over TLS itself."""
    proxy = httpx.Proxy(address)
    return httpx.Proxy(address, ssl_context=trusted) if proxy.url.scheme == "https" else proxy


def _unusable(sentence: str) -> ChatError:
    return ChatError(Failure(kind=ErrorKind.NETWORK, message=sentence))


async def _drain(response: httpx.Response, rest: AsyncIterator[bytes]) -> None:
    try:
        async with asyncio.timeout(DRAIN_S):
            until = response.num_bytes_downloaded + DRAIN_BYTES
            async for _ in rest:
                if response.num_bytes_downloaded > until:
                    break
    except (httpx.HTTPError, httpx.StreamError, TimeoutError, OSError):
        pass  # the answer is complete; only the connection is lost
    finally:
        await response.aclose()
