"""How a trickling answer is read: in small heaps instead of piece by piece.

Each wake-up for a few bytes costs more than what they bring. Invariant: what lies ready is read
without delay, a slow stream piece by piece, and nothing waits longer than `HEAP_S`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

HEAP_S = 0.016  # nobody sees more than one picture in this time
READY_S = 0.001  # what comes sooner lay ready
SMALL_BYTES = 4096
REST_S = 1.0


class Pace:
    """Reads pieces. Faster ones than one in `HEAP_S` are let come together before the next."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._trickles = False
        self._gathered = False
        self._rests_until = 0.0

    async def next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        """The next piece, or `None` at the end."""
        asked_at = self._clock()
        piece = await anext(pieces, None)
        now = self._clock()
        waited_s = now - asked_at
        if self._gathered and waited_s >= READY_S:
            # Nothing had come together; or reading itself takes long here, and much waits.
            self._rests_until = now + REST_S
        small = piece is not None and len(piece) < SMALL_BYTES
        trickles = small and READY_S <= waited_s < HEAP_S
        self._trickles = trickles and now >= self._rests_until
        self._gathered = False
        return piece

    async def gather(self) -> None:
        """Wait until a heap has come together, where the stream trickles."""
        if self._trickles:
            self._trickles = False
            self._gathered = True
            await self._sleep(HEAP_S)
