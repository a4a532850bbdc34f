from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cert.picture.boxes import boxes, needs, sheet_of, spans

from nachsorge.cert.picture.audit import AuditError, Reader, audit
from nachsorge.cert.picture.system import PROTECTED, AtMost, Need, Sheet, Sum, exact, key, rounded


@settings(max_examples=60, deadline=None)
@given(boxes(), st.data())
def test_it_finds_just_what_trying_every_table_finds(box, data):
    sums, numbers = box
    protected = data.draw(st.sets(st.sampled_from(sorted(numbers))))
    sheet = sheet_of(sums, numbers, protected)
    tried = spans(sheet)
    reader = Reader(sheet)
    for cell in protected:
        assert reader.interval(cell) == tried[cell]


@settings(max_examples=40, deadline=None)
@given(boxes(), st.data())
def test_the_true_number_is_always_within(box, data):
    sums, numbers = box
    sheet = sheet_of(sums, numbers, data.draw(st.sets(st.sampled_from(sorted(numbers)), min_size=1)))
    reader = Reader(sheet)
    for cell in sheet.protected():
        low, high = reader.interval(cell)
        assert low <= numbers[cell] <= high


@settings(max_examples=40, deadline=None)
@given(boxes(), st.data(), st.integers(1, 4))
def test_exposed_are_those_with_a_narrow_interval(box, data, width):
    sums, numbers = box
    sheet = sheet_of(sums, numbers, data.draw(st.sets(st.sampled_from(sorted(numbers)), min_size=1)))
    tried = spans(sheet)
    narrow = {cell for cell in sheet.protected() if tried[cell][1] - tried[cell][0] < width}
    assert {one.cell for one in audit(sheet, needs(sheet, width))} == narrow


def test_one_hidden_cell_is_worked_out_from_its_total():
    a, b = key(("r", "a")), key(("r", "b"))
    sheet = Sheet({key(): exact(12), a: exact(10), b: PROTECTED}, (Sum(key(), (a, b)),))
    [told] = audit(sheet, [Need(b, 3)])
    assert (told.low, told.high) == (2, 2)


def test_a_half_is_no_answer_in_whole_numbers():
    # x + y = y + z = z + x = 3 has one solution, in halves; what is shown then contradicts itself.
    x, y, z = key(("c", "x")), key(("c", "y")), key(("c", "z"))
    totals = [key(("t", name)) for name in "abc"]
    sums = (Sum(totals[0], (x, y)), Sum(totals[1], (y, z)), Sum(totals[2], (z, x)))
    sheet = Sheet(dict.fromkeys((x, y, z), PROTECTED) | dict.fromkeys(totals, exact(3)), sums)
    with pytest.raises(AuditError):
        Reader(sheet).interval(x)


def test_what_contradicts_itself_is_said():
    a = key(("r", "a"))
    with pytest.raises(AuditError, match="contradicts"):
        Reader(Sheet({key(): exact(3), a: exact(4)}, (Sum(key(), (a,)),))).interval(a)


def test_a_rounded_number_leaves_its_neighbours_room():
    a, b = key(("r", "a")), key(("r", "b"))
    sums = (Sum(key(), (a, b)),)
    sheet = Sheet({key(): rounded(17, 5, 5), a: rounded(14, 5, 5), b: PROTECTED}, sums)
    assert (sheet.shown[key()].number, sheet.shown[a].number) == (15, 15)
    assert Reader(sheet).interval(b) == (0, 4)


def test_groups_bound_assets():
    groups, assets = key(("m", "groups")), key(("m", "assets"))
    sheet = Sheet({groups: PROTECTED, assets: exact(2)}, (), (AtMost(groups, assets),))
    assert Reader(sheet).interval(groups) == (0, 2)


@pytest.mark.parametrize(
    ("number", "base", "shown", "low", "high"),
    [
        (5, 5, 5, 5, 7),
        (7, 5, 5, 5, 7),
        (8, 5, 10, 8, 12),
        (12, 5, 10, 8, 12),
        (13, 10, 10, 10, 14),
        (15, 10, 20, 15, 24),
    ],
)
def test_rounding_says_what_it_may_stand_for(number, base, shown, low, high):
    one = rounded(number, base, base)
    assert (one.number, one.low, one.high) == (shown, low, high)


@given(st.integers(0, 400), st.integers(1, 12))
def test_rounding_always_covers_the_number(number, base):
    one = rounded(number, base, 0)
    assert one.low <= number <= one.high
    assert one.number % base == 0
