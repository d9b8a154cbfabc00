"""What can be changed of an attachment by hand: how large a picture or a video is, which part.

Invariant: each is a `ChangeDialog` with its own fields; the fields say one change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.attachments.remedies import Change, CompressVideo, PagesAsPictures, ShrinkPicture, Trim
from app.domain.kinds import MB, VIDEO, kind_of
from app.domain.message import Media
from app.i18n import tr
from app.ui.attachment_chips import AskThumbnail
from app.ui.change_dialog import ChangeDialog, Told, Try
from app.ui.number_fields import NumberField, WholeNumberField
from app.ui.settings.rows import Rows, muted
from app.ui.theme import SPACE, Theme

LEAST_PX, MOST_PX = 64, 16_384
QUALITY = 85
USUAL_PX = 2048
LEAST_MB, MOST_MB = 0.1, 2000.0
LONGEST_S = 24 * 3600.0
LEAST_PART_S = 0.1
MOST_FRAMES_PER_S = 24.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What every dialog is given."""

    theme: Theme
    try_it: Try
    ask_thumbnail: AskThumbnail
    parent: QWidget


class ShrinkDialog(ChangeDialog):
    """The longer side of a picture, and how well its JPEG is to look."""

    def __init__(self, trial: Trial, media: Media) -> None:
        title = tr("Make the picture smaller")
        super().__init__(trial.theme, media, trial.try_it, trial.ask_thumbnail, title, trial.parent)
        longest = max(media.width_px or 0, media.height_px or 0)
        self.longest = WholeNumberField()
        self.longest.setRange(LEAST_PX, max(LEAST_PX, longest or MOST_PX))
        self.longest.setSingleStep(256)
        self.longest.setSuffix(" px")
        self.longest.setValue(min(USUAL_PX, longest * 3 // 4) if longest else USUAL_PX)
        self.quality = WholeNumberField()
        self.quality.setRange(1, 95)
        self.quality.setValue(QUALITY)
        self.rows.add(tr("Longer side"), self.longest)
        self.rows.add(tr("Quality"), self.quality, tr("Of a JPEG, from 1 to 95."))
        self.rows.remark(
            muted(tr("It is turned upright, and place, camera and texts are taken out."))
        )
        self.listen(self.longest, self.quality)

    def plan(self) -> Change | Told | None:
        return ShrinkPicture(self.longest.value(), self.quality.value())


class CompressDialog(ChangeDialog):
    """How large a video may be; the work begins when that is said."""

    work_words = tr("Compress")

    def __init__(self, trial: Trial, media: Media, wished_bytes: int | None = None) -> None:
        title = tr("Compress the video")
        super().__init__(trial.theme, media, trial.try_it, trial.ask_thumbnail, title, trial.parent)
        wished = wished_bytes or (media.size_bytes or 10 * MB) // 2
        self.size_field = NumberField()
        self.size_field.setRange(LEAST_MB, MOST_MB)
        self.size_field.setDecimals(1)
        self.size_field.setSuffix(" MB")
        # Rounded down: it is to fit.
        self.size_field.setValue(max(LEAST_MB, wished * 10 // MB / 10))
        self.rows.add(tr("At most"), self.size_field)
        self.listen(self.size_field)

    def plan(self) -> Change | Told | None:
        return CompressVideo(round(self.size_field.value() * MB))


class TimeField(NumberField):
    """Seconds, written as 1:05.5; `open_end` is what stands for 0."""

    def __init__(self, open_end: str = "") -> None:
        super().__init__()
        self.setDecimals(1)
        self.setRange(0.0, LONGEST_S)
        self.setSingleStep(1.0)
        self.setSpecialValueText(open_end)

    def textFromValue(self, value: float) -> str:
        minutes, seconds = divmod(round(value, 1), 60)
        rest = f"{seconds:04.1f}".removesuffix(".0")
        return f"{int(minutes)}:{rest}"

    def valueFromText(self, text: str) -> float:
        return _seconds(text) or 0.0

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        state = QValidator.State
        if text == self.specialValueText() or _seconds(text) is not None:
            return state.Acceptable, text, position
        typed = all(each.isdigit() or each in ":." for each in text)
        return (state.Intermediate if typed else state.Invalid), text, position


def _seconds(text: str) -> float | None:
    """1:05.5, 65.5 or 1:02:03 in seconds; `None` for what is no time."""
    total = 0.0
    for part in text.strip().split(":"):
        if not part.replace(".", "", 1).isdigit():
            return None
        total = total * 60 + float(part)
    return total


class PartDialog(ChangeDialog):
    """From when to when. A service that can be told so gets the whole file and reads that part;
    for others, and where the person wants it, the file is cut."""

    work_words = tr("Cut")

    def __init__(self, trial: Trial, media: Media, *, can_tell: bool, can_cut: bool) -> None:
        title = tr("Choose a part")
        super().__init__(trial.theme, media, trial.try_it, trial.ask_thumbnail, title, trial.parent)
        length = media.duration_s
        self.start = TimeField()
        self.end = TimeField("" if length else tr("to the end"))
        if length:
            self.start.setMaximum(max(0.0, length - LEAST_PART_S))
            self.end.setRange(LEAST_PART_S, length)
        self.start.setValue(media.start_s or 0.0)
        self.end.setValue(media.end_s or length or 0.0)
        self.frames = NumberField()
        self.frames.setRange(0.0, MOST_FRAMES_PER_S)
        self.frames.setDecimals(1)
        self.frames.setSpecialValueText(tr("usual (1)"))
        self.frames.setValue(media.frames_per_s or 0.0)
        self.cut = QCheckBox(tr("Cut the file, so that less is sent"))
        self.cut.setChecked(not can_tell)
        self.rows.add(tr("From"), self.start)
        self.rows.add(tr("To"), self.end)
        self.rows.add(
            tr("Frames per second"), self.frames, tr("How many pictures of a second are looked at.")
        )
        self.rows.addRow(self.cut)
        self.rows.setRowVisible(self.cut, can_tell and can_cut)
        self.rows.setRowVisible(self.frames, can_tell and kind_of(media) is VIDEO)
        self.listen(self.start, self.end, self.frames, self.cut)

    def plan(self) -> Change | Told | None:
        start, length = self.start.value(), self.media.duration_s
        end = self.end.value() or length or 0.0
        if end and end - start < LEAST_PART_S:
            return None
        if self.cut.isChecked():
            return Trim(start, end) if end else None
        whole_end = not end or (length is not None and end >= length)
        return Told(
            replace(
                self.media,
                start_s=start or None,
                end_s=None if whole_end else end,
                frames_per_s=self.frames.value() or None,
            )
        )


class PagesDialog(QDialog):
    """Which pages of a document go as pictures."""

    def __init__(self, media: Media, take: Callable[[Change], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._take = take
        title = tr("Send pages as pictures")
        self.setWindowTitle(title)
        pages = media.pages or 1
        self.first, self.last = WholeNumberField(), WholeNumberField()
        for field in (self.first, self.last):
            field.setRange(1, pages)
        self.last.setValue(pages)
        heading = QLabel(title)
        heading.setProperty("kind", "heading")
        rows = Rows()
        rows.add(tr("From page"), self.first)
        rows.add(tr("To page"), self.last)
        self.cancel, self.go = QPushButton(tr("Cancel")), QPushButton(tr("Send these pages"))
        self.go.setProperty("kind", "primary")
        self.go.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(heading)
        column.addWidget(muted(media.name))
        column.addLayout(rows)
        column.addLayout(buttons)
        self.setMinimumWidth(380)
        self.first.valueChanged.connect(self.last.setMinimum)
        self.cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self._on_go_clicked)

    def _on_go_clicked(self) -> None:
        self._take(PagesAsPictures(self.first.value(), self.last.value()))
        self.accept()
