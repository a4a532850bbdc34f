"""When Python looks for garbage among what a sweep makes."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SELDOM = 50_000
"""So many objects more before the collector looks again; by itself it does so every 700."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for garbage seldom while the block runs, which makes much and throws nothing away.

    A list of a hundred thousand files is a million objects, all of them needed: looking through them time and again
    takes as long as making them.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _SELDOM) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
