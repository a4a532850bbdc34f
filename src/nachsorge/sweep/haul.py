"""A pass over the evidence for what hosts are worth: log-ons, programs, browsers' lists, each given its asset.

The assessment does not keep such things: they are no sightings. So evidence is read once more, without sensors' logs;
what cannot be read any more is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.assets.registry import Registry, registry_of
from nachsorge.evidence.units import Unit, units
from nachsorge.model.times import Instant, render
from nachsorge.model.words import Status, Telemetry, Trait
from nachsorge.sweep.haul_tests import KERBEROS
from nachsorge.sweep.haul_work import Met, Passed, orders, passes
from nachsorge.sweep.pool import Progress
from nachsorge.verdicts.rank import FoundList, Noted, Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.assets.inventory import Inventory

_PROGRAMS = frozenset(
    {
        *(Telemetry.PROCESS_CREATION, Telemetry.PROGRAM_EXECUTION, Telemetry.FILESYSTEM),
        *(Telemetry.INSTALLED_SOFTWARE, Telemetry.SOFTWARE_INSTALL),
    }
)
_LOGONS = frozenset({4624, 4672})
_NAMED = 3
_LOST = frozenset({Status.UNREAD, Status.PARTLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """How to make the pass; see `sweep.Options`. `wanted` leaves units out (the case's own folder)."""

    now: Instant
    assets: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 0
    progress: Progress = lambda done, total, name: None
    wanted: Callable[[Unit], bool] = lambda unit: True


def profiles(
    evidence: Sequence[str], inventory: Inventory, options: Passing
) -> tuple[dict[str, Profile], tuple[str, ...]]:
    """Read the evidence and give each asset's profile, and notes on what could not be read or has no owner."""
    waiting = [unit for unit in units(evidence, options.assets) if options.wanted(unit)]
    found: list[Passed] = []
    done, total = 0, sum(unit.size for unit in waiting)
    for index, passed in passes(waiting, orders(options.now), options.jobs):
        found += passed
        done += waiting[index].size
        options.progress(done, total, waiting[index].shown)
    found.sort(key=lambda one: one.reading.path)
    registry = registry_of(inventory, [one.reading for one in found], options.assets)
    book = _Book(registry)
    for one in found:
        book.take(one)
    return book.close(), tuple(_notes(found, book))


@dataclass(slots=True)
class _Book:
    """What was noted so far, by asset."""

    registry: Registry
    noted: defaultdict[str, list[Noted]] = field(default_factory=lambda: defaultdict(list))
    lists: defaultdict[str, list[FoundList]] = field(default_factory=lambda: defaultdict(list))
    notes: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    logons: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    nobodys: list[str] = field(default_factory=list)

    def take(self, one: Passed) -> None:
        """Give everything of a source its asset."""
        path = one.reading.path
        for met in one.met:
            if owner := self._owner(met.host or one.reading.asset, path):
                self.noted[owner].append(Noted(trait=met.trait, why=_why(met), where=path))
        heard = any(logged.number in _LOGONS and logged.records for logged in one.reading.logged)
        for seen in one.reading.seen:
            owner = self._owner(seen.host or one.reading.asset, path) if seen.records else ""
            if owner and seen.telemetry is Telemetry.AUTHENTICATION and heard:
                self.logons.add(owner)
            if owner and seen.telemetry in _PROGRAMS:
                self.programs.add(owner)
        self._history(one)

    def _history(self, one: Passed) -> None:
        owner = self._owner(one.host or one.reading.asset, one.reading.path)
        if one.history is None and not one.trouble:
            return
        if not owner:
            self.nobodys.append(one.reading.path)
            return
        if one.history is not None:
            notes = (one.trouble.partition(": ")[2],) if one.trouble else ()
            found = one.history
            self.lists[owner].append(
                FoundList(
                    source=one.reading.path,
                    browser=found.browser,
                    rows=found.rows,
                    unique=found.unique,
                    notes=notes,
                )
            )
        else:
            self.notes[owner].append(f"a browser history could not be read: {one.trouble}")

    def _owner(self, host: str | None, path: str) -> str:
        return self.registry.host(host, path=path) if host else ""

    def close(self) -> dict[str, Profile]:
        """Give the profiles."""
        known = {*self.noted, *self.lists, *self.notes, *self.logons, *self.programs}
        return {
            asset: Profile(
                noted=tuple(sorted(self.noted[asset], key=lambda one: (one.trait, one.why, one.where))),
                lists=tuple(self.lists[asset]),
                logons=asset in self.logons,
                programs=asset in self.programs,
                notes=tuple(self.notes[asset]),
            )
            for asset in sorted(known)
        }


def _why(met: Met) -> str:
    times = f"{met.count} times" if met.count != 1 else "once"
    when = f", last {render(met.last)[:16]}Z" if met.last is not None else ""
    if met.trait is Trait.PRIVILEGED_LOGON:
        return f"{met.what} logged on with special privileges {times}{when}"
    if met.what == "kerberos":
        return f"{KERBEROS} ({times}{when})"
    return f"{met.what} ({times}{when})"


def _notes(found: Iterable[Passed], book: _Book) -> Iterable[str]:
    lost = [one.reading.path for one in found if one.reading.status in _LOST]
    if lost:
        yield _told(lost, "pieces of evidence could not be read, or not whole, for it")
    if book.nobodys:
        yield _told(book.nobodys, "browser histories are of nobody that is known (--asset NAME=PATH)")
    yield from book.registry.conflicts


def _told(paths: Sequence[str], what: str) -> str:
    rest = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return f"{len(paths)} {what}: {', '.join(paths[:_NAMED])}{rest}"
