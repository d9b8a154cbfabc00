"""Addresses of services: joining, loopback, what may be shown, and likely corrections.

Invariant: pure text work; nothing here opens a connection or raises for what a person typed.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

KEY_PARAMETERS = frozenset({"key", "api_key", "api-key", "apikey", "access_token", "token"})


def join(base: str, path: str) -> str:
    """`base` and `path` with exactly one slash between them; the query of either is kept."""
    base_address, _, base_query = base.strip().partition("?")
    path_address, _, path_query = path.strip().partition("?")
    address = base_address.rstrip("/")
    if path_address.strip("/"):
        address = f"{address}/{path_address.lstrip('/')}"
    query = "&".join(part for part in (base_query, path_query) if part)
    return f"{address}?{query}" if query else address


def host(address: str) -> str:
    """The host in lower case, or "" where there is none."""
    try:
        return (urlsplit(address.strip()).hostname or "").lower()
    except ValueError:
        return ""


def is_loopback(address: str) -> bool:
    """Whether `address` means this computer: 127.0.0.0/8, ::1, localhost (R71)."""
    name = host(address).rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        number = ipaddress.ip_address(name)
    except ValueError:
        return False
    return number.is_loopback or number.is_unspecified


def without_credentials(address: str) -> str:
    """`address` without user name, password and key parameters: fit to be shown (R44)."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return address.partition("?")[0].strip()
    query = parts.query
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(name.lower() in KEY_PARAMETERS for name, _ in pairs):
        query = urlencode([pair for pair in pairs if pair[0].lower() not in KEY_PARAMETERS])
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path, query, ""))


def variants(base: str) -> tuple[str, ...]:
    """Addresses that are worth a try when `base` gives no answer of the right kind (R43)."""
    scheme, mark, rest = base.strip().rstrip("/").partition("://")
    if not mark or not rest:
        return ()
    if rest.endswith("/v1"):
        other = rest.removesuffix("/v1")
    else:
        other = f"{rest}/v1"
    found = [f"{scheme}://{other}"]
    if scheme == "https" and is_loopback(base):
        found.append(f"http://{rest}")
    elif scheme == "http" and not is_loopback(base):
        found.append(f"https://{rest}")
    return tuple(found)
