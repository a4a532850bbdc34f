from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reports.samples import COVERAGE, NOTHING, SAMPLE, WINDOW, span

from nachsorge.cases import timeline
from nachsorge.locale import speaking
from nachsorge.model.times import DAY, Span, parse_instant
from nachsorge.reports import bounds, lanes, moments, pictures
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.moments import Kind

EN, DE = CATALOGUES["en"], CATALOGUES["de"]
AXIS = lanes.Axis(WINDOW, True)


@dataclass(frozen=True)
class At:
    time: int
    what: str = "Contact"
    message: str = "ws: updates.example.net"
    asset: str = "ws-berta"


def at(text: str, what: str = "Contact", asset: str = "ws-berta") -> At:
    return At(parse_instant(text), what, asset=asset)


def test_every_word_of_the_timeline_has_its_lane():
    words = {*timeline._EVENTS.values(), "Antivirus Detection", "Sighting", "Stored Time", "First Run Seen"}
    words |= {"Contact After Antivirus"}
    words |= {f"Decision: {kind}" for kind in ("remediated", "waived", "false-positive", "notified", "closed")}
    assert words <= set(moments.WORDS)
    listed = timeline.timeline(SAMPLE).events
    assert {moment.what.removeprefix("Evidence Against: ") for moment in listed} <= set(moments.WORDS)
    assert moments.kind_of(at("2023-03-05", "Evidence Against: Contact")) is Kind.AGAINST
    assert moments.kind_of(at("2023-03-05", "Something New")) is Kind.OTHER
    assert moments.named("Something New") == "Something New"


def test_lanes_are_named_in_the_language_that_is_spoken():
    with speaking("de"):
        (track,) = moments.tracks([at("2023-03-05", "First Run Seen")], AXIS, DE)
        assert track.label == "Ausführung"
        assert track.marks[0].title.startswith("2023-03-05 00:00:00 Erste belegte Ausführung: ")
        assert moments.named("Evidence Against: Contact") == "Spricht dagegen: Kontakt"


def test_no_two_kinds_look_alike():
    assert len(set(moments.SHAPES.values())) == len(Kind) == len(set(moments.LABELS.values()))


def test_moments_too_near_to_be_told_apart_are_one_sign_with_a_number():
    found = moments.marks([at("2023-03-29T01:00:00"), at("2023-03-29T02:00:00"), at("2023-04-10")], AXIS, EN)
    assert [mark.count for mark in found] == [2, 1]
    assert found[0].title == "2023-03-29 01:00:00 to 2023-03-29 02:00:00: 2 moments: Contact"


def test_what_lies_off_the_axis_is_drawn_at_its_edge_and_says_when_it_was():
    before, after = moments.marks([at("2020-01-01"), at("2024-01-01")], AXIS, EN)
    assert (before.edge, before.x, after.edge, after.x) == ("before", lanes.LEFT, "after", lanes.RIGHT)
    assert before.title.startswith("2020-01-01")


@given(st.lists(st.tuples(st.integers(-(10**17), 10**17), st.sampled_from(sorted(moments.WORDS))), max_size=60))
def test_no_moment_is_lost(drawn):
    listed = [At(time, what) for time, what in drawn]
    tracks = moments.tracks(listed, AXIS, EN)
    assert sum(mark.count for track in tracks for mark in track.marks) == len(listed)
    assert all(lanes.LEFT <= mark.x <= lanes.RIGHT for track in tracks for mark in track.marks)
    assert len({track.y for track in tracks}) == len(tracks)
    turns = moments.turns(listed)
    assert sum(turn.count for turn in turns) == len(listed)
    assert all(turn.first <= turn.last for turn in turns)


def test_an_asset_with_moments_has_a_picture_of_its_own_above_its_coverage():
    twins = replace(SAMPLE, coverage=(COVERAGE[0], replace(COVERAGE[0], asset="twin")))
    found = {"twin": [at("2023-03-05", asset="twin")]}
    made, left = pictures.pictures(twins, found, AXIS, EN)
    assert [picture.assets for picture in made] == [("ws-berta",), ("twin",)]
    assert left == 0
    above, below = made[1].tracks[0], made[1].lanes[0]
    assert below.y == above.y + lanes.LANE
    assert made[1].height == made[0].height + lanes.LANE


def test_the_picture_of_all_shows_holes_where_nothing_was_looked_at():
    found = {"ws-berta": [at("2023-03-05")]}
    drawn = pictures.overview(SAMPLE, found, AXIS, EN)
    assert drawn is not None
    (track,) = drawn.tracks
    (hole,) = [band for band in track.bands if band.gap]
    assert hole.title == "No evidence of any kind covers 2023-03-11 06:30:00 to 2023-03-13 05:59:59"
    assert drawn.kinds == (Kind.CONTACT,)
    assert pictures.overview(SAMPLE, {}, AXIS, EN) is None


def test_an_asset_without_any_coverage_is_one_hole():
    drawn = pictures.overview(replace(SAMPLE, coverage=()), {"ws-berta": [at("2023-03-05")]}, AXIS, EN)
    assert drawn is not None
    (hole,) = drawn.tracks[0].bands
    assert (hole.gap, hole.x, hole.width) == (True, lanes.LEFT, lanes.RIGHT - lanes.LEFT)


@given(st.lists(st.tuples(st.integers(0, 60 * DAY), st.integers(0, 5 * DAY)), max_size=20))
def test_seen_and_holes_share_out_the_axis(stretches):
    start = WINDOW.start
    spans = tuple(sorted(Span(start + at - DAY, start + at - DAY + wide) for at, wide in stretches))
    joined = list(lanes.joined(spans))
    assert all(one.end + 1 < other.start for one, other in pairwise(joined))
    for probe in range(start, WINDOW.end, 7 * DAY + 12345):
        assert any(s.start <= probe <= s.end for s in spans) == any(s.start <= probe <= s.end for s in joined)


def test_without_window_and_coverage_the_moments_make_the_axis():
    axis = moments.spanned([at("2023-03-05"), at("2023-03-09")])
    assert axis is not None
    assert (axis.span, axis.named) == (Span(parse_instant("2023-03-05"), parse_instant("2023-03-09")), False)
    assert moments.spanned([]) is None
    assert lanes.axis(NOTHING) is None


def test_who_is_not_drawn_is_counted():
    many = {f"h{number}": [at("2023-03-05", asset=f"h{number}")] for number in range(bounds.OVERVIEW + 7)}
    drawn = pictures.overview(NOTHING, many, AXIS, EN)
    assert drawn is not None
    assert (len(drawn.tracks), drawn.left_out) == (bounds.OVERVIEW, 7)
    made, left = pictures.pictures(NOTHING, many, AXIS, EN)
    assert len(made) + left == len(many)


def test_on_paper_the_signs_of_a_lane_are_one_path_a_kind_where_each_stood_before():
    signs = [
        moments.Mark(300.0, moments.Kind.CONTACT, 1, "a"),
        moments.Mark(310.5, moments.Kind.CONTACT, 2, "b"),
        moments.Mark(200.0, moments.Kind.INSTALLED, 1, "c", "before"),
        moments.Mark(900.0, moments.Kind.LATER, 1, "d", "after"),
    ]
    drawn = dict(moments.outlines(signs, 20))
    assert list(drawn) == [moments.Kind.INSTALLED, moments.Kind.CONTACT, moments.Kind.LATER]
    # The shapes begin at -5.5 0, -6 5, and -6 0 with its hole at -2.5 0; what lies off the axis stands 11 beside it.
    assert re.findall(r"M[-\d.]+ [-\d.]+", drawn[moments.Kind.CONTACT]) == ["M294.5 20.0", "M305.0 20.0"]
    assert re.findall(r"M[-\d.]+ [-\d.]+", drawn[moments.Kind.INSTALLED]) == ["M183.0 25.0"]
    assert re.findall(r"M[-\d.]+ [-\d.]+", drawn[moments.Kind.LATER]) == ["M905.0 20.0", "M908.5 20.0"]


def test_every_shape_but_its_beginnings_is_relative():
    # `outlines` moves beginnings only.
    assert all(set("MZHVLCA") & set(shape) == {"M"} for shape in moments.SHAPES.values())


@pytest.mark.parametrize("count", [1, 3000])
def test_bands_that_nobody_could_tell_apart_are_joined_and_no_gap_is_covered_up(count):
    hour = (WINDOW.end - WINDOW.start) // (2 * count)
    spans = tuple(Span(WINDOW.start + 2 * n * hour, WINDOW.start + (2 * n + 1) * hour) for n in range(count))
    coverage = replace(
        COVERAGE[0], intervals=spans, gaps=(replace(COVERAGE[0].gaps[0], span=span("2023-03-10", "2023-03-10")),)
    )
    (lane,) = lanes.lanes_of([coverage], AXIS, EN)
    assert len(lane.bands) <= 800
    assert lane.bands[-1].gap
