"""Garbage is looked for seldom only while a block runs."""

from __future__ import annotations

import gc

import pytest

from nachsorge.sweep.garbage import seldom_collected


def test_what_was_set_before_comes_back():
    before = gc.get_threshold()
    with pytest.raises(KeyError), seldom_collected():
        assert gc.get_threshold() == (50_000, *before[1:])
        raise KeyError
    assert gc.get_threshold() == before


def test_who_looks_never_goes_on_so():
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with seldom_collected():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
