"""Sizes and lengths in words, the same in every sentence: 1.8 MB, 2:05."""

from __future__ import annotations

from app.i18n import tr


def size_words(size_bytes: float) -> str:
    """In powers of 1000, as file managers and services count; two digits that mean something."""
    if size_bytes < 1000:
        return tr("{count} B", count=round(size_bytes))
    if size_bytes < 999_500:
        return tr("{count} kB", count=_short(size_bytes / 1e3))
    if size_bytes < 999_500_000:
        return tr("{count} MB", count=_short(size_bytes / 1e6))
    return tr("{count} GB", count=_short(size_bytes / 1e9))


def length_words(seconds: float) -> str:
    """2:05, or 1:02:05 from an hour on."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 99.95 else f"{number:.0f}"
