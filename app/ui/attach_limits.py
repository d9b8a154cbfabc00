"""Says on the chips what the chosen service and model cannot take, and what helps.

Invariant: nothing is changed unless the person chose it, but for what must happen and loses nothing
(`Problem.by_itself`), which is told on the chip. Counted again only when attachments, service,
model or what is known of them are others.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from PySide6.QtCore import QObject

from app.attachments.limits import Problem, Reader, Weight, problems
from app.attachments.remedies import Choice, Remedy, words
from app.domain.carrying import load_of
from app.domain.estimate import sent_of
from app.domain.kinds import PDF, PICTURE, SOUND, VIDEO, kind_of
from app.domain.message import Media
from app.domain.settings import Service
from app.i18n import tr
from app.services import ModelInfo
from app.ui.attach_remedies import AttachRemedies
from app.ui.attachment_chip import AttachmentChip, Deed, Trouble
from app.ui.readers import Readers

MOST_OFFERED = 4
_SEEN = (PICTURE, VIDEO, PDF)


class AttachLimits(QObject):
    """Follows the page of `remedies` and its chips until `close`."""

    def __init__(self, remedies: AttachRemedies, readers: Readers) -> None:
        page = remedies.page
        super().__init__(page)
        self._remedies = remedies
        self._readers = readers
        self._page = page
        self._chips = page.composer.chips
        self._counted: object = None
        self._tried: set[object] = set()
        self._chips.shownAnew.connect(self.refresh)
        page.metaShown.connect(self.refresh)
        self.close = readers.subscribe(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say on each chip what is wrong with it now."""
        chips = [chip for chip in self._chips.shown if chip.media is not None]
        chat = self._page.chat
        media = self._chips.media
        if any(kind_of(each) in (*_SEEN, SOUND) for each in media):
            self._readers.learn(chat.service)
        reader, conversation = self._readers.of_chat(chat), chat.conversation
        situation = (tuple(chips), media, reader, conversation)
        if situation == self._counted:
            return
        self._counted = situation
        if chips:
            sent = sent_of(conversation)
            self._show(chips, reader, Question(media, sent.media, sent.texts))

    def _show(self, chips: list[AttachmentChip], reader: Reader, question: Question) -> None:
        found: dict[AttachmentChip, list[Problem]] = {chip: [] for chip in chips}
        for problem in question.problems(reader):
            chip = chips[problem.at] if problem.at is not None else _largest(chips)
            found[chip].append(problem)
        uploads = question.uploads(reader.service)
        for at, chip in enumerate(chips):
            troubles = [self._trouble(chip, each, reader, question) for each in found[chip]]
            note = ""
            if at in uploads:
                note = tr("It is uploaded to Google first, and kept there for 48 hours.")
            chip.show_troubles(troubles, self._remedies.always(chip, reader), note)
        for chip in chips:
            for problem in found[chip]:
                self._mend(chip, problem)

    def _mend(self, chip: AttachmentChip, problem: Problem) -> None:
        """Do by itself what must happen and loses nothing; once, if it fails."""
        change, attempt = problem.by_itself, (chip.media, problem.by_itself)
        if change is None or chip.working or attempt in self._tried:
            return
        self._tried.add(attempt)
        self._remedies.change(chip, change, problem.sentence)

    def _trouble(
        self, chip: AttachmentChip, problem: Problem, reader: Reader, question: Question
    ) -> Trouble:
        deeds = list[Deed]()
        for remedy in dict.fromkeys(problem.remedies):
            if remedy is Choice.LEAVE_OUT:
                continue  # that is what its cross is for
            if remedy in (Choice.SWITCH_MODEL, Choice.SWITCH_SERVICE):
                deeds += self._others(remedy, problem, reader, question)
            deeds.append(Deed(self._words(remedy), partial(self._remedies.do, chip, remedy)))
        return Trouble(problem.sentence, problem.weight is Weight.BLOCKS, tuple(deeds))

    def _words(self, remedy: Remedy) -> str:
        opens = self._remedies.opens_dialog(remedy)
        return f"{words(remedy)}…" if opens else words(remedy)

    def _others(
        self, remedy: Remedy, problem: Problem, reader: Reader, question: Question
    ) -> Iterator[Deed]:
        """Models, or services, that are known to take it: to be asked with one click."""
        chat = self._page.chat
        if remedy is Choice.SWITCH_MODEL:
            candidates = self._readers.models(chat, partial(_may_know, question, problem))
        else:
            candidates = self._readers.services(chat)
        able = (each for each in candidates if not question.is_wrong(each, problem))
        for other in islice(able, MOST_OFFERED):
            name = self._readers.name(other)
            deed = partial(self._page.chat.set_service, other.service.id, other.model or None)
            yield Deed(tr("Ask {name} instead", name=name), deed)


class Question:
    """The attachments of the next question, and what goes along with them."""

    def __init__(
        self, media: tuple[Media, ...], earlier: tuple[Media, ...], text_tokens: int
    ) -> None:
        self.media = media
        self._earlier = earlier
        self._text_tokens = text_tokens

    def problems(self, reader: Reader) -> tuple[Problem, ...]:
        return problems(self.media, reader, self._earlier, self._text_tokens)

    def is_wrong(self, reader: Reader, problem: Problem) -> bool:
        """Whether something of what `problem` is about would be wrong with `reader`, too."""
        return any(each.at in (None, problem.at) for each in self.problems(reader))

    def uploads(self, service: Service) -> frozenset[int]:
        """The places of the attachments that are uploaded before the question."""
        places = load_of(service, self.media, self._earlier).uploads
        first = len(self._earlier)
        return frozenset(place - first for place in places if place >= first)


def _may_know(question: Question, problem: Problem, model: ModelInfo) -> bool:
    """Whether a list says of a model that it could help: what is unknown is not offered."""
    if problem.at is None:
        return model.context is not None
    kind = kind_of(question.media[problem.at])
    word = {PICTURE.name: "image", VIDEO.name: "video", SOUND.name: "audio"}.get(kind.name)
    if model.inputs is not None and word is not None:
        return word in model.inputs
    return model.vision is True and kind in _SEEN


def _largest(chips: list[AttachmentChip]) -> AttachmentChip:
    """Which chip tells what is about all of them; of equals, the last."""
    return max(reversed(chips), key=lambda chip: (chip.media and chip.media.size_bytes) or 0)
