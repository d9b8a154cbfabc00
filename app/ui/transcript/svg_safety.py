"""SVG that a model wrote, made safe to draw: rebuilt from a list of what is allowed.

Invariant: what comes out names nothing outside itself, runs nothing, and cannot grow without
bound: entities and document types are refused, references are counted through. Pure; draws
nothing. What is not allowed is left out where the rest still makes sense, else the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple
from xml.parsers import expat

MAX_CHARS = 256 * 1024
MAX_ELEMENTS = 4_000
MAX_COST = 8_000
"""Elements that are drawn, each reference counted as often as it is followed."""
MAX_DEPTH = 60
MAX_FONT_SIZE = 4_000.0
MAX_DASHES = 500_000

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
ELEMENTS = frozenset(
    (
        "svg",
        "g",
        "defs",
        "symbol",
        "use",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "textPath",
        "linearGradient",
        "radialGradient",
        "stop",
        "clipPath",
        "marker",
        "style",
    )
)
AS_GROUP = frozenset({"a", "switch"})
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)['\"]?\s*\)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_GEOMETRY = frozenset(
    (
        "d",
        "points",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "width",
        "height",
        "viewBox",
    )
)


class UnsafeDrawingError(Exception):
    """It is not drawn, for a reason."""


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[_Element | str] = field(default_factory=list)

    def children(self) -> Iterable[_Element]:
        return (each for each in self.content if isinstance(each, _Element))


class SafeSvg(NamedTuple):
    """`cost` is how many elements are drawn when references are followed."""

    text: str
    cost: int


def safe_svg(text: str) -> SafeSvg:
    """The drawing with nothing in it but shapes, text and what they are painted with.

    Raises UnsafeDrawingError. Takes up to a tenth of a second.
    """
    if len(text) > MAX_CHARS:
        raise UnsafeDrawingError("too long")
    root = _Reader().read(text)
    _limit_dashes(root)
    cost = _count(root)
    out: list[str] = []
    _write(root, out)
    return SafeSvg("".join(out), cost)


class _Reader:
    """Builds the elements that are allowed."""

    def __init__(self) -> None:
        self._stack: list[_Element | None] = []
        self._root: _Element | None = None
        self._elements = 0

    def read(self, text: str) -> _Element:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        try:
            parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as problem:
            raise UnsafeDrawingError(str(problem)) from problem
        if self._root is None or self._root.name != "svg":
            raise UnsafeDrawingError("no drawing")
        return self._root

    def _refuse(self, *told: object) -> None:
        raise UnsafeDrawingError("it declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS or len(self._stack) >= MAX_DEPTH:
            raise UnsafeDrawingError("too large")
        space, _, local = name.rpartition(" ")
        above = self._stack[-1] if self._stack else None
        if space not in ("", SVG) or (self._stack and above is None):
            self._stack.append(None)
            return
        local = "g" if local in AS_GROUP else local
        element = _Element(local, _safe_attributes(attributes)) if local in ELEMENTS else None
        if element is not None and above is not None:
            above.content.append(element)
        elif element is not None:
            self._root = element
        self._stack.append(element)

    def _end(self, name: str) -> None:
        self._stack.pop()

    def _text(self, text: str) -> None:
        element = self._stack[-1] if self._stack else None
        if element is not None and element.name in ("text", "tspan", "textPath", "style"):
            element.content.append(text)


def _safe_attributes(attributes: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in attributes.items():
        space, _, local = name.rpartition(" ")
        if local == "href":
            if space in ("", XLINK) and value.strip().startswith("#"):
                found["href"] = value.strip()
            continue
        if space or not _NAME.fullmatch(local) or local.lower().startswith("on"):
            continue
        if _is_safe_value(value) and not _is_too_big(local, value):
            found[local] = value
    return found


def _is_safe_value(value: str) -> bool:
    """Whether a value or a style sheet names nothing outside the drawing."""
    rest = _REFERENCE.sub("", value).lower()
    return not any(sign in rest for sign in ("url", "@", "\\", "//", "data:", "script:"))


def _is_too_big(name: str, value: str) -> bool:
    if name not in ("font-size", "font", "style", "stroke-width"):
        return False
    return any(number > MAX_FONT_SIZE for number in _numbers(value))


def _limit_dashes(root: _Element) -> None:
    """Leave out dash patterns that are so fine that drawing them would take for ever."""
    elements = [*_all(root)]
    length = sum(_longest(element) for element in elements)
    for element in elements:
        attributes = element.attributes
        styled = attributes.get("style", "")
        if "dasharray" in styled:
            parts = styled.split(";")
            attributes["style"] = ";".join(part for part in parts if "dasharray" not in part)
            dashes = next(part for part in parts if "dasharray" in part)
            attributes["stroke-dasharray"] = dashes.partition(":")[2].strip()
        pattern = attributes.get("stroke-dasharray", "")
        dashes_px = sum(_numbers(pattern))
        if pattern and (length > MAX_DASHES * dashes_px or "%" in pattern):
            del attributes["stroke-dasharray"]


def _longest(element: _Element) -> float:
    """No line of the element is longer."""
    found = [
        number
        for name, value in element.attributes.items()
        if name in _GEOMETRY
        for number in _numbers(value)
    ]
    return max(found, default=0.0) * max(4, len(found))


def _numbers(text: str) -> list[float]:
    return [abs(float(number)) for number in _NUMBER.findall(text)]


def _all(element: _Element) -> Iterable[_Element]:
    yield element
    for child in element.children():
        yield from _all(child)


def _count(root: _Element) -> int:
    """The elements, references followed. Refuses what refers to itself or comes to too much."""
    by_id: dict[str, _Element] = {}
    for element in _all(root):
        if "id" in element.attributes:
            by_id.setdefault(element.attributes["id"], element)
    costs: dict[int, int] = {}

    def cost(element: _Element, path: tuple[int, ...]) -> int:
        if id(element) in path:
            raise UnsafeDrawingError("it refers to itself")
        known = costs.get(id(element))
        if known is not None:
            return known
        inside = (*path, id(element))
        if len(inside) > 2 * MAX_DEPTH:
            raise UnsafeDrawingError("too deep")
        total = 1 + sum(cost(child, inside) for child in element.children())
        for name in _references(element):
            target = by_id.get(name)
            if target is not None:
                total += cost(target, inside)
        if total > MAX_COST:
            raise UnsafeDrawingError("too much to draw")
        costs[id(element)] = total
        return total

    return cost(root, ())


def _references(element: _Element) -> Iterable[str]:
    for name, value in element.attributes.items():
        if name == "href":
            yield value[1:]
        else:
            yield from _REFERENCE.findall(value)


def _in_quotes(value: str) -> str:
    return escape(value).replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")


def _write(element: _Element, out: list[str]) -> None:
    if element.name == "style":
        css = "".join(each for each in element.content if isinstance(each, str))
        if _is_safe_value(css) and "dasharray" not in css and not _is_too_big("style", css):
            out.append(f"<style>{escape(css, quote=False)}</style>")
        return
    out.append(f"<{element.name}")
    if element.name == "svg":
        out.append(f' xmlns="{SVG}" xmlns:xlink="{XLINK}"')
    for name, value in element.attributes.items():
        written = "xlink:href" if name == "href" else name
        out.append(f' {written}="{_in_quotes(value)}"')
    out.append(">")
    for each in element.content:
        if isinstance(each, str):
            out.append(escape(each, quote=False))
        else:
            _write(each, out)
    out.append(f"</{element.name}>")
