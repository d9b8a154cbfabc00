"""Says on the chips what the chosen service and model cannot take, and does what helps.

Invariant: nothing is changed unless the person chose it; every remedy in a menu does something.
Counted again only when attachments, service, model or what is known of them are others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog

from app.attachments import AddressSource, DownloadSource
from app.attachments.limits import Problem, Reader, Weight, problems
from app.attachments.remedies import Choice, Remedy, words
from app.domain.estimate import parts_tokens, sent_messages
from app.domain.message import Media, Part, Text
from app.i18n import tr
from app.reply import LearnedQuirks
from app.services.model_lists import ModelLists
from app.ui.attach_desk import AttachDesk
from app.ui.attachment_chip import AttachmentChip, Deed, Trouble
from app.ui.chat_page import ChatPage


class AttachLimits(QObject):
    """Follows `page` and its chips until `close`."""

    def __init__(
        self,
        desk: AttachDesk,
        page: ChatPage,
        lists: ModelLists,
        quirks: LearnedQuirks,
        *,
        can_convert: bool,
    ) -> None:
        super().__init__(page)
        self._desk = desk
        self._page = page
        self._chips = page.composer.chips
        self._lists = lists
        self._quirks = quirks
        self._can_convert = can_convert
        self._counted: object = None
        self._chips.shownAnew.connect(self.refresh)
        page.metaShown.connect(self.refresh)
        self.close = lists.subscribe(lambda service_id: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Say on each chip what is wrong with it now."""
        chips = [chip for chip in self._chips.shown if chip.media is not None]
        reader, conversation = self._reader(), self._page.chat.conversation
        situation = (tuple(chips), tuple(chip.media for chip in chips), reader, conversation)
        if situation == self._counted:
            return
        self._counted = situation
        found: dict[AttachmentChip, list[Problem]] = {chip: [] for chip in chips}
        if chips:
            sent = [part for message in sent_messages(conversation) for part in message.parts]
            for problem in problems(
                self._chips.media, reader, _attachments(sent), parts_tokens(_texts(sent))
            ):
                chip = chips[problem.at] if problem.at is not None else _largest(chips)
                found[chip].append(problem)
        for chip in chips:
            chip.show_troubles([self._trouble(chip, each) for each in found[chip]])

    def _trouble(self, chip: AttachmentChip, problem: Problem) -> Trouble:
        remedies = dict.fromkeys(each for each in problem.remedies if each != Choice.LEAVE_OUT)
        deeds = tuple(Deed(words(each), partial(self._do, chip, each)) for each in remedies)
        return Trouble(problem.sentence, problem.weight is Weight.BLOCKS, deeds)

    def _do(self, chip: AttachmentChip, remedy: Remedy) -> None:
        match remedy:
            case Choice.LEAVE_OUT:
                chip.remove.click()
            case Choice.SWITCH_MODEL | Choice.SWITCH_SERVICE:
                self._page.header.modelRequested.emit()
            case Choice.GIVE_ADDRESS:
                self._ask_address(lambda url: self._desk.exchange(chip, AddressSource(url)))
            case Choice.DOWNLOAD:
                assert chip.media is not None
                self._desk.exchange(chip, DownloadSource(chip.media.url or ""))
            case change:
                self._desk.alter(chip, change)

    def _ask_address(self, take: Callable[[str], None]) -> None:
        dialog = QInputDialog(self._page)
        dialog.setWindowTitle(tr("Give an address"))
        dialog.setLabelText(tr("Where the same file lies, beginning with https://"))
        dialog.textValueSelected.connect(take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _reader(self) -> Reader:
        chat = self._page.chat
        service = chat.service
        model = chat.sampling.model or service.default_model
        known = self._lists.get(service).model(model)
        return Reader(
            service=service,
            model=model,
            sees=None if known is None else known.vision,
            inputs=None if known is None else known.inputs,
            context_tokens=None if known is None else known.context,
            data_urls=self._quirks.get(service, model).data_urls is not False,
            can_convert=self._can_convert,
        )


def _attachments(parts: list[Part]) -> tuple[Media, ...]:
    return tuple(part for part in parts if isinstance(part, Media))


def _texts(parts: list[Part]) -> tuple[Text, ...]:
    return tuple(part for part in parts if isinstance(part, Text))


def _largest(chips: list[AttachmentChip]) -> AttachmentChip:
    """Which chip tells what is about all of them; of equals, the last."""
    return max(reversed(chips), key=lambda chip: (chip.media and chip.media.size_bytes) or 0)
