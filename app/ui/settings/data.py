"""A person's data: how large they are, where they lie, and the bin.

Invariant: sizes are asked for when the page is shown, and come when they are known. Nothing is
deleted without a question.
"""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QWidget,
)

from app.domain.conversation import ChatSummary
from app.house import House, Sizes
from app.i18n import tr, trn
from app.library import Library, LibraryChange, LibraryEvent
from app.services.uploads import UploadedFile, UploadedFiles
from app.ui.chat_rows import title_of
from app.ui.settings.backup_row import BackupRow
from app.ui.settings.folders import add_place
from app.ui.settings.restore_row import RestoreRow
from app.ui.settings.rows import Page, muted
from app.ui.theme import SPACE
from app.ui.tips import plain_tip

ROW_PX = 32
MOST_ROWS = 6
MOST_LISTED = 500


class DataPage(Page):
    """Chats in the bin can be put back, or all be deleted for good."""

    def __init__(self, house: House, library: Library, uploads: UploadedFiles) -> None:
        super().__init__(tr("Data"))
        self._house = house
        self._library = library
        self._uploads = uploads
        self._deleting = False
        self._due = QTimer(self, singleShot=True, interval=0)
        """Runs until all is told that was done at once, such as with many chats."""
        self._due.timeout.connect(self.show_bin)
        self.sizes = {name: muted("…", kind="") for name in ("chats", "attachments", "cache")}
        self.bin_words = muted()
        self.bin = QListWidget()
        self.bin.setAccessibleName(tr("Chats in the bin"))
        self.bin.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.restore = QPushButton(tr("Put back"))
        self.delete = QPushButton(tr("Empty the bin…"))
        self.delete.setProperty("kind", "danger")
        self._build()
        self.bin.itemSelectionChanged.connect(self._show_buttons)
        self.bin.itemDoubleClicked.connect(lambda _: self._on_restore_clicked())
        self.restore.clicked.connect(self._on_restore_clicked)
        self.delete.clicked.connect(self._on_delete_clicked)
        unsubscribe = library.subscribe(self._on_library_changed)
        self.destroyed.connect(lambda: unsubscribe())

    def _build(self) -> None:
        self.rows.section(tr("On this computer"))
        for name, text in (
            ("chats", tr("Chats")),
            ("attachments", tr("Attachments")),
            ("cache", tr("Previews")),
        ):
            label = self.sizes[name]
            label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading)
            self.rows.add(text, label)
        add_place(self.rows, tr("Folder"), self._house.data)
        self.add_block(
            muted(
                tr("Nothing of it leaves this computer but what you ask a service."), kind="caption"
            )
        )
        self.backup = BackupRow(self._house)
        self.add_block(self.backup)
        self.restoring = RestoreRow(self._house.restoring)
        self.restoring.ended.connect(lambda: self._house.measure(self._on_measured))
        self.add_block(self.restoring)
        self.add_section(tr("Bin"))
        self.add_block(self.bin_words)
        self.add_block(self.bin)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.m)
        row.addWidget(self.restore)
        row.addWidget(self.delete)
        row.addStretch(1)
        self.add_block(buttons)

    def showEvent(self, event: object) -> None:
        self._house.measure(self._on_measured)
        self.show_bin()

    def _on_measured(self, sizes: Sizes) -> None:
        def size(count: int) -> str:
            return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeSIFormat)

        chats, files = len(self._library.chats()), sizes.attachments
        said = size(sizes.chats_bytes)
        self.sizes["chats"].setText(
            trn("{count} chat, {size}", "{count} chats, {size}", chats, size=said)
        )
        said = size(sizes.attachments_bytes)
        self.sizes["attachments"].setText(
            trn("{count} file, {size}", "{count} files, {size}", files, size=said)
        )
        self.sizes["cache"].setText(size(sizes.cache_bytes))

    # The bin

    def show_bin(self) -> None:
        """What is in the bin now."""
        self._due.stop()
        try:
            rows = self._library.trash.chats()
        except OSError as error:
            self.bin_words.setText(str(error))
            rows = ()
        else:
            self.bin_words.setText(_bin_words(len(rows)))
        self.bin.clear()
        for row in rows[:MOST_LISTED]:
            self.bin.addItem(_item(row))
        self.bin.setFixedHeight(ROW_PX * min(max(len(rows), 1), MOST_ROWS) + 2)
        for widget in (self.bin, self.restore, self.delete):
            widget.setVisible(bool(rows))
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.restore.setEnabled(bool(self.bin.selectedItems()) and not self._deleting)
        self.delete.setEnabled(not self._deleting)

    def _on_library_changed(self, change: LibraryChange) -> None:
        if change.kind is LibraryEvent.LIST and self.isVisible() and not self._deleting:
            self._due.start()

    def _on_restore_clicked(self) -> None:
        chosen = [str(item.data(Qt.ItemDataRole.UserRole)) for item in self.bin.selectedItems()]
        for chat_id in chosen:
            try:
                self._library.restore(chat_id)
            except KeyError:
                pass  # another program deleted it
            except OSError as error:
                self.show_bin()
                self.bin_words.setText(str(error))
                return
        self.show_bin()

    def _on_delete_clicked(self) -> None:
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setText(tr("Delete what is in the bin for good?"))
        question.setInformativeText(tr("Nobody can bring these chats back."))
        delete = question.addButton(tr("Delete for good"), QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
        files = self._uploaded()
        box = QCheckBox(_upload_words(files), question)
        if files:
            box.setChecked(True)
            question.setCheckBox(box)
        else:
            box.hide()

        def agreed() -> None:
            self._delete_all(files if box.isChecked() else ())

        delete.clicked.connect(agreed)
        question.open()

    def _uploaded(self) -> tuple[UploadedFile, ...]:
        """What of the bin lies with services still."""
        try:
            written = self._library.trash.written_since(self._uploads.oldest)
            return self._uploads.of_all(written)
        except OSError:
            return ()  # it expires by itself

    def _delete_all(self, files: tuple[UploadedFile, ...]) -> None:
        self._due.stop()
        self._deleting = True
        self._show_buttons()
        self.bin_words.setText(tr("Deleting…"))
        self._library.trash.delete_all(self._on_deleted)
        if files:
            self._uploads.delete(files, self._on_uploads_deleted)

    def _on_deleted(self) -> None:
        self._deleting = False
        self.show_bin()
        self._house.tidy(self._on_measured)

    def _on_uploads_deleted(self, left: int) -> None:
        if left:
            self.bin_words.setText(
                trn(
                    "{count} uploaded file could not be deleted. It expires within two days.",
                    "{count} uploaded files could not be deleted. They expire within two days.",
                    left,
                )
            )


def _upload_words(files: tuple[UploadedFile, ...]) -> str:
    names = sorted({file.service.name or file.service.base_url for file in files})
    return trn(
        "Delete {count} uploaded file from {services} too",
        "Delete {count} uploaded files from {services} too",
        len(files),
        services=", ".join(names),
    )


def _bin_words(count: int) -> str:
    if not count:
        return tr("The bin is empty. Deleted chats stay here for 30 days.")
    return trn(
        "{count} chat. It is deleted for good after 30 days here.",
        "{count} chats. Each is deleted for good after 30 days here.",
        count,
    )


def _item(row: ChatSummary) -> QListWidgetItem:
    item = QListWidgetItem(title_of(row))
    item.setData(Qt.ItemDataRole.UserRole, row.id)
    item.setToolTip(plain_tip(item.text()))
    return item
