"""How sure a share is: intervals for a proportion of few, as in Brown, Cai, DasGupta (Statistical Science, 2001)."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from scipy.special import betaincinv

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and the ends of its interval, each from 0 to 1."""

    share: float
    low: float
    high: float


def jeffreys(hits: int, of: int, level: float = LEVEL) -> Interval | None:
    """Give the Jeffreys interval: equal tails of Beta(hits + 1/2, misses + 1/2); from 0 if none, to 1 if all are hit.

    None where nothing was assessed: then there is no share.

    Raises:
        ValueError: `hits` is not between 0 and `of`.
    """
    if not _sound(hits, of):
        return None
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits + 0.5, of - hits + 0.5, tail))
    high = 1.0 if hits == of else float(betaincinv(hits + 0.5, of - hits + 0.5, 1 - tail))
    return Interval(hits / of, low, high)


def wilson(hits: int, of: int, level: float = LEVEL) -> Interval | None:
    """Give the Wilson score interval (Wilson 1927). None where nothing was assessed.

    Raises:
        ValueError: `hits` is not between 0 and `of`.
    """
    if not _sound(hits, of):
        return None
    share, z = hits / of, NormalDist().inv_cdf(1 - (1 - level) / 2)
    scale = 1 + z * z / of
    middle = (share + z * z / (2 * of)) / scale
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / scale
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    return Interval(share, low, 1.0 if hits == of else min(1.0, middle + half))


def _sound(hits: int, of: int) -> bool:
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    return of > 0
