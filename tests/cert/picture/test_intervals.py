from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest

from nachsorge.cert.picture.intervals import jeffreys, wilson

SHARES = st.integers(1, 2000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(SHARES)
def test_wilson_is_scipys(share):
    hits, of = share
    ours, theirs = wilson(hits, of), binomtest(hits, of).proportion_ci(0.95, method="wilson")
    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)


@given(SHARES)
def test_jeffreys_are_the_quantiles_of_its_beta(share):
    hits, of = share
    ours = jeffreys(hits, of)
    if 0 < hits < of:
        assert ours.low == pytest.approx(beta.ppf(0.025, hits + 0.5, of - hits + 0.5), abs=1e-7)
        assert ours.high == pytest.approx(beta.ppf(0.975, hits + 0.5, of - hits + 0.5), abs=1e-7)
    assert 0 <= ours.low <= ours.share <= ours.high <= 1


@pytest.mark.parametrize("interval", [jeffreys, wilson])
def test_nothing_assessed_is_no_share(interval):
    assert interval(0, 0) is None


@pytest.mark.parametrize("interval", [jeffreys, wilson])
@pytest.mark.parametrize("share", [(-1, 3), (4, 3)])
def test_more_than_all_is_refused(interval, share):
    with pytest.raises(ValueError, match="no share"):
        interval(*share)


def test_none_of_ten_is_not_none_at_all():
    assert jeffreys(0, 10).high == pytest.approx(0.2172, abs=5e-4)
    assert wilson(0, 10).high == pytest.approx(0.2775, abs=5e-4)
