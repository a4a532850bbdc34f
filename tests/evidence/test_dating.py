"""A copy's age from its files' times: one later file does not make it newer; times set by copying tell nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.dating import RESISTS, Dating
from nachsorge.model.times import DAY, HOUR, parse_instant

USED = parse_instant("2023-03-01")


def dated(*times: int) -> Dating:
    dating = Dating()
    for time in times:
        dating.add(time)
    return dating


def test_files_added_later_do_not_make_the_copy_newer() -> None:
    used = [USED - number * DAY for number in range(100)]
    later = [USED + number * 100 * DAY for number in range(1, RESISTS)]
    assert dated(*used, *later).made() == USED


def test_times_that_copying_set_tell_nothing() -> None:
    dating = dated(*(USED + number for number in range(95)), *(USED - number * DAY for number in range(1, 6)))
    assert dating.restamped and dating.made() is None


def test_few_files_tell_nothing() -> None:
    assert dated(*(USED - n * DAY for n in range(RESISTS - 1))).made() is None


@given(st.lists(st.integers(0, 10_000), min_size=RESISTS, max_size=200), st.randoms())
def test_the_order_of_files_does_not_matter(hours: list[int], rng: object) -> None:
    times = [USED + hour * HOUR for hour in hours]
    turned = list(times)
    rng.shuffle(turned)  # type: ignore[attr-defined]
    assert dated(*times).made() == dated(*turned).made()


@given(st.lists(st.integers(0, 10_000), min_size=RESISTS, max_size=200))
def test_it_is_never_newer_than_what_twenty_files_say(hours: list[int]) -> None:
    times = [USED + hour * HOUR for hour in hours]
    made = dated(*times).made()
    assert made is None or sum(time >= made for time in times) >= RESISTS
