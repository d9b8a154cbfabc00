"""A small file at an address of our own, as it is: no key, no cookie, nothing about who asks.

Invariant: an answer that is larger than allowed is not read to its end; one that leads to another
host is followed only to those that were named beforehand. Nothing leaves but `ChatError`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import aclosing
from urllib.parse import urljoin

import httpx

from app.build import TITLE
from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.settings import Service
from app.i18n import tr
from app.providers.connections import Connections
from app.providers.outages import EXPECTED, outage

MOST_HOPS = 5
LIMIT_S = 20.0
# Neither the version nor what this client can decode: the same from everybody.
HEADERS = {"User-Agent": TITLE, "Accept": "*/*", "Accept-Encoding": "identity"}


async def fetch_small(
    connections: Connections, url: str, largest_bytes: int, hosts: Collection[str] = ()
) -> bytes:
    """What lies at `url`, which may send on to `hosts` over TLS. Raises ChatError."""
    try:
        async with asyncio.timeout(LIMIT_S):
            return await _fetch(connections, url, largest_bytes, hosts)
    except EXPECTED as error:
        raise ChatError(outage(error, Service(id="", base_url=url), Phase.HTTP)) from error


async def _fetch(
    connections: Connections, url: str, largest_bytes: int, hosts: Collection[str]
) -> bytes:
    client = await connections.client(Service(id="", base_url=url))
    place = url
    for _ in range(MOST_HOPS):
        # Made by hand: the client would add its cookies.
        request = httpx.Request("GET", place, headers=HEADERS)
        request.extensions = {"timeout": httpx.Timeout(LIMIT_S).as_dict()}
        async with aclosing(await client.send(request, stream=True)) as response:
            if not response.is_redirect:
                return await _read(response, url, largest_bytes)
            place = urljoin(place, response.headers.get("location", ""))
        parts = address.split(place)
        known = parts.scheme == "https" and parts.netloc in hosts
        if not known and not address.same_origin(place, url):
            there = address.host(place) or place
            raise _refused(
                tr(
                    "{host} sends on to {there}, which is not followed.",
                    host=address.host(url),
                    there=there,
                )
            )
    raise _refused(tr("{host} sends on and on.", host=address.host(url)))


async def _read(response: httpx.Response, url: str, largest_bytes: int) -> bytes:
    host, status = address.host(url), response.status_code
    if status != httpx.codes.OK:
        raise _refused(tr("{host} does not have it (HTTP {status}).", host=host, status=status))
    found = bytearray()
    async for piece in response.aiter_raw():
        found += piece
        if len(found) > largest_bytes:
            raise _refused(tr("What {host} sends is far too large.", host=host))
    return bytes(found)


def _refused(sentence: str) -> ChatError:
    return ChatError(Failure(kind=ErrorKind.PROTOCOL, message=sentence))
