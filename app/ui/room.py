"""Dialogs on small screens: what does not fit scrolls, and nothing stands outside the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from app.ui.window_state import TITLE_BAR_PX


def screen_room(widget: QWidget) -> QSize:
    """How large a window can be on the screen of `widget`."""
    return widget.screen().availableSize() - QSize(0, TITLE_BAR_PX)


def scrolled(content: QWidget, name: str) -> QScrollArea:
    """`content` in an area that scrolls where it has to."""
    area = QScrollArea()
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(content)
    area.setAccessibleName(name)
    return area


def fit(dialog: QDialog, area: QScrollArea, content: QWidget) -> None:
    """Give `dialog` the size that the `content` of its `area` wants, if the screen has it."""
    room = screen_room(dialog)
    around = dialog.sizeHint() - area.sizeHint()
    wanted = content.sizeHint() + around
    if wanted.height() > room.height():
        wanted += QSize(area.verticalScrollBar().sizeHint().width(), 0)
    dialog.resize(wanted.expandedTo(dialog.minimumSize()).boundedTo(room))
