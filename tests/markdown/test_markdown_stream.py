"""A text in pieces ends in the tree of the whole text, and what was final stays as it was."""

from __future__ import annotations

import pytest
from documents import Watched, inlines_of, values_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mixtures import anything

from app.markdown.stream import StreamDocument, parse
from app.markdown.tree import Code, Footnote, Item, Kind, Leaf, Link
from app.markdown.words import plain_text


def flushed(*pieces: str) -> StreamDocument:
    """A document that has been shown after each piece."""
    document = StreamDocument()
    for piece in pieces:
        document.push(piece)
        document.flush()
    return document


def texts(document: StreamDocument) -> list[str]:
    return [leaf.text for leaf in document.leaves]


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(anything, st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(0, 3))
def test_any_splitting_ends_in_the_same_tree(text: str, sizes: list[int], every: int) -> None:
    stream = Watched()
    at = number = 0
    while at < len(text):
        size = sizes[number % len(sizes)]
        stream.push(text[at : at + size])
        at, number = at + size, number + 1
        if number % (every + 1) == 0:
            stream.flush()
    stream.finish()
    whole = parse(text)
    assert stream.shown == values_of(whole)
    assert stream.document.loose == whole.loose


def test_flush_reports_the_open_leaf_only() -> None:
    document = flushed("# Title\n\nOne paragraph\n\nTwo")
    assert len(document.leaves) == 3
    document.push(" goes on")
    assert document.flush() == 2
    document.push("\n\nThree is new")
    assert document.flush() == 2
    assert document.flush() == 4, "nothing has changed"
    assert document.late == ()


def test_code_grows_by_lines_and_says_which_one_is_partial() -> None:
    document = flushed("```python\nx = 1\ny =")
    code = document.leaves[0]
    lines = code.lines
    assert (code.lines, code.partial, code.open) == (["x = 1", "y ="], True, True)
    document.push(" 2\n")
    document.flush()
    assert document.leaves[0].lines is lines
    assert (lines, code.partial) == (["x = 1", "y = 2"], False)
    document.push("```\n")
    document.flush()
    assert (lines, code.closed, code.open) == (["x = 1", "y = 2"], True, False)


@pytest.mark.parametrize(
    "partial",
    [
        *"# ,###,-,- ,*,**,***,+ ,1,1.,12) ,>,> ,> - ,`,``,```,```py,~~~,--,===,_".split(","),
        *"|,| a |,| a | b,$,$$,$$ x,\\,\\[,\\[ a,[,[ ,[ ],[x],- [,- [ ],- [x] ".split(","),
        *"[^1],[^1]: ,[a]: ,[a]: /u,:--".split(","),
    ],
)
def test_a_line_that_may_become_anything_is_not_shown(partial: str) -> None:
    assert texts(flushed("Before\n\n", partial)) == ["Before"]
    assert texts(flushed("Before\n", partial)) == ["Before"]


@pytest.mark.parametrize(
    ("partial", "kind", "text"),
    [
        ("# T", Kind.HEADING, "T"),
        ("- a", Kind.PARAGRAPH, "a"),
        ("- [x] a", Kind.PARAGRAPH, "a"),
        ("12) a", Kind.PARAGRAPH, "a"),
        ("> a", Kind.PARAGRAPH, "a"),
        ("*a", Kind.PARAGRAPH, "*a"),
        ("[a](", Kind.PARAGRAPH, "[a]("),
        ("[^1]: a", Kind.PARAGRAPH, "a"),
        ("2024 was", Kind.PARAGRAPH, "2024 was"),
        ("--x", Kind.PARAGRAPH, "--x"),
    ],
)
def test_a_line_whose_meaning_is_clear_is_shown_at_once(
    partial: str, kind: Kind, text: str
) -> None:
    leaf = flushed("Before\n\n", partial).leaves[-1]
    assert (leaf.kind, leaf.text, leaf.open) == (kind, text, True)


def test_the_head_of_a_table_waits_for_the_line_after_it() -> None:
    document = flushed("| a | b |\n")
    assert document.leaves == []
    document.push("|--")
    document.flush()
    assert document.leaves == []
    document.push("|--|\n")
    document.flush()
    assert [leaf.kind for leaf in document.leaves] == [Kind.TABLE]
    document.push("| c ")
    document.flush()
    assert document.leaves[0].rows == []
    document.push("| d |\n")
    document.flush()
    assert document.leaves[0].rows == [("c", "d")]
    assert texts(flushed("| a | b |\nno table")) == ["| a | b |\nno table"]


def test_a_fence_within_a_fence_is_not_shown_before_it_is_whole() -> None:
    document = flushed("````\n```")
    assert document.leaves[0].lines == []
    document = flushed("````\n```\nx")
    assert document.leaves[0].lines == ["```", "x"]
    document = flushed("```\nx\n``")
    assert document.leaves[0].lines == ["x"]
    document.push("` no fence")
    document.flush()
    assert document.leaves[0].lines == ["x", "``` no fence"]


def test_late_definitions_concern_the_leaves_that_wait_for_them() -> None:
    document = flushed("See [one].\n\nNothing here.\n\nSee [two] and [one].\n\nMore\n\n")
    assert document.leaf_inlines(document.leaves[0])[0].__class__.__name__ == "Text"
    document.push("[one]: /u\n\n")
    assert document.flush() >= 4
    assert document.late == (0, 2)
    link = document.leaf_inlines(document.leaves[0])[1]
    assert isinstance(link, Link)
    assert link.href == "/u"
    document.push("and on\n")
    document.flush()
    assert document.late == ()


def test_a_definition_is_never_shown_as_text() -> None:
    document = flushed("Text [a]\n\n", "[a]: /u")
    assert len(document.leaves) == 1
    document.push("\n")
    document.flush()
    assert len(document.leaves) == 1
    assert document.late == (0,)
    document.push("'the title'")
    document.flush()
    assert (len(document.leaves), document.late) == (1, (0,))


def test_late_footnotes_are_numbered_by_their_first_mention() -> None:
    document = flushed("One[^b] two[^a].\n\nAgain[^a].\n\n", "[^a]: note A\n\n")
    assert document.late == (0, 1)

    def numbers(leaf: Leaf) -> list[int]:
        return [node.number for node in document.leaf_inlines(leaf) if hasattr(node, "number")]

    assert [numbers(leaf) for leaf in document.leaves[:2]] == [[1], [1]]
    document.push("[^b]: note B\n\nEnd\n")
    document.flush()
    assert document.late == (0, 1, 2)
    assert [numbers(leaf) for leaf in document.leaves[:2]] == [[1, 2], [2]]
    notes = [leaf.context[0] for leaf in document.leaves[2:4]]
    assert [(note.label, note.number) for note in notes if isinstance(note, Footnote)] == [
        ("a", 2),
        ("b", 1),
    ]


def test_a_footnote_is_shown_as_one_before_its_text_has_come() -> None:
    document = flushed("One[^1] and [^a-z].\n\n", "Two[^2].\n\n")
    words = [plain_text(document.leaf_inlines(leaf)) for leaf in document.leaves]
    assert words == ["One[1] and [^a-z].", "Two[2]."]
    document.push("[^1]: text\n\n")
    document.flush()
    assert document.late == ()
    document.finish()
    assert document.late == (1,)
    assert plain_text(document.leaf_inlines(document.leaves[1])) == "Two[^2]."


ANSWER = """\
Here is **bold**, *italic*, ***both***, `code`, ~~gone~~ and [a link](https://e.org/p "title").
See ![a picture](https://e.org/p.png) and <https://e.org/x>, 5 < 6, &copy; **a `b` c**.

## Steps *to* follow

1. **First**: do `x = 1`
   - nested *item*
   - [ ] task
2. Second with $E = mc^2$ and \\(a_1\\), but $5 and $10.

| Name | Value |
|------|------:|
| **a** | `1` |

```python title="app.py"
def f(x):
    return x ** 2  # ``` no fence
```

> A quotation **with bold
> over lines** and text

$$
x^2
$$

Text[^1] with a\\
break, __strong__ _em_ https://e.org/a_b.
* star
* **bold item**

---

Final "quoted" *word*, a_b.

[^1]: The note with `code`.
"""


def test_no_mark_ever_flashes() -> None:
    """Letter by letter, what is shown is a start of what is shown in the end."""

    def seen(document: StreamDocument) -> str:
        out = []
        for leaf in document.leaves:
            boxes = [box for box in leaf.context if isinstance(box, Item) and box.marker]
            out.append("".join(f"{box.marker}{box.task} " for box in boxes) + leaf.kind.value)
            if leaf.kind in (Kind.CODE, Kind.MATH):
                out.extend(leaf.lines)
            else:
                out.extend(plain_text(nodes) for nodes in inlines_of(document, leaf))
        return "\n".join(out)

    end = seen(parse(ANSWER))
    document = StreamDocument()
    for char in ANSWER:
        document.push(char)
        document.flush()
        assert end.startswith(seen(document))


def test_math_that_is_never_closed_was_text() -> None:
    document = flushed("Before\n\n$$\nx + y\n")
    assert document.leaves[-1].kind is Kind.MATH
    document.push("\n\n# After\n\n")
    document.flush()
    kinds = [leaf.kind for leaf in document.leaves]
    assert kinds == [Kind.PARAGRAPH, Kind.PARAGRAPH, Kind.HEADING]
    assert document.leaves[1].text == "$$\nx + y"


def test_a_very_long_paragraph_comes_in_pieces_that_are_final() -> None:
    words = "word " * 10_000
    document = flushed(words)
    count = len(document.leaves)
    assert count > 5
    assert all(len(leaf.text) <= 8192 for leaf in document.leaves)
    assert [leaf.glue for leaf in document.leaves] == [None, *[" "] * (count - 1)]
    document.push("more ")
    assert document.flush() >= count - 1
    document.finish()
    joined = "".join((leaf.glue or "") + leaf.text for leaf in document.leaves)
    assert joined == (words + "more ").rstrip(" ") or joined == words + "more "


def test_pieces_do_not_depend_on_how_the_text_came() -> None:
    text = ("lorem *ipsum* `dolor` " * 3000) + "\n" + ("x" * 20_000) + "\n\nafter\n"
    stream = StreamDocument()
    for at in range(0, len(text), 997):
        stream.push(text[at : at + 997])
        stream.flush()
    stream.finish()
    assert values_of(stream) == values_of(parse(text))


def test_line_ends_and_characters_may_be_cut_in_two() -> None:
    document = flushed("a\r", "\nb\r", "c \ud83d", "\ude00 d\r\n")
    document.finish()
    assert texts(document) == ["a\nb\nc 😀 d"]


def test_what_is_open_is_closed_for_the_eye_only() -> None:
    document = flushed("some `co")
    assert document.leaf_inlines(document.leaves[0])[-1] == Code("co")
    document.finish()
    assert document.leaf_inlines(document.leaves[0])[0].__class__.__name__ == "Text"
