"""What every message of a transcript is shown with: the look, stores of pictures, choices.

Invariant: one for each state of the theme; the stores and the choices outlive it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from app.ui.theme import Theme
from app.ui.transcript.choices import Choices
from app.ui.transcript.formulas import Formulas
from app.ui.transcript.lexers import Lexers
from app.ui.transcript.means import Means, ServiceOf
from app.ui.transcript.pictures import Pictures
from app.ui.transcript.remote import RemotePictures
from app.ui.transcript.style import Style
from app.ui.transcript.vectors import Vectors
from app.ui.viewing.lending import Lending


@dataclass(frozen=True, slots=True)
class Surroundings:
    style: Style
    lexers: Lexers
    formulas: Formulas
    pictures: Pictures
    vectors: Vectors
    remote: RemotePictures
    choices: Choices
    service_of: ServiceOf
    lending: Lending

    def restyled(self) -> Surroundings:
        """The same with the theme as it is now; itself when it has not changed."""
        theme = self.style.theme
        if self.style.generation == theme.generation:
            return self
        return replace(self, style=Style(theme))


def surroundings(theme: Theme, means: Means, parent: QObject) -> Surroundings:
    """New ones; `parent` owns the stores."""
    return Surroundings(
        Style(theme),
        Lexers(),
        Formulas(parent),
        Pictures(means, parent),
        Vectors(parent),
        RemotePictures(means.load, parent),
        Choices(),
        means.service_of,
        means.lending,
    )


__all__ = ["Means", "Style", "Surroundings", "surroundings"]
