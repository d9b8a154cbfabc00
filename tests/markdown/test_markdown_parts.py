"""The small parts: leaves and their contexts, info strings, directions, pieces, addresses."""

from __future__ import annotations

import pytest

from app.markdown.autolinks import find_autolinks
from app.markdown.direction import is_right_to_left
from app.markdown.fence_info import language_of, title_of
from app.markdown.incoming import Incoming
from app.markdown.pieces import MAX_PIECE_CHARS, cut
from app.markdown.stream import parse
from app.markdown.tree import Align, Footnote, Item, Kind, Quote
from app.markdown.words import plain_text


def test_contexts_name_the_containers_and_mark_the_first_leaf_only() -> None:
    document = parse("> 3. a\n>\n>    b\n> 4. - [x] c\n")
    quote = Quote(1)
    first, second, third = (leaf.context for leaf in document.leaves)
    assert first == (quote, Item(2, 2, "3.", True, 3))
    assert second == (quote, Item(2, 2, None, True, 3))
    assert third[1] == Item(3, 2, "4.", True, 4)
    assert third[2] == Item(4, 4, "•", False, 0, task=True)
    assert document.loose == {2}


def test_empty_items_and_quotations_have_a_leaf_to_be_drawn() -> None:
    document = parse("- a\n-\n- b\n\n>\n\n1.\n")
    assert [leaf.text for leaf in document.leaves] == ["a", "", "b", "", ""]
    assert all(leaf.kind is Kind.PARAGRAPH for leaf in document.leaves)
    boxes = [box for leaf in document.leaves for box in leaf.context]
    markers = [box.marker for box in boxes if isinstance(box, Item)]
    assert markers == ["•", "•", "•", "1."]


def test_tight_means_that_no_blank_line_stands_before() -> None:
    document = parse("text\n- a\n- b\n\n- c\n  - d\n\n    e\n")
    assert [leaf.tight for leaf in document.leaves] == [False, True, True, False, True, False]


def test_leaves_know_their_source_lines() -> None:
    text = "# a\n\nb\nc\n\n```\nx\n```\n- d\n-\n\n| e |\n|--|\n| f |\n\n"
    text += "g\n===\n\n    h\n\n    i\n\n---\n"
    lines = text.split("\n")
    found = ["\n".join(lines[leaf.start : leaf.end]) for leaf in parse(text).leaves]
    assert found == [
        "# a",
        "b\nc",
        "```\nx\n```",
        "- d",
        "-",
        "| e |\n|--|\n| f |",
        "g\n===",
        "    h\n\n    i",
        "---",
    ]


def test_pieces_know_their_source_lines() -> None:
    lines = [f"line {number} of a long paragraph" for number in range(1000)]
    leaves = parse("\n".join(lines)).leaves
    assert len(leaves) > 2
    assert [leaf.start for leaf in leaves[1:]] == [leaf.end for leaf in leaves[:-1]]
    assert (leaves[0].start, leaves[-1].end) == (0, 1000)


def test_tables() -> None:
    table = parse("| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | \\| |\n").leaves[0]
    assert table.align == (Align.NONE, Align.LEFT, Align.CENTER, Align.RIGHT)
    assert (table.head, table.rows) == (("a", "b", "c", "d"), [("1", "|", "", "")])


def test_footnotes_keep_their_place_in_the_tree() -> None:
    document = parse("a[^x]\n\n[^x]: one\n\n    two\n\nb\n")
    notes = [leaf.context for leaf in document.leaves]
    assert notes == [(), (Footnote(1, "x", 1),), (Footnote(1, "x", 1),), ()]


def test_words_of_all_nodes() -> None:
    document = parse("*a* **b** ~~c~~ `d` [e](/u) ![f](/u) $g$ h<br>i\nj[^1]\n\n[^1]: k\n")
    words = plain_text(document.leaf_inlines(document.leaves[0]))
    assert words == "a b c d e f g h\ni\nj[1]"


@pytest.mark.parametrize(
    ("info", "language", "title"),
    [
        ("", "", ""),
        ("Python", "python", ""),
        ('python title="a b.py"', "python", "a b.py"),
        ("python filename=app.py", "python", "app.py"),
        ("js:src/app.js", "js", "src/app.js"),
        ("{.rust .numberLines}", "rust", ""),
        ("{python}", "python", ""),
        ("src/app.ts", "ts", "src/app.ts"),
        ("ts src/app.ts", "ts", "src/app.ts"),
        ("python {1,3}", "python", ""),
        ("c++", "c++", ""),
        ("c#", "c#", ""),
        ("Dockerfile", "dockerfile", ""),
        ("title='x.py'", "", "x.py"),
        ("objective-c", "objective-c", ""),
    ],
)
def test_info_strings(info: str, language: str, title: str) -> None:
    assert (language_of(info), title_of(info)) == (language, title)
    leaf = parse(f"```{info}\nx\n```\n").leaves[0]
    assert (leaf.language, leaf.title) == (language, title)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("abc", False),
        ("123 שלום", True),
        ("abc שלום", False),
        ("«مرحبا» abc", True),
        ("\u2067abc\u2069 שלום", True),
        ("😀 1", False),
        ("中文", False),
    ],
)
def test_direction(text: str, expected: bool) -> None:
    assert is_right_to_left(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("x" * 20_000, "word " * 5000, "a\u0301" * 9000, "👩\u200d👧" * 6000),
        *(" " * 20_000 + "x", "\\" * 20_000, "line\n" * 5000),
    ],
)
def test_pieces_lose_nothing(text: str) -> None:
    pieces = cut(text)
    assert "".join(glue + piece for glue, piece in pieces) == text
    assert all(len(piece) <= MAX_PIECE_CHARS for _, piece in pieces)
    assert pieces[0][0] == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.b", ["https://a.b"]),
        ("HTTP://A.B/c", ["HTTP://A.B/c"]),
        ("xhttps://a.b", []),
        ("https://", []),
        ("http://..", []),
        ("https://a_b.c_d", []),
        ("https://user:pw@a.b:80/x", ["https://user:pw@a.b:80/x"]),
        ("https://例え.jp/x", ["https://例え.jp/x"]),
        ("https://a.b/(c(d)) https://a.b/c)", ["https://a.b/(c(d))", "https://a.b/c"]),
        ("https://a.b&amp;", ["https://a.b"]),
        ("https://a.b/?x=1&copy=2;", ["https://a.b/?x=1&copy=2"]),
        ("www.a.b", ["www.a.b"]),
        ("www.a", []),
        ("a@b.c, a@b, a@b.c_, .a@b.c", ["a@b.c", ".a@b.c"]),
        ("mailto:a@b.c", ["mailto:a@b.c"]),
        ("https://a@b.c/d@e.f", ["https://a@b.c/d@e.f"]),
        ("`https://a.b`", ["https://a.b"]),
    ],
)
def test_autolinks(text: str, found: list[str]) -> None:
    assert [text[link.start : link.end] for link in find_autolinks(text)] == found


def test_incoming_lines() -> None:
    incoming = Incoming()
    incoming.push("a\nb")
    assert incoming.take() == (["a"], "b")
    assert incoming.take() == ([], "b")
    incoming.push("\r")
    assert incoming.take() == ([], "b")
    incoming.push("\n\x00\ud800")
    assert incoming.take() == (["b"], "\ufffd")
    incoming.push("x\ud83d")
    assert incoming.take() == ([], "\ufffd\ufffdx")
    incoming.push("\ude00\r")
    assert incoming.take() == ([], "\ufffd\ufffdx😀")
    assert incoming.take(last=True) == (["\ufffd\ufffdx😀"], "")
