"""A change of an attachment, tried before it is used: what it makes is shown beside what was.

Invariant: nothing takes the attachment's place before the person says so; work that is not wanted
any more is stopped. Blocks nothing. What is to be changed, and how, is said by a `Plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.attachments import Progress, Refused, Taken
from app.attachments.remedies import Change
from app.domain.message import Media
from app.i18n import tr
from app.ui.attachment_chip import facts_of
from app.ui.attachment_chips import AskThumbnail
from app.ui.focus import let_tab_walk
from app.ui.settings.rows import Rows, muted
from app.ui.theme import RADIUS, SPACE, Theme

PREVIEW_PX = (208, 132)
PATIENCE_MS = 250
"""A field that is being changed is not worked on yet."""

Cancel = Callable[[], None]
Try = Callable[
    [Media, Change, Callable[[Taken | Refused], None], Callable[[Progress], None]], Cancel
]


@dataclass(frozen=True, slots=True)
class Told:
    """A change that needs no work: the same file, of which only a part is to be read."""

    media: Media


class FramedPicture(QWidget):
    """A picture in a frame of a fixed size, as large as fits."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.image = QImage()
        self.setFixedSize(*PREVIEW_PX)

    def show_image(self, image: QImage) -> None:
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(frame, RADIUS.m, RADIUS.m)
        if self.image.isNull():
            return
        size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(frame.center())
        path = QPainterPath()
        path.addRoundedRect(frame, RADIUS.m, RADIUS.m)
        painter.setClipPath(path)
        painter.drawImage(place, self.image)


class Preview(QWidget):
    """A heading, a picture, and facts below it."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.picture = FramedPicture(theme)
        self.words = muted()
        self.words.setFixedWidth(PREVIEW_PX[0])
        _reserve_lines(self.words, 2)
        heading = QLabel(title)
        heading.setProperty("kind", "section")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.xs)
        column.addWidget(heading)
        column.addWidget(self.picture)
        column.addWidget(self.words)
        column.addStretch(1)


def _reserve_lines(label: QLabel, count: int) -> None:
    """Room for words that come later: nothing moves, and nothing is laid over anything."""
    label.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
    label.ensurePolished()
    label.setMinimumHeight(count * label.fontMetrics().lineSpacing() + 2)


class ChangeDialog(QDialog):
    """`chosen` carries a `Taken` or a `Told`. The fields of a kind of change are in a subclass."""

    chosen = Signal(object)

    def __init__(
        self,
        theme: Theme,
        media: Media,
        try_it: Try,
        ask_thumbnail: AskThumbnail,
        title: str,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.media = media
        self._try = try_it
        self._ask_thumbnail = ask_thumbnail
        self._cancel_work: Cancel | None = None
        self._made: Taken | None = None
        self._tried: Change | None = None
        """What is being made, or was."""
        self._closed = False
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._begin)
        self.rows = Rows()
        self.now = Preview(theme, tr("Now"))
        self.then = Preview(theme, tr("Afterwards"))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        self.sentence = muted()
        _reserve_lines(self.sentence, 1)
        self.cancel = QPushButton(tr("Cancel"))
        self.go = QPushButton()
        self.go.setProperty("kind", "primary")
        self.go.setDefault(True)
        self._build(title)
        self.cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self._on_go_clicked)
        self.now.words.setText(facts_of(media))
        ask_thumbnail(media, self._alive(self.now.picture.show_image))

    def _build(self, title: str) -> None:
        heading = QLabel(title)
        heading.setProperty("kind", "heading")
        name = muted(self.media.name)
        beside = QHBoxLayout()
        beside.setSpacing(SPACE.l)
        beside.addWidget(self.now)
        beside.addWidget(self.then)
        beside.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        for part in (heading, name):
            column.addWidget(part)
        column.addLayout(self.rows)
        column.addLayout(beside)
        column.addWidget(self.progress)
        column.addWidget(self.sentence)
        column.addLayout(buttons)
        self.setMinimumWidth(2 * PREVIEW_PX[0] + SPACE.l + 2 * SPACE.xl)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)

    # For a kind of change

    work_words = ""
    """What stands on the button that begins the work; "" where it begins by itself."""

    def plan(self) -> Change | Told | None:
        """What the fields say; `None` where that is no change."""
        raise NotImplementedError

    def listen(self, *fields: QSpinBox | QDoubleSpinBox | QCheckBox) -> None:
        """Begin with these fields, in this order, and follow what is written into them."""
        for field in fields:
            changed = field.toggled if isinstance(field, QCheckBox) else field.valueChanged
            changed.connect(self.on_edited)
        let_tab_walk(*fields, self.cancel, self.go)
        fields[0].setFocus()
        self.on_edited()
        column = self.layout()
        if column is not None:  # words that wrap ask for more than the smallest size has
            wide = self.minimumWidth()
            self.setMinimumHeight(column.totalHeightForWidth(wide))
            self.resize(wide, self.minimumHeight())

    def on_edited(self) -> None:
        """The fields say something else now: what was made before is not that.

        Enter in a box tells its number anew, which is nothing else.
        """
        if (self.working or self._made is not None) and self.plan() == self._tried:
            return
        self._stop()
        self._made = None
        self.then.picture.show_image(QImage())
        self.then.words.setText("")
        self.sentence.setText("")
        plan = self.plan()
        if isinstance(plan, Told):
            self.then.picture.show_image(self.now.picture.image)
            self.then.words.setText(facts_of(plan.media))
        elif plan is not None and not self.work_words:
            self._patience.start()
        self._show_state()

    # Work

    @property
    def working(self) -> bool:
        return self._cancel_work is not None

    def _begin(self) -> None:
        plan = self.plan()
        if plan is None or isinstance(plan, Told):
            return
        self._tried = plan
        self.progress.setRange(0, 0)
        self.sentence.setText("")
        self._cancel_work = self._try(
            self.media, plan, self._alive(self._on_done), self._alive(self._on_progress)
        )
        self._show_state()

    def _on_progress(self, now: Progress) -> None:
        if self.working:
            self.progress.setRange(0, 100 if now.share is not None else 0)
            self.progress.setValue(round((now.share or 0.0) * 100))
            self.sentence.setText(now.words)

    def _on_done(self, outcome: Taken | Refused) -> None:
        self._cancel_work = None
        if isinstance(outcome, Refused):
            self.sentence.setText(outcome.sentence)
        else:
            self._made = outcome
            self.sentence.setText(" ".join((*outcome.remarks, *self._verdict(outcome))))
            facts = "\n".join(facts_of(media) for media in outcome.media)
            self.then.words.setText(facts)
            for media in outcome.media[:1]:
                self._ask_thumbnail(media, self._alive(self.then.picture.show_image))
        self._show_state()

    def _verdict(self, made: Taken) -> Iterator[str]:
        size = sum(media.size_bytes or 0 for media in made.media)
        if size >= (self.media.size_bytes or size + 1):
            yield tr("It did not become smaller.")

    def _stop(self) -> None:
        self._patience.stop()
        if self._cancel_work is not None:
            self._cancel_work()
            self._cancel_work = None

    def _show_state(self) -> None:
        self.progress.setVisible(self.working)
        plan = self.plan()
        finished = self._made is not None or isinstance(plan, Told)
        self.go.setText(tr("Use it") if finished or not self.work_words else self.work_words)
        waits = self.working or (not finished and not self.work_words)
        self.go.setEnabled(plan is not None and not waits)

    def _on_go_clicked(self) -> None:
        plan = self.plan()
        made: Taken | Told | None = plan if isinstance(plan, Told) else self._made
        if made is None:
            self._begin()
            return
        self.chosen.emit(made)
        self.accept()

    def done(self, result: int) -> None:
        self._stop()
        self._closed = True
        super().done(result)

    def _alive(self, act: Callable[..., None]) -> Callable[..., None]:
        """`act`, until the dialog is closed: what was asked for may come later."""

        def do(*given: object) -> None:
            if not self._closed:
                act(*given)

        return do
