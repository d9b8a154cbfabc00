"""The height index against sums done the long way."""

from __future__ import annotations

from hypothesis import given, settings
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


@settings(deadline=None)
@given(
    st.integers(0, 300),
    st.integers(0, 90),
    st.lists(st.integers(0, 400), max_size=20),
    st.lists(st.tuples(st.sampled_from(["set", "cut", "grow", "add"]), st.integers(0, 400))),
)
def test_what_is_not_known_is_taken_for_the_average(
    before: int, each: int, heights: list[int], steps: list[tuple[str, int]]
) -> None:
    index = HeightIndex(heights, before=before, each=each)
    average = each
    model = [each] * before + heights
    for what, value in steps:
        match what:
            case "set" if model:
                model[value % len(model)] = value
                index.set(value % len(model), value)
            case "cut":
                del model[value:]
                index.truncate(value)
            case "grow":
                average = average or (7 if value else 0)
                model += [average] * value
                index.grow(value, 7)
            case "add":
                model.append(value)
                index.append(value)
    assert len(index) == len(model)
    assert index.total == sum(model)
    assert [index[at] for at in range(len(model))] == model
    for at in range(0, len(model) + 1, 1 + len(model) // 30):
        assert index.top(at) == sum(model[:at])
    if sum(model):
        at, rest = index.find(sum(model) // 2)
        assert sum(model[:at]) + rest == sum(model) // 2
        assert at == len(model) - 1 or rest < model[at]
