"""Word documents and notebooks as Markdown: their words, headings, lists, tables and code.

Invariant: for a thread; pure. What is in an archive is looked at before it is unpacked, and no
entity of an XML file is followed. Every failure is a `RefusedError`.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from app.attachments.refusal import RefusedError
from app.domain.quoting import quoted
from app.i18n import tr

MOST_UNPACKED_BYTES = 100_000_000
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOTEBOOK = "application/x-ipynb+json"

_BODY = "word/document.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_USUAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_W = f"{{{_USUAL}}}"
_HEADING = re.compile(r"(?:heading|berschrift|titre|rubrik)\s*([1-6])", re.IGNORECASE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def is_docx(data: bytes) -> bool:
    """Whether an archive is a Word document."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            return _BODY in archive.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def docx_text(data: bytes, name: str) -> str:
    """The words of a document as Markdown. Raises RefusedError."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise RefusedError(tr("{name} holds too much to be read.", name=name))
            body = _parsed(archive.read(_BODY)).find(f"{_W}body")
            notes = [_parsed(archive.read(n)) for n in _NOTES if n in archive.namelist()]
    except (BadZipFile, KeyError, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        raise RefusedError(tr("{name} is damaged or cut off.", name=name)) from error
    if body is None:
        raise RefusedError(tr("{name} holds no text.", name=name))
    blocks = [*_blocks(body), *(line for note in notes for line in _note_lines(note))]
    text = "\n\n".join(filter(None, blocks))
    if not text:
        raise RefusedError(tr("{name} holds no text.", name=name))
    return f"{text}\n"


def _parsed(xml: bytes) -> ElementTree.Element:
    """Raises ValueError for what is no XML, and for one that defines entities."""
    if b"<!DOCTYPE" in xml[:4096] or b"<!ENTITY" in xml:
        raise ValueError("a document of Word has no document type")
    try:
        return ElementTree.fromstring(xml.replace(_STRICT.encode(), _USUAL.encode()))
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error


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
