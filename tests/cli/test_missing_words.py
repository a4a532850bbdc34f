"""What many assets lack alike is said once, and nobody is lost in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nachsorge.cli.missing_words import ALIKE, NAMES, lines
from nachsorge.locale import speaking
from nachsorge.verdicts.closing import Kind, Missing


def lack(name: str, stage: str = "beacon") -> Missing:
    return Missing(Kind.OPEN, 0, name, "3cx-2023", stage, f"{name}: {stage} is open", "DNS logs")


def told(listed, **more) -> list[str]:
    return [line for _number, line in lines(listed, **more)]


def test_a_few_are_said_one_by_one():
    few = [lack(f"pc{number}") for number in range(ALIKE - 1)]
    assert [line.split(":")[0] for line in told(few)] == [one.name for one in few]


def test_ten_thousand_alike_are_one_line_with_their_number_and_the_first_names():
    many = [lack(f"pc{number:05}") for number in range(10_000)]
    (line,) = told(many)
    assert line.startswith("pc00000: beacon is open\n      DNS logs\n      the same of 9999 more: pc00001, ")
    assert line.endswith(f"and {9_999 - NAMES} more (--each)")
    with speaking("de"):
        assert "dasselbe bei 9999 weiteren: pc00001" in told(many)[0]


def test_what_differs_is_not_put_together():
    mixed = [lack(f"pc{number}", stage) for number in range(ALIKE) for stage in ("beacon", "stealer")]
    assert len(told(mixed)) == 2
    assert len(told(mixed, each=True)) == len(mixed)


def test_what_is_about_no_asset_stands_alone():
    same = [Missing(Kind.NOTIFICATION, n, "", "", "", "nobody recorded it") for n in range(ALIKE + 1)]
    assert len(told(same)) == len(same)


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), unique=True))
def test_the_most_useful_stays_first_and_every_one_is_counted(pairs):
    listed = [lack(f"pc{number:02}", stage) for number, stage in pairs]
    numbered = list(lines(listed))
    assert [number for number, _line in numbered] == sorted(number for number, _line in numbered)
    assert (numbered[:1] == []) == (not listed)
    counted = 0
    for _number, line in numbered:
        counted += 1 + int(line.partition("the same of ")[2].partition(" more")[0] or 0)
    assert counted == len(listed)
