"""Addresses of services: host, loopback or not, the version segment, and joining.

Invariant: pure; nothing is resolved or asked. A text that is no address gives empty answers
instead of an exception, because a person may be in the middle of typing it.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

PLACEHOLDER = "YOUR-DOMAIN"
"""Stands in the addresses of presets for gateways until a person writes their own."""

_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d*)?", re.ASCII)


def split(url: str) -> SplitResult:
    """`url` in parts; all empty where it is no address (a bad port or bracket included)."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def host(url: str) -> str:
    """The host with its port where one is written: what a person recognises. In lower case."""
    return split(url).netloc.rpartition("@")[2].lower()


def port(url: str) -> int | None:
    """The port that is called; `None` where there is no address."""
    parts = split(url)
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def is_loopback(url: str) -> bool:
    """Whether `url` names this computer: 127.0.0.0/8, ::1 or localhost (R71)."""
    found = _numeric(url)
    return found.is_loopback if found is not None else _is_localhost(url)


def is_private(url: str) -> bool:
    """Whether `url` names this computer or one of a home or office network, by number."""
    found = _numeric(url)
    return found.is_private if found is not None else _is_localhost(url)


def _is_localhost(url: str) -> bool:
    name = (split(url).hostname or "").rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def _numeric(url: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address((split(url).hostname or "").rstrip("."))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_version(segment: str) -> bool:
    """Whether a path segment names an API version: v1, v1beta, v1alpha2."""
    return _VERSION.fullmatch(segment) is not None


def last_segment(url: str) -> str:
    return split(url).path.rstrip("/").rpartition("/")[2]


def join(base: str, path: str) -> str:
    """`base` and `path` with exactly one slash between them; a query of `base` is kept."""
    parts = split(base)
    if not path.strip("/"):
        return base.rstrip("/")
    whole = parts.path.rstrip("/") + "/" + path.lstrip("/")
    if not parts.query:
        return urlunsplit(parts._replace(path=whole))
    head, _, query = whole.partition("?")
    query = "&".join(filter(None, (parts.query, query)))
    return urlunsplit(parts._replace(path=head, query=query))


def with_scheme(url: str, scheme: str) -> str:
    return urlunsplit(split(url)._replace(scheme=scheme))


def with_path(url: str, path: str) -> str:
    return urlunsplit(split(url)._replace(path=path.rstrip("/")))


def same_host(one: str, other: str) -> bool:
    """Whether a key for one of the addresses may be sent to the other: host and port as written."""
    return host(one) == host(other)


def same_origin(one: str, other: str) -> bool:
    """Whether both addresses lead to the same scheme, host and port."""
    a, b = split(one), split(other)
    return (a.scheme, a.hostname, port(one)) == (b.scheme, b.hostname, port(other))
