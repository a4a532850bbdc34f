"""Sources of a report in lines: small ones of one reader and asset, read whole, stand together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Source
from nachsorge.model.words import Status
from nachsorge.reports.view import sources

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment

SMALL = 20
"""Records up to which a source is small: a unit, a task, a shortcut."""
MANY = 5
"""So many small sources of one reader and asset stand in one line."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Sources in one line: one as it is, or many small ones that were read whole, without any gap or note."""

    sources: tuple[Source, ...]

    @property
    def whole(self) -> Source:
        """Give the one, or what all are together: below which folder they lie, their records, first and last time."""
        first = self.sources[0]
        if len(self.sources) == 1:
            return first
        readings = [source.reading for source in self.sources]
        times = [time for reading in readings for time in (reading.first, reading.last) if time is not None]
        together = replace(
            first.reading,
            path=_folder([reading.path for reading in readings]) + "*",
            records=sum(reading.records for reading in readings),
            first=min(times, default=None),
            last=max(times, default=None),
            sha256="",
        )
        return replace(first, reading=together)


def lots_of(assessment: Assessment) -> tuple[Lot, ...]:
    """Give the sources in the same order, many small ones of one reader and asset in one line."""
    found, apart = sources(assessment), _apart(assessment)
    alike: dict[tuple[str, tuple[str, ...]], list[Source]] = defaultdict(list)
    for source in found:
        if source.id not in apart and _small_and_whole(source):
            alike[source.reading.reader, source.assets].append(source)
    groups = {group[0].id: tuple(group) for group in alike.values() if len(group) >= MANY}
    grouped = {source.id for group in groups.values() for source in group}
    return tuple(
        Lot(groups.get(source.id, (source,))) for source in found if source.id in groups or source.id not in grouped
    )


def _apart(assessment: Assessment) -> set[str]:
    """Name the sources that people look for by themselves: something was met in them, or their control failed."""
    met = {sighting.source for sighting in assessment.sightings}
    return met | {control.source for control in assessment.controls if not control.seen}


def _small_and_whole(source: Source) -> bool:
    reading = source.reading
    clean = reading.status is Status.READ and not (
        reading.reason or reading.note or reading.unreadable or reading.unreadable_at or reading.gaps
    )
    return clean and bool(reading.reader) and len(source.assets) == 1 and reading.records <= SMALL


def _folder(paths: list[str]) -> str:
    """Give what all paths begin with, up to the end of a folder or an archive's name."""
    low, high = min(paths), max(paths)
    same = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return low[: max(low.rfind("/", 0, same), low.rfind("!", 0, same)) + 1]
