"""Markup of the open leaf is closed before it is written, and never flashes as marks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from mixtures import INLINE, MORE_INLINE, inline

from app.markdown.stream import StreamDocument
from app.markdown.tree import (
    Code,
    Emphasis,
    HardBreak,
    Image,
    Inline,
    Link,
    Math,
    Strike,
    Strong,
    Text,
)
from app.markdown.words import descend, plain_text


def shown(text: str) -> tuple[Inline, ...]:
    """What is shown of a paragraph that is being written."""
    document = StreamDocument()
    document.push("Lead " + text)
    document.flush()
    nodes = document.leaf_inlines(document.leaves[0])
    first = nodes[0]
    assert isinstance(first, Text)
    rest = first.text.removeprefix("Lead").removeprefix(" ")
    return (Text(rest), *nodes[1:]) if rest else nodes[1:]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("**bo", (Strong((Text("bo"),)),)),
        ("**bold*", (Strong((Text("bold"),)),)),
        ("**bold**", (Strong((Text("bold"),)),)),
        ("**", ()),
        ("*it", (Emphasis((Text("it"),)),)),
        ("***b", (Emphasis((Strong((Text("b"),)),)),)),
        ("**b *i", (Strong((Text("b "), Emphasis((Text("i"),)))),)),
        ("_it", (Emphasis((Text("it"),)),)),
        ("~~go", (Strike((Text("go"),)),)),
        ("2 * 3 and 4*5", (Text("2 * 3 and 4*5"),)),
        ("~5", (Text("~5"),)),
        ("`co", (Code("co"),)),
        ("`", ()),
        ("``a`", (Code("a"),)),
        ("[te", (Text("te"),)),
        ("[text]", (Text("text"),)),
        ("[text](", (Link("", "", (Text("text"),)),)),
        ("[text](http://e.or", (Link("", "", (Text("text"),)),)),
        ('[text](http://e.org "ti', (Link("", "", (Text("text"),)),)),
        ("[**te", (Strong((Text("te"),)),)),
        ("[text](u)", (Link("u", "", (Text("text"),)),)),
        ("![al", ()),
        ("![alt](pi", (Image("", "", "alt"),)),
        ("a[0", (Text("a[0"),)),
        ("a[0]", (Text("a[0]"),)),
        ("\\(x +", (Math("x +", False, closed=False),)),
        ("$x^2", (Math("x^2", False, closed=False),)),
        ("$5 and", (Text("$5 and"),)),
        ("a\\", (Text("a"),)),
        ("a<b", (Text("a"),)),
        ("a<br", (Text("a"),)),
        ("a<br>", (Text("a"), HardBreak())),
        ("a &am", (Text("a"),)),
        ("<https://e.org/a", (Link("https://e.org/a", "", (Text("https://e.org/a"),)),)),
        ("List<T> x", (Text("List<T> x"),)),
    ],
)
def test_shown_while_it_is_written(text: str, nodes: tuple[Inline, ...]) -> None:
    assert shown(text) == nodes


@settings(max_examples=150, deadline=None, derandomize=True)
@given(inline(INLINE + MORE_INLINE))
def test_every_state_of_a_line_can_be_shown(text: str) -> None:
    """No state raises, and a link that is shown never leads to half an address."""
    document = StreamDocument()
    for char in f"Lead {text}":
        document.push(char)
        document.flush()
        for leaf in document.leaves:
            for node in descend(document.leaf_inlines(leaf)):
                if isinstance(node, Link) and not node.href.startswith(("http", "mailto")):
                    assert node.href in ("", "/u")


def test_a_leaf_that_is_final_is_read_to_the_letter() -> None:
    document = StreamDocument()
    document.push("**a\n\n`b\n\n[c\n\nd\\\n\n")
    document.flush()
    assert [plain_text(document.leaf_inlines(leaf)) for leaf in document.leaves] == [
        "**a",
        "`b",
        "[c",
        "d\\",
    ]
