from __future__ import annotations

from datetime import UTC, date, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.model.times import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Span,
    from_datetime,
    intersect,
    parse_duration,
    parse_end,
    parse_instant,
    render,
    subtract,
    union,
)

SMALL = st.integers(0, 30)
SPANS = st.lists(st.tuples(SMALL, SMALL).map(lambda pair: Span(min(pair), max(pair))), max_size=6)
AWARE = st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1 < moment.toordinal() < date.max.toordinal())


def points(spans):
    """The slow, obviously right view: the set of instants."""
    return {at for span in spans for at in range(span.start, span.end + 1)}


def is_canonical(spans):
    """Sorted, disjoint, and nothing that touches."""
    return all(a.end + 1 < b.start for a, b in pairwise(spans)) and all(s.start <= s.end for s in spans)


@given(SPANS)
def test_union_holds_the_same_instants_and_is_canonical(spans):
    assert points(union(spans)) == points(spans)
    assert is_canonical(union(spans))


@given(SPANS)
def test_union_is_idempotent_and_ignores_order(spans):
    assert union(union(spans)) == union(spans) == union(reversed(spans))


@given(SPANS, st.integers(0, 8))
def test_a_bridge_closes_exactly_the_silences_that_are_no_longer_than_it(spans, bridge):
    found = union(spans, bridge)
    seen = sorted(points(spans))
    expected = set(seen)
    for before, after in pairwise(seen):
        if after - before - 1 <= bridge:
            expected |= set(range(before, after))
    assert points(found) == expected


@given(SPANS, SPANS, st.integers(0, 8))
def test_more_spans_never_make_a_bridged_union_smaller(fewer, more, bridge):
    assert points(union(fewer, bridge)) <= points(union([*fewer, *more], bridge))


@given(SPANS, SPANS)
def test_intersect_gives_the_instants_in_both(left, right):
    a, b = union(left), union(right)
    assert points(intersect(a, b)) == points(a) & points(b)
    assert intersect(a, b) == intersect(b, a)


@given(SMALL, SMALL, SPANS)
def test_subtract_gives_the_instants_of_the_window_that_nothing_covers(start, length, covered):
    window = Span(start, start + length)
    left = subtract(window, union(covered))
    assert points(left) == points([window]) - points(covered)
    assert is_canonical(left)


@given(SPANS, SPANS)
def test_overlaps_means_sharing_an_instant(left, right):
    for a in left:
        for b in right:
            assert a.overlaps(b) == bool(points([a]) & points([b]))


@given(AWARE)
def test_rendering_and_parsing_is_a_round_trip(value):
    instant = from_datetime(value)
    assert parse_instant(render(instant)) == instant
    assert render(parse_instant(render(instant))) == render(instant)


@given(AWARE, st.integers(-14 * 60, 14 * 60))
def test_a_zone_changes_the_spelling_but_not_the_instant(value, minutes):
    zoned = value.astimezone(timezone(timedelta(minutes=minutes)))
    assert from_datetime(zoned) == from_datetime(value)
    assert parse_instant(zoned.isoformat()) == from_datetime(value)


@given(st.tuples(AWARE, AWARE))
def test_rendered_instants_of_whole_seconds_sort_like_the_instants(pair):
    a, b = (from_datetime(one) // SECOND * SECOND for one in pair)
    assert (a < b) == (render(a) < render(b))


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("2023-03", "2023-03-01T00:00:00Z"),
        ("2023-03-29", "2023-03-29T00:00:00Z"),
        (" 2023-03-29 01:19 ", "2023-03-29T01:19:00Z"),
        ("2023-03-29T01:19:00.5+02:00", "2023-03-28T23:19:00.5Z"),
        ("2023-03-29T01:19:00,5-0230", "2023-03-29T03:49:00.5Z"),
        ("2023-03-29t01:19:00z", "2023-03-29T01:19:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2023-03-29T01:19:00.123456789Z", "2023-03-29T01:19:00.123456Z"),
    ],
)
def test_spellings_of_one_instant(text, same_as):
    assert parse_instant(text) == parse_instant(same_as)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2023", "2023-13-01", "2023-02-30", "2023-03-29T25:00", "1679961600", "2023-03-29x"]
)
@pytest.mark.parametrize("parse", [parse_instant, parse_end])
def test_what_is_no_time_is_refused_by_name(parse, text):
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2023-03-29", "2023-03-29T23:59:59.999999Z"),
        ("2023-02", "2023-02-28T23:59:59.999999Z"),
        ("2024-02", "2024-02-29T23:59:59.999999Z"),
        ("2023-12", "2023-12-31T23:59:59.999999Z"),
        ("2023-03-29T12:00", "2023-03-29T12:00:00Z"),
        (" 2023-03-29 ", "2023-03-29T23:59:59.999999Z"),
    ],
)
def test_the_end_of_a_bare_day_or_month_is_its_last_microsecond(text, end):
    assert render(parse_end(text)) == end


@given(st.dates(min_value=date(1, 1, 2), max_value=date(9999, 11, 30)))
def test_the_end_of_a_day_is_one_microsecond_before_the_next(day):
    assert parse_end(day.isoformat()) + 1 == parse_instant((day + timedelta(days=1)).isoformat())
    assert parse_end(f"{day:%Y-%m}".rjust(7, "0")) >= parse_end(day.isoformat())


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("90s", 90 * SECOND),
        ("15m", 15 * MINUTE),
        ("36h", 36 * HOUR),
        ("7d", 7 * DAY),
        ("2w", 14 * DAY),
        ("27.83d", 2_404_512 * SECOND),
        (" 1 d ", DAY),
    ],
)
def test_durations(text, microseconds):
    assert parse_duration(text) == microseconds


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7 years", "7d8h", "1e3s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


def test_instants_beyond_all_calendars_are_rendered_at_their_edge():
    assert render(-(10**30)) == "0001-01-01T00:00:00Z"
    assert render(10**30) == "9999-12-31T23:59:59.999999Z"
