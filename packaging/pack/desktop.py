"""What a Linux desktop is told: the menu entry, what can be opened, and the page in its store.

Invariant: names and addresses come from the product; without a homepage there are no pictures, for
they have to lie somewhere. The terminal's command and the window are the same program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from pack.product import ROOT, Product

# As the shared MIME database of desktops names them.
OPENED = (
    "image/png image/jpeg image/webp image/gif image/bmp image/tiff image/heic image/heif "
    "image/avif video/mp4 video/quicktime video/webm video/mpeg video/x-msvideo video/x-ms-wmv "
    "video/x-flv video/3gpp audio/mpeg audio/x-wav audio/aac audio/flac audio/ogg audio/mp4 "
    "audio/x-aiff application/pdf text/plain text/markdown text/csv text/html application/json"
).split()  # fmt: skip
KEYWORDS = ("AI", "LLM", "assistant", "Gemini", "OpenAI", "Ollama", "chat", "model")
CATEGORIES = ("Network", "Chat", "Qt")
PICTURES = (
    ("main-light.png", "A chat with code, a table and a formula"),
    ("streaming-dark.png", "An answer while it is written"),
)
_ENTRY = """[Desktop Entry]
Type=Application
Version=1.4
Name={title}
GenericName=Chat with language models
Comment={summary}
Exec={command} %U
TryExec={command}
Icon={id}
Terminal=false
StartupNotify=true
StartupWMClass={name}
X-GNOME-SingleWindow=true
Categories={categories};
Keywords={keywords};
MimeType={types};
Actions=new-chat;

[Desktop Action new-chat]
Name=New Chat
Icon={id}
Exec={command} --new-chat
"""


@dataclass(frozen=True)
class Release:
    """A version of the change log: `date` as YYYY-MM-DD, and its paragraphs and points."""

    version: str
    date: str
    words: tuple[str, ...]
    points: tuple[str, ...]


def entry(made: Product, command: str = "") -> str:
    """The desktop file; `command` starts the program where it is not on the PATH."""
    return _ENTRY.format(
        title=made.title,
        name=made.name,
        summary=made.summary,
        command=command or made.name,
        id=made.id,
        categories=";".join(CATEGORIES),
        keywords=";".join(KEYWORDS),
        types=";".join([*OPENED, f"x-scheme-handler/{made.name}"]),
    )


def metainfo(made: Product) -> str:
    """The AppStream component."""
    root = Xml.Element("component", type="desktop-application")

    def add(parent: Xml.Element, name: str, text: str = "", **attributes: str) -> Xml.Element:
        child = Xml.SubElement(parent, name, attributes)
        child.text = text or None
        return child

    add(root, "id", made.id)
    add(root, "metadata_license", "CC0-1.0")
    add(root, "project_license", "MIT")
    add(root, "name", made.title)
    add(root, "summary", made.summary)
    developer = add(root, "developer", id=made.id.rpartition(".")[0].lower())
    add(developer, "name", made.maker)
    _describe(add(root, "description"))
    add(root, "launchable", f"{made.id}.desktop", type="desktop-id")
    add(root, "icon", made.id, type="stock")
    for category in CATEGORIES:
        add(add(root, "categories") if root.find("categories") is None else root[-1], "category",
            category)  # fmt: skip
    if made.homepage:
        add(root, "url", made.homepage, type="homepage")
        add(root, "url", f"{made.homepage}/issues", type="bugtracker")
        pictures = add(root, "screenshots")
        for number, (file, caption) in enumerate(PICTURES):
            attributes = {"type": "default"} if number == 0 else {}
            picture = add(pictures, "screenshot", "", **attributes)
            add(picture, "image", f"{made.homepage}/raw/v{made.version}/docs/pictures/{file}")
            add(picture, "caption", caption)
    provides = add(root, "provides")
    add(provides, "binary", made.name)
    for kind in OPENED:
        add(provides, "mediatype", kind)
    add(add(root, "requires"), "display_length", "440", compare="ge")
    supports = add(root, "supports")
    for control in ("pointing", "keyboard", "touch"):
        add(supports, "control", control)
    add(supports, "internet", "always")
    add(add(root, "content_rating", type="oars-1.1"), "content_attribute", "intense",
        id="social-chat")  # fmt: skip
    _list_releases(add(root, "releases"), made)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _describe(parent: Xml.Element) -> None:
    Xml.SubElement(parent, "p").text = (
        "Linnet is a native desktop chat for Gemini and every model behind an OpenAI-compatible "
        "address: gateways, and the servers on your own computer. It starts at once, stays small "
        "and keeps every chat on your own disk."
    )
    points = Xml.SubElement(parent, "ul")
    for point in (
        "Streams answers with code, tables and formulas, and keeps what arrived when a connection "
        "breaks",
        "Takes pictures, videos, sound, PDF and text along with a question",
        "Keeps every version of an answer, and finds every word of every chat",
        "Keeps keys in the keyring of the desktop",
    ):
        Xml.SubElement(points, "li").text = point


def _list_releases(parent: Xml.Element, made: Product) -> None:
    for release in releases(made):
        row = Xml.SubElement(parent, "release", version=release.version, date=release.date)
        description = Xml.SubElement(row, "description")
        for words in release.words:
            Xml.SubElement(description, "p").text = words
        if release.points:
            points = Xml.SubElement(description, "ul")
            for point in release.points:
                Xml.SubElement(points, "li").text = point


def releases(made: Product) -> Iterator[Release]:
    """The versions of CHANGELOG.md, newest first; one without a date bears that of the sources."""
    today = datetime.fromtimestamp(made.epoch_s, UTC).strftime("%Y-%m-%d")
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        number = re.match(r"\[?(\d+\.\d+\.\d+\S*?)\]?(?:\s+-\s+(\d{4}-\d\d-\d\d))?\s*$", heading)
        if number is None:
            continue
        blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=- )", body)]
        words = tuple(block for block in blocks if block and not block.startswith(("- ", "#")))
        points = tuple(block[2:] for block in blocks if block.startswith("- "))
        yield Release(number[1], number[2] or today, words, points)
