"""What an exception of the network means: every one that httpx raises becomes a `Failure`.

Invariant: the table below holds every class of httpx's tree, so that none leaves a provider as a
bug (a test walks them). Which phase it happened in is for the caller to say.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

import httpx

from app.domain import address
from app.domain.errors import ErrorKind, Failure, Phase
from app.domain.settings import Service
from app.i18n import tr
from app.providers.failures import NETWORK_RETRIES

# What sending and reading can raise besides bugs.
EXPECTED = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpx.CookieConflict,
    TimeoutError,
    OSError,
    UnicodeError,  # a host name that cannot be a name
)


def outage(error: Exception, service: Service, phase: Phase, *, url: str = "") -> Failure:
    """The failure for one of `EXPECTED`, before anything of the answer was shown."""
    kind, sentence, retries = _judge(error, service, url or service.base_url)
    return Failure(
        kind=kind,
        message=sentence,
        phase=phase,
        retryable=retries > 0 and phase is not Phase.MID_STREAM,
        max_retries=retries or NETWORK_RETRIES,
        url=url or None,
        detail="\n".join(_said(error)),
    )


def _judge(error: Exception, service: Service, url: str) -> tuple[ErrorKind, str, int]:
    """Kind, sentence, and how many retries may follow (R40)."""
    host = address.host(url) or url
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            sentence = tr(
                "No connection to {host} within {seconds} s.",
                host=host,
                seconds=_short(service.timeouts.connect_s),
            )
            return ErrorKind.TIMEOUT, sentence, NETWORK_RETRIES
        case httpx.WriteTimeout():
            sentence = tr("Sending to {host} took too long.", host=host)
            return ErrorKind.TIMEOUT, sentence, 1
        case httpx.TimeoutException() | TimeoutError():
            return ErrorKind.TIMEOUT, tr("No answer from {host} in time.", host=host), 1
        case httpx.ProxyError():
            sentence = tr("The proxy refused the connection: {reason}", reason=error)
            return ErrorKind.NETWORK, sentence, 0
        case httpx.UnsupportedProtocol() | httpx.InvalidURL() | UnicodeError():
            sentence = tr(
                "“{url}” is not an address: it has to begin with https:// or http:// and a host.",
                url=url,
            )
            return ErrorKind.NOT_FOUND, sentence, 0
        case httpx.TooManyRedirects():
            return ErrorKind.NOT_FOUND, tr("{host} sends requests on and on.", host=host), 0
        case httpx.DecodingError():
            return ErrorKind.PROTOCOL, tr("The answer is damaged: {reason}", reason=error), 0
        case httpx.LocalProtocolError():
            sentence = tr("The request cannot be sent like this: {reason}", reason=error)
            return ErrorKind.BAD_REQUEST, sentence, 0
        case httpx.RemoteProtocolError() if "disconnected" not in str(error):
            sentence = tr("{host} does not speak HTTP: {reason}", host=host, reason=error)
            return ErrorKind.PROTOCOL, sentence, 0
        case _:
            return _judge_connection(error, host, url)


def _judge_connection(error: Exception, host: str, url: str) -> tuple[ErrorKind, str, int]:
    causes = tuple(_chain(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        sentence = tr("The certificate of {host} is not trusted: {reason}", host=host, reason=error)
        return ErrorKind.NETWORK, sentence, 0
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        sentence = tr("No secure connection to {host}: {reason}", host=host, reason=error)
        return ErrorKind.NETWORK, sentence, 0
    unknown = [cause for cause in causes if isinstance(cause, socket.gaierror)]
    if unknown:
        sentence = tr(
            "The host {host} was not found. Offline, or a slip in the address?", host=host
        )
        later = unknown[0].errno == socket.EAI_AGAIN
        return ErrorKind.NETWORK, sentence, NETWORK_RETRIES if later else 0
    if not isinstance(error, httpx.ConnectError):
        sentence = tr("The connection to {host} was lost.", host=host)
    elif address.is_loopback(url):
        sentence = tr("Nothing answers at {host}. Is the model server running?", host=host)
    else:
        sentence = tr("No connection to {host}.", host=host)
    return ErrorKind.NETWORK, sentence, NETWORK_RETRIES


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what caused it, outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__


def _said(error: Exception) -> Iterator[str]:
    told: set[str] = set()
    for cause in _chain(error):
        words = str(cause).strip()
        line = f"{type(cause).__name__}: {words}" if words else type(cause).__name__
        if line not in told and not isinstance(cause, asyncio.CancelledError):
            told.add(line)
            yield line


def _short(seconds: float) -> str:
    return f"{seconds:g}"
