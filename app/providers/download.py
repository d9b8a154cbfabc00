"""A file at an address, written to the disk: a picture that a person asked for, and no more.

Invariant: no key and no cookie goes along; nothing is fetched but http and https; an address of the
open network that sends on to this computer or its network is not followed. Nothing leaves but
`ChatError`; what was written of a broken download is for the caller to remove.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from urllib.parse import urljoin

import httpx

from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.settings import Service
from app.i18n import tr
from app.providers.connections import Connections
from app.providers.outages import EXPECTED, outage

MOST_HOPS = 5
SILENCE_S = 30.0

Told = Callable[[int, int | None], None]
"""Hears how many bytes are there, and of how many, where that is known."""


async def download(
    connections: Connections, url: str, target: Path, largest_bytes: int, told: Told
) -> None:
    """Write what lies at `url` to `target`. Raises ChatError, OSError for the disk."""
    start = url
    for _ in range(MOST_HOPS):
        service = Service(id="", base_url=url)
        try:
            response = await _opened(connections, service)
        except EXPECTED as error:
            raise ChatError(outage(error, service, Phase.HTTP)) from error
        async with aclosing(response):
            if response.is_redirect:
                url = _followed(start, urljoin(url, response.headers.get("location", "")))
                continue
            _check(response, largest_bytes)
            try:
                await _write(response, target, largest_bytes, told)
            except httpx.HTTPError as error:
                raise ChatError(outage(error, service, Phase.FIRST_EVENT)) from error
            return
    raise _refused(tr("{host} sends on and on.", host=address.host(start)))


async def _opened(connections: Connections, service: Service) -> httpx.Response:
    parts = address.split(service.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise httpx.InvalidURL("no scheme or no host")
    client = await connections.client(service)
    timeout = httpx.Timeout(SILENCE_S, connect=service.timeouts.connect_s)
    request = client.build_request("GET", service.base_url, timeout=timeout)
    return await client.send(request, stream=True)


def _followed(start: str, url: str) -> str:
    """Where it goes on. Raises ChatError for a way into the person's own network."""
    if address.is_private(url) and not address.is_private(start):
        host = address.host(url)
        raise _refused(tr("The address sends on to {host}, which is not followed.", host=host))
    return url


def _check(response: httpx.Response, largest_bytes: int) -> None:
    """Raises ChatError for what is no file, or too large."""
    if response.status_code != httpx.codes.OK:
        status = response.status_code
        raise _refused(tr("There is no file at this address (HTTP {status}).", status=status))
    if response.headers.get("content-type", "").startswith("text/html"):
        raise _refused(tr("There is a web page at this address, and no file."))
    if (_length(response) or 0) > largest_bytes:
        raise _too_large()


async def _write(response: httpx.Response, target: Path, largest_bytes: int, told: Told) -> None:
    whole, done = _length(response), 0
    with target.open("wb") as file:
        async for piece in response.aiter_bytes():
            done += len(piece)
            if done > largest_bytes:
                raise _too_large()
            await asyncio.to_thread(file.write, piece)
            told(done, whole)


def _length(response: httpx.Response) -> int | None:
    said = response.headers.get("content-length", "")
    packed = "content-encoding" in response.headers
    return int(said) if said.isdigit() and not packed else None


def _too_large() -> ChatError:
    return _refused(tr("The file at this address is too large."))


def _refused(sentence: str) -> ChatError:
    return ChatError(Failure(kind=ErrorKind.BAD_REQUEST, message=sentence))
