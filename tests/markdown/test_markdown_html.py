"""The HTML for copying, export and `linnet render`, and the door through Python-Markdown."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

import markdown
import pytest
from documents import values_of
from hypothesis import given, settings
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from mixtures import anything

from app.markdown.elements import encode_address
from app.markdown.extension import ChatMarkdown
from app.markdown.render import fragment, to_html
from app.markdown.stream import parse

ANSWER = """\
# Title

Text with `a < b`, $x < y$, ~~gone~~ and a note[^1].

1. one

   ```python title="a.py"
   if a < b and c:
   \tpass
   ```

2. two

- [x] done
- [ ] open

> quoted
> more

| a | b |
|:--|--:|
| 1 | 2 |

$$
E = mc^2
$$

[^1]: The *note*.
"""


class _Balance(HTMLParser):
    """Complains about tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert all(name in KNOWN_ATTRIBUTES for name, _ in attrs), attrs
        if tag not in ("br", "hr", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


KNOWN_ATTRIBUTES = "href title src alt class id start style type checked disabled dir".split()


def test_the_classes_that_others_rely_on() -> None:
    html = to_html(ANSWER)
    for part in (
        '<pre><code class="language-python">if a &lt; b and c:\n\tpass\n</code></pre>',
        "<code>a &lt; b</code>",
        '<span class="math">x &lt; y</span>',
        '<div class="math">E = mc^2</div>',
        "<del>gone</del>",
        '<li class="task-list-item"><input type="checkbox" disabled checked> done</li>',
        '<li class="task-list-item"><input type="checkbox" disabled> open</li>',
        '<sup class="footnote-ref"><a href="#fn-1" id="fnref-1">1</a></sup>',
        '<section class="footnotes">\n<ol>\n<li id="fn-1">',
        '<th style="text-align: right">b</th>',
    ):
        assert part in html


def test_python_markdown_gives_the_same_and_can_be_used_again() -> None:
    converter = markdown.Markdown(extensions=[ChatMarkdown()])
    assert converter.convert(ANSWER) == to_html(ANSWER)
    assert converter.reset().convert("*again*") == "<p><em>again</em></p>"
    assert converter.convert("") == ""
    assert converter.convert("    \tx\n") == "<pre><code>\tx\n</code></pre>"


def test_other_extensions_can_change_the_tree() -> None:
    class Shout(Treeprocessor):
        def run(self, root: Element) -> None:
            for heading in root.iter("h1"):
                SubElement(heading, "em").text = "!"

    class ShoutExtension(Extension):
        def extendMarkdown(self, md: markdown.Markdown) -> None:
            md.treeprocessors.register(Shout(md), "shout", 5)

    converter = markdown.Markdown(extensions=[ChatMarkdown(), ShoutExtension()])
    assert converter.convert("# Hi") == "<h1>Hi<em>!</em></h1>"


def test_a_fragment_rebuilds_the_containers_it_needs() -> None:
    document = parse("- a\n\n  b\n- c\n\n> d\n>\n> 3. e\n> 4. f\n")
    leaves = document.leaves
    assert fragment(document, leaves) == to_html("- a\n\n  b\n- c\n\n> d\n>\n> 3. e\n> 4. f\n")
    assert fragment(document, leaves[1:2]) == "<ul>\n<li>\n<p>b</p>\n</li>\n</ul>"
    assert fragment(document, leaves[5:]) == (
        '<blockquote>\n<ol start="4">\n<li>f</li>\n</ol>\n</blockquote>'
    )
    assert fragment(document, []) == ""


def test_pieces_of_a_long_paragraph_are_one_again() -> None:
    text = "*start " + "word " * 5000 + "end* `x`"
    assert len(parse(text).leaves) > 1
    assert to_html(text) == f"<p><em>start {'word ' * 5000}end</em> <code>x</code></p>"
    heading = "# " + "word " * 5000
    assert to_html(heading) == f"<h1>{('word ' * 5000).rstrip()}</h1>"
    unbroken = "x" * 30_000 + "\n" + "y" * 30_000
    assert to_html(unbroken) == f"<p>{unbroken}</p>"


@pytest.mark.parametrize(
    ("address", "encoded"),
    [
        ("https://e.org/a b", "https://e.org/a%20b"),
        ("https://e.org/ä?q=ü#ö", "https://e.org/%C3%A4?q=%C3%BC#%C3%B6"),
        ("/100%", "/100%25"),
        ("/a%20b", "/a%20b"),
        ("a\\b[c]", "a%5Cb%5Bc%5D"),
        ('"<>', "%22%3C%3E"),
    ],
)
def test_addresses_are_encoded(address: str, encoded: str) -> None:
    assert encode_address(address) == encoded


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](&#x20;javascript:alert(1))",
        "[x](vbscript:a) [y](file:///etc) [z](data:text/html;base64,AAAA)",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        '[x](/u "t\\" onclick=\\"alert(1)")',
        '![a" onerror="alert(1)](/u)',
        '```x"><script>\n```',
        "$<script>$ \\(<img onerror=x>\\)",
        "| <script> |\n|--|\n| <b> |",
        "# <script>",
        "[^1]\n\n[^1]: <script>",
    ],
)
def test_nothing_in_the_text_becomes_active(text: str) -> None:
    html = to_html(text)
    reader = _Balance()
    reader.feed(html)
    assert "<script" not in html
    assert 'href="java' not in html.lower()
    assert 'src="java' not in html.lower()


@settings(max_examples=250, deadline=None, derandomize=True)
@given(anything)
def test_html_is_well_formed_and_a_fragment_of_all_is_the_whole(text: str) -> None:
    html = to_html(text)
    reader = _Balance()
    reader.feed(html)
    assert reader.open == []
    document = parse(text)
    assert fragment(document, document.leaves).strip() == html
    for leaf in document.leaves[:5]:
        fragment(document, [leaf])
    assert values_of(document) == values_of(parse(text)), "writing changes nothing"


def test_the_view_does_without_the_converter() -> None:
    code = (
        "import sys, app.markdown.stream, app.markdown.render, app.markdown.highlight\n"
        "app.markdown.render.fragment(app.markdown.stream.parse('*a*'), [])\n"
        "print([n for n in ('markdown', 'pygments', 'PySide6') if n in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
