"""Texts that are made to be slow cost their length, in steps of the parser and not in time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from documents import inlines_of
from pathological import KINDS

import app.markdown
from app.markdown.builder import MAX_DEPTH
from app.markdown.emphasis import MAX_NESTING
from app.markdown.render import to_html
from app.markdown.stream import StreamDocument, parse
from app.markdown.tree import Emphasis, Inline, Kind, Strong
from app.markdown.words import descend, plain_text

PACKAGE = str(Path(app.markdown.__file__).parent)
SIZE = 150


def steps_of(work: Callable[[], object]) -> int:
    """How many lines of the package `work` runs through."""
    count = 0

    def local(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    def entered(frame: FrameType, event: str, arg: Any) -> Any:
        return local if frame.f_code.co_filename.startswith(PACKAGE) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def read(text: str) -> StreamDocument:
    """All that a view does with a text."""
    document = parse(text)
    for leaf in document.leaves:
        inlines_of(document, leaf)
    return document


@pytest.mark.parametrize("kind", KINDS)
def test_steps_grow_with_the_length(kind: str) -> None:
    make = KINDS[kind]
    small, large = make(SIZE), make(4 * SIZE)
    few, many = steps_of(lambda: read(small)), steps_of(lambda: read(large))
    # Longer by four: an algorithm with n squared takes sixteen times the steps.
    assert many <= 6 * few + 2_000
    assert many <= 400 * len(large) + 80_000


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_written_and_streamed_too(kind: str) -> None:
    text = KINDS[kind](300)
    assert to_html(text).count("<") >= 0
    stream = StreamDocument()
    for at in range(0, len(text), 500):
        stream.push(text[at : at + 500])
        first = stream.flush()
        for leaf in stream.leaves[first:]:
            inlines_of(stream, leaf)
    stream.finish()
    whole = parse(text)
    assert [leaf.text for leaf in stream.leaves] == [leaf.text for leaf in whole.leaves]


def test_containers_end_at_a_depth() -> None:
    for text in (">" * 5000 + " a", "- " * 5000 + "a", "> 1. " * 3000 + "a"):
        document = parse(text)
        assert max(len(leaf.context) for leaf in document.leaves) == MAX_DEPTH
        assert len(document.leaves[-1].text) > 1000, "the rest is text"


def test_emphasis_ends_at_a_depth() -> None:
    document = parse("*a **b " * 3000 + "c** d*" * 3000)

    def depth(nodes: tuple[Inline, ...]) -> int:
        below = [depth(n.children) for n in nodes if isinstance(n, Emphasis | Strong)]
        return 1 + max(below, default=0)

    for leaf in document.leaves:
        nodes = document.leaf_inlines(leaf)
        assert depth(nodes) <= MAX_NESTING + 1
        assert plain_text(nodes).count("a") == sum(plain_text((node,)).count("a") for node in nodes)


def test_links_end_at_a_depth_of_parentheses() -> None:
    fine = "[a](" + "(" * 32 + ")" * 32 + ")"
    assert any(type(n).__name__ == "Link" for n in descend(parse(fine).inlines(fine)))
    deep = "[a](" + "(" * 33 + ")" * 33 + ")"
    assert not any(type(n).__name__ == "Link" for n in descend(parse(deep).inlines(deep)))


def test_a_long_row_is_no_row_and_cells_are_not_filled_in_for_ever() -> None:
    text = "| a | b |\n|--|--|\n| c | d |\n| " + "x" * 9000 + " | y |\n"
    kinds = [leaf.kind for leaf in parse(text).leaves]
    assert kinds == [Kind.TABLE, Kind.PARAGRAPH, Kind.PARAGRAPH]
    wide = "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "|x|\n" * 1000
    table = parse(wide).leaves[0]
    assert sum(len(row) for row in table.rows) < 70_000


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("```python\n", "x = compute(a, b)  # a comment\n"),
        ("", "- item with **bold** and `code`\n"),
        ("| a | b |\n|---|---|\n", "| one | two |\n"),
        ("", "A paragraph with *words* and [links](/u).\n\n"),
        ("", "A line of a long paragraph [x]\n"),
        ("> ", "quoted\n> "),
        ("", "1. one\n\n   - two\n\n     > three\n\n"),
        ("[a]: /u\n\n", "see [a] and [b]\n\n"),
    ],
)
def test_a_flush_costs_the_tail_whatever_came_before(head: str, unit: str) -> None:
    """The steps of ten flushes at the start, and after thousands of times as much text."""
    document = StreamDocument()

    def flush_ten() -> None:
        for _ in range(10):
            for at in range(0, len(unit), 7):
                document.push(unit[at : at + 7])
                document.flush()

    document.push(head)
    document.flush()
    flush_ten()
    before = steps_of(flush_ten)
    document.push(unit * 2000)
    document.flush()
    flush_ten()
    after = steps_of(flush_ten)
    assert after <= 1.3 * before + 500


def test_only_the_last_piece_of_a_long_line_is_dirty() -> None:
    document = StreamDocument()
    document.push("word " * 40_000)
    document.flush()
    document.push("more ")
    assert document.flush() == len(document.leaves) - 1
