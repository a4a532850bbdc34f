from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.reports.samples import COVERAGE, NOTHING, PACK, SAMPLE, WINDOW, span

from nachsorge.model.times import Span
from nachsorge.reports import lanes, pictures
from nachsorge.reports.languages import CATALOGUES

EN = CATALOGUES["en"]


def test_the_axis_is_the_packs_window_or_else_what_is_covered():
    assert lanes.axis(SAMPLE) == lanes.Axis(WINDOW, True)
    bare = replace(SAMPLE, packs=(replace(PACK, window=None),))
    assert lanes.axis(bare) == lanes.Axis(span("2023-03-01", "2023-04-25"), False)
    assert lanes.axis(NOTHING) is None


@given(st.integers(-(10**17), 10**17), st.integers(0, 10**16), st.integers(-(10**17), 10**17), st.integers(0, 10**16))
def test_bands_stay_within_the_picture_and_are_never_invisible(start, length, at, wide):
    drawn = lanes.Axis(Span(start, start + length), True)
    coverage = replace(COVERAGE[0], intervals=(Span(at, at + wide),), gaps=())
    (lane,) = lanes.lanes_of([coverage], drawn, EN)
    for band in lane.bands:
        assert band.x >= lanes.LEFT
        assert band.x + band.width <= lanes.RIGHT + lanes.THIN
        assert band.width >= lanes.THIN
    # Seen inside or told outside: never neither.
    assert lane.bands or lane.before or lane.after
    assert len(drawn.ticks()) <= lanes.TICKS + 1


def test_a_snapshot_after_the_window_is_told():
    found, _left = pictures.pictures(SAMPLE, {}, lanes.Axis(WINDOW, True), EN)
    (lane,) = next(picture for picture in found if picture.assets == ("srv-dora",)).lanes
    assert (lane.bands, lane.after) == ((), ("Seen 2023-04-25",))


def test_equal_coverage_shares_a_picture():
    twin = replace(COVERAGE[4], asset="twin")
    found, _left = pictures.pictures(replace(SAMPLE, coverage=(COVERAGE[4], twin)), {}, lanes.Axis(WINDOW, True), EN)
    assert [picture.assets for picture in found] == [("ws-cäsar", "twin")]
