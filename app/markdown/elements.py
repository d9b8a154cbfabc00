"""Leaves -> elements of HTML, for copying, export and print.

Containers are rebuilt from the contexts of neighbouring leaves, so any range of leaves can be
written. Pieces of a cut paragraph become one again. The class names are part of the contract:
`language-x`, `math`, `footnote-ref`, `footnotes`. Raw HTML never gets through: text is escaped
when elements are written (`serialise`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, assert_never
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from app.markdown.direction import is_right_to_left
from app.markdown.tree import (
    Align,
    Code,
    Container,
    Emphasis,
    Footnote,
    FootnoteRef,
    HardBreak,
    Image,
    Inline,
    Item,
    Kind,
    Leaf,
    Link,
    Math,
    Quote,
    SoftBreak,
    Strike,
    Strong,
    Text,
)
from app.markdown.words import plain_text

Parse: TypeAlias = Callable[[str], tuple[Inline, ...]]
# What stays as it is in an address; all else is percent-encoded.
_ADDRESS_SAFE = ";/?:@&=+$,-_.!~*'()#%"
# `{.python}`, `js:app.js`, `python{3}`
_SAYS_MORE = re.compile(r"\{|[\w+#.-]+(?::[\w./]|[{=,])")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class ElementWriter:
    """Writes leaves below `root`. `loose` are the ids of lists whose items hold paragraphs."""

    def __init__(self, parse: Parse, loose: frozenset[int]) -> None:
        self.root = Element("div")
        self._parse = parse
        self._loose = loose
        self._path: list[tuple[Container, Element]] = []
        """The open containers, each with the element that its blocks go into."""
        self._lists: dict[int, Element] = {}
        self._notes: list[tuple[Footnote, Element]] = []
        self._mentioned: set[int] = set()

    def write(self, leaves: Sequence[Leaf]) -> Element:
        """Write all of `leaves`, then the footnotes among them; returns `root`."""
        at = 0
        while at < len(leaves):
            end = at + 1
            while end < len(leaves) and leaves[end].glue is not None:
                end += 1
            self._block(leaves[at], _joined(leaves[at:end]))
            at = end
        self._write_notes()
        return self.root

    # -------------------------------------------------------------------------- containers

    def _enter(self, context: Sequence[Container]) -> Element:
        """The element for blocks in `context`; opens and closes what differs from before."""
        same = 0
        while (
            same < min(len(context), len(self._path)) and self._path[same][0].id == context[same].id
        ):
            same += 1
        del self._path[same:]
        for box in context[same:]:
            parent = self._path[-1][1] if self._path else self.root
            self._path.append((box, self._open(box, parent)))
        return self._path[-1][1] if self._path else self.root

    def _open(self, box: Container, parent: Element) -> Element:
        match box:
            case Quote():
                return SubElement(parent, "blockquote")
            case Footnote():
                note = Element("li")
                self._notes.append((box, note))
                return note
            case Item():
                items = self._lists.get(box.list_id)
                if items is None:
                    items = SubElement(parent, "ol" if box.ordered else "ul")
                    if box.ordered and box.number != 1:
                        items.set("start", str(box.number))
                    self._lists[box.list_id] = items
                item = SubElement(items, "li")
                if box.task is not None:
                    item.set("class", "task-list-item")
                return item
            case other:
                assert_never(other)

    def _write_notes(self) -> None:
        if not self._notes:
            return
        section = SubElement(self.root, "section", {"class": "footnotes"})
        ordered = SubElement(section, "ol")
        # Those that nothing mentions come last: no text is lost.
        for box, note in sorted(self._notes, key=lambda entry: entry[0].number or len(self._notes)):
            ordered.append(note)
            if box.number in self._mentioned:
                note.set("id", f"fn-{box.number}")
                ends_in_text = len(note) and note[-1].tag == "p"
                last = note[-1] if ends_in_text else SubElement(note, "p")
                if ends_in_text:
                    _add_text(last, " ")
                back = {"href": f"#fnref-{box.number}", "class": "footnote-backref"}
                SubElement(last, "a", back).text = "↩"

    # ------------------------------------------------------------------------------ blocks

    def _block(self, leaf: Leaf, text: str) -> None:
        parent = self._enter(leaf.context)
        match leaf.kind:
            case Kind.PARAGRAPH:
                if leaf.lines:
                    self._paragraph(leaf, text, parent)
            case Kind.HEADING:
                self._text(text, SubElement(parent, f"h{leaf.level}"))
            case Kind.CODE:
                code = SubElement(SubElement(parent, "pre"), "code")
                language = _language(leaf)
                if language:
                    code.set("class", f"language-{language}")
                code.text = text + "\n" if leaf.lines else ""
            case Kind.MATH:
                SubElement(parent, "div", {"class": "math"}).text = text
            case Kind.RULE:
                SubElement(parent, "hr")
            case Kind.TABLE:
                self._table(leaf, SubElement(parent, "table"))
            case other:
                assert_never(other)

    def _paragraph(self, leaf: Leaf, text: str, parent: Element) -> None:
        box = leaf.context[-1] if leaf.context else None
        tight = isinstance(box, Item) and box.list_id not in self._loose
        if tight and (len(parent) or parent.text):
            _add_text(parent, "\n")
        target = parent if tight else SubElement(parent, "p")
        if isinstance(box, Item) and box.task is not None and box.marker is not None:
            ticked = {"checked": ""} if box.task else {}
            SubElement(target, "input", {"type": "checkbox", "disabled": "", **ticked}).tail = " "
        self._text(text, target)

    def _table(self, leaf: Leaf, table: Element) -> None:
        self._row(leaf.head, leaf.align, SubElement(SubElement(table, "thead"), "tr"), "th")
        if leaf.rows:
            body = SubElement(table, "tbody")
            for row in leaf.rows:
                self._row(row, leaf.align, SubElement(body, "tr"), "td")

    def _row(self, cells: Sequence[str], align: Sequence[Align], row: Element, tag: str) -> None:
        for text, side in zip(cells, align, strict=False):
            style = {"style": f"text-align: {side.value}"} if side is not Align.NONE else {}
            self._text(text, SubElement(row, tag, style))

    # ----------------------------------------------------------------------------- inlines

    def _text(self, source: str, parent: Element) -> None:
        nodes = self._parse(source)
        if not source.isascii() and is_right_to_left(plain_text(nodes)):
            parent.set("dir", "rtl")
        self._inlines(nodes, parent)

    def _inlines(self, nodes: Iterable[Inline], parent: Element) -> None:
        for node in nodes:
            match node:
                case Text(text):
                    _add_text(parent, text)
                case SoftBreak():
                    _add_text(parent, "\n")
                case HardBreak():
                    SubElement(parent, "br").tail = "\n"
                case Code(text):
                    SubElement(parent, "code").text = text
                case Math(tex):
                    SubElement(parent, "span", {"class": "math"}).text = tex
                case Strong(children):
                    self._inlines(children, SubElement(parent, "strong"))
                case Emphasis(children):
                    self._inlines(children, SubElement(parent, "em"))
                case Strike(children):
                    self._inlines(children, SubElement(parent, "del"))
                case Link(href, title, children):
                    link = SubElement(parent, "a", {"href": encode_address(href)})
                    if title:
                        link.set("title", title)
                    self._inlines(children, link)
                case Image(src, title, alt):
                    image = SubElement(parent, "img", {"src": encode_address(src), "alt": alt})
                    if title:
                        image.set("title", title)
                case FootnoteRef(number=number):
                    self._footnote_ref(number, SubElement(parent, "sup", {"class": "footnote-ref"}))
                case other:
                    assert_never(other)

    def _footnote_ref(self, number: int, sup: Element) -> None:
        link = SubElement(sup, "a", {"href": f"#fn-{number}"})
        if number not in self._mentioned:
            self._mentioned.add(number)
            link.set("id", f"fnref-{number}")
        link.text = str(number)


def encode_address(address: str) -> str:
    """`address` as it may stand in an attribute: anything unusual percent-encoded."""
    return quote(_STRAY_PERCENT.sub("%25", address), safe=_ADDRESS_SAFE)


def _joined(pieces: Sequence[Leaf]) -> str:
    return "".join((leaf.glue or "") + leaf.text for leaf in pieces)


def _language(leaf: Leaf) -> str:
    """The first word of the info string, unless that says more than a language."""
    words = leaf.info.split(None, 1)
    if not words:
        return ""
    return leaf.language or words[0] if _SAYS_MORE.match(words[0]) else words[0]


def _add_text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
