"""A theme on the application, for the pages of the settings."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.domain.settings import Palette
from app.ui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    theme = Theme(Palette.LIGHT)
    theme.install(qapp)
    return theme
