"""What settings pages are made of: a label, its field, a remark below it, sections."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.ui.theme import SPACE

LABEL_PX = 116
FIELD_PX = 34
WRAP_PX = 240
NARROW_PX = 400
PAGE_PX = 560
"""Widest content of a page: longer lines are hard to follow."""


def muted(text: str = "", *, kind: str = "muted") -> QLabel:
    """A label that explains: it wraps, and its words, which are text, can be selected."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("kind", kind)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class Rows(QFormLayout):
    """Labels at the start, fields that take the rest; the label names the field for everyone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__()
        if parent is not None:
            parent.setLayout(self)
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(SPACE.xl)
        self.setVerticalSpacing(SPACE.m)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.setLabelAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
        self.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self._complaints: dict[QWidget, QLabel] = {}
        self._labels: list[QLabel] = []

    def add(self, text: str, field: QWidget, tip: str = "") -> QLabel:
        """A row; `tip` is what the field means."""
        label = QLabel(text)
        label.setProperty("kind", "muted")
        label.setBuddy(field)
        # A fixed height keeps the label level with a field that is taller than one line.
        label.setFixedHeight(FIELD_PX)
        label.setMinimumWidth(LABEL_PX)
        self._labels.append(label)
        label.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        if not field.accessibleName():
            field.setAccessibleName(text)
        for line in field.findChildren(QLineEdit):  # what has the keyboard in a box to type into
            if not line.accessibleName():
                line.setAccessibleName(field.accessibleName())
        if tip:
            field.setToolTip(tip)
            field.setAccessibleDescription(tip)
        self.addRow(label, field)
        return label

    def stack(self, stacked: bool) -> None:
        """Whether the labels stand above their fields, close to them."""
        policy = QFormLayout.RowWrapPolicy
        self.setRowWrapPolicy(policy.WrapAllRows if stacked else policy.DontWrapRows)
        for label in self._labels:
            label.setFixedHeight(label.fontMetrics().height() if stacked else FIELD_PX)

    def remark(self, below: QWidget) -> None:
        """Something that belongs to the field before it."""
        if isinstance(below, QLabel):
            # A form layout reserves the height that a text has at its smallest width.
            below.setMinimumWidth(WRAP_PX)
        # With a label of its own the row would keep its height while this is hidden.
        self.setWidget(self.rowCount(), QFormLayout.ItemRole.FieldRole, below)

    def complain(self, field: QWidget, sentence: str) -> None:
        """Say below `field` what is wrong with what stands in it; nothing: all is well."""
        label = self._complaints.get(field)
        if label is None:
            if not sentence:
                return
            label = self._complaints[field] = muted(kind="danger")
            label.setMinimumWidth(WRAP_PX)
            row = next(row for row in range(self.rowCount()) if self._field_at(row) is field)
            self.insertRow(row + 1, "", label)
        label.setText(sentence)
        self.setRowVisible(label, bool(sentence))

    def complaint(self, field: QWidget) -> str:
        """What is said below `field`."""
        label = self._complaints.get(field)
        return label.text() if label is not None else ""

    def _field_at(self, row: int) -> QWidget | None:
        item = self.itemAt(row, QFormLayout.ItemRole.FieldRole)
        return item.widget() if item is not None else None

    def section(self, text: str) -> None:
        """A heading over the rows that follow."""
        label = QLabel(text)
        label.setProperty("kind", "title")
        label.setContentsMargins(0, SPACE.s if self.rowCount() else 0, 0, 0)
        self.addRow(label)


class Page(QScrollArea):
    """A page with a heading that scrolls when there is more than fits; `rows` take its fields."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.heading = QLabel(title)
        self.heading.setProperty("kind", "heading")
        self.heading.setWordWrap(True)
        content = QWidget()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.xl)
        self.column.setSpacing(SPACE.l)
        self.column.addWidget(self.heading)
        self._inner = QWidget()
        self.rows = Rows(self._inner)
        self.column.addWidget(self._inner)
        self.column.addStretch(1)
        self.setWidget(content)
        self.setAccessibleName(title)

    def add_section(self, text: str) -> None:
        """A heading of its own, over what is added next."""
        label = QLabel(text)
        label.setProperty("kind", "title")
        self.add_block(label)

    def add_block(self, block: QWidget) -> None:
        """Something below the rows that may grow while it is shown: a form would not follow."""
        self.column.insertWidget(self.column.count() - 1, block)

    def add_rows(self) -> Rows:
        """More rows, below what was added."""
        inner = QWidget()
        rows = Rows(inner)
        self.add_block(inner)
        return rows

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the labels stand above their fields; in a wide one room is left.

        By a margin: a widest width would not be known to the layout when it breaks texts.
        """
        super().resizeEvent(event)
        room = self.viewport().width() - PAGE_PX - SPACE.xl
        self.column.setContentsMargins(SPACE.xl, SPACE.xl, max(SPACE.xl, room), SPACE.xl)
        narrow = self.viewport().width() < NARROW_PX
        for rows in self.findChildren(Rows):
            rows.stack(narrow)
