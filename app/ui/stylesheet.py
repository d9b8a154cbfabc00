"""The application's style sheet, built from the design tokens.

Invariant: one sheet, set once for each palette; widgets choose a look by the dynamic property
`kind`, never by a style sheet of their own:
`QPushButton` (plain), `primary`, `danger`, `quiet`, `link`; `QToolButton` (plain), `fold`;
`QLabel` (plain), `muted`, `caption`, `section`, `title`, `heading`, `display`, `good`, `danger`,
`warning`, `key`; `QLineEdit` (plain), `search`, `plain`; `QWidget` `sidebar`, `line`.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from string import Template

from app.ui.tokens import RADIUS, SPACE, TYPE, Tokens

_GLYPHS = {
    "down": '<path d="M4.5 6.25 8 9.75l3.5-3.5"/>',
    "up": '<path d="M4.5 9.75 8 6.25l3.5 3.5"/>',
    "right": '<path d="M6.25 4.5 9.75 8l-3.5 3.5"/>',
    "check": '<path d="M3.75 8.25 6.75 11.25 12.25 5"/>',
    "dash": '<path d="M4.5 8h7"/>',
}
_SVG = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16" '
    'fill="none" stroke="$color" stroke-width="1.6" stroke-linecap="round" '
    'stroke-linejoin="round">$path</svg>'
)


class Glyphs:
    """The few arrows and ticks that a style sheet can only take from a file, tinted.

    They lie in a temporary folder that goes with this object, or at the end of the program (an
    object of Qt is not deleted then); without one they are left out.
    """

    def __init__(self) -> None:
        self._made: set[str] = set()
        try:
            self._folder: str | None = tempfile.mkdtemp(prefix="linnet-")
        except OSError:
            self._folder = None
        else:
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def url(self, name: str, color: str) -> str:
        """A style sheet value for glyph `name` in `color`."""
        if self._folder is None:
            return "none"
        path = Path(self._folder) / f"{name}-{color.lstrip('#')}.svg"
        if path.name not in self._made:
            path.write_text(_SVG.substitute(color=color, path=_GLYPHS[name]), encoding="utf-8")
            self._made.add(path.name)
        return f'url("{path.as_posix()}")'


def stylesheet(tokens: Tokens, glyphs: Glyphs) -> str:
    """The whole sheet for one palette. A field or button gets its focus ring by a 2 px border."""
    values: dict[str, object] = {
        name: getattr(tokens, name) for name in Tokens.__dataclass_fields__
    }
    values |= {
        "s": SPACE.s,
        "r_s": RADIUS.s,
        "r_m": RADIUS.m,
        "r_l": RADIUS.l,
        "caption": TYPE.caption,
        "small": TYPE.small,
        "body": TYPE.body,
        "title": TYPE.title,
        "heading": TYPE.heading,
        "display": TYPE.display,
        "glyph_down": glyphs.url("down", tokens.muted),
        "glyph_up": glyphs.url("up", tokens.muted),
        "glyph_right": glyphs.url("right", tokens.muted),
        "glyph_check": glyphs.url("check", tokens.on_accent),
        "glyph_dash": glyphs.url("dash", tokens.on_accent),
        "glyph_menu": glyphs.url("check", tokens.text),
    }
    return "".join(part.substitute(values) for part in _PARTS)


_GROUNDS = Template("""
QWidget[kind="sidebar"] { background: $sidebar; }
QWidget[kind="line"] { background: $line; border: none; }
QSplitter::handle { background: $line; }
QSplitter::handle:hover, QSplitter::handle:pressed { background: $accent; }
QToolTip {
    background: $text; color: $window; border: none; padding: 1px 2px; font-size: ${caption}px;
}
""")

_LABELS = Template("""
QLabel { background: transparent; }
QLabel[kind="muted"] { color: $muted; }
QLabel[kind="caption"] { color: $muted; font-size: ${caption}px; }
QLabel[kind="section"] { color: $muted; font-size: ${caption}px; font-weight: 600; }
QLabel[kind="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[kind="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[kind="display"] { font-size: ${display}px; font-weight: 700; }
QLabel[kind="danger"] { color: $danger; }
QLabel[kind="warning"] { color: $warning; }
QLabel[kind="key"] {
    color: $muted; border: 1px solid $line; border-radius: ${r_s}px; padding: 1px 6px;
}
QLabel[kind="good"] { color: $accent; }
QLabel:disabled { color: $disabled; }
""")

_BUTTONS = Template("""
QPushButton {
    background: $window; color: $text; border: 1px solid $control_border;
    border-radius: ${r_s}px; padding: 6px 14px; min-height: 20px; font-weight: 500;
}
QPushButton:hover { background: $selected; }
QPushButton:pressed { background: $accent_soft; }
QPushButton:checked { background: $accent_soft; color: $accent; }
QPushButton:disabled { color: $disabled; border-color: $line; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 13px; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $line; color: $disabled; border-color: $line; }
QPushButton[kind="danger"] { color: $danger; border-color: $danger; }
QPushButton[kind="danger"]:hover { background: $danger_soft; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; }
QPushButton[kind="quiet"]:hover { background: $selected; }
QPushButton[kind="quiet"]:focus { border-color: $accent; }
QPushButton[kind="link"] {
    background: transparent; color: $accent; border-color: transparent; padding: 2px 4px;
    text-align: left;
}
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 2px solid $accent; padding: 1px 3px; }
QToolButton {
    background: transparent; color: $text; border: 1px solid transparent;
    border-radius: ${r_s}px; padding: 5px;
}
QToolButton:hover { background: $selected; }
QToolButton:pressed, QToolButton:open { background: $accent_soft; }
QToolButton:checked { background: $accent_soft; color: $accent; }
QToolButton[kind="fold"]:checked { background: transparent; color: $text; }
QToolButton[kind="fold"]:hover { background: $selected; }
QToolButton:focus { border: 2px solid $accent; padding: 4px; }
QToolButton:disabled { color: $disabled; }
QToolButton::menu-indicator { image: none; }
QDialogButtonBox, QMessageBox { dialogbuttonbox-buttons-have-icons: 0; }
""")

_FIELDS = Template("""
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
    background: $window; color: $text; border: 1px solid $control_border;
    border-radius: ${r_s}px; padding: 6px 10px;
    selection-background-color: $selection; selection-color: $text;
}
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
    border: 2px solid $accent; padding: 5px 9px;
}
QPlainTextEdit, QTextEdit { padding: 4px 8px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 3px 7px; }
QComboBox:!editable { padding-left: 12px; }
QComboBox:!editable:focus { padding-left: 11px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QAbstractSpinBox:disabled,
QComboBox:disabled { color: $disabled; border-color: $line; }
QLineEdit[kind="search"] { border-radius: ${r_m}px; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"] { border-color: $danger; }
QPlainTextEdit[kind="plain"], QTextEdit[kind="plain"], QLineEdit[kind="plain"] {
    border: none; padding: 0; background: transparent;
}
QAbstractSpinBox { padding: 0; min-height: 29px; }
QAbstractSpinBox QLineEdit { border: none; padding: 0; background: transparent; min-height: 0; }
QAbstractSpinBox:focus { padding: 0; min-height: 27px; }
QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: none; width: 26px; }
QComboBox::down-arrow { image: $glyph_down; width: 16px; height: 16px; }
QComboBox QAbstractItemView {
    background: $window; border: 1px solid $control_border; padding: 4px; outline: none;
    selection-background-color: $selected; selection-color: $text;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 22px; }
QAbstractSpinBox::up-arrow { image: $glyph_up; width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: $glyph_down; width: 12px; height: 12px; }
QCheckBox, QRadioButton { spacing: ${s}px; padding: 2px; border: 2px solid transparent; }
QCheckBox:focus, QRadioButton:focus { border: 2px solid $accent; border-radius: ${r_s}px; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 16px; height: 16px; border: 1px solid $control_border; background: $window;
}
QCheckBox::indicator { border-radius: 4px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: $glyph_check;
}
QCheckBox::indicator:indeterminate {
    background: $accent; border-color: $accent; image: $glyph_dash;
}
QRadioButton::indicator { border-radius: 9px; }
QRadioButton::indicator:checked {
    width: 8px; height: 8px; border: 5px solid $accent; border-radius: 9px;
}
QProgressBar {
    background: $line; border: none; border-radius: 3px; max-height: 6px; text-align: center;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
""")

_LISTS = Template("""
QMenu {
    background: $window; color: $text; border: 1px solid $line; border-radius: ${r_m}px;
    padding: 5px;
}
QMenu::item { padding: 6px 26px 6px 12px; border-radius: ${r_s}px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }
QMenu::indicator { width: 16px; height: 16px; left: 6px; }
QMenu::indicator:checked { image: $glyph_menu; }
QMenu::right-arrow { image: $glyph_right; width: 16px; height: 16px; }
QAbstractItemView {
    background: transparent; color: $text; border: none; outline: none;
    selection-background-color: $selected; selection-color: $text;
}
QListView[kind="popup"] {
    background: $window; border: 1px solid $control_border; padding: 4px;
}
QListView::item { padding: 6px 8px; border-radius: ${r_s}px; }
QListView::item:hover { background: $raised; }
QListView::item:selected { background: $selected; color: $text; }
QListView::item:focus { border: 2px solid $accent; }
QTableView, QTreeView { gridline-color: $line; }
QTableView::item { padding: 0 8px; border: none; border-bottom: 1px solid $line; }
QTableView::item:selected { background: $selected; color: $text; }
QHeaderView::section {
    background: transparent; border: none; border-bottom: 1px solid $line;
    padding: 6px 11px; font-weight: 600;
}
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 12px; margin: 2px; }
QScrollBar:horizontal { height: 12px; margin: 2px; }
QScrollBar::handle { background: $scroll_handle; border-radius: 4px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $control_border; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
""")

_PARTS = (_GROUNDS, _LABELS, _BUTTONS, _FIELDS, _LISTS)
