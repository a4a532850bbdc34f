from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import DNS, MARCH, dns_reading, during, need, pack, reading, snapshot, span, stage, t

from nachsorge.model.pack import Window
from nachsorge.model.words import Telemetry
from nachsorge.sweep.outcome import Outcome
from nachsorge.sweep.windows import bounded, stage_windows

WAITING = Window(anchor="a", until=9)
TIMED = pack(stage("a", needs=[need(DNS)]), stage("b", windows=(during(span("2023-03-05", "2023-04-30")), WAITING)))
TIMELESS = pack(stage("a", windows=()), stage("b", windows=(WAITING,)))
SEEN = [Outcome(reading=dns_reading("dns.log", span("2023-02-01", "2023-02-03"))), Outcome(reading=reading("empty"))]


def bound(one, outcomes=(), start=None, end=None):
    (found,) = bounded([one], list(outcomes), start, end)
    return found


def test_a_packs_own_windows_are_left_as_they_are():
    found = bound(TIMED, SEEN)
    assert (found.pack, found.window, found.basis) == (TIMED, span("2023-03-01", "2023-04-30"), "pack")


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        ("2023-03-10", None, span("2023-03-10", "2023-04-30")),
        (None, "2023-03-10", span("2023-03-01", "2023-03-10T00:00:00Z")),
        ("2023-03-10", "2023-03-20", span("2023-03-10", "2023-03-20T00:00:00Z")),
    ],
)
def test_what_a_person_asks_for_replaces_the_ends(start, end, window):
    found = bound(TIMED, SEEN, start and t(start), end and t(end))
    assert (found.window, found.basis) == (window, "--from/--to")
    assert {one.windows[0].absolute for one in found.pack.stages} == {window}


def test_dormancy_stays_unless_a_person_names_the_end():
    assert bound(TIMED, start=t("2023-03-10")).pack.stages[1].windows[1:] == (WAITING,)
    assert bound(TIMELESS, SEEN).pack.stages[1].windows[1:] == (WAITING,)
    assert bound(TIMED, end=t("2023-04-10")).pack.stages[1].windows[1:] == ()


def test_without_a_window_it_is_the_span_that_the_evidence_covers():
    found = bound(TIMELESS, SEEN)
    assert (found.window, found.basis) == (span("2023-02-01", "2023-02-03"), "the span that the evidence covers")


@pytest.mark.parametrize(
    ("one", "outcomes", "start", "why"),
    [
        (TIMELESS, (), None, "none: no record has a usable time"),
        (TIMELESS, SEEN[1:], None, "none: no record has a usable time"),
        (TIMED, SEEN, "2024-01-01", "none: it would end before it begins"),
    ],
)
def test_a_window_that_nobody_can_name_clears_nothing(one, outcomes, start, why):
    found = bound(one, outcomes, start and t(start))
    assert (found.window, found.basis) == (None, why)
    assert all(each.windows == () for each in found.pack.stages)


def test_a_state_from_before_the_asked_time_does_not_count_for_an_indicator_file():
    ad_hoc = replace(pack(stage("seen", windows=(), needs=[snapshot(Telemetry.FILESYSTEM, "1970-01-01")])), ad_hoc=True)
    (option,) = bound(ad_hoc, SEEN, t("2023-03-01"), MARCH.end).pack.stages[0].needs[0].any_of
    assert option.snapshot_after == t("2023-03-01")


def test_hints_are_bound_to_a_stages_time_only_where_it_has_an_end():
    assert stage_windows([bound(TIMED)]) == {("incident", "a"): MARCH}
    assert stage_windows([bound(pack(stage("a", windows=())))]) == {}
