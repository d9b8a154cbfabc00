"""Heights of many messages with prefix sums in O(log n): a Fenwick tree over whole pixels.

Invariant: `total == sum of all heights`. Pure; knows no message and no widget.
"""

from __future__ import annotations

from collections.abc import Iterable


class HeightIndex:
    """`append`, `set`, `top` and `find` are O(log n); `truncate` is O(1) for each one dropped."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tree = [0, *self._heights]
        for at in range(1, len(self._tree)):
            above = at + (at & -at)
            if above < len(self._tree):
                self._tree[above] += self._tree[at]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    @property
    def total(self) -> int:
        return self.top(len(self._heights))

    def append(self, height: int) -> None:
        self._heights.append(height)
        at = len(self._heights)
        low = at - (at & -at)
        self._tree.append(self.top(at - 1) - self.top(low) + height)

    def set(self, index: int, height: int) -> None:
        difference = height - self._heights[index]
        if not difference:
            return
        self._heights[index] = height
        at = index + 1
        while at < len(self._tree):
            self._tree[at] += difference
            at += at & -at

    def truncate(self, count: int) -> None:
        """Keep the first `count` heights."""
        del self._heights[count:]
        del self._tree[count + 1 :]

    def top(self, index: int) -> int:
        """The sum of the heights before `index`; `index` may be the length."""
        total = 0
        while index > 0:
            total += self._tree[index]
            index -= index & -index
        return total

    def find(self, y: int) -> tuple[int, int]:
        """The index that holds pixel `y`, and the pixels left within it; clamped to both ends."""
        if not self._heights or y <= 0:
            return 0, 0
        at = 0
        rest = y
        step = 1 << (len(self._heights).bit_length() - 1)
        while step:
            above = at + step
            if above < len(self._tree) and self._tree[above] <= rest:
                at = above
                rest -= self._tree[above]
            step >>= 1
        if at >= len(self._heights):
            return len(self._heights) - 1, self._heights[-1]
        return at, rest
