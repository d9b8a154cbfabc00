"""A theme on the application, and what the widgets of the window are given in their tests."""

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
