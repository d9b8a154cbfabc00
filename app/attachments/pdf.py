"""PDF documents: their pages counted, drawn and read, by PDFium.

Invariant: for a thread, and one at a time: PDFium keeps its state for the whole process. Every
failure is a `RefusedError`. A page is drawn in bounded size, whatever size it says it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from app.attachments.refusal import RefusedError
from app.i18n import tr

PAGE_PX = 1536
"""The longer side of a drawn page: letters of 8 points can be read."""
QUALITY = 85
MOST_OBLONG = 50.0
MOST_PAINTED_PX = 24_000_000
"""Of a page on a screen, 96 MB: a web page saved as one long page stays readable."""

_ONE_AT_A_TIME = Lock()
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD


def count_pages(path: Path, name: str) -> int:
    """Raises RefusedError for what is no PDF, is broken, or asks for a password."""
    with _document(path, name) as document:
        return len(document)


def draw_page(path: Path, name: str, number: int, longest_px: int = PAGE_PX) -> bytes:
    """Page `number`, from 0, as a JPEG. Raises RefusedError."""
    with _document(path, name) as document:
        page = document[number]
        width, height = page.get_size()
        scale = longest_px / max(width, height, 1.0)
        image = page.render(scale=scale).to_pil().convert("RGB")
        page.close()
    target = BytesIO()
    image.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class PaintedPage:
    """A page as pixels of four bytes: blue, green, red and one that says nothing."""

    width_px: int
    height_px: int
    line_bytes: int
    data: bytes


def page_sizes(path: Path, name: str) -> tuple[tuple[float, float], ...]:
    """Width and height of each page in points, 1/72 inch. Raises RefusedError."""
    with _document(path, name) as document:
        return tuple(_bounded(*document.get_page_size(at)) for at in range(len(document)))


def paint_page(path: Path, name: str, number: int, width_px: int) -> PaintedPage:
    """Page `number`, from 0, so many pixels wide, for a screen. Raises RefusedError.

    One that would be too large is less wide than asked for.
    """
    with _document(path, name) as document:
        page = document[number]
        width, height = (max(side, 1.0) for side in page.get_size())
        scale = min(width_px / width, (MOST_PAINTED_PX / (width * height)) ** 0.5)
        bitmap = page.render(scale=scale, prefer_bgrx=True)
        page.close()
        return PaintedPage(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))


def _bounded(width: float, height: float) -> tuple[float, float]:
    """No page is empty, and none is a line."""
    width, height = max(width, 1.0), max(height, 1.0)
    return max(width, height / MOST_OBLONG), max(height, width / MOST_OBLONG)


def read_page(path: Path, name: str, number: int) -> str:
    """The text of page `number`, from 0; empty where it is a picture. Raises RefusedError."""
    with _document(path, name) as document:
        page = document[number]
        text_page = page.get_textpage()
        text: str = text_page.get_text_bounded()
        text_page.close()
        page.close()
    return text.replace("\r\n", "\n").strip()


@contextmanager
def _document(path: Path, name: str) -> Iterator[Any]:
    """The boundary to PDFium, which raises anything for what is broken."""
    import pypdfium2

    with _ONE_AT_A_TIME:
        try:
            document = pypdfium2.PdfDocument(path)
            try:
                yield document
            finally:
                document.close()
        except RefusedError:
            raise
        except Exception as error:
            if getattr(error, "err_code", None) == _WRONG_PASSWORD:
                words = tr("{name} asks for a password. Attach a copy without one.", name=name)
            else:
                words = tr("{name} is damaged or cut off.", name=name)
            raise RefusedError(words) from error
