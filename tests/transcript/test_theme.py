"""Contrast of the token table (WCAG 2.2 AA), and a theme that follows its choices."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from app.domain.settings import Palette
from app.ui.theme import DARK, LIGHT, Theme, Tokens, han_region

TEXT_RATIO = 4.5
EDGE_RATIO = 3.0
GROUNDS = ("window", "sidebar", "raised", "user", "code", "selected", "accent_soft")
CARDS = ("danger_soft", "warning_soft")
MARKS = ("selection", "find", "find_current")
TEXTS: dict[str, tuple[str, ...]] = {
    "text": (*GROUNDS, *CARDS, *MARKS),
    "muted": (*GROUNDS, *CARDS),
    "accent": (*GROUNDS, *CARDS),
    "on_accent": ("accent", "accent_hover"),
    "danger": ("window", "sidebar", "raised", "danger_soft", "code"),
    "warning": ("window", "sidebar", "raised", "warning_soft"),
    **dict.fromkeys(("keyword", "string", "number", "name", "comment"), ("code", "window")),
}
EDGES: dict[str, tuple[str, ...]] = {
    "control_border": ("window", "sidebar", "raised"),
    "accent": (*GROUNDS, *CARDS),
}


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("table", "needed"), [(TEXTS, TEXT_RATIO), (EDGES, EDGE_RATIO)], ids=["texts", "edges"]
)
def test_contrast_of_every_pair(
    tokens: Tokens, table: dict[str, tuple[str, ...]], needed: float
) -> None:
    found = {
        (front, ground): contrast(getattr(tokens, front), getattr(tokens, ground))
        for front, grounds in table.items()
        for ground in grounds
    }
    assert not {pair: ratio for pair, ratio in found.items() if ratio < needed}


def test_a_choice_changes_the_colours_and_tells(qapp: QApplication) -> None:
    theme = Theme(Palette.LIGHT)
    told: list[int] = []
    theme.changed.connect(lambda: told.append(theme.generation))

    theme.set_choice(Palette.DARK)

    assert theme.dark
    assert theme.color("window") == QColor(DARK.window)
    assert told == [1]


def test_text_size_widens_the_column(qapp: QApplication) -> None:
    theme = Theme(Palette.LIGHT)
    theme.set_text_px(28)
    assert theme.column_px == 2 * 744
    assert theme.generation == 1


def test_the_sheet_is_understood_by_qt(qapp: QApplication, qtlog: object) -> None:
    """A sheet with an error is dropped whole with a warning: a field would keep Fusion's look."""
    before = (qapp.styleSheet(), qapp.palette(), qapp.font())
    theme = Theme(Palette.DARK)
    try:
        theme.install(qapp)
        field, button = QLineEdit(), QPushButton("Go")
        button.setProperty("kind", "primary")
        button.resize(80, 34)
        field.ensurePolished()
        assert field.palette().text().color() == QColor(DARK.text)
        image = button.grab().toImage()
        assert image.pixelColor(8, image.height() // 2) == QColor(DARK.accent)
    finally:
        qapp.setStyleSheet(before[0])
        qapp.setPalette(before[1])
        qapp.setFont(before[2])


@pytest.mark.parametrize(
    ("locale", "region"),
    [
        ("zh_CN", "SC"),
        ("zh_TW", "TC"),
        ("zh_HK", "HK"),
        ("ja_JP", "JP"),
        ("ko_KR", "KR"),
        ("en_GB", "SC"),
        ("C", "SC"),
    ],
)
def test_han_characters_have_the_forms_of_the_region(locale: str, region: str) -> None:
    assert han_region(locale) == region
