"""Setup help: which other addresses are offered for which failure (R43)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.advice import suggestions
from app.domain.errors import ErrorKind, Failure
from app.domain.settings import Form, Service
from app.providers import presets

pytestmark = pytest.mark.rule("R43")


def offered(
    base_url: str, kind: ErrorKind = ErrorKind.NOT_FOUND, message: str = "", **more: object
) -> list[str]:
    service = replace(presets.OPENAI_COMPATIBLE, base_url=base_url, **more)
    found = suggestions(service, Failure(kind=kind, message=message))
    return [each.service.base_url for each in found]


@pytest.mark.parametrize(
    ("base_url", "other"),
    [
        ("https://h.example", "https://h.example/v1"),
        ("https://h.example/", "https://h.example/v1"),
        ("https://h.example/api", "https://h.example/api/v1"),
        ("https://h.example/api/v1", "https://h.example/api"),
        ("https://h.example/v1/chat/completions", "https://h.example/v1"),
        ("https://h.example/v1/chat", "https://h.example/v1"),
        ("https://h.example/v1/models/", "https://h.example/v1"),
    ],
)
@pytest.mark.parametrize("kind", [ErrorKind.NOT_FOUND, ErrorKind.PROTOCOL])
def test_version_and_path(base_url: str, other: str, kind: ErrorKind) -> None:
    assert offered(base_url, kind) == [other]


@pytest.mark.parametrize(
    ("base_url", "other"),
    [
        ("https://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
        ("https://192.168.1.5:11434/v1", "http://192.168.1.5:11434/v1"),
        ("http://h.example/v1", "https://h.example/v1"),
    ],
)
def test_scheme(base_url: str, other: str) -> None:
    assert offered(base_url, ErrorKind.NETWORK) == [other]


def test_never_in_clear_text_over_the_open_network() -> None:
    assert offered("https://h.example/v1", ErrorKind.NETWORK) == []


def test_clear_text_behind_a_port_for_https() -> None:
    said = "The plain HTTP request was sent to HTTPS port"
    assert offered("http://h.example/v1", ErrorKind.BAD_REQUEST, said) == ["https://h.example/v1"]
    assert offered("http://h.example/v1", ErrorKind.BAD_REQUEST, "bad temperature") == []


def test_lm_studio_is_not_the_generic_gateway() -> None:
    service = replace(presets.GENERIC_GATEWAY, base_url="http://127.0.0.1:1234/api/v1")
    (found,) = suggestions(service, Failure(kind=ErrorKind.PROTOCOL, message=""))
    assert found.service.base_url == "http://127.0.0.1:1234/v1"
    assert found.service.path == "/chat/completions"


def test_gemini_addresses() -> None:
    def first(base_url: str) -> Service:
        service = replace(presets.GEMINI_COMPATIBLE, base_url=base_url)
        return suggestions(service, Failure(kind=ErrorKind.NOT_FOUND, message=""))[0].service

    assert first("https://h/v1beta/models/x:generateContent").base_url == "https://h/v1beta"
    assert first("https://h/v1beta/openai").form is Form.OPENAI
    plain = replace(presets.GEMINI_COMPATIBLE, base_url="https://h")
    assert suggestions(plain, Failure(kind=ErrorKind.NOT_FOUND, message="")) == ()


@pytest.mark.parametrize("kind", [ErrorKind.AUTH, ErrorKind.RATE_LIMIT, ErrorKind.SERVER])
def test_nothing_where_the_address_is_right(kind: ErrorKind) -> None:
    assert offered("https://h.example", kind) == []


def test_nothing_to_suggest_for_the_demo_or_an_empty_address() -> None:
    nothing = Failure(kind=ErrorKind.PROTOCOL, message="")
    assert suggestions(presets.DEMO, nothing) == ()
    assert offered("", ErrorKind.PROTOCOL) == []
