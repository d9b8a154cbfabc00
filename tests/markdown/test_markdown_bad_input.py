"""Nothing that arrives can raise, and no text is lost."""

from __future__ import annotations

import pytest
from documents import inlines_of, values_of
from hypothesis import given, settings
from hypothesis import strategies as st

from app.markdown.render import to_html
from app.markdown.stream import StreamDocument, parse
from app.markdown.tree import Kind
from app.markdown.words import plain_text

# Whatever a program may put into a `str`: half surrogates and control characters too.
wild = st.text(
    st.one_of(
        st.sampled_from("\x00\x01\x07\x0b\x0c\x1b\x1c\x85\xa0\u2028\u2029\u202e\u2066\ufeff"),
        st.sampled_from("\ud800\udfff\udc00\u200b\u200d\u0301\ufffd\uffff\U0010ffff"),
        st.sampled_from("#*_`~[](){}<>|$\\!&-+>=:^ \t\n\r0aé中"),
        st.characters(),
    ),
    max_size=120,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(wild)
def test_any_text_can_be_read_shown_and_written(text: str) -> None:
    document = parse(text)
    for leaf in document.leaves:
        inlines_of(document, leaf)
    to_html(text).encode()
    assert all(leaf.text.encode() is not None for leaf in document.leaves)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(wild, st.integers(1, 9))
def test_any_text_can_be_streamed(text: str, size: int) -> None:
    document = StreamDocument()
    for at in range(0, len(text), size):
        document.push(text[at : at + size])
        document.flush()
        for leaf in document.leaves:
            inlines_of(document, leaf)
    document.finish()
    assert values_of(document) == values_of(parse(text))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from("one two three four **five** `six` [seven](/u) * _ ~ $".split())))
def test_no_word_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    shown = "".join(
        plain_text(nodes) for leaf in parse(text).leaves for nodes in inlines_of(parse(text), leaf)
    )
    for word in ("one", "two", "three", "four", "five", "six", "seven"):
        assert shown.count(word) == text.count(word)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_ends_are_all_the_same(end: str) -> None:
    lines = ["# a", "", "b  ", "c", "```", "x", "", "y", "```"]
    assert values_of(parse(end.join(lines))) == values_of(parse("\n".join(lines)))


def test_separators_that_are_no_line_ends_are_text() -> None:
    text = "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g"
    assert [leaf.text for leaf in parse(text).leaves] == [text]
    assert parse(f"```\n{text}\n```").leaves[0].lines == [text]


def test_nothing_at_all() -> None:
    for text in ("", "\n", "   \n\t\n", "\r", "\ufeff"):
        document = parse(text)
        assert [leaf for leaf in document.leaves if leaf.text.strip("\ufeff")] == []
    document = StreamDocument()
    assert document.flush() == 0
    assert document.finish() == 0
    assert document.finish() == 0


def test_flush_after_the_end_changes_nothing() -> None:
    document = parse("a *b*\n")
    assert document.flush() == 1
    assert [leaf.kind for leaf in document.leaves] == [Kind.PARAGRAPH]
