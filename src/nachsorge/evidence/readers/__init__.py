"""The registry of readers: one readable tuple; the order is the order of trial among equal scores."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from nachsorge.evidence.readers.zeek_tsv import ZeekTsv
from nachsorge.evidence.seams import Reader

READERS: tuple[Reader, ...] = (ZeekTsv(),)


@cache
def readers() -> tuple[Reader, ...]:
    """Give the built-in readers and those that installed packages offer under `nachsorge.readers`."""
    return (*READERS, *(point.load()() for point in entry_points(group="nachsorge.readers")))
