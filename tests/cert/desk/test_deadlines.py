"""The clocks of NIS2: hours that pass, months of the calendar, and nothing owed by who reported of free will."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.cert.desk.deadlines import VIENNA, Clock, Standing, Times, deadlines, hours_after, month_after

NOON = datetime(2026, 11, 23, 12, tzinfo=VIENNA)
HOURS = st.integers(0, 15 * 366 * 24)
MOMENTS = HOURS.map(lambda hours: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours))


def by_clock(times, **kind):
    return {each.clock: each for each in deadlines(times, **kind)}


def test_mandatory_clocks_run_from_becoming_aware_and_the_answer_from_the_warning():
    found = by_clock(Times(NOON, NOON - timedelta(hours=10), warned=NOON), mandatory=True)
    assert found[Clock.EARLY_WARNING].due == NOON + timedelta(hours=14)
    assert found[Clock.NOTIFICATION].due == NOON + timedelta(hours=62)
    assert found[Clock.REPLY].due == NOON + timedelta(hours=24)
    assert Clock.FINAL_REPORT not in found


def test_the_final_report_is_counted_from_the_notification():
    found = by_clock(Times(NOON, NOON, notified=datetime(2027, 1, 31, 9, tzinfo=VIENNA)), mandatory=True)
    assert found[Clock.FINAL_REPORT].due == datetime(2027, 2, 28, 9, tzinfo=VIENNA)


def test_trust_service_providers_have_24_hours_for_both():
    assert by_clock(Times(NOON, NOON), mandatory=True, trust_service=True)[Clock.NOTIFICATION].due == NOON + timedelta(
        hours=24
    )


@given(MOMENTS)
def test_a_voluntary_report_has_no_duty(moment):
    found = deadlines(Times(moment, moment, moment, moment, moment), mandatory=False)
    assert [(each.clock, each.duty) for each in found] == [(Clock.REPLY, False)]


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ((2027, 1, 31, 9), (2027, 2, 28, 9)),
        ((2028, 1, 31, 9), (2028, 2, 29, 9)),
        ((2026, 12, 15, 9), (2027, 1, 15, 9)),
        ((2026, 10, 10, 9), (2026, 11, 10, 9)),  # summer time ends between: the wall clock counts
        ((2027, 2, 28, 9), (2027, 3, 28, 9)),  # and begins
    ],
)
def test_months_go_by_the_calendar(start, due):
    year, month, day, hour = start
    found = month_after(datetime(year, month, day, hour, tzinfo=VIENNA))
    assert (found.year, found.month, found.day, found.hour) == due


def test_hours_pass_through_summer_time():
    evening = datetime(2026, 10, 24, 20, tzinfo=VIENNA)
    assert hours_after(evening, 24) == datetime(2026, 10, 25, 19, tzinfo=VIENNA)


def test_a_time_that_does_not_exist_becomes_one_that_does():
    due = month_after(datetime(2027, 2, 28, 2, 30, tzinfo=VIENNA))
    assert due == due.astimezone(UTC).astimezone(VIENNA)


@given(MOMENTS)
def test_a_month_is_28_to_31_days_and_an_hour_of_summer_time(moment):
    assert timedelta(days=27, hours=23) <= month_after(moment) - moment <= timedelta(days=31, hours=1)


def test_how_a_deadline_stands():
    reply = deadlines(Times(NOON, NOON), mandatory=True)[0]
    assert reply.standing(NOON) is Standing.RUNNING
    assert reply.standing(NOON + timedelta(hours=19)) is Standing.SOON
    assert reply.standing(NOON + timedelta(hours=25)) is Standing.MISSED
    late = deadlines(Times(NOON, NOON, replied=NOON + timedelta(hours=30)), mandatory=True)[0]
    assert late.standing(NOON + timedelta(days=9)) is Standing.MET_LATE
    met = deadlines(Times(NOON, NOON, replied=NOON + timedelta(hours=3)), mandatory=True)[0]
    assert met.standing(NOON + timedelta(days=9)) is Standing.MET
