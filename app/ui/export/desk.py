"""Prints a chat or saves it as a file: asks where to, has it done, tells how it went.

Invariant: the window goes on meanwhile: pages are made one by one, texts written on a thread.
What is printed is light, whatever the window's palette.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMarginsF, QObject, QStandardPaths, Signal
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter
from PySide6.QtPrintSupport import QAbstractPrintDialog, QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.chat import Chat
from app.domain.path import Path as MessagePath
from app.domain.settings import Palette
from app.i18n import tr, trn
from app.ui.export.files import Kind, TextFiles, Wanted, beside, kind_of
from app.ui.export.pages import Pages
from app.ui.export.printing import Printing
from app.ui.theme import Theme
from app.ui.transcript.means import Means
from app.ui.transcript.wording import date_time, whole
from app.ui.usual_folder import usual_folder

MARGIN_MM = 18.0
FORBIDDEN = '<>:"/\\|?*'
"""In names of files on one system or another."""
LONGEST_NAME = 80


class ExportDesk(QObject):
    """`noticed` carries a sentence about how it went; `busy` one about a long print, with what
    stops it."""

    noticed = Signal(str)
    busy = Signal(str, object)

    def __init__(self, means: Means, window: QWidget) -> None:
        super().__init__(window)
        self._means = means
        self._window = window
        self._texts = TextFiles(means.path_of, self)
        self._texts.ended.connect(self._on_saved)
        self._kind = Kind.PDF
        self._folder = usual_folder(QStandardPaths.StandardLocation.DocumentsLocation)

    # Files -------------------------------------------------------------------------------

    def save(self, chat: Chat) -> None:
        """Ask for a place and a kind of file, and write it."""
        if self._is_empty(chat):
            return
        dialog = QFileDialog(self._window, tr("Save chat"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([kind.filter for kind in Kind])
        dialog.selectNameFilter(self._kind.filter)
        dialog.setDefaultSuffix(self._kind.value)
        dialog.filterSelected.connect(partial(self._on_filter, dialog))
        dialog.setDirectory(self._folder)
        dialog.selectFile(f"{file_name(title_of(chat))}.{self._kind.value}")
        dialog.fileSelected.connect(lambda path: self.write(chat, Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _is_empty(self, chat: Chat) -> bool:
        """Whether there is nothing to give out, which is told."""
        empty = not messages_of(chat)
        if empty:
            self.noticed.emit(tr("There is nothing in this chat yet."))
        return empty

    def write(self, chat: Chat, path: Path) -> None:
        """Write the chat into a file, as what its name says."""
        self._folder = str(path.parent)
        kind, title, messages = kind_of(path, self._kind), title_of(chat), messages_of(chat)
        if kind is not Kind.PDF:
            self._texts.write(Wanted(kind, path, title, messages, chat.id))
            return
        try:
            beside(path).touch()
        except OSError as error:
            self._on_saved(path, str(error.strerror or error))
            return
        writer = QPdfWriter(str(beside(path)))
        writer.setTitle(title)
        writer.setPageLayout(_sheet())
        printing = self._printing(title, messages)
        printing.ended.connect(partial(self._on_pdf, writer, path))
        printing.start(writer)

    def _on_filter(self, dialog: QFileDialog, chosen: str) -> None:
        self._kind = next((kind for kind in Kind if kind.filter == chosen), self._kind)
        dialog.setDefaultSuffix(self._kind.value)
        if files := dialog.selectedFiles():
            dialog.selectFile(Path(files[0]).with_suffix(f".{self._kind.value}").name)

    def _on_pdf(self, writer: QPdfWriter, path: Path, problem: str) -> None:
        del writer  # it was needed as long as there were pages to write
        part = beside(path)
        try:
            if not problem:
                os.replace(part, path)
        except OSError as error:
            problem = str(error.strerror or error)
        if problem:
            with suppress(OSError):
                part.unlink()
        self._on_saved(path, problem)

    def _on_saved(self, path: Path, problem: str) -> None:
        if problem:
            self.noticed.emit(tr("The chat could not be saved: {reason}", reason=problem))
        else:
            self.noticed.emit(tr("Saved as “{name}”.", name=path.name))

    # Paper -------------------------------------------------------------------------------

    def print(self, chat: Chat) -> None:
        """Ask for a printer, and print."""
        if self._is_empty(chat):
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageLayout(_sheet())
        printer.setDocName(title_of(chat))
        dialog = QPrintDialog(printer, self._window)
        options = QAbstractPrintDialog.PrintDialogOption
        dialog.setOptions(options.PrintToFile | options.PrintShowPageSize)
        dialog.accepted.connect(lambda: self.print_on(printer, chat))
        dialog.finished.connect(dialog.deleteLater)
        QDialog.open(dialog)

    def print_on(self, printer: QPrinter, chat: Chat) -> None:
        printing = self._printing(title_of(chat), messages_of(chat))
        printing.ended.connect(partial(self._on_printed, printer))
        printing.start(printer)

    def _on_printed(self, printer: QPrinter, problem: str) -> None:
        name = printer.printerName()
        if problem:
            self.noticed.emit(tr("The chat could not be printed: {reason}", reason=problem))
        elif name and not printer.outputFileName():
            self.noticed.emit(tr("Sent to the printer “{name}”.", name=name))
        else:
            name = Path(printer.outputFileName()).name
            self.noticed.emit(tr("Saved as “{name}”.", name=name))

    def _printing(self, title: str, messages: MessagePath) -> Printing:
        theme = Theme(Palette.LIGHT)
        pages = Pages(theme, self._means, messages, theme)
        about = date_time(messages[0].created_at) if messages else ""
        printing = Printing(pages, title, about, self)
        theme.setParent(printing)
        printing.advanced.connect(
            lambda count: self.busy.emit(
                trn("{number} page so far…", "{number} pages so far…", count, number=whole(count)),
                printing.stop,
            )
        )
        return printing

    def stop(self) -> None:
        """The window is going."""
        for printing in self.findChildren(Printing):
            printing.stop()


def title_of(chat: Chat) -> str:
    return " ".join(chat.conversation.title.split()) or tr("Chat")


def messages_of(chat: Chat) -> MessagePath:
    """What is shown of a chat; of an answer that is being written what there is so far."""
    path, draft = chat.conversation.path(), chat.draft
    return path if draft is None else path.with_message(draft.to_message(None))


def file_name(title: str) -> str:
    """A name for a file, which every system takes."""
    plain = "".join(" " if c in FORBIDDEN or not c.isprintable() else c for c in title)
    return " ".join(plain.split())[:LONGEST_NAME].rstrip(". ") or tr("Chat")


def _sheet() -> QPageLayout:
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    a4 = QPageSize(QPageSize.PageSizeId.A4)
    upright = QPageLayout.Orientation.Portrait
    return QPageLayout(a4, upright, margins, QPageLayout.Unit.Millimeter)
