"""How the program looks and behaves: palette, text size, sending, folding, notices."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from PySide6.QtWidgets import QCheckBox

from app.config import Config
from app.domain.settings import Palette, Settings
from app.i18n import tr
from app.ui.choice_box import ChoiceBox
from app.ui.number_fields import WholeNumberField
from app.ui.settings.rows import Page, muted


class AppearancePage(Page):
    """Every field is written when it is changed, and follows when the settings change elsewhere."""

    def __init__(self, config: Config) -> None:
        super().__init__(tr("Appearance"))
        self._config = config
        self.palette_choice = ChoiceBox()
        for palette, text in (
            (Palette.SYSTEM, tr("As the system has it")),
            (Palette.LIGHT, tr("Light")),
            (Palette.DARK, tr("Dark")),
        ):
            self.palette_choice.addItem(text, palette)
        limits = next(f.metadata for f in fields(Settings) if f.name == "text_px")
        self.text_size = WholeNumberField()
        self.text_size.setRange(limits["minimum"], limits["maximum"])
        self.text_size.setSuffix(" px")
        self.switches = {
            "send_with_enter": QCheckBox(tr("Enter sends, Shift+Enter breaks the line")),
            "fold_reasoning": QCheckBox(tr("Fold the reasoning when the answer begins")),
            "strip_metadata": QCheckBox(
                tr("Take place, camera and other metadata out of attached pictures and videos")
            ),
            "notify": QCheckBox(tr("Tell me when an answer ends while I am elsewhere")),
        }
        self.rows.add(tr("Palette"), self.palette_choice)
        self.rows.add(tr("Text size"), self.text_size, tr("The size of the text of a chat."))
        self.rows.remark(muted(tr("Ctrl + and Ctrl − change it, too; Ctrl 0 is the usual size.")))
        self.rows.section(tr("Behaviour"))
        for switch in self.switches.values():
            self.rows.addRow(switch)
        self.show_settings(config.settings)
        self._connect()

    def show_settings(self, settings: Settings) -> None:
        self.palette_choice.setCurrentIndex(self.palette_choice.findData(settings.palette))
        self.text_size.setValue(settings.text_px)
        for name, switch in self.switches.items():
            switch.setChecked(getattr(settings, name))

    def _connect(self) -> None:
        self.palette_choice.activated.connect(
            lambda: self._change(palette=Palette(self.palette_choice.currentData()))
        )
        self.text_size.valueChanged.connect(lambda value: self._change(text_px=value))
        for name, switch in self.switches.items():
            switch.clicked.connect(lambda on, name=name: self._change(**{name: on}))

    def _change(self, **values: Any) -> None:
        self._config.change(replace(self._config.settings, **values))
