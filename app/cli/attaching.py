"""`--attach`: files and addresses become parts of the question, checked before anything is sent.

Invariant: what cannot be attached, or what the service does not take, ends the command with a
sentence and nothing is asked; a change that loses nothing is made without asking.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.attachments import Attachments, Progress, RefusedError, source_of
from app.attachments.limits import Problem, Reader, Weight, problems
from app.attachments.work import Work
from app.cli.printer import Printer
from app.cli.services import UsageError
from app.domain.message import Media
from app.domain.settings import Service


@dataclass(frozen=True, slots=True)
class Attacher:
    """Makes attachments for one question to `service`, and says what is done."""

    attachments: Attachments
    service: Service
    model: str
    printer: Printer

    async def attach(self, names: list[str]) -> tuple[Media, ...]:
        """The attachments that `names` (paths or addresses) stand for. Raises UsageError."""
        found: list[Media] = []
        for name in names:
            try:
                taken = await self.attachments.take(source_of(name), self._work())
            except RefusedError as refused:
                raise UsageError(str(refused)) from refused
            for remark in taken.remarks:
                self.printer.remark(remark)
            found += taken.media
        return await self._fitting(found)

    async def _fitting(self, media: list[Media]) -> tuple[Media, ...]:
        """As the service takes them. Raises UsageError."""
        for at, one in reversed([*enumerate(media)]):
            for problem in problems([one], self._reader()):
                if problem.by_itself is not None:
                    changed = await self._changed(one, problem)
                    media[at : at + 1] = changed
        for problem in problems(media, self._reader()):
            if problem.weight is Weight.BLOCKS:
                raise UsageError(problem.sentence)
            self.printer.remark(problem.sentence)
        return tuple(media)

    async def _changed(self, media: Media, problem: Problem) -> tuple[Media, ...]:
        assert problem.by_itself is not None, "there is something to do"
        try:
            taken = await self.attachments.change(media, problem.by_itself, self._work())
        except RefusedError as refused:
            raise UsageError(str(refused)) from refused
        return taken.media

    def _reader(self) -> Reader:
        can_convert = self.attachments.tools.ffmpeg is not None
        return Reader(service=self.service, model=self.model, can_convert=can_convert)

    def _work(self) -> Work:
        """Long work is told once for each thing that is done."""
        said: set[str] = set()

        def tell(progress: Progress) -> None:
            if progress.words not in said and (progress.share or 0.0) > 0.0:
                said.add(progress.words)
                self.printer.remark(f"{progress.words}…")

        return Work(tell)
