"""What travels between processes comes out as it went in, and of a file that is nobody's format little travels."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.read import compared
from nachsorge.evidence.units import Unit
from nachsorge.model.assessment import Hit
from nachsorge.model.evidence import Gap, Reading
from nachsorge.model.words import Platform, Reason, Status, Telemetry
from nachsorge.sweep.outcome import Outcome
from nachsorge.sweep.packed import packed, unpacked

UNIT = Unit(path=Path("disk/a.bin"), shown="disk/a.bin", size=7, host="pc")
PLAIN = Outcome(reading=compared("disk/a.bin", size=7, host="pc"))
HIT = Hit(test=0, telemetry=Telemetry.FILESYSTEM, locator="file", time=None, host=None, addresses=(), fields={})

readings = st.builds(
    Reading,
    path=st.sampled_from(["disk/a.bin", "disk/a.bin!b", ""]),
    reader=st.sampled_from(["", "dpkg"]),
    status=st.sampled_from([Status.UNKNOWN_FORMAT, *Status]),
    reason=st.sampled_from([Reason.UNKNOWN_FORMAT, None]),
    note=st.text(),
    sha256=st.sampled_from(["", "a" * 64]),
    size=st.sampled_from([7, 8]),
    first=st.sampled_from([None, 0]),
    records=st.integers(0, 1),
    unreadable_at=st.sampled_from([(), ("line 1",)]),
    gaps=st.sampled_from([(), (Gap(reason=Reason.LIMIT),)]),
    platform=st.sampled_from([None, Platform.LINUX]),
    asset=st.sampled_from(["pc", None]),
    scanned=st.integers(0, 2),
)
outcomes = st.builds(
    Outcome,
    reading=readings | st.just(PLAIN.reading),
    hits=st.sampled_from([(), (HIT,)]),
    control=st.sampled_from([None, True]),
    control_note=st.sampled_from(["", "not seen"]),
)


@given(st.lists(outcomes, max_size=2))
def test_what_is_packed_comes_out_the_same(found):
    (small,) = packed([UNIT], [found])
    assert unpacked(UNIT, pickle.loads(pickle.dumps(small))) == found


def test_of_a_file_that_was_only_compared_a_note_travels():
    noted = replace(PLAIN, reading=replace(PLAIN.reading, note="not hashed", scanned=1))
    assert packed([UNIT, UNIT], [[PLAIN], [noted]]) == [(PLAIN.reading.note, 0), ("not hashed", 1)]


@pytest.mark.parametrize("change", [{"hits": (HIT,)}, {"control": False}, {"control_note": "not seen"}])
def test_what_was_met_travels_whole(change):
    found = [replace(PLAIN, **change)]
    assert packed([UNIT], [found]) == [found]


def test_equal_notes_travel_once():
    found = [[replace(PLAIN, reading=replace(PLAIN.reading, note="".join(["some ", "note"])))] for _ in range(2)]
    one, other = packed([UNIT, UNIT], found)
    assert one[0] is other[0]
