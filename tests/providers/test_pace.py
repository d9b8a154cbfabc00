"""Pieces that trickle are read in heaps; what lies ready or comes seldom is read at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.providers.pace import HEAP_S, SMALL_BYTES, Pace


class Source:
    """A connection with a time of its own: `(second, bytes)`; a read takes all that is there."""

    def __init__(self, arrivals: list[tuple[float, int]], *, one_by_one_s: float = 0.0) -> None:
        """`one_by_one_s`: a read gives one piece only and takes so long, as TLS may."""
        self.now_s = 0.0
        self._one_by_one_s = one_by_one_s
        self.gathered_s = 0.0
        self.reads = 0
        self._arrivals = arrivals

    def clock(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        self.gathered_s += seconds

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._arrivals:
            raise StopAsyncIteration
        self.now_s = max(self.now_s, self._arrivals[0][0])
        size = 0
        while self._arrivals and self._arrivals[0][0] <= self.now_s:
            size += self._arrivals.pop(0)[1]
            if self._one_by_one_s:
                self.now_s += self._one_by_one_s
                break
        self.reads += 1
        return b"x" * size


async def read(source: Source) -> int:
    """Read to the end; how many bytes there were."""
    pace, size, pieces = Pace(source.clock, source.sleep), 0, aiter(source)
    while True:
        await pace.gather()
        piece = await pace.next(pieces)
        if piece is None:
            return size
        size += len(piece)


async def test_a_fast_trickle_is_read_in_heaps() -> None:
    source = Source([(number * 0.002, 20) for number in range(200)])
    assert await read(source) == 200 * 20
    assert source.reads < 50


async def test_a_slow_trickle_is_read_at_once() -> None:
    source = Source([(number * 0.02, 20) for number in range(50)])
    await read(source)
    assert source.reads == 50
    assert source.gathered_s == 0


async def test_what_lies_ready_is_read_at_once() -> None:
    source = Source([(number * 0.0005, 20) for number in range(50)])
    await read(source)
    assert source.gathered_s == 0


async def test_much_is_read_without_a_pause() -> None:
    source = Source([(number * 0.003, SMALL_BYTES) for number in range(10)])
    await read(source)
    assert source.gathered_s == 0


async def test_nothing_waits_longer_than_a_heap() -> None:
    source = Source([(number * 0.004, 20) for number in range(100)])
    await read(source)
    assert source.gathered_s <= source.reads * HEAP_S


async def test_a_slow_reader_does_not_fall_behind() -> None:
    source = Source([(number * 0.002, 20) for number in range(1000)], one_by_one_s=0.0015)
    await read(source)
    assert source.now_s < 1000 * 0.002 + 0.2
