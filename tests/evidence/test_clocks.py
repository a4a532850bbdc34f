"""Times as programs store them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.clocks import filetime, mac_absolute, unix_micros, unix_seconds, webkit
from nachsorge.model.times import parse_instant

WHEN = parse_instant("2023-03-29T08:00")


def test_each_clock():
    assert filetime(133_245_504_000_000_009) == webkit(13_324_550_400_000_000) == WHEN
    assert unix_micros(1_680_076_800_000_000) == unix_seconds(1_680_076_800) == mac_absolute(701_769_600.0) == WHEN
    assert mac_absolute(701_769_600) == WHEN and unix_seconds(1_680_076_800.5) == WHEN + 500_000


@pytest.mark.parametrize("clock", [filetime, webkit, unix_micros, unix_seconds, mac_absolute])
@pytest.mark.parametrize("never", [0, -(2**40), None, "x", 2**63, float("nan"), float("inf"), b""])
def test_what_is_no_time(clock, never):
    assert clock(never) is None


@given(st.one_of(st.integers(), st.floats(), st.text()))
def test_any_value_is_borne(value):
    for clock in (filetime, webkit, unix_micros, unix_seconds, mac_absolute):
        assert clock(value) is None or isinstance(clock(value), int)
