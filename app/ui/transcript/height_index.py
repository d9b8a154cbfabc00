"""Heights of many messages with prefix sums in O(log n): a Fenwick tree over whole pixels.

Invariant: `total == sum of all heights`. Every message is `each` pixels high until it is known
better, and only what is known is held. Pure; knows no message and no widget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class HeightIndex:
    """`append`, `set`, `top` and `find` are O(log n); `truncate` and `grow` O(what is known)."""

    def __init__(self, heights: Iterable[int] = (), *, before: int = 0, each: int = 0) -> None:
        """`before` messages of unknown height, then those of `heights`."""
        self._each = each
        self._count = before
        self._known: dict[int, int] = {}
        """How much higher than `each` a message is, by its index."""
        self._tree: dict[int, int] = {}
        for height in heights:
            self.append(height)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return map(self.__getitem__, range(self._count))

    def __getitem__(self, index: int) -> int:
        return self._each + self._known.get(index, 0)

    @property
    def total(self) -> int:
        return self.top(self._count)

    def append(self, height: int) -> None:
        self._count = at = self._count + 1
        more = self._known[at - 1] = height - self._each
        low = at - (at & -at)
        self._tree[at] = self._more(at - 1) - self._more(low) + more

    def grow(self, count: int, each: int) -> None:
        """So many messages more; they are `each` high where nothing was said of it before."""
        if count <= 0:
            return
        known = {index: self._each + more for index, more in self._known.items()}
        if not self._each:
            known = dict(enumerate(self))
            self._each = each
        self._count += count
        self._known, self._tree = {}, {}
        for index, height in known.items():
            self.set(index, height)

    def set(self, index: int, height: int) -> None:
        difference = height - self[index]
        if not difference:
            return
        self._known[index] = height - self._each
        at = index + 1
        while at <= self._count:
            self._tree[at] = self._tree.get(at, 0) + difference
            at += at & -at

    def truncate(self, count: int) -> None:
        """Keep the first `count` heights."""
        self._count = min(count, self._count)
        for index in [index for index in self._known if index >= count]:
            del self._known[index]
        for at in [at for at in self._tree if at > count]:
            del self._tree[at]

    def top(self, index: int) -> int:
        """The sum of the heights before `index`; `index` may be the length."""
        return index * self._each + self._more(index)

    def find(self, y: int) -> tuple[int, int]:
        """The index that holds pixel `y`, and the pixels left within it; clamped to both ends."""
        if not self._count or y <= 0:
            return 0, 0
        at = 0
        rest = y
        step = 1 << (self._count.bit_length() - 1)
        while step:
            above = at + step
            if above <= self._count:
                height = step * self._each + self._tree.get(above, 0)
                if height <= rest:
                    at = above
                    rest -= height
            step >>= 1
        if at >= self._count:
            return self._count - 1, self[self._count - 1]
        return at, rest

    def _more(self, index: int) -> int:
        """How much higher the messages before `index` are than `each`."""
        more = 0
        while index > 0:
            more += self._tree.get(index, 0)
            index -= index & -index
        return more
