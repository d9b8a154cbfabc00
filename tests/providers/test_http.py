"""Exchanges and connections: addresses, headers, proxies, certificates, and every exception."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from loopback import End, Loopback, Reply, events, reply, whole
from wire_calls import KEY, QUICK, pooled, service

from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.settings import Service, Timeouts
from app.providers import connections as ways
from app.providers.base import Endpoint
from app.providers.connections import USER_AGENT, Connections
from app.providers.http import Exchange, encoded, fetch
from app.providers.outages import EXPECTED, outage

OK = whole({"ok": True})


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as running:
        yield running


async def post(to: Service, key: str | None = KEY, **more: Any) -> list[dict[str, Any]]:
    """The JSON objects that a POST to the service's chat path answers with."""
    connections = more.pop("connections", None) or Connections()
    url = more.pop("url", to.base_url + to.path)
    found = []
    try:
        async with Exchange(connections, Endpoint(to, key), url, body={"a": 1}) as answer:
            while (batch := await answer.read()) is not None:
                found += [event.value for event in batch if event.value is not None]
    finally:
        await connections.aclose()
    return found


async def refusal(to: Service, key: str | None = KEY, **more: Any) -> Failure:
    with pytest.raises(ChatError) as caught:
        await post(to, key, **more)
    return caught.value.failure


# --- Headers and addresses


@pytest.mark.rule("R44")
@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        ("bearer", "authorization", f"Bearer {KEY}"),
        ("x-goog-api-key", "x-goog-api-key", KEY),
        ("Api-Key", "api-key", KEY),
    ],
)
async def test_one_credential(server: Loopback, auth: str, name: str, value: str) -> None:
    server.add(OK)
    others = {"Authorization": "Basic x", "X-Goog-Api-Key": "y", "x-api-key": "z", "X-Mine": "1"}
    named = f"http://someone:secret@127.0.0.1:{server.port}"
    to = service(named, auth=auth, extra_headers=others)
    await post(to, url=f"{named}/chat?key=old&api_key=older&v=2")
    [seen] = server.requests
    sent = {
        known.lower(): told
        for known, told in seen.headers
        if known.lower() in ("authorization", "x-goog-api-key", "api-key", "x-api-key")
    }
    assert sent == {name: value}
    assert seen.header("x-mine") == "1"
    assert seen.target == "/chat?v=2"


@pytest.mark.rule("R44")
@pytest.mark.parametrize(("auth", "key"), [("none", KEY), ("bearer", None), ("bearer", " ")])
async def test_no_key_no_header(server: Loopback, auth: str, key: str | None) -> None:
    server.add(OK)
    await post(service(server.url, auth=auth), key)
    assert server.requests[0].header("authorization") is None


async def test_own_headers_stand_where_there_is_no_key(server: Loopback) -> None:
    server.add(OK)
    await post(service(server.url, extra_headers={"Authorization": "Basic abc"}), None)
    assert server.requests[0].header("authorization") == "Basic abc"
    assert server.requests[0].header("user-agent") == USER_AGENT


@pytest.mark.parametrize("key", ["schlüssel", "sk-\x00x", "a\nb", "“sk-quoted”"])
async def test_a_key_that_cannot_be_a_header(server: Loopback, key: str) -> None:
    failure = await refusal(service(server.url), key)
    assert (failure.kind, failure.phase) == (ErrorKind.AUTH, Phase.HTTP)
    assert server.requests == []


async def test_a_header_that_cannot_be_sent(server: Loopback) -> None:
    failure = await refusal(service(server.url, extra_headers={"X-Name": "Jürgen"}))
    assert failure.kind is ErrorKind.BAD_REQUEST
    assert "x-name" in failure.message


@pytest.mark.rule("R44")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(server: Loopback, status: int) -> None:
    server.route("/chat/completions", reply(status=status, headers={"location": "/elsewhere"}))
    server.route("/elsewhere", OK)
    failure = await refusal(service(server.url))
    assert failure.kind is ErrorKind.NOT_FOUND
    assert "/elsewhere" in failure.message
    assert [seen.path for seen in server.requests] == ["/chat/completions"]


@pytest.mark.parametrize(
    "base",
    ["", "api.example.com/v1", "ftp://a.example", "http://", "http://[::1", "http://a:99999",
     "http://ä ö", "://", "http://a\x00b"],
)  # fmt: skip
async def test_what_is_no_address(base: str) -> None:
    failure = await refusal(service(base))
    assert (failure.kind, failure.phase) == (ErrorKind.NOT_FOUND, Phase.HTTP)
    assert not failure.retryable


def test_bodies_are_whole_utf_8() -> None:
    assert encoded({"a": "ä\ud83d\ude00\ud83d"}) == '{"a":"ä😀\ufffd"}'.encode()
    with pytest.raises(ChatError):
        encoded({"a": float("nan")})


# --- Refusals


async def test_the_kind_of_a_status(server: Loopback) -> None:
    error = {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}
    server.add(whole(error, status=401, x_request_id="r-1"))
    failure = await refusal(service(server.url))
    assert (failure.kind, failure.phase, failure.http_status) == (ErrorKind.AUTH, Phase.HTTP, 401)
    assert failure.codes == ("invalid_api_key",)
    assert failure.trace_id == "r-1"
    assert failure.url == f"{server.url}/chat/completions"
    assert KEY not in repr(failure)


@pytest.mark.rule("R41")
async def test_the_wish_in_the_headers(server: Loopback) -> None:
    server.add(whole({}, status=429, retry_after="7"))
    failure = await refusal(service(server.url))
    assert (failure.kind, failure.retry_after_s) == (ErrorKind.RATE_LIMIT, 7.0)


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"x" * 2_000_000, status=500),
        reply('{"error":"half', End.RESET, status=500),
        reply("not gzip", status=500, headers={"content-encoding": "gzip"}),
        reply(status=500, framing=77),
    ],
)
async def test_an_error_body_that_is_no_help(
    server: Loopback, answer: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.providers.http.ERROR_BODY_S", 0.2)
    server.add(answer)
    failure = await refusal(service(server.url))
    assert (failure.kind, failure.http_status) == (ErrorKind.SERVER, 500)
    assert len(failure.detail) < 10_000


# --- Exceptions


def classes(base: type[BaseException]) -> Iterator[type[BaseException]]:
    yield base
    for each in base.__subclasses__():
        yield from classes(each)


HTTPX = sorted(
    {
        each
        for base in (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict)
        for each in classes(base)
        if each.__module__.startswith("httpx")
    },
    key=lambda each: each.__name__,
)
WITHOUT_WORDS = (httpx.StreamConsumed, httpx.StreamClosed, httpx.ResponseNotRead,
                 httpx.RequestNotRead)  # fmt: skip
JUDGED = {
    httpx.ConnectTimeout: (ErrorKind.TIMEOUT, 2),
    httpx.PoolTimeout: (ErrorKind.TIMEOUT, 2),
    httpx.ReadTimeout: (ErrorKind.TIMEOUT, 1),
    httpx.WriteTimeout: (ErrorKind.TIMEOUT, 1),
    httpx.TimeoutException: (ErrorKind.TIMEOUT, 1),
    httpx.ProxyError: (ErrorKind.NETWORK, 0),
    httpx.UnsupportedProtocol: (ErrorKind.NOT_FOUND, 0),
    httpx.InvalidURL: (ErrorKind.NOT_FOUND, 0),
    httpx.TooManyRedirects: (ErrorKind.NOT_FOUND, 0),
    httpx.DecodingError: (ErrorKind.PROTOCOL, 0),
    httpx.LocalProtocolError: (ErrorKind.BAD_REQUEST, 0),
    httpx.RemoteProtocolError: (ErrorKind.PROTOCOL, 0),
}


def made(kind: type[BaseException]) -> Exception:
    if kind in WITHOUT_WORDS:
        found = kind()
    elif kind is httpx.HTTPStatusError:
        request = httpx.Request("GET", "http://a")
        found = kind("words", request=request, response=httpx.Response(500))  # type: ignore[call-arg]
    else:
        found = kind("words")
    assert isinstance(found, Exception)
    return found


@pytest.mark.rule("R40")
@pytest.mark.parametrize("kind", HTTPX, ids=lambda kind: kind.__name__)
def test_every_exception_of_httpx(kind: type[BaseException]) -> None:
    assert issubclass(kind, EXPECTED)
    failure = outage(made(kind), service(), Phase.HTTP, url="https://a.example/x")
    expected, retries = JUDGED.get(kind, (ErrorKind.NETWORK, 2))
    assert failure.kind is expected
    assert failure.retryable is (retries > 0)
    assert not retries or failure.max_retries == retries
    assert failure.message


def test_the_walk_finds_the_whole_tree() -> None:
    assert {httpx.ConnectError, httpx.ReadError, httpx.CloseError, httpx.HTTPStatusError} < {*HTTPX}
    public = {getattr(httpx, name) for name in httpx.__all__}
    errors = {each for each in public if isinstance(each, type) and issubclass(each, Exception)}
    assert errors <= {*HTTPX}


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    ("cause", "retries", "words"),
    [
        (ssl.SSLCertVerificationError("self-signed"), 0, "certificate"),
        (ssl.SSLError("wrong version"), 0, "secure"),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), 0, "not found"),
        (socket.gaierror(socket.EAI_AGAIN, "later"), 2, "not found"),
        (ConnectionRefusedError("refused"), 2, "No connection"),
        (ExceptionGroup("all", [ConnectionRefusedError("refused")]), 2, "No connection"),
    ],
)
def test_causes_of_a_missing_connection(cause: Exception, retries: int, words: str) -> None:
    error = caused(httpx.ConnectError("all attempts failed"), cause)
    failure = outage(error, service(), Phase.HTTP, url="https://a.example/x")
    assert failure.kind is ErrorKind.NETWORK
    assert (failure.retryable, words in failure.message) == (retries > 0, True)
    assert failure.max_retries == 2


def test_a_server_that_hangs_up_may_be_asked_again() -> None:
    hung_up = httpx.RemoteProtocolError("Server disconnected without sending a response.")
    failure = outage(hung_up, service(), Phase.HTTP)
    assert (failure.kind, failure.retryable, failure.max_retries) == (ErrorKind.NETWORK, True, 2)


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    ("answer", "kind", "retryable"),
    [
        (Reply(raw=True, steps=(End.RESET,)), ErrorKind.NETWORK, True),
        (Reply(raw=True, steps=(End.CLOSE,)), ErrorKind.NETWORK, True),
        (Reply(raw=True, steps=(b"SSH-2.0-OpenSSH\r\n\r\n",)), ErrorKind.PROTOCOL, False),
        (reply("not gzip", headers={"content-encoding": "gzip"}), ErrorKind.PROTOCOL, False),
    ],
)
async def test_what_a_connection_can_do(
    server: Loopback, answer: Reply, kind: ErrorKind, retryable: bool
) -> None:
    server.add(answer)
    failure = await refusal(service(server.url))
    assert (failure.kind, failure.retryable) == (kind, retryable)


async def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failure = await refusal(service(f"http://127.0.0.1:{port}"))
    assert (failure.kind, failure.phase, failure.retryable) == (
        ErrorKind.NETWORK,
        Phase.HTTP,
        True,
    )
    assert f"127.0.0.1:{port}" in failure.message


async def test_a_name_that_is_not_there() -> None:
    failure = await refusal(service("https://nowhere.invalid/v1"))
    assert (failure.kind, failure.retryable) == (ErrorKind.NETWORK, False)
    assert "nowhere.invalid" in failure.message


@pytest.mark.rule("R23")
async def test_the_limit_of_connecting() -> None:
    with socket.socket() as full:  # a backlog that is full: the connection is never accepted
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        limits = replace(QUICK, connect_s=0.2)
        failure = await refusal(service(f"http://127.0.0.1:{address[1]}", timeouts=limits))
        for filler in fillers:
            filler.close()
    assert (failure.kind, failure.retryable) == (ErrorKind.TIMEOUT, True)


@pytest.mark.rule("R23")
def test_the_limits_of_the_rules() -> None:
    limits = Timeouts()
    assert (limits.connect_s, limits.write_s, limits.idle_s) == (10, 60, 120)
    assert (limits.first_byte_s, limits.first_byte_whole_s) == (120, 600)


# --- Ways out


@pytest.fixture
def no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the reading of the system's certificates."""
    monkeypatch.setattr(ways, "_certificates", lambda _: ssl.create_default_context())


@pytest.mark.rule("R71")
async def test_loopback_uses_no_proxy_of_the_environment(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.add(OK)
    assert await post(service(server.url)) == [{"ok": True}]
    assert await post(service(server.url.replace("127.0.0.1", "localhost"))) == [{"ok": True}]


@pytest.mark.rule("R71")
async def test_others_use_the_proxy_of_the_environment(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.add(OK)
    assert await post(service("http://far.invalid/v1")) == [{"ok": True}]
    assert server.requests[0].target == "http://far.invalid/v1/chat/completions"


async def test_a_service_may_have_a_proxy_of_its_own(server: Loopback) -> None:
    server.add(OK)
    to = service("http://far.invalid/v1", proxy=server.url)
    assert await post(to) == [{"ok": True}]
    assert server.requests[0].target == "http://far.invalid/v1/chat/completions"


@pytest.mark.parametrize("proxy", ["nonsense", "ftp://a.example", "http://[::1"])
async def test_a_proxy_that_is_none(proxy: str) -> None:
    failure = await refusal(service("http://far.invalid", proxy=proxy))
    assert (failure.kind, failure.retryable) == (ErrorKind.NETWORK, False)
    assert "proxy" in failure.message


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_certificate_file_that_is_none(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    failure = await refusal(service("https://far.invalid", ca_file=str(path)))
    assert (failure.kind, failure.retryable) == (ErrorKind.NETWORK, False)
    assert "certificate" in failure.message


async def test_one_client_for_each_way_out(no_certificates: None) -> None:
    connections = Connections()
    near = await connections.client(service("http://127.0.0.1:1"))
    far = await connections.client(service("https://a.example"))
    assert await connections.client(service("https://b.example")) is far
    assert near is not far
    proxied = await connections.client(service("https://a.example", proxy="http://127.0.0.1:2"))
    assert proxied is not far
    many = await asyncio.gather(*(connections.client(service("http://[::1]:2")) for _ in range(5)))
    assert {*many} == {near}
    assert not far.follow_redirects
    assert (near.trust_env, far.trust_env) == (False, True)
    await connections.aclose()


async def test_warming_makes_the_client_that_most_services_use(no_certificates: None) -> None:
    connections = Connections()
    await connections.warm(service("https://b.example"))
    [client] = connections._clients.values()
    assert await connections.client(service("https://a.example")) is client
    await connections.aclose()


@pytest.mark.parametrize("here", [True, False])
async def test_certificates_are_checked(here: bool) -> None:
    """Also where the system has no store: then those that came with the program are used."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "_system_has_certificates", lambda: here)
        context = ways._certificates("")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def own_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate that signs itself, and the file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, path


async def test_a_certificate_of_ones_own(tmp_path: Path) -> None:
    context, path = own_certificate(tmp_path)
    async with Loopback(tls=context) as server:
        server.add(OK)
        failure = await refusal(service(server.url))
        assert (failure.kind, failure.retryable) == (ErrorKind.NETWORK, False)
        assert "certificate" in failure.message
        assert server.requests == []
        assert await post(service(server.url, ca_file=str(path))) == [{"ok": True}]


async def test_clear_text_where_tls_is_expected(server: Loopback) -> None:
    server.add(reply("HTTP/1.1 400 Bad\r\n\r\n", raw=True))
    limits = replace(QUICK, connect_s=0.3)
    to = service(server.url.replace("http:", "https:"), timeouts=limits)
    failure = await refusal(to)
    assert failure.kind in (ErrorKind.NETWORK, ErrorKind.TIMEOUT)


# --- Lists


async def test_fetch(server: Loopback) -> None:
    async def get(answer: Reply) -> list[dict[str, Any]]:
        server.clear()
        server.add(answer)
        connections = Connections()
        try:
            return await fetch(connections, Endpoint(service(server.url)), server.url + "/x")
        finally:
            assert pooled(connections) is not None
            await connections.aclose()

    assert await get(whole({"a": 1})) == [{"a": 1}]
    assert await get(whole([{"a": 1}, {"b": 2}])) == [{"a": 1}, {"b": 2}]
    assert await get(whole([])) == []
    assert server.requests[0].method == "GET"
    assert server.requests[0].body == b""
    for wrong in (reply("<html>"), reply("words"), events({"a": 1}), reply('{"a":'), reply("")):
        with pytest.raises(ChatError) as caught:
            await get(wrong)
        assert caught.value.failure.kind is ErrorKind.PROTOCOL
    big = {"data": ["x" * 100 for _ in range(20_000)]}
    assert await get(whole(json.dumps(big).encode())) == [big]
