"""What every message of a transcript is shown with: the look, stores of pictures, choices.

Invariant: one for each state of the theme; the stores and the choices outlive it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from app.domain.settings import Service
from app.ui.theme import Theme
from app.ui.transcript.choices import Choices
from app.ui.transcript.formulas import Formulas
from app.ui.transcript.lexers import Lexers
from app.ui.transcript.pictures import PathOf, Pictures
from app.ui.transcript.style import Style
from app.ui.transcript.vectors import Vectors

ServiceOf = Callable[[str], Service | None]
"""A service by its id; `None` when it was removed."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    style: Style
    lexers: Lexers
    formulas: Formulas
    pictures: Pictures
    vectors: Vectors
    choices: Choices
    service_of: ServiceOf

    def restyled(self) -> Surroundings:
        """The same with the theme as it is now; itself when it has not changed."""
        theme = self.style.theme
        if self.style.generation == theme.generation:
            return self
        return replace(self, style=Style(theme))


def surroundings(
    theme: Theme, service_of: ServiceOf, path_of: PathOf, parent: QObject
) -> Surroundings:
    """New ones; `parent` owns the stores."""
    return Surroundings(
        Style(theme),
        Lexers(),
        Formulas(parent),
        Pictures(path_of, parent),
        Vectors(parent),
        Choices(),
        service_of,
    )


__all__ = ["PathOf", "ServiceOf", "Style", "Surroundings", "surroundings"]
