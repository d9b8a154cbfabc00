"""`linnet render`: a markdown file as HTML."""

from __future__ import annotations

import sys
from pathlib import Path

from app.cli.arguments import Options
from app.cli.printer import Printer
from app.cli.report import COMPLETE
from app.cli.services import UsageError
from app.markdown.render import to_html


def render(options: Options, printer: Printer) -> int:
    """The status to end with. Raises UsageError for a file that cannot be read."""
    try:
        data = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    except OSError as error:
        raise UsageError(f"{options.file}: {error.strerror or error}") from error
    printer.line(to_html(data.decode("utf-8-sig", "replace")))
    return COMPLETE
