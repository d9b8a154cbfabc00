"""Why something cannot be attached, as a sentence for the person."""

from __future__ import annotations


class RefusedError(Exception):
    """`str()` of it says what happened and, where there is something, what to do."""


class UndrawnError(Exception):
    """There is nothing here that makes a picture of a drawing: it may go as text."""
