"""How a trickling answer is read: in small heaps instead of piece by piece.

Each wake-up for a few bytes costs more than what they bring. Invariant: what lies ready is read
without delay, a slow stream piece by piece, and nothing waits longer than `HEAP_S`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

HEAP_S = 0.03  # nobody reads more than thirty pictures of a text in a second
TRICKLE_S = 0.016  # what comes less often is read as it comes
READY_S = 0.001  # what comes sooner lay ready
SMALL_BYTES = 4096
MOST_IN_VAIN = 2
REST_S = 1.0


class Pace:
    """Reads pieces. Faster ones than one in `TRICKLE_S` are let come together before the next."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._trickles = False
        self._gathered = False
        self._in_vain = 0
        self._alone_bytes = 0
        self._rests_until = 0.0

    async def next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        """The next piece, or `None` at the end."""
        asked_at = self._clock()
        piece = await anext(pieces, None)
        now = self._clock()
        waited_s, size = now - asked_at, len(piece or b"")
        waited = READY_S <= waited_s < TRICKLE_S
        if self._gathered:
            self._gathered = False
            one_piece = size >= 2 * self._alone_bytes  # the heap came as one: nothing is left
            self._judge(one_piece or waited_s < READY_S, now)
            waited = waited or (one_piece and waited_s < TRICKLE_S)
        else:
            self._alone_bytes = size
        self._trickles = waited and 0 < size < SMALL_BYTES and now >= self._rests_until
        return piece

    async def gather(self) -> None:
        """Wait until a heap has come together, where the stream trickles."""
        if self._trickles:
            self._trickles = False
            self._gathered = True
            await self._sleep(HEAP_S)

    def _judge(self, found_more: bool, now: float) -> None:
        """Rest where gathering is in vain: reading itself takes long here, and much may wait."""
        self._in_vain = 0 if found_more else self._in_vain + 1
        if self._in_vain >= MOST_IN_VAIN:
            self._in_vain = 0
            self._rests_until = now + REST_S
