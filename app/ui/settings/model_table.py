"""The models of a service with what each takes, as far as the service tells it, and a search.

Invariant: hundreds of models cost no more than the rows that are seen; a list that did not change
is not laid out anew, and the place in it stays.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableView

from app.i18n import tr
from app.services import ModelInfo
from app.ui.tips import plain_tip

ROW_PX = 34
MOST_ROWS = 8

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


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
    if model.inputs:
        words = {
            "text": tr("text"),
            "image": tr("pictures"),
            "video": tr("video"),
            "audio": tr("sound"),
            "file": tr("files"),
        }
        return ", ".join(word for name, word in words.items() if name in model.inputs) or "–"
    if model.vision is None:
        return "–"
    return tr("text, pictures") if model.vision else tr("text")


def thinks(model: ModelInfo) -> str:
    if model.thinking is None:
        return "–"
    return tr("yes") if model.thinking else tr("no")


class ModelRows(QAbstractTableModel):
    """The models whose name has all the words that are looked for."""

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[ModelInfo, ...] = ()
        self._words: tuple[str, ...] = ()
        self._default = ""
        self.shown: tuple[ModelInfo, ...] = ()
        self._headings = (tr("Model"), tr("Input"), tr("Reasoning"), tr("Context"))

    def set_models(self, models: tuple[ModelInfo, ...], default: str) -> None:
        if (models, default) == (self._all, self._default):
            return
        same = models == self._all
        self._all, self._default = models, default
        if same:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.shown) - 1, 0))
        else:
            self._narrow()

    def find(self, text: str) -> None:
        self._words = tuple(text.casefold().split())
        self._narrow()

    def _narrow(self) -> None:
        self.beginResetModel()
        self.shown = tuple(
            model
            for model in self._all
            if all(word in f"{model.id} {model.display}".casefold() for word in self._words)
        )
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        model = self.shown[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            names = dict.fromkeys((model.display or model.id, model.id, takes(model)))
            return plain_tip("\n".join(name for name in names if name != "–"))
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        match index.column():
            case 0 if model.id == self._default:
                return tr("{model} · default", model=model.id)
            case 0:
                return model.id
            case 1:
                return takes(model)
            case 2:
                return thinks(model)
            case _:
                return tokens(model.context)


class FindField(QLineEdit):
    """What the models are narrowed by. Esc takes it back before it does anything else."""

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("Find a model"))
        self.setAccessibleName(tr("Find a model"))
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class ModelTable(QTableView):
    """Grows with its rows up to a limit, then scrolls. A double click or Enter chooses a model."""

    modelChosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Models"))
        self.models = ModelRows()
        self.setModel(self.models)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names of a family begin alike
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
        header.setResizeContentsPrecision(0)  # by the rows that are seen
        self.doubleClicked.connect(self._choose)

    def show_models(self, models: tuple[ModelInfo, ...], default: str) -> None:
        self.models.set_models(models, default)
        # A column of dashes tells nothing.
        self.setColumnHidden(1, all(takes(model) == "–" for model in models))
        self.setColumnHidden(2, all(model.thinking is None for model in models))
        self.setColumnHidden(3, all(model.context is None for model in models))
        shown = max(1, min(len(models), MOST_ROWS))  # also while a search finds fewer
        self.setFixedHeight(ROW_PX * (shown + 1) + 6)
        self.setVisible(bool(models))

    def _choose(self, index: Index) -> None:
        if index.isValid():
            self.modelChosen.emit(self.models.shown[index.row()].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)
