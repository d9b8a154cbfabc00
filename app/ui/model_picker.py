"""The popup that chooses service and model: a field to narrow by, the services with their models.

Invariant: it shows what it is given and tells what was chosen; lists that are still being fetched
come in later and keep the place of the marked row. Any other name can be typed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.theme import RADIUS, SPACE, TYPE, Theme
from app.ui.tips import plain_tip

ROW_PX = 34
WIDTH_PX = 400
HEIGHT_PX = 480
PAGE_ROWS = 10

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceModels:
    """One service of the list. `remark` stands beside its name: no key, loading, an error."""

    service_id: str
    name: str
    models: tuple[tuple[str, str], ...] = ()
    """Id and the name to show."""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerRow:
    """`model` is `None` for a service's heading."""

    service_id: str
    text: str
    note: str = ""
    model: str | None = None


def matching_rows(
    services: Sequence[ServiceModels], words: str, own_service: ServiceModels | None
) -> tuple[PickerRow, ...]:
    """The rows that contain all `words`; a name that is nobody's can be used as it is."""
    wanted = words.casefold().split()
    typed = words.strip()
    rows: list[PickerRow] = []
    exact = False
    for service in services:
        found = [
            (model, text)
            for model, text in service.models
            if all(word in f"{model} {text} {service.name}".casefold() for word in wanted)
        ]
        exact = exact or any(model == typed for model, _ in found)
        if not found and wanted:
            continue
        rows.append(
            PickerRow(service_id=service.service_id, text=service.name, note=service.remark)
        )
        rows += [
            PickerRow(
                service_id=service.service_id,
                text=text or model,
                note=model if text and text != model else "",
                model=model,
            )
            for model, text in found
        ]
    if typed and not exact and own_service is not None:
        text = tr("Use “{model}”", model=typed)
        own = own_service.service_id
        rows.append(PickerRow(service_id=own, text=text, note=own_service.name, model=typed))
    return tuple(rows)


class PickerModel(QAbstractListModel):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[PickerRow, ...] = ()

    def set_rows(self, rows: tuple[PickerRow, ...]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_at(self, index: Index) -> PickerRow | None:
        return self._rows[index.row()] if index.isValid() else None

    def find(self, service_id: str, model: str) -> QModelIndex:
        for at, row in enumerate(self._rows):
            if row.service_id == service_id and row.model == model:
                return self.index(at)
        return QModelIndex()

    def step(self, start: int, by: int) -> QModelIndex:
        """The row `by` rows that can be chosen further from `start`, or the last on the way."""
        way = range(start + 1, len(self._rows)) if by > 0 else range(start - 1, -1, -1)
        found = [at for at in way if self._rows[at].model is not None][: abs(by)]
        return self.index(found[-1]) if found else QModelIndex()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is not None and role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            text = f"{row.text}, {row.note}" if row.note else row.text
            return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row_at(index)
        if row is None or row.model is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class PickerDelegate(QStyledItemDelegate):
    """Paints a heading with its remark, or a model with the tick of the one in use."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.chosen = ("", "")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, PickerModel)
        row = model.row_at(index)
        if row is None:
            return
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        heading = row.model is None
        if not heading and option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(QRectF(rect), RADIUS.s, RADIUS.s)
        left, right = rect.left() + (10 if heading else 32), rect.right() - 10
        if (row.service_id, row.model) == self.chosen:
            paint_icon(
                painter, "check", rect.left() + 18, rect.center().y(), 16, theme.color("accent")
            )
        size = TYPE.caption if heading else TYPE.body
        font = theme.font(size, QFont.Weight.DemiBold if heading else QFont.Weight.Normal)
        room = QRect(left, rect.top() + (4 if heading else 0), right - left, rect.height())
        painter.setFont(font)
        painter.setPen(theme.color("muted" if heading else "text"))
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(row.text, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        room.setLeft(room.left() + metrics.horizontalAdvance(shown) + 10)
        if row.note and room.width() > 40:
            painter.setFont(theme.font(TYPE.caption))
            painter.setPen(theme.color("muted"))
            shown = QFontMetrics(theme.font(TYPE.caption)).elidedText(
                row.note, Qt.TextElideMode.ElideMiddle, room.width()
            )
            painter.drawText(
                room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown
            )
        painter.restore()


class PickerField(QLineEdit):
    """Up, Down and Enter go to the list while typing goes on."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Down:
                self.stepped.emit(1)
            case Qt.Key.Key_Up:
                self.stepped.emit(-1)
            case Qt.Key.Key_PageDown:
                self.stepped.emit(PAGE_ROWS)
            case Qt.Key.Key_PageUp:
                self.stepped.emit(-PAGE_ROWS)
            case _:
                super().keyPressEvent(event)


class ModelPicker(QFrame):
    """Opened with `popup`; closes by Esc, a click outside, or a choice."""

    chosen = Signal(str, str)
    setUpRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self.setAccessibleName(tr("Choose a model"))
        self._services: tuple[ServiceModels, ...] = ()
        self._chosen = ("", "")
        self._model = PickerModel(self)
        self._rows = PickerDelegate(theme, self)
        self.field = PickerField()
        self.field.setAccessibleName(tr("Find or name a model"))
        self.field.setPlaceholderText(tr("Find a model, or type its name"))
        self.list = QListView()
        self.list.setAccessibleName(tr("Models"))
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._rows)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.set_up = QPushButton(tr("Set up services…"))
        self.set_up.setProperty("kind", "link")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.s, SPACE.s, SPACE.s, SPACE.s)
        column.setSpacing(SPACE.s - 2)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self.set_up, 0, Qt.AlignmentFlag.AlignLeft)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.returnPressed.connect(lambda: self._choose(self.list.currentIndex()))
        self.field.stepped.connect(self._on_stepped)
        self.list.clicked.connect(self._choose)
        self.list.entered.connect(self._on_entered)
        self.set_up.clicked.connect(self._on_set_up_clicked)

    def set_chosen(self, service_id: str, model: str) -> None:
        self._chosen = self._rows.chosen = (service_id, model)

    def set_services(self, services: Sequence[ServiceModels]) -> None:
        """Show these; the marked row stays where it is still there."""
        self._services = tuple(self._with_chosen(service) for service in services)
        row = self._model.row_at(self.list.currentIndex())
        self._fill()
        if self.isVisible() and not self.field.text():
            self._fit(self.screen().availableSize())
        if row is not None and row.model is not None:
            self._mark(self._model.find(row.service_id, row.model))

    def popup(self, below: QWidget) -> None:
        """Open under `below`, within its screen."""
        self.field.clear()
        self._fill()
        screen = below.screen().availableGeometry()
        self._fit(screen.size())
        at = below.mapToGlobal(QPoint(below.width() - self.width(), below.height() + 4))
        at.setX(max(screen.left(), min(at.x(), screen.right() - self.width())))
        at.setY(max(screen.top(), min(at.y(), screen.bottom() - self.height())))
        self.move(at)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self._mark(self._model.find(*self._chosen))

    def _fit(self, screen: QSize) -> None:
        """As high as its rows need, within limits; it keeps that height while it is open."""
        around = 2 * SPACE.s + self.field.sizeHint().height() + SPACE.xl
        around += self.set_up.sizeHint().height()
        wanted = around + ROW_PX * max(6, self._model.rowCount())
        self.resize(min(WIDTH_PX, screen.width()), min(HEIGHT_PX, wanted, screen.height()))

    def _with_chosen(self, service: ServiceModels) -> ServiceModels:
        """A model in use that its service does not list is shown all the same."""
        chosen_service, model = self._chosen
        known = any(model == each for each, _ in service.models)
        if service.service_id != chosen_service or not model or known:
            return service
        return replace(service, models=((model, ""), *service.models))

    def _fill(self) -> None:
        own = next((s for s in self._services if s.service_id == self._chosen[0]), None)
        self._model.set_rows(matching_rows(self._services, self.field.text(), own))

    def _on_text_changed(self) -> None:
        self._fill()
        self._mark(self._model.step(-1, 1))

    def _on_stepped(self, by: int) -> None:
        current = self.list.currentIndex()
        start = current.row() if current.isValid() else -1
        self._mark(self._model.step(start, by))

    def _on_entered(self, index: QModelIndex) -> None:
        if self._model.flags(index) & Qt.ItemFlag.ItemIsEnabled:
            self.list.setCurrentIndex(index)

    def _mark(self, index: QModelIndex) -> None:
        if index.isValid():
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _choose(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        if row is not None and row.model is not None:
            self.hide()
            self.chosen.emit(row.service_id, row.model)

    def _on_set_up_clicked(self) -> None:
        self.hide()
        self.setUpRequested.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A mask rounds the corners also where nothing can be seen through a window.
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), RADIUS.m, RADIUS.m)
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("raised" if self._theme.dark else "window"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("line"), 1))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, RADIUS.m, RADIUS.m)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
