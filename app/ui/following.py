"""Keeps the window as the settings say: palette, text size, keys of the composer, reasoning.

Invariant: old and new settings are compared; only what changed is touched.
"""

from __future__ import annotations

from dataclasses import fields, replace

from app.config import Config
from app.domain.settings import Settings
from app.ui.theme import TYPE, Theme
from app.ui.window import MainWindow


class Following:
    """From its making until `close`."""

    def __init__(self, config: Config, theme: Theme, window: MainWindow) -> None:
        self._config = config
        self._theme = theme
        self._window = window
        self._apply(config.settings)
        self._unsubscribe = config.subscribe(self._on_settings_changed)
        window.textSizeStepped.connect(self.step_text_size)

    def close(self) -> None:
        self._unsubscribe()

    def step_text_size(self, step: int) -> None:
        """One pixel larger or smaller; 0 brings back the normal size."""
        settings = self._config.settings
        limits = next(field.metadata for field in fields(Settings) if field.name == "text_px")
        wanted = settings.text_px + step if step else TYPE.body
        wanted = max(limits["minimum"], min(wanted, limits["maximum"]))
        if wanted != settings.text_px:
            self._config.change(replace(settings, text_px=wanted))

    def _on_settings_changed(self, old: Settings, new: Settings) -> None:
        if new.palette != old.palette:
            self._theme.set_choice(new.palette)
        if new.fold_reasoning != old.fold_reasoning:
            self._window.page.transcript.set_fold_reasoning(new.fold_reasoning)
        if new.text_px != old.text_px:
            self._theme.set_text_px(new.text_px)
        self._apply(new)
        self._window.page.refresh()
        if self._config.problem is not None:
            self._window.notice.show_text(self._config.problem)

    def _apply(self, settings: Settings) -> None:
        self._window.page.composer.field.send_with_enter = settings.send_with_enter
