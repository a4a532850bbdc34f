"""Whom the attacker would want: what a host was worth to him, point by point, and what a thief got from it.

It is an order in which to look, no verdict: a host with few points may be the one that was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

from nachsorge.model.labels import UNLABELLED, Label
from nachsorge.model.times import Instant, Span
from nachsorge.model.words import Motive, Trait, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a browser's list of addresses as it lies in the evidence, without query and fragment.

    `number` is the row's own number in its table, which grows; `first` the first visit that is still recorded.
    `certain` says that it was in the stolen list whatever was deleted since, whenever the theft was.
    """

    number: int
    address: str
    first: Instant | None = None
    certain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A system that a stolen list gave away: a host name, what it is taken for and why, how many rows named it.

    `certain` says that a row of it was in the list whatever was deleted since, at every moment that the theft may have
    been; else it was in the list at some of them, or unless rows were deleted since.
    """

    host: str
    trait: Trait
    why: str
    rows: int
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StolenList:
    """A browser's list as the thief would have read it: rows in his order, the newest first.

    `limit` is how many rows he takes, `at` when the theft may have been. `rows` may have been in his list at some
    moment of it and still exist; those marked `certain` were in any case. `missing` counts numbers in that range that
    no row has any more: deleted since (or before), nobody can name them. `notes` say what is not certain.
    """

    source: str
    browser: str
    limit: int
    at: Span | None
    rows: tuple[Row, ...]
    missing: int
    gave: tuple[Given, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Some points and the reason for them: the trait, what it was seen from, and where (`inventory`, or a source)."""

    trait: Trait
    points: int
    why: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One hypothesis of what the attacker wanted, and the points of an asset that count for it."""

    motive: Motive
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """What is not known to have been taken: a pack, and what it says of that. Empty `says`: the pack says nothing."""

    pack: str
    says: str = ""
    says_de: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One asset. `score` counts every point once; `columns` those for each hypothesis, in the ranking's order.

    `taken` says in words what the thief gets from any such host (host name, domain ...); `not_looked` is what was not
    there to be looked at, so that few points are not read as little worth; `untold` is what the packs do not say of
    what was taken. `high` marks those to be looked at first.
    """

    asset: str
    verdict: Verdict
    stage: str
    score: int
    columns: tuple[Column, ...]
    points: tuple[Point, ...]
    lists: tuple[StolenList, ...] = ()
    taken: tuple[str, ...] = ()
    taken_de: tuple[str, ...] = ()
    not_looked: tuple[str, ...] = ()
    untold: tuple[Untold, ...] = ()
    open: int = 0
    high: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What the attacker may want, as a pack says it, and the traits whose points count for it.

    `by_default` says that the pack names no traits, and ours for this motive stand in their place.
    """

    motive: Motive
    says: str
    at_risk: tuple[Trait, ...]
    pack: str = ""
    says_de: str = ""
    by_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """All assets, those with most points first. `evidence` says whether evidence was looked through for it at all.

    `label` is that of the assessment that it was made of.
    """

    hypotheses: tuple[Hypothesis, ...]
    assets: tuple[Ranked, ...]
    evidence: bool
    high_from: int
    notes: tuple[str, ...] = ()
    label: Label = UNLABELLED
