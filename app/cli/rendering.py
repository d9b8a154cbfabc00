"""`linnet render`: a markdown file as HTML."""

from __future__ import annotations

from pathlib import Path

from app.cli.arguments import Options
from app.cli.printer import Printer
from app.cli.question import read_stdin
from app.cli.report import COMPLETE
from app.cli.services import UsageError
from app.markdown.render import to_html


def render(options: Options, printer: Printer) -> int:
    """The status to end with. Raises UsageError for a file that cannot be read."""
    printer.line(to_html(read_stdin() if options.file == "-" else _read(Path(options.file))))
    return COMPLETE


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
