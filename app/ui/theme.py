"""The look: one table of design tokens for both palettes, and the `Theme` that serves it.

Invariant: no colour, spacing, radius or type size is written anywhere else in the window. Texts
keep 4.5:1 and control borders 3:1 against every ground they stand on (tests/transcript/test_theme).
`generation` goes up with every change, so that painted parts know when their caches are stale.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLocale, QObject, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QGuiApplication,
    QPalette,
)
from PySide6.QtWidgets import QApplication

from app.domain.settings import Palette
from app.ui.motion import Motion
from app.ui.stylesheet import Glyphs, stylesheet
from app.ui.tokens import DARK, LIGHT, RADIUS, SPACE, TYPE, Tokens

COLUMN_PX = 744
"""Width of the reading column at `TYPE.body`; it grows with the text size."""

SYSTEM_FALLBACKS = frozenset(
    {"dejavu sans", "dejavu sans mono", "bitstream vera sans", "nimbus mono ps", "courier new"}
)
"""What a system answers when nobody chose a font; something better may be installed."""

UI_FAMILIES = (
    "Inter",
    "Inter Variable",
    "Adwaita Sans",
    "Noto Sans",
    "Cantarell",
    "Ubuntu",
    "Roboto",
    "Open Sans",
    "Source Sans 3",
    "Liberation Sans",
    "Noto Sans CJK SC",
    "DejaVu Sans",
)
MONO_FAMILIES = (
    "JetBrains Mono",
    "Cascadia Mono",
    "Adwaita Mono",
    "SF Mono",
    "Menlo",
    "Consolas",
    "Ubuntu Mono",
    "Noto Sans Mono",
    "Source Code Pro",
    "Liberation Mono",
    "DejaVu Sans Mono",
)
CJK_FAMILIES = ("Noto Sans CJK {region}", "Source Han Sans {region}", "Noto Sans {region}")
CJK_MONO_FAMILIES = ("Noto Sans Mono CJK {region}",)
"""Named, because a fallback without a name is any of them: with the forms of another language, or
another weight beside bold. Where none is installed, as on Windows and macOS, the system's stand."""

MONO_FACTOR = 0.93
"""Fixed fonts look larger than text of the same size."""


@dataclass(frozen=True, slots=True)
class Families:
    """The font families in use. `mono_factor` makes wide fixed fonts fit beside the text."""

    ui: tuple[str, ...]
    mono: tuple[str, ...]
    mono_factor: float


class Theme(QObject):
    """Colours, fonts and motion as they are now. One object, made by the composition root."""

    changed = Signal()

    def __init__(
        self,
        choice: Palette = Palette.SYSTEM,
        text_px: int = TYPE.body,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.generation = 0
        self.motion = Motion(self)
        self.text_px = text_px
        self._choice = choice
        self._families = find_families()
        self._glyphs = Glyphs()
        self._fonts: dict[tuple[float, int, bool, bool], QFont] = {}
        self._colors: dict[str, QColor] = {}
        self._dark = False
        self._app: QApplication | None = None
        self._follow_choice()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)

    # What there is -----------------------------------------------------------------------

    @property
    def dark(self) -> bool:
        return self._dark

    @property
    def tokens(self) -> Tokens:
        return DARK if self._dark else LIGHT

    @property
    def scale(self) -> float:
        """Transcript text size over the design's 14 px."""
        return self.text_px / TYPE.body

    @property
    def column_px(self) -> int:
        """Width of the reading column in logical pixels."""
        return round(COLUMN_PX * self.scale)

    def color(self, name: str) -> QColor:
        """The token `name` (a field of `Tokens`) of the palette in use. Do not change it."""
        found = self._colors.get(name)
        if found is None:
            found = self._colors[name] = QColor(getattr(self.tokens, name))
        return found

    def font(
        self,
        px: float = TYPE.body,
        weight: QFont.Weight = QFont.Weight.Normal,
        *,
        italic: bool = False,
        mono: bool = False,
    ) -> QFont:
        """The interface or fixed font at `px` logical pixels. Shared: copy before changing it."""
        key = (px, int(weight), italic, mono)
        found = self._fonts.get(key)
        if found is None:
            families = self._families.mono if mono else self._families.ui
            found = QFont(list(families))
            found.setPixelSize(max(1, round(px * (self._families.mono_factor if mono else 1))))
            found.setWeight(weight)
            found.setItalic(italic)
            if mono:
                found.setStyleHint(QFont.StyleHint.Monospace)
                found.setFixedPitch(True)
            self._fonts[key] = found
        return found

    def duration_ms(self, wanted_ms: int = 150) -> int:
        """How long a motion lasts: `wanted_ms`, or 0 where the system asks for less motion."""
        return 0 if self.motion.reduced else wanted_ms

    # What can change ---------------------------------------------------------------------

    def install(self, app: QApplication) -> None:
        """Dress `app`: Fusion, font, palette, style sheet; again at each later change."""
        self._app = app
        app.setStyle("Fusion")
        app.setFont(self.font(TYPE.body))
        self._dress()

    def set_choice(self, choice: Palette) -> None:
        if choice != self._choice:
            self._choice = choice
            self._follow_choice()

    def set_text_px(self, text_px: int) -> None:
        if text_px != self.text_px:
            self.text_px = text_px
            self._tell()

    def palette(self) -> QPalette:
        """The tokens as a `QPalette`, for what no style sheet reaches (native parts, Fusion)."""
        role = QPalette.ColorRole
        grounds = {
            role.Window: "window",
            role.Base: "window",
            role.AlternateBase: "raised",
            role.Button: "window",
            role.ToolTipBase: "text",
            role.WindowText: "text",
            role.Text: "text",
            role.ButtonText: "text",
            role.BrightText: "danger",
            role.ToolTipText: "window",
            role.PlaceholderText: "muted",
            role.Highlight: "selection",
            role.HighlightedText: "text",
            role.Accent: "accent",
            role.Link: "accent",
            role.LinkVisited: "accent",
            role.Light: "raised",
            role.Midlight: "line",
            role.Mid: "control_border",
            role.Dark: "control_border",
            role.Shadow: "line",
        }
        palette = QPalette()
        for at, name in grounds.items():
            palette.setColor(at, self.color(name))
        for at in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, at, self.color("disabled"))
        return palette

    def _follow_choice(self) -> None:
        hints = QGuiApplication.styleHints()
        match self._choice:
            case Palette.SYSTEM:
                hints.unsetColorScheme()
            case Palette.LIGHT:
                hints.setColorScheme(Qt.ColorScheme.Light)
            case Palette.DARK:
                hints.setColorScheme(Qt.ColorScheme.Dark)
        self._on_scheme_changed(hints.colorScheme())

    def _on_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        dark = scheme == Qt.ColorScheme.Dark
        if self._choice is not Palette.SYSTEM:  # a platform may not know how to force a scheme
            dark = self._choice is Palette.DARK
        if dark != self._dark:
            self._dark = dark
            self._colors.clear()
            self._dress()
            self._tell()

    def _dress(self) -> None:
        if self._app is not None:
            self._app.setPalette(self.palette())
            self._app.setStyleSheet(stylesheet(self.tokens, self._glyphs))

    def _tell(self) -> None:
        self.generation += 1
        self.changed.emit()


def find_families() -> Families:
    """The platform's own fonts, or better installed ones where nobody chose any."""
    installed = {family.split(" [")[0] for family in QFontDatabase.families()}
    ui = _chosen(QFontDatabase.SystemFont.GeneralFont, UI_FAMILIES, installed)
    mono = _chosen(QFontDatabase.SystemFont.FixedFont, MONO_FAMILIES, installed)
    region = han_region(QLocale().name())
    cjk = [name.format(region=region) for name in CJK_FAMILIES]
    cjk_mono = [name.format(region=region) for name in CJK_MONO_FAMILIES]
    return Families(
        ui=(ui, *(name for name in cjk if name in installed and name != ui)),
        mono=(mono, *(name for name in (*cjk_mono, *cjk) if name in installed and name != mono)),
        mono_factor=MONO_FACTOR,
    )


def han_region(locale: str) -> str:
    """Whose forms of the shared characters a person of `locale` ("zh_TW") expects."""
    language, _, territory = locale.partition("_")
    if language == "zh":
        return {"TW": "TC", "MO": "TC", "HK": "HK"}.get(territory, "SC")
    return {"ja": "JP", "ko": "KR"}.get(language, "SC")


def _chosen(system: QFontDatabase.SystemFont, better: tuple[str, ...], installed: set[str]) -> str:
    """The system's family; where it is a mere fallback, the first installed one of `better`."""
    font = QFontDatabase.systemFont(system)
    if QFontInfo(font).family().lower() not in SYSTEM_FALLBACKS:
        return font.family()
    return next((family for family in better if family in installed), font.family())


__all__ = ["COLUMN_PX", "DARK", "LIGHT", "RADIUS", "SPACE", "TYPE", "Theme", "Tokens"]
