from __future__ import annotations

import pytest

from nachsorge.assets.marks import mark, marks_of, same, tell


@pytest.mark.parametrize(
    ("kind", "text", "spelled"),
    [
        ("serial", " c02xyz ", "C02XYZ"),
        ("serial", "To be filled by O.E.M.", ""),
        ("serial", "System Serial Number", ""),
        ("serial", "0000000", ""),
        ("uuid", "{40443DD9-5B21-A345-8F89-AADDE84C3719}", "40443dd9-5b21-a345-8f89-aadde84c3719"),
        ("uuid", "03000200-0400-0500-0006-000700080009", ""),
        ("machine_guid", "pc1", ""),
        ("mac", "0011.2233.44AA", "00:11:22:33:44:aa"),
        ("card", "00-11-22-33-44-AA", "00:11:22:33:44:aa"),
        ("mac", "ff:ff:ff:ff:ff:ff", ""),
        ("mac", "00:11:22", ""),
        ("colour", "red", ""),
    ],
)
def test_one_spelling_for_each_mark_and_none_for_what_tells_nothing(kind, text, spelled):
    assert mark(kind, text) == spelled


G1, G2 = "machine_guid:40443dd9-5b21-a345-8f89-aadde84c3719", "machine_guid:50443dd9-5b21-a345-8f89-aadde84c3719"
M1, M2 = "00:11:22:33:44:01", "00:11:22:33:44:02"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (["serial:A"], ["serial:a"], True),
        (["serial:A"], ["serial:B"], False),
        (["serial:A", G1], ["serial:A", G2], True),  # installed anew
        (["serial:A", G1], ["serial:B", G1], False),  # a cloned disk
        (["serial:A"], [G1], None),
        ([f"mac:{M1}"], [f"mac:{M2}"], False),
        ([f"mac:{M1}"], [f"card:{M1}"], True),
        ([f"card:{M1}"], [f"card:{M2}"], None),  # one card of several says nothing of the others
        ([], ["serial:A"], None),
    ],
)
def test_the_surest_mark_that_both_have_decides(left, right, expected):
    assert same(marks_of(left), marks_of(right)) is expected
    assert same(marks_of(right), marks_of(left)) is expected


def test_people_are_told_the_surest_mark():
    assert tell(marks_of([f"mac:{M1}", "serial:A"])) == "serial number A"
    assert tell({}) == ""
