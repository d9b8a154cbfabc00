"""Word documents and notebooks as Markdown: their words, headings, lists, tables and code.

Invariant: for a thread; pure. Of an archive no more is unpacked than is read, however much it says
or hides; no entity of an XML file is followed. Every failure is a `RefusedError`.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from app.attachments.refusal import RefusedError
from app.domain.quoting import quoted
from app.i18n import tr

MOST_XML_BYTES = 100_000_000
MOST_ELEMENTS = 2_000_000
MOST_DEPTH = 200
PIECE_BYTES = 64 * 1024
"""An XML file is read in pieces: the reading of one holds all of Python up."""
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOTEBOOK = "application/x-ipynb+json"

_BODY = re.compile(r"word/document\d*\.xml")
_OTHER_OFFICE = ("xl/workbook.", "ppt/presentation.", "Contents/content.hpf", "content.xml")
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_HEADING = re.compile(r"(?:heading|berschrift|titre|rubrik)\s*([1-6])", re.IGNORECASE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def archive_text(data: bytes, name: str) -> str:
    """The words of a Word document as Markdown. Raises RefusedError, for other archives too."""
    with _reading(name), ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        main = next((known for known in names if _BODY.fullmatch(known)), None)
        if main is None:
            raise RefusedError(_no_document(names, name))
        body = _parsed(archive, main, name).find(f"{_W}body")
        notes = [_parsed(archive, each, name) for each in _NOTES if each in names]
    if body is None:
        raise RefusedError(tr("{name} holds no text.", name=name))
    blocks = [*_blocks(body), *(line for note in notes for line in _note_lines(note))]
    text = "\n\n".join(filter(None, blocks))
    if not text:
        raise RefusedError(tr("{name} holds no text.", name=name))
    return f"{text}\n"


def _no_document(names: list[str], name: str) -> str:
    if any(each.startswith(_OTHER_OFFICE) for each in names):
        return tr("{name} is no Word document. Save it as PDF, or as text.", name=name)
    return tr("{name} is an archive. Unpack it and attach what is in it.", name=name)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """What the archive or its XML has wrong, as a sentence."""
    try:
        yield
    except (
        *(BadZipFile, KeyError, RuntimeError, OSError, EOFError, ValueError, zlib.error),
        *(NotImplementedError, ElementTree.ParseError),
    ) as error:
        raise RefusedError(tr("{name} is damaged or cut off.", name=name)) from error


def _parsed(archive: ZipFile, member: str, name: str) -> ElementTree.Element:
    """Raises ValueError for what no program writes, RefusedError for too much."""
    parser = ElementTree.XMLParser(target=_Tree())
    left = MOST_XML_BYTES
    with archive.open(member) as file:
        while piece := file.read(PIECE_BYTES):
            left -= len(piece)
            if left < 0:
                raise RefusedError(tr("{name} holds too much to be read.", name=name))
            parser.feed(piece)
    root: ElementTree.Element = parser.close()
    return root


class _Tree(ElementTree.TreeBuilder):
    """Elements in the usual namespace. Raises ValueError for what no program writes."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def doctype(self, *_: object) -> None:
        raise ValueError("a document of Word has no document type, and no entities")

    def start(self, tag: Any, attrs: dict[Any, Any], /) -> ElementTree.Element:
        self._depth += 1
        self._count += 1
        if self._depth > MOST_DEPTH or self._count > MOST_ELEMENTS:
            raise ValueError("too deep or too many")
        if tag.startswith(_STRICT):
            tag = tag.replace(_STRICT, _W)
            attrs = {key.replace(_STRICT, _W): value for key, value in attrs.items()}
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ElementTree.Element:
        self._depth -= 1
        return super().end(tag.replace(_STRICT, _W))


def _blocks(parent: ElementTree.Element) -> Iterator[str]:
    """Paragraphs and tables; lines of one list stand together."""
    items: list[str] = []
    for child in parent:
        is_item = child.tag == f"{_W}p" and child.find(f"{_W}pPr/{_W}numPr") is not None
        if items and not is_item:
            yield "\n".join(items)
            items = []
        if is_item:
            items.append(_item(child))
        elif child.tag == f"{_W}p":
            yield _heading(child) + _words(child).strip()
        elif child.tag == f"{_W}tbl":
            yield _table(child)
        elif child.tag == f"{_W}sdt":
            for content in child.findall(f"{_W}sdtContent"):
                yield from _blocks(content)
    if items:
        yield "\n".join(items)


def _item(paragraph: ElementTree.Element) -> str:
    level = paragraph.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
    depth = level.get(f"{_W}val", "0") if level is not None else "0"
    return "  " * min(int(depth) if depth.isdigit() else 0, 8) + f"- {_words(paragraph).strip()}"


def _heading(paragraph: ElementTree.Element) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    value = style.get(f"{_W}val", "") if style is not None else ""
    if value.lower() == "title":
        return "# "
    found = _HEADING.search(value)
    return "#" * int(found[1]) + " " if found else ""


def _words(element: ElementTree.Element) -> str:
    """The text of runs; what a reviewer deleted is not there."""
    return "".join(_pieces(element))


def _pieces(element: ElementTree.Element) -> Iterator[str]:
    for node in element:
        match node.tag.removeprefix(_W):
            case "t":
                yield node.text or ""
            case "tab":
                yield "\t"
            case "br" | "cr":
                yield "\n"
            case "noBreakHyphen":
                yield "-"
            case "footnoteReference" | "endnoteReference":
                yield f"[^{node.get(f'{_W}id', '')}]"
            case tag if not tag.endswith("}Fallback"):  # says again what its neighbour says
                yield from _pieces(node)


def _table(table: ElementTree.Element) -> str:
    rows = [
        [" ".join(_words(cell).split()).replace("|", "\\|") for cell in row.findall(f"{_W}tc")]
        for row in table.findall(f"{_W}tr")
    ]
    widest = max(map(len, rows), default=0)
    if not widest:
        return ""
    lines = [f"| {' | '.join(row + [''] * (widest - len(row)))} |" for row in rows]
    return "\n".join((lines[0], "|" + " --- |" * widest, *lines[1:]))


def _note_lines(notes: ElementTree.Element) -> Iterator[str]:
    for note in notes:
        words = " ".join(_words(note).split())
        if words:
            yield f"[^{note.get(f'{_W}id', '')}]: {words}"


def is_notebook(text: str) -> bool:
    """Whether a text is a notebook. Parses it: O(length)."""
    return text.lstrip()[:1] == "{" and '"cells"' in text and _notebook(text) is not None


def notebook_text(text: str, name: str) -> str:
    """Words, code and results of a notebook as Markdown. Raises RefusedError."""
    book = _notebook(text)
    if book is None:
        raise RefusedError(tr("{name} is damaged or cut off.", name=name))
    language = _language(book)
    blocks: list[str] = []
    for cell in book["cells"]:
        if not isinstance(cell, Mapping):
            continue
        source = _joined(cell.get("source"))
        if cell.get("cell_type") == "code":
            blocks.append(_fenced(source, language))
            blocks += [shown for out in _list(cell.get("outputs")) if (shown := _output(out))]
        else:
            blocks.append(source.strip())
    return "\n\n".join(filter(None, blocks)) + "\n"


def _notebook(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_book = isinstance(found, dict) and isinstance(found.get("cells"), list)
    return found if is_book and "nbformat" in found else None


def _language(book: Mapping[str, Any]) -> str:
    about = book.get("metadata")
    info = about.get("language_info") if isinstance(about, Mapping) else None
    name = info.get("name") if isinstance(info, Mapping) else None
    return name if isinstance(name, str) and name.isalnum() else "python"


def _output(output: object) -> str:
    """Text of a result; a picture is named only."""
    if not isinstance(output, Mapping):
        return ""
    if output.get("output_type") == "error":
        trace = "\n".join(str(line) for line in _list(output.get("traceback")))
        return _fenced(_COLOURS.sub("", trace) or str(output.get("evalue") or ""), "")
    if "text" in output:
        return _fenced(_joined(output["text"]), "")
    data = output.get("data")
    if not isinstance(data, Mapping):
        return ""
    if "text/plain" in data:
        return _fenced(_joined(data["text/plain"]), "")
    return "".join(f"[{kind}]" for kind in data if str(kind).startswith("image/"))


def _fenced(text: str, language: str) -> str:
    if not text.strip():
        return ""
    plain = quoted("", text)
    fence = plain.partition("\n")[0]
    return f"{fence}{language}{plain[len(fence) :]}"


def _joined(value: object) -> str:
    if isinstance(value, list):
        return "".join(str(each) for each in value)
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
