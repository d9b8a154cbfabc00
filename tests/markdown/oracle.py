"""markdown-it-py as an independent reader of the same text, and a form in which HTML is equal.

The oracle passes CommonMark's own list. It is set up to read what we read: GitHub's tables,
strikethrough, task items and bare addresses, footnotes, `$` math; no raw HTML.
"""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

BLOCKS = frozenset(
    "blockquote div h1 h2 h3 h4 h5 h6 hr li ol p pre section table tbody td th thead tr ul".split()
)
# What an element looks like is not what it says.
DECORATION = re.compile(r"footnote-|footnotes-|task-list")
_MATH = re.compile(r'<(span|div) class="math (inline|block)">\s*(.*?)\s*</\1>', re.DOTALL)
ADDRESS_OF_NOTE = re.compile(r"#?fn")


@cache
def plain_oracle() -> MarkdownIt:
    """CommonMark and nothing else."""
    return MarkdownIt("commonmark", {"html": False})


@cache
def full_oracle() -> MarkdownIt:
    """CommonMark with all that GitHub and models add."""
    oracle = MarkdownIt("commonmark", {"html": False, "linkify": True})
    oracle.enable(["table", "strikethrough", "linkify"])
    oracle.use(tasklists_plugin).use(footnote_plugin)
    return oracle.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)


class _Normal(HTMLParser):
    """HTML as a list of tags and texts, without white space that means nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = sorted(filter(None, (_attribute(tag, name, value or "") for name, value in attrs)))
        tag = {"s": "del", "eq": "span"}.get(tag, tag)
        self._end_text(tag)
        if tag == "hr" and any("footnotes-sep" in (value or "") for _, value in attrs):
            return
        self.out.append("<" + " ".join([tag, *kept]) + ">")
        self._verbatim += tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        tag = {"s": "del", "eq": "span"}.get(tag, tag)
        self._end_text(tag)
        self.out.append(f"</{tag}>")
        self._verbatim -= tag == "pre"

    def handle_data(self, data: str) -> None:
        if not self._verbatim:
            data = re.sub(r"[ \t\r\n]+", " ", data)
            after = self.out[-1] if self.out else ""
            if re.match(rf"</?(?:{'|'.join(BLOCKS)}|br)\b", after):
                data = data.lstrip(" ")
            if not data:
                return
        data = data.replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
        if self.out and not self.out[-1].startswith("<"):
            self.out[-1] += data
        else:
            self.out.append(data)

    def _end_text(self, tag: str) -> None:
        """White space before a block or a line break means nothing."""
        if tag in BLOCKS or tag == "br":
            while self.out and not self._verbatim and not self.out[-1].startswith("<"):
                self.out[-1] = self.out[-1].rstrip(" ")
                if self.out[-1]:
                    break
                self.out.pop()


def _attribute(tag: str, name: str, value: str) -> str:
    if name in ("id", "dir") or (name in ("href", "class") and ADDRESS_OF_NOTE.match(value)):
        return ""
    if DECORATION.search(value) or (tag == "section" and name == "class"):
        return ""
    if name == "class" and value.startswith("math"):
        value = "math"
    if name == "style":
        value = value.replace(" ", "")
    if name in ("checked", "disabled"):
        value = ""
    return f"{name}={value}" if value or name in ("alt", "href", "src") else name


def normal_form(html: str) -> list[str]:
    """Equal for HTML that says the same."""
    html = re.sub(r'\s*<a href="#fnref[^>]*>.*?</a>', "", html)
    html = re.sub(r'(<a href="#fn\d+" id="fnref[^>]*>)\[(\d+)[^\]]*\]', r"\1\2", html)
    html = _MATH.sub(_math, html)
    normal = _Normal()
    normal.feed(html)
    normal.close()
    normal._end_text("p")
    return _without_empty_paragraphs(normal.out)


def _without_empty_paragraphs(parts: list[str]) -> list[str]:
    out: list[str] = []
    for part in parts:
        if part == "</p>" and out and out[-1] == "<p>":
            out.pop()
        else:
            out.append(part)
    return out


def _math(found: re.Match[str]) -> str:
    tag = "div" if found[2] == "block" else "span"
    return f'<{tag} class="math">{found[3]}</{tag}>'


def told_by_oracle(text: str, *, plain: bool = False) -> list[str]:
    """What the oracle makes of `text`, in the normal form."""
    return normal_form((plain_oracle() if plain else full_oracle()).render(text))
