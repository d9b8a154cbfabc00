"""Addresses: what counts as this computer, joining, version segments, and half-typed nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import address


@pytest.mark.rule("R71")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434/v1",
        "http://127.8.9.10",
        "http://localhost:1234",
        "http://LOCALHOST.:1234",
        "http://ollama.localhost/v1",
        "http://[::1]:8080",
        "http://[::ffff:127.0.0.1]/",
    ],
)
def test_this_computer(url: str) -> None:
    assert address.is_loopback(url)
    assert address.is_private(url)


@pytest.mark.rule("R71")
@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "http://192.168.1.4:11434",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://0.0.0.0",
        "",
        "http://",
        "127.0.0.1:11434",
    ],
)
def test_other_computers(url: str) -> None:
    assert not address.is_loopback(url)


def test_private_network() -> None:
    assert address.is_private("https://192.168.1.4:11434")
    assert not address.is_private("https://8.8.8.8")
    assert not address.is_private("https://example.org")


@pytest.mark.parametrize(
    ("base", "path", "whole"),
    [
        ("https://h/v1", "/chat/completions", "https://h/v1/chat/completions"),
        ("https://h/v1/", "chat/completions", "https://h/v1/chat/completions"),
        ("https://h", "/chat", "https://h/chat"),
        ("https://h/v1/", "", "https://h/v1"),
        ("https://h/v1", "models?page=2", "https://h/v1/models?page=2"),
        ("https://h/v1?tenant=a", "/models", "https://h/v1/models?tenant=a"),
        ("https://h/v1?tenant=a", "/models?page=2", "https://h/v1/models?tenant=a&page=2"),
    ],
)
def test_join_puts_exactly_one_slash(base: str, path: str, whole: str) -> None:
    assert address.join(base, path) == whole


@pytest.mark.parametrize("segment", ["v1", "v1beta", "v1alpha", "v2", "v1beta2"])
def test_versions(segment: str) -> None:
    assert address.is_version(segment)
    assert address.last_segment(f"https://h/api/{segment}/") == segment


@pytest.mark.parametrize("segment", ["", "v", "openai", "vertex", "v1x", "1"])
def test_no_versions(segment: str) -> None:
    assert not address.is_version(segment)


def test_host_hides_a_password() -> None:
    assert address.host("http://me:secret@proxy:8080/x") == "proxy:8080"


def test_same_origin() -> None:
    assert address.same_origin("https://h/v1", "https://H:443/other")
    assert not address.same_origin("https://h/v1", "http://h/v1")
    assert not address.same_origin("https://h/v1", "https://h:8443/v1")


@given(st.text(max_size=40))
def test_nonsense_never_raises(text: str) -> None:
    for url in (text, "http://" + text, "http://[" + text):
        address.host(url)
        address.port(url)
        address.is_loopback(url)
        address.is_private(url)
        address.last_segment(url)
        address.join(url, "/models")
