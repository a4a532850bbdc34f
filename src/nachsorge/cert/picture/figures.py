"""The figures of the picture: what the CERT itself sees, before anything is protected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from nachsorge.cert.picture.intervals import Interval, jeffreys
from nachsorge.cert.picture.told import REGIONS, Basis, Outcome, Told, Unit
from nachsorge.model.words import Rung

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Line:
    """One row: verified and reported apart, and what partners alone see beside them, which is never added."""

    name: str
    verified: int
    reported: int
    partners: int = 0

    @property
    def both(self) -> int:
        """Give what is counted."""
        return self.verified + self.reported


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those that were assessed to the end are affected, and how sure that is."""

    name: str
    affected: int
    ruled_out: int
    interval: Interval | None

    @property
    def assessed(self) -> int:
        """Give the denominator: shown to be affected, or everything looked at and ruled out."""
        return self.affected + self.ruled_out


@dataclass(frozen=True, slots=True)
class Extent:
    """Assets by how far one kind of evidence was looked at."""

    name: str
    whole: int
    partly: int
    none: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one campaign."""

    total: Line
    outcomes: tuple[Line, ...]
    rungs: tuple[Line, ...]
    regions: tuple[Line, ...]
    sectors: tuple[Line, ...]
    weeks: tuple[Line, ...]
    weekless: int
    share: Share
    shares: tuple[Share, ...]
    assets: tuple[Line, ...]
    asset_rungs: tuple[Line, ...]
    coverage: tuple[Extent, ...]


def figures(
    units: Sequence[Unit], sectors: Sequence[str], partners: Iterable[tuple[str, str, str, int]] = ()
) -> Figures:
    """Work the figures out. `partners` are rung, region, sector and number of every partner's count."""
    affected = [unit for unit in units if unit.outcome is Outcome.AFFECTED]
    seen = tuple(partners)
    by_rung = {
        rung.word: _most(number for word, r, s, number in seen if word == rung.word and not r and not s)
        for rung in Rung
    }
    by_region = {name: _most(number for _, region, _, number in seen if region == name) for name in REGIONS}
    by_sector = {name: _most(number for _, _, sector, number in seen if sector == name) for name in sectors}
    weeks = _weeks(unit.week for unit in affected if unit.week)
    return Figures(
        total=_line("", units),
        outcomes=_lines([one.value for one in Outcome], units, lambda unit: unit.outcome.value),
        rungs=_lines([rung.word for rung in Rung], affected, lambda unit: unit.rung.word if unit.rung else "", by_rung),
        regions=_lines(REGIONS, affected, lambda unit: unit.region, by_region),
        sectors=_lines(sectors, affected, lambda unit: unit.sector, by_sector),
        weeks=_lines(weeks, affected, lambda unit: unit.week),
        weekless=sum(not unit.week for unit in affected),
        share=_share("", units),
        shares=tuple(_share(name, [unit for unit in units if unit.region == name]) for name in REGIONS),
        assets=_asset_lines(units),
        asset_rungs=_asset_rungs(units),
        coverage=_coverage(one for unit in units for one in unit.told),
    )


def _line(name: str, units: Iterable[Unit], partners: int = 0) -> Line:
    found = Counter(unit.basis for unit in units)
    return Line(name, found[Basis.VERIFIED], found[Basis.REPORTED], partners)


def _lines(
    names: Iterable[str], units: Sequence[Unit], place: Callable[[Unit], str], partners: dict[str, int] | None = None
) -> tuple[Line, ...]:
    found = Counter((place(unit), unit.basis) for unit in units)
    return tuple(
        Line(name, found[name, Basis.VERIFIED], found[name, Basis.REPORTED], (partners or {}).get(name, 0))
        for name in names
    )


def _share(name: str, units: Iterable[Unit]) -> Share:
    found = Counter(unit.outcome for unit in units)
    affected, ruled_out = found[Outcome.AFFECTED], found[Outcome.RULED_OUT]
    return Share(name, affected, ruled_out, jeffreys(affected, affected + ruled_out))


def _asset_lines(units: Iterable[Unit]) -> tuple[Line, ...]:
    found = Counter[tuple[Outcome, Basis]]()
    for unit in units:
        for outcome, number in unit.assets.items():
            found[outcome, unit.basis] += number
    return tuple(Line(one.value, found[one, Basis.VERIFIED], found[one, Basis.REPORTED]) for one in Outcome)


def _asset_rungs(units: Iterable[Unit]) -> tuple[Line, ...]:
    found = Counter[tuple[Rung, Basis]]()
    for unit in units:
        for one in unit.told:
            for rung, number in one.rungs.items():
                found[rung, unit.basis] += number
    return tuple(Line(rung.word, found[rung, Basis.VERIFIED], found[rung, Basis.REPORTED]) for rung in Rung)


def _coverage(told: Iterable[Told]) -> tuple[Extent, ...]:
    found: dict[str, list[int]] = {}
    for one in told:
        for name, extents in one.coverage.items():
            sums = found.setdefault(name, [0, 0, 0])
            for place, number in enumerate(extents):
                sums[place] += number
    return tuple(Extent(name, *found[name]) for name in sorted(found))


def _weeks(found: Iterable[str]) -> list[str]:
    """Give every ISO week from the first to the last, so that a quiet one is seen as such; the last 104 at most."""
    days = sorted(date.fromisoformat(f"{week}-1") for week in set(found))
    if not days:
        return []
    last = max(days[0], days[-1])
    span = min((last - days[0]).days // 7, 104)
    first = last - timedelta(weeks=span)
    return ["{}-W{:02d}".format(*(first + timedelta(weeks=n)).isocalendar()[:2]) for n in range(span + 1)]


def _most(numbers: Iterable[int]) -> int:
    """Partners may see the same organisations: the greatest number is known, their sum is not."""
    return max(numbers, default=0)
