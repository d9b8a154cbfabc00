"""A theme on the application, for the pages of the settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.domain.settings import Palette
from app.ui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(Palette.LIGHT)
    theme.install(qapp)
    yield theme
    qapp.setStyleSheet("")  # it names files that go with the theme
