"""What a back-up was found to hold, and what came of bringing it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.i18n import tr, trn


@dataclass(frozen=True, slots=True)
class Found:
    """What a back-up holds: `missing` are attachments that are named and not in it."""

    place: Path
    chats: int
    attachments: tuple[str, ...]
    attachments_bytes: int
    missing: int
    has_settings: bool
    staged: Path
    blobs: Path
    held: TemporaryDirectory[str]


@dataclass(frozen=True, slots=True)
class Brought:
    """What came. `settings_kept` is where the settings of before lie, if others took over."""

    new_chats: int
    completed_chats: int
    known_chats: int
    missing: int
    settings_problem: str = ""
    settings_kept: Path | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        known, said = self.known_chats, []
        if self.new_chats or not known:
            said.append(trn("{count} chat was added.", "{count} chats were added.", self.new_chats))
        if self.completed_chats:
            count = self.completed_chats
            said.append(trn("{count} chat was completed.", "{count} chats were completed.", count))
        if known:
            said.append(
                trn("{count} chat was here already.", "{count} chats were here already.", known)
            )
        if self.missing:
            said.append(
                trn(
                    "{count} attachment is missing in the back-up or damaged.",
                    "{count} attachments are missing in the back-up or damaged.",
                    self.missing,
                )
            )
        if self.settings_problem:
            said.append(self.settings_problem)
        elif self.settings_kept is not None:
            said.append(
                tr("The settings of before are kept as {name}.", name=self.settings_kept.name)
            )
        return tuple(said)


@dataclass(frozen=True, slots=True)
class NotBrought:
    """Why nothing came, as a sentence; empty when the person stopped it."""

    sentence: str = ""
