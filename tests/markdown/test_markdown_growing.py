"""A long paragraph that grows reads as it does at once, whatever stands in it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from app.markdown.growing import FEW_CHARS
from app.markdown.stream import StreamDocument
from app.markdown.tree import Inline, Text

PLAIN = "words that go on and on, as every finished sentence does; "
KINDS = {
    "plain": PLAIN,
    "marked": "this is *leaning* and **heavy** and `code` and ~~gone~~ and [a link](https://a.b); ",
    "snakes": "some_snake_case and 2 * 3 * 4 and a<b and x & y and 5 < 6 stay as they are; ",
    "formulas": "the sum $x_1 + x_2$ and \\(y^2\\) of them, which says much about all others; ",
    "money": "it costs $5 here and $6 there, which is more than it was a year ago at least; ",
    "brackets": "see [this] and [that][ref] and ![seen](a.png) and \\* and \\[ too, as it is; ",
    "breaks": "one<br>two <br /> three https://example.org/a_b www.a.org me@example.org and more; ",
}
OPENINGS = ("*open ", "**open ", "`open ", "[open ", "$open ", "~~open ", "\\(open ", "")


def joined(nodes: Iterable[Inline]) -> list[Inline]:
    """`nodes` with neighbouring texts as one."""
    found: list[Inline] = []
    for node in nodes:
        last = found[-1] if found else None
        if isinstance(node, Text) and isinstance(last, Text):
            found[-1] = Text(last.text + node.text)
        else:
            found.append(node)
    return found


def check(document: StreamDocument) -> None:
    leaf = document.leaves[-1]
    at_once = document.inlines(leaf.text, unfinished=leaf.open)
    if not leaf.partial:
        return
    assert joined(document.leaf_inlines(leaf)) == joined(at_once)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("opening", OPENINGS)
def test_in_pieces_as_at_once(kind: str, opening: str) -> None:
    document = StreamDocument()
    text = (KINDS[kind] * 60)[:3_000] + opening + KINDS[kind] * 20
    for start in range(0, len(text), 97):
        document.push(text[start : start + 97])
        document.flush()
        if start % 5 == 0:
            check(document)


def test_the_beginning_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    document = StreamDocument()
    read: list[int] = []
    inner = document._references.inlines

    def inlines(
        text: str, *, unfinished: bool = False, partial: bool = False
    ) -> tuple[Inline, ...]:
        read.append(len(text))
        return inner(text, unfinished=unfinished, partial=partial)

    monkeypatch.setattr(document._references, "inlines", inlines)
    for _ in range(120):
        document.push(PLAIN)
        document.flush()
        document.leaf_inlines(document.leaves[-1])
    assert max(read) <= FEW_CHARS + len(PLAIN)


def test_a_definition_that_comes_later_reads_the_beginning_again() -> None:
    document = StreamDocument()
    document.push("[^a]: A note.\n\n" + PLAIN * 30 + "a mention[^a] and " + PLAIN * 10)
    document.flush()
    leaf = document.leaves[-1]
    before = document.leaf_inlines(leaf)
    assert before == document.leaf_inlines(leaf)
    check(document)
