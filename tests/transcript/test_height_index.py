"""The height index against sums done the long way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.ui.transcript.height_index import HeightIndex

heights = st.lists(st.integers(0, 500), max_size=60)


@given(heights)
def test_tops_are_sums_of_what_is_above(values: list[int]) -> None:
    index = HeightIndex(values)
    assert [index.top(at) for at in range(len(values) + 1)] == [
        sum(values[:at]) for at in range(len(values) + 1)
    ]
    assert index.total == sum(values)


@given(heights, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 500)), max_size=40))
def test_setting_and_appending_keep_the_sums(
    values: list[int], changes: list[tuple[int, int]]
) -> None:
    index = HeightIndex(values)
    naive = list(values)
    for at, height in changes:
        if at < len(naive):
            naive[at] = height
            index.set(at, height)
        else:
            naive.append(height)
            index.append(height)
    assert [index.top(at) for at in range(len(naive) + 1)] == [
        sum(naive[:at]) for at in range(len(naive) + 1)
    ]


@given(heights, st.integers(0, 60), st.lists(st.integers(0, 500), max_size=10))
def test_truncating_and_growing_again(values: list[int], count: int, more: list[int]) -> None:
    index = HeightIndex(values)
    naive = values[:count]
    index.truncate(count)
    for height in more:
        index.append(height)
    naive += more
    assert len(index) == len(naive)
    assert index.total == sum(naive)


@given(st.lists(st.integers(1, 500), min_size=1, max_size=60), st.integers(-10, 40_000))
def test_finding_the_row_of_a_pixel(values: list[int], y: int) -> None:
    at, rest = HeightIndex(values).find(y)
    if y <= 0:
        assert (at, rest) == (0, 0)
    elif y >= sum(values):
        assert (at, rest) == (len(values) - 1, values[-1])
    else:
        assert sum(values[:at]) + rest == y
        assert 0 <= rest < values[at]


def test_an_empty_index() -> None:
    index = HeightIndex()
    assert index.total == 0
    assert index.find(10) == (0, 0)
