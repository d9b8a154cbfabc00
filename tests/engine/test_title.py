"""Titles made from the first question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.message import Media, Text
from app.domain.title import LONGEST_TITLE, title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Why is the sky blue?", "Why is the sky blue?"),
        ("\n\n  hello \t world\nmore", "hello world"),
        ("## A *plan* for `main`", "A *plan* for main"),
        ("- [ ] **Fix** the [docs](https://x.example)", "[ ] Fix the docs"),
        ("> quoted\n\nanswer", "quoted"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("---\n***\n2 + 2", "2 + 2"),
        ("Здравствуй, мир", "Здравствуй, мир"),
        ("天空为什么是蓝的", "天空为什么是蓝的"),
        ("a\x00b\u202ec", "a b c"),
        ("?!", ""),
        ("", ""),
    ],
)
def test_the_first_line_that_says_something(question: str, title: str) -> None:
    assert title_of((Text(question),)) == title


def test_a_long_question_is_cut_at_a_word() -> None:
    title = title_of((Text("word " * 40),))
    assert title.endswith("word…")
    assert len(title) <= LONGEST_TITLE + 1
    assert title_of((Text("x" * 300),)) == "x" * LONGEST_TITLE + "…"


def test_attachments_name_a_question_without_words() -> None:
    picture = Media(mime="image/png", sha256="0" * 64, name="holiday.png")
    assert title_of((picture,)) == "holiday.png"
    assert title_of((picture, Text("Where is this?"))) == "Where is this?"
    assert title_of((Media(mime="image/png", url="https://x.example"),)) == ""


@given(st.text(max_size=300))
def test_a_title_is_one_short_line(question: str) -> None:
    title = title_of((Text(question),))
    assert len(title) <= LONGEST_TITLE + 1
    assert title == title.strip()
    assert all(sign.isprintable() for sign in title)
