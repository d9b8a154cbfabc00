"""Counts and prices of an answer in the OpenAI form, in one normal form (R15).

Invariant: unknown is `None`, never 0; totals are taken as they are told and never summed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.message import Usage

_LARGEST = 2**53  # what is larger is no count of tokens


def find_usage(chunk: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The last usage object of `chunk`: at the top, in choice 0, or where Groq puts it."""
    choices = chunk.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    for holder in (chunk, first, chunk.get("x_groq")):
        usage = holder.get("usage") if isinstance(holder, dict) else None
        if isinstance(usage, dict) and usage:
            return usage
    return None


def normal_usage(usage: Mapping[str, Any]) -> Usage:
    """`usage` in the normal form of R15."""
    return Usage(
        prompt=_count(usage, "prompt_tokens", "input_tokens"),
        completion=_count(usage, "completion_tokens", "output_tokens"),
        total=_count(usage, "total_tokens"),
        reasoning=_detail(
            usage, ("completion_tokens_details", "output_tokens_details"), "reasoning_tokens"
        ),
        cached=_detail(usage, ("prompt_tokens_details", "input_tokens_details"), "cached_tokens"),
        cost=amount(usage.get("cost")),
    )


def amount(value: object) -> float | None:
    """A number that is not negative; `None` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= _LARGEST else None


def _detail(usage: Mapping[str, Any], holders: tuple[str, ...], name: str) -> int | None:
    """A count among the details, or at the top where there are none."""
    for holder in holders:
        details = usage.get(holder)
        if isinstance(details, dict) and (found := _count(details, name)) is not None:
            return found
    return _count(usage, name)


def _count(holder: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        if (found := amount(holder.get(name))) is not None:
            return int(found)
    return None
