"""Which of the more headers of a service are secrets, and what stands for them in a file.

Invariant: pure. Rather a harmless header too many lies in the keyring than a secret in a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KEPT = "@keyring"
"""The value of a header whose real one lies in the keyring, by service and host."""

_NAME = re.compile(
    r"(^|[-_])(authori[sz]ation|auth|cookie|session|token|secret|password|passwd|pwd|key|apikey|"
    r"credentials?|bearer|jwt|signature)($|[-_])",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(bearer|basic|token|digest|negotiate)\s+\S"
    r"|.*\b(sk-|AIza|AQ\.|aio_|gsk_|hf_|xai-|gh[pousr]_|eyJ)[\w.-]{8,}"
    r"|.*(?<![^\W_])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}(?![^\W_])",
    re.IGNORECASE,
)


def is_credential(name: str, value: str) -> bool:
    """Whether the header of this name and value looks like one that lets somebody in."""
    return value == KEPT or bool(_NAME.search(name) or _VALUE.match(value))


def kept_names(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The headers whose values lie in the keyring."""
    return tuple(name for name, value in headers.items() if value == KEPT)


def open_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    """The secrets among `headers` that stand there as they are."""
    return {
        name: value
        for name, value in headers.items()
        if value != KEPT and is_credential(name, value)
    }


def with_kept(headers: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    """`headers` with the mark in place of the values of `names`."""
    return {name: KEPT if name in names else value for name, value in headers.items()}
