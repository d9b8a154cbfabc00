"""Looking for a new version: by hand, and once a day where the person has said yes.

Invariant: off until then. What is asked for is the same plain file for everybody; what it says is
believed only with a signature, and never when it is older than what was seen before. Failures in
the background are quiet; by hand they are told. Nothing is fetched or installed: a new version is
a page to open.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from app import __version__
from app.config import Config
from app.domain import address
from app.domain.errors import ChatError
from app.domain.settings import Settings
from app.i18n import tr
from app.paths import resources
from app.tasks import Clock, Listeners, Tasks, Timer
from app.updates import announcement
from app.updates.announcement import LARGEST_BYTES, Announcement, AnnouncementError
from app.updates.memory import Memory
from app.updates.package import FILE, Package, read_package
from app.updates.version import is_newer

__all__ = ["Announcement", "Package", "UpdateState", "Updates"]

DAY_S = 86_400.0
SETTLED_S = 60.0
"""Nothing is looked for until a start is over."""
AGAIN_S = 3600.0
ASK_AFTER_S = 3 * DAY_S
OLD_S = 400 * DAY_S
"""A list that nobody has signed anew for so long may be held back by somebody."""

Fetch = Callable[[str, int, Collection[str]], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class UpdateState:
    """`newer` is a release to get; `words` say what the last look by hand has found."""

    looking: bool = False
    newer: Announcement | None = None
    words: str = ""


def open_updates(memory: Path, config: Config, fetch: Fetch, tasks: Tasks, clock: Clock) -> Updates:
    """The updates of this copy of the program."""
    try:
        package = read_package(resources() / FILE)
    except FileNotFoundError:
        package = Package()
    return Updates(package, __version__, config, Memory(memory), fetch, tasks, clock)


class Updates:
    """What a window needs to know and to ask. Every call returns at once."""

    def __init__(
        self,
        package: Package,
        version: str,
        config: Config,
        memory: Memory,
        fetch: Fetch,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self.package = package
        self._version = version
        self._config = config
        self._memory = memory
        self._fetch = fetch
        self._tasks = tasks
        self._clock = clock
        self.state = UpdateState()
        self._listeners = Listeners[UpdateState]()
        self._timer: Timer | None = None
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def looked(self) -> float:
        """When it was last looked, in Unix time; 0: never."""
        return self._memory.now.looked

    @property
    def host(self) -> str:
        """Who is asked."""
        return address.host(self.package.updates)

    def subscribe(self, listener: Callable[[UpdateState], None]) -> Callable[[], None]:
        """Call `listener` at every change until the returned function is called."""
        return self._listeners.add(listener)

    def start(self) -> None:
        """From now on, until `close`, look once a day if the person wants it."""
        if not self.package.can_look:
            return
        if not self._memory.now.first_start:
            self._memory.change(first_start=self._clock.now())
        self._unsubscribe = self._config.subscribe(self._on_settings)
        self._timer = self._clock.call_later(SETTLED_S, self._on_time)
        if self._memory.now.newest:
            self._tasks.spawn(self._recall(), "recall the newest version")

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._unsubscribe is not None:
            self._unsubscribe()

    def look(self) -> None:
        """Look now, because a person wants to know."""
        if self.package.can_look and not self.state.looking:
            self._begin(by_hand=True)

    # What the person is asked and told, once each

    def wants_to_ask(self) -> bool:
        """Whether it is time to ask, once, if it shall be looked for new versions."""
        known = self._memory.now
        used_s = self._clock.now() - known.first_start
        return (
            self.package.can_look
            and not (known.asked or self._config.settings.look_for_updates)
            and bool(known.first_start)
            and used_s >= ASK_AFTER_S
        )

    def asked(self) -> None:
        self._memory.change(asked=True)

    def untold(self) -> Announcement | None:
        """A newer version that the person has not been told of."""
        newer = self.state.newer
        return newer if newer is not None and newer.version != self._memory.now.told else None

    def told(self, found: Announcement) -> None:
        self._memory.change(told=found.version)

    # Looking

    def _on_settings(self, old: Settings, new: Settings) -> None:
        if new.look_for_updates and not old.look_for_updates:
            self._look_if_due()

    def _on_time(self) -> None:
        self._timer = self._clock.call_later(AGAIN_S, self._on_time)
        self._look_if_due()

    def _look_if_due(self) -> None:
        if not self._config.settings.look_for_updates or self.state.looking:
            return
        since_s = self._clock.now() - self._memory.now.looked
        if not 0 <= since_s < DAY_S:  # a clock that was put back counts as a day
            self._begin(by_hand=False)

    def _begin(self, *, by_hand: bool) -> None:
        self._memory.change(looked=self._clock.now(), asked=True)
        self._show(UpdateState(looking=True, newer=self.state.newer))
        self._tasks.spawn(self._look(by_hand=by_hand), "look for a new version")

    async def _look(self, *, by_hand: bool) -> None:
        newer, words = self.state.newer, ""
        try:
            package = self.package
            data = await self._fetch(package.updates, LARGEST_BYTES, package.hosts)
            found = await self._believed(data)
        except ChatError as error:
            words = error.failure.message
        except AnnouncementError as error:
            words = tr("{reason} Nothing of it was used.", reason=error)
        else:
            newer = self._newer(found)
            self._memory.change(issued=found.issued, newest=data.decode() if newer else "")
            words = self._verdict(found, newer)
        if not by_hand and words:
            logging.getLogger(__name__).info("looked for a new version: %s", words)
        self._show(UpdateState(newer=newer, words=words if by_hand else ""))

    async def _believed(self, data: bytes) -> Announcement:
        """Raises AnnouncementError, also for a list that is older than one that was seen."""
        # In a thread: the first signature loads a large library.
        found = await asyncio.to_thread(announcement.read, data, self.package.keys)
        if found.issued < self._memory.now.issued:
            raise AnnouncementError(tr("The list of releases is older than the one seen before."))
        return found

    def _newer(self, found: Announcement) -> Announcement | None:
        return found if is_newer(found.version, self._version) else None

    def _verdict(self, found: Announcement, newer: Announcement | None) -> str:
        """What a look has found, in a sentence."""
        if newer is not None:
            return tr("Version {version} is there.", version=newer.version)
        if is_newer(self._version, found.version):
            return tr(
                "This version is newer than {version}, the last one announced.",
                version=found.version,
            )
        if self._clock.now() - found.issued > OLD_S:
            return tr(
                "Nothing newer was announced for more than a year. "
                "Have a look at the page of the program, too."
            )
        return tr("This is the newest version.")

    async def _recall(self) -> None:
        """What was found before this start. It is believed no more than what comes now."""
        data = self._memory.now.newest.encode(errors="replace")
        try:
            newer = self._newer(await self._believed(data))
        except AnnouncementError:
            return
        if self.state == UpdateState():
            self._show(UpdateState(newer=newer))

    def _show(self, state: UpdateState) -> None:
        self.state = state
        self._listeners.tell(state)
