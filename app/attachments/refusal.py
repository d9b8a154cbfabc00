"""Why something cannot be attached, as a sentence for the person."""

from __future__ import annotations


class RefusedError(Exception):
    """`str()` of it says what happened and, where there is something, what to do."""
