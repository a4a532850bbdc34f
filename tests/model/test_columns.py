"""Indicators in columns are the tuple that they stand for."""

from __future__ import annotations

import pytest

from nachsorge.model.columns import Indicators, packed
from nachsorge.model.pack import Indicator
from nachsorge.model.words import IndicatorType

LISTED = tuple(
    Indicator(type=IndicatorType.DOMAIN, value=f"host{number}.example", trace="listed") for number in range(40)
)


def columns() -> Indicators:
    found = packed(LISTED, 10)
    assert isinstance(found, Indicators)
    return found


def test_they_are_the_tuple():
    found = columns()
    assert found == LISTED
    assert found != LISTED[:-1]
    assert found != list(LISTED)
    assert found[3] == LISTED[3]
    assert found[-1] == LISTED[-1]
    assert found[2:5] == LISTED[2:5]
    assert hash(found) == hash(LISTED)
    assert repr(found) == "<40 indicators>"


def test_columns_that_do_not_fit_each_other_are_refused():
    text, ends, codes = columns().columns
    with pytest.raises(ValueError, match="different length"):
        Indicators(text, ends[:-8], codes, columns().samples)
    with pytest.raises(ValueError, match="different length"):
        Indicators(text[:-1], ends, codes, columns().samples)
