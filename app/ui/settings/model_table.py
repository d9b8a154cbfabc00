"""The models of a service with what each takes, as far as the service tells it."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.i18n import tr
from app.services import ModelInfo
from app.ui.tips import plain_tip

ROW_PX = 34
MOST_ROWS = 8


def tokens(count: int | None) -> str:
    """A number of tokens in short: 1 M, 128 K; a dash where it is not known."""
    if count is None:
        return "–"
    locale = QLocale()
    if count >= 1_000_000:
        return tr("{number} M", number=locale.toString(round(count / 1_000_000, 1), "g", 4))
    if count >= 1000:
        return tr("{number} K", number=locale.toString(round(count / 1000)))
    return locale.toString(count)


def takes(model: ModelInfo) -> str:
    """What may be given to a model."""
    if model.vision is None:
        return "–"
    return tr("text, pictures") if model.vision else tr("text")


def thinks(model: ModelInfo) -> str:
    if model.thinking is None:
        return "–"
    return tr("yes") if model.thinking else tr("no")


class ModelTable(QTableWidget):
    """Grows with its rows up to a limit, then scrolls. A double click chooses a model."""

    def __init__(self) -> None:
        super().__init__(0, 4)
        self.setAccessibleName(tr("Models"))
        self.setHorizontalHeaderLabels([tr("Model"), tr("Input"), tr("Reasoning"), tr("Context")])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def show_models(self, models: tuple[ModelInfo, ...]) -> None:
        self.setRowCount(len(models))
        for row, model in enumerate(models):
            for column, text in enumerate(
                (model.id, takes(model), thinks(model), tokens(model.context))
            ):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(model.display or model.id))
                self.setItem(row, column, item)
        shown = min(len(models), MOST_ROWS)
        self.setFixedHeight(ROW_PX * (shown + 1) + 6)
        self.setVisible(bool(models))

    def model_at(self, row: int) -> str:
        item = self.item(row, 0)
        return item.text() if item is not None else ""
