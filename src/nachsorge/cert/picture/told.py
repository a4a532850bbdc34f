"""What is counted: an organisation's report, and the controlling group that the reports of all its parts belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from nachsorge.cert.picture.rules import Circle
from nachsorge.model.words import Rung


class Basis(StrEnum):
    """How far the CERT knows it."""

    VERIFIED = "verified"
    REPORTED = "reported"


class Outcome(StrEnum):
    """What an organisation as a whole comes to; the worst of its assets decides."""

    AFFECTED = "affected"
    """at least one asset shown to be compromised"""
    SUSPECTED = "suspected"
    NOT_LOOKED = "not-looked-at"
    """nothing found, but not everything was looked at"""
    RULED_OUT = "ruled-out"


SEVERAL = "several"
UNKNOWN = "unknown"
REGIONS = (*(f"AT-{number}" for number in range(1, 10)), SEVERAL, UNKNOWN)
_WORST = tuple(Outcome)


@dataclass(frozen=True, slots=True)
class Told:
    """One organisation's newest report. Assets are numbers by outcome; coverage is assets by telemetry and extent.

    Attributes:
        group: whose it is: an opaque word, equal for all organisations under one control.
        rung: the highest that is shown, or None.
        rungs: assets shown on each rung.
        coverage: telemetry -> assets looked at in whole, in part, not at all.
        week: ISO week of the first sighting, `2023-W12`, or empty.
        circles: the readers who may get a number that it is part of.
    """

    group: str
    sector: str
    region: str
    basis: Basis
    received: date
    assets: Mapping[Outcome, int]
    rung: Rung | None = None
    rungs: Mapping[Rung, int] = field(default_factory=dict)
    coverage: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    week: str = ""
    circles: frozenset[Circle] = frozenset()

    @property
    def outcome(self) -> Outcome:
        """Give the worst that any asset comes to. Without any asset, nothing was looked at."""
        return next((one for one in _WORST if self.assets.get(one, 0)), Outcome.NOT_LOOKED)


@dataclass(frozen=True, slots=True)
class Unit:
    """One controlling group: counted once, wherever and however often its parts reported."""

    group: str
    sector: str
    region: str
    basis: Basis
    outcome: Outcome
    rung: Rung | None
    received: date
    week: str
    assets: Mapping[Outcome, int]
    told: tuple[Told, ...]


def units(told: Iterable[Told]) -> tuple[Unit, ...]:
    """Put the reports of every group together, in the groups' order."""
    groups: dict[str, list[Told]] = {}
    for one in told:
        groups.setdefault(one.group, []).append(one)
    return tuple(_unit(group, groups[group]) for group in sorted(groups))


def for_circle(told: Iterable[Told], circle: Circle) -> tuple[Told, ...]:
    """Give the reports that may be counted for these readers."""
    return tuple(one for one in told if circle in one.circles)


def _unit(group: str, told: list[Told]) -> Unit:
    outcome = min((one.outcome for one in told), key=_WORST.index)
    deciding = [one for one in told if one.outcome is outcome]
    rungs = [one.rung for one in deciding if one.rung is not None]
    rung = (max(rungs) if rungs else Rung.EXPOSED) if outcome is Outcome.AFFECTED else None
    deepest = [one for one in deciding if rung is None or (one.rung or Rung.EXPOSED) is rung]
    return Unit(
        group=group,
        sector=_one_of({one.sector for one in told}),
        region=_one_of({one.region for one in told}),
        # What is worst has to be verified, not something milder that the same group told as well.
        basis=Basis.VERIFIED if any(one.basis is Basis.VERIFIED for one in deepest) else Basis.REPORTED,
        outcome=outcome,
        rung=rung,
        received=min(one.received for one in told),
        week=min((one.week for one in told if one.week), default=""),
        assets={outcome: sum(one.assets.get(outcome, 0) for one in told) for outcome in Outcome},
        told=tuple(told),
    )


def _one_of(values: set[str]) -> str:
    known = values - {UNKNOWN}
    if not known:
        return UNKNOWN
    return known.pop() if len(known) == 1 else SEVERAL
