"""Shows a PDF, page under page. Imported with the first one.

Invariant: keys and facts only; what is painted, and when, is `Sheets`' own.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from app.i18n import tr, trn
from app.ui.theme import Theme
from app.ui.viewing.exhibit import Exhibit
from app.ui.viewing.pane import Pane
from app.ui.viewing.sheets import STEP, Sheets


class PagesPane(Pane):
    """`sheets` is what scrolls."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.sheets = Sheets(theme)
        self.sheets.changed.connect(self.changed)
        self.setFocusProxy(self.sheets)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sheets)

    def show_exhibit(self, exhibit: Exhibit) -> None:
        self.sheets.show_exhibit(exhibit)

    def leave(self) -> None:
        self.sheets.show_exhibit(None)

    @property
    def facts(self) -> str:
        count = self.sheets.count
        if count < 2:
            return trn("{count} page", "{count} pages", count) if count else ""
        return tr("page {number} of {count}", number=self.sheets.current + 1, count=count)

    @property
    def zoom(self) -> float | None:
        return self.sheets.zoom if self.sheets.count else None

    def zoom_by(self, factor: float) -> None:
        self.sheets.set_zoom(self.sheets.zoom * factor)

    def fit(self) -> None:
        self.sheets.fit()

    def press(self, key: Qt.Key) -> bool:
        sheets, keys = self.sheets, Qt.Key
        bar = sheets.verticalScrollBar()
        page_px = int(sheets.viewport().height() * 0.9)
        if key in (keys.Key_PageDown, keys.Key_Space, keys.Key_PageUp):
            bar.setValue(bar.value() + (-page_px if key == keys.Key_PageUp else page_px))
        elif key in (keys.Key_Right, keys.Key_Left) and sheets.count > 1:
            sheets.go_to(sheets.current + (1 if key == keys.Key_Right else -1))
        elif key in (keys.Key_Home, keys.Key_End):
            bar.setValue(bar.minimum() if key == keys.Key_Home else bar.maximum())
        elif key in (keys.Key_Plus, keys.Key_Equal):
            self.zoom_by(STEP)
        elif key == keys.Key_Minus:
            self.zoom_by(1 / STEP)
        elif key == keys.Key_0:
            self.fit()
        elif key == keys.Key_1:
            sheets.set_zoom(1.0)
        else:
            return False
        return True
