"""From what sources really saw to intervals and gaps per asset and telemetry.

First and last record do not prove the middle, so coverage is a set of intervals. Two silences are bridged, because a
log is not written every second: up to `SENSOR_SILENCE` on a network sensor, which hears many machines, and up to
`HOST_SILENCE` for one machine's own log or one machine's appearance at a sensor, which may be switched off at night.
Longer silences are gaps. A reader that can prove a silence complete reports it as seen (see evidence/continuity).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Asset, Coverage, Hole
from nachsorge.model.times import HOUR, Span, intersect, subtract, union
from nachsorge.model.words import SENSOR, SNAPSHOTS, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SENSOR_SILENCE = 6 * HOUR
HOST_SILENCE = 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A source saw this telemetry in these spans: of one asset, or as a `sensor` of whoever passed by."""

    telemetry: Telemetry
    spans: tuple[Span, ...]
    asset: str | None = None
    sensor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """An asset's own address appeared in a sensor's records in these spans."""

    asset: str
    sensor: str
    telemetry: Telemetry
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGap:
    """A gap that a reader reported. Empty fields mean all assets, all telemetry, an unknown span, no sensor."""

    reason: Reason
    note: str = ""
    asset: str | None = None
    telemetry: Telemetry | None = None
    span: Span | None = None
    sensor: str = ""

    def concerns(self, asset: str, telemetry: Telemetry) -> bool:
        """Tell whether it may explain a hole of this asset and telemetry."""
        return self.asset in (None, asset) and self.telemetry in (None, telemetry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """An asset had an address in a network that a sensor is declared to watch, in these spans.

    `part` is the part of the sensor's path that names it, as in `Asset.watched`.
    """

    asset: str
    telemetry: Telemetry
    part: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that coverage is computed from. No sighting is among it.

    `sensors` are those that people declare to have, as (telemetry, part of the path): with them it is known which one
    is missing.
    """

    observations: tuple[Observation, ...] = ()
    appearances: tuple[Appearance, ...] = ()
    gaps: tuple[KnownGap, ...] = ()
    watches: tuple[Watch, ...] = ()
    sensors: tuple[tuple[Telemetry, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a telemetry: the gaps that may explain a hole, and the time of each sensor without them."""

    gaps: tuple[KnownGap, ...]
    sensors: Mapping[str, tuple[Span, ...]]


class Covering:
    """The facts, sorted by whom they concern: what is the same for many assets is computed once."""

    def __init__(self, facts: Facts) -> None:
        """Sort the facts."""
        self._seen: defaultdict[str | None, list[Observation]] = defaultdict(list)
        self._appeared: defaultdict[str, list[Appearance]] = defaultdict(list)
        self._lost: defaultdict[str | None, list[KnownGap]] = defaultdict(list)
        self._watching: defaultdict[str, list[Watch]] = defaultdict(list)
        for watch in facts.watches:
            self._watching[watch.asset].append(watch)
        for observation in facts.observations:
            self._seen[observation.asset].append(observation)
        for appearance in facts.appearances:
            self._appeared[appearance.asset].append(appearance)
        for gap in facts.gaps:
            self._lost[gap.asset].append(gap)
        self._concerned = frozenset((*self._seen, *self._appeared, *self._lost, *self._watching))
        self._sensors = facts.sensors
        self._by_sensors = frozenset(observation.telemetry for observation in self._seen[None])
        self._known: dict[Telemetry, _Known] = {}
        self._alike: dict[tuple[Telemetry, tuple[str, ...], Span | None], Coverage] = {}

    def alike(self, asset: Asset) -> bool:
        """Tell whether no fact concerns this asset in particular: its coverage is that of all others like it."""
        return asset.id not in self._concerned

    def seen(self, asset: Asset) -> frozenset[Telemetry]:
        """Give the telemetry that was seen of the asset or by any sensor."""
        own = self._seen.get(asset.id)
        return self._by_sensors.union(one.telemetry for one in own) if own else self._by_sensors

    def cover(self, asset: Asset, telemetry: Telemetry, window: Span | None) -> Coverage:
        """Give what `cover` gives of all facts."""
        if not self.alike(asset):
            return _cover(asset, telemetry, self._own(asset), self._of(asset, telemetry), window)
        key = (telemetry, asset.watched, window)
        if (found := self._alike.get(key)) is None:
            found = _cover(asset, telemetry, self._own(asset), self._of(asset, telemetry), window)
            self._alike[key] = found
        return Coverage(asset=asset.id, telemetry=telemetry, intervals=found.intervals, gaps=found.gaps)

    def _own(self, asset: Asset) -> Facts:
        return Facts(
            observations=tuple(self._seen.get(asset.id, ())),
            appearances=tuple(self._appeared.get(asset.id, ())),
            watches=tuple(self._watching.get(asset.id, ())),
            sensors=self._sensors,
        )

    def _of(self, asset: Asset, telemetry: Telemetry) -> _Known:
        if own := self._lost.get(asset.id):
            return _known(asset.id, telemetry, self._seen[None], (*self._lost[None], *own))
        if telemetry not in self._known:
            self._known[telemetry] = _known(asset.id, telemetry, self._seen[None], self._lost[None])
        return self._known[telemetry]


def cover(asset: Asset, telemetry: Telemetry, facts: Facts, window: Span | None) -> Coverage:
    """Compute the intervals in which this telemetry of this asset was really seen, and the gaps within the window."""
    return _cover(asset, telemetry, facts, _known(asset.id, telemetry, facts.observations, facts.gaps), window)


def _known(asset: str, telemetry: Telemetry, observations: Iterable[Observation], gaps: Iterable[KnownGap]) -> _Known:
    known = tuple(sorted((gap for gap in gaps if gap.concerns(asset, telemetry)), key=_rank))
    return _Known(known, _sensors(telemetry, observations, known))


def _cover(asset: Asset, telemetry: Telemetry, facts: Facts, known: _Known, window: Span | None) -> Coverage:
    own = [s for o in facts.observations if o.telemetry is telemetry and o.asset == asset.id for s in o.spans]
    sensors = known.sensors
    timed = [(gap.reason, gap.span) for gap in known.gaps if gap.span is not None and not gap.sensor]
    lost = union(span for reason, span in timed if reason is not Reason.AMBIGUOUS)
    # Whose an address was is a question of what sensors saw, not of what the machine itself recorded.
    unclear = union(span for reason, span in timed if reason is Reason.AMBIGUOUS)
    bridge = 0 if telemetry in SNAPSHOTS else HOST_SILENCE
    watched = _watched(asset, telemetry, facts, sensors)
    intervals = union((*_minus(union(own, bridge), lost), *_minus(watched, unclear)))
    anyone = union(span for name in _behind(asset, telemetry, facts, sensors) for span in sensors[name])
    holes = _holes(window, intervals, anyone, known.gaps) if window else ()
    return Coverage(asset=asset.id, telemetry=telemetry, intervals=intervals, gaps=holes)


def _sensors(
    telemetry: Telemetry, observations: Iterable[Observation], known: Iterable[KnownGap]
) -> dict[str, tuple[Span, ...]]:
    """Give each sensor's time for a telemetry, its short silences bridged, its reported gaps taken out."""
    spans: dict[str, list[Span]] = {}
    for seen in observations:
        if seen.telemetry is telemetry and seen.asset is None:
            spans.setdefault(seen.sensor, []).extend(seen.spans)
    lost: defaultdict[str, list[Span]] = defaultdict(list)
    for gap in known:
        if gap.span is not None:
            lost[gap.sensor].append(gap.span)
    return {n: _minus(union(listed, SENSOR_SILENCE), union(lost[n])) for n, listed in sorted(spans.items())}


def _watched(
    asset: Asset, telemetry: Telemetry, facts: Facts, sensors: Mapping[str, Sequence[Span]]
) -> tuple[Span, ...]:
    """Give the part of the sensors' time that counts for the asset: where it appears, or where it is declared watched.

    Declared: only time in which every sensor that it could be behind was recording. Those are the ones that the
    declaration means, narrowed to those it appears at where it appears at any. Where it names none, all are meant: all
    that people declare to have, whether or not their logs are there, so that a log that is left out clears nothing;
    else all whose logs are there.
    """
    if telemetry not in SENSOR:
        return ()
    appeared: dict[str, list[Span]] = {}
    for one in facts.appearances:
        if one.asset == asset.id and one.telemetry is telemetry and one.sensor in sensors:
            appeared.setdefault(one.sensor, []).extend(one.spans)
    spans = [s for name, own in appeared.items() for s in intersect(union(own, HOST_SILENCE), sensors[name])]
    declared = sorted({part for one, part in facts.sensors if one is telemetry})
    for word in asset.watched:
        name, _, part = word.partition("@")
        if name == telemetry.value and not part and declared:
            spans += _by_all([_recorded(one, sensors) for one in declared])
        elif name == telemetry.value:
            meant = [sensor for sensor in sensors if not part or _names(part, sensor)]
            spans += _by_all([sensors[s] for s in ([s for s in meant if s in appeared] or meant)])
    for watch in facts.watches:
        if watch.asset == asset.id and watch.telemetry is telemetry:
            spans += intersect(union(watch.spans), _recorded(watch.part, sensors))
    return union(spans)


def _recorded(part: str, sensors: Mapping[str, Sequence[Span]]) -> tuple[Span, ...]:
    """Give the time that every sensor recorded which a declared part names."""
    return _by_all([spans for name, spans in sensors.items() if _names(part, name)])


def _behind(asset: Asset, telemetry: Telemetry, facts: Facts, sensors: Mapping[str, Sequence[Span]]) -> list[str]:
    """Name the sensors that the asset could be behind: where it appears or is declared watched, else all of them.

    What another site's sensor recorded meanwhile says nothing of why this asset was not seen.
    """
    parts = [part for name, at, part in (w.partition("@") for w in asset.watched) if at and name == telemetry.value]
    parts += [w.part for w in facts.watches if w.asset == asset.id and w.telemetry is telemetry]
    appeared = {one.sensor for one in facts.appearances if one.asset == asset.id and one.telemetry is telemetry}
    mine = [name for name in sensors if name in appeared or any(_names(part, name) for part in parts)]
    return mine or list(sensors)


def _names(part: str, sensor: str) -> bool:
    """Tell whether a declared part is in a sensor's path as whole words: `site-1` is not `site-10`."""
    return re.search(rf"(?<![^\W_]){re.escape(part)}(?![^\W_])", sensor) is not None


def _by_all(listed: Sequence[Sequence[Span]]) -> tuple[Span, ...]:
    """Give the time that every one of the sensors recorded; none of none."""
    common = tuple(listed[0]) if listed else ()
    for spans in listed[1:]:
        common = intersect(common, spans)
    return common


def _rank(gap: KnownGap) -> tuple[bool, Span, str, str]:
    """Sort gaps by what they say, so that the order of the evidence does not choose which reason is given."""
    return gap.span is None, gap.span or Span(0, 0), gap.reason, gap.note


def _minus(spans: Sequence[Span], lost: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(part for span in spans for part in subtract(span, lost)) if lost else tuple(spans)


def _holes(
    window: Span, intervals: Sequence[Span], sensor: Sequence[Span], known: Sequence[KnownGap]
) -> tuple[Hole, ...]:
    """Split what is not covered by reason: a reported gap, then a sensor that did not see the asset, then time."""
    holes: list[Hole] = []
    for hole in subtract(window, intervals):
        rest = [hole]
        for gap in known:
            if gap.span is not None and gap.span.overlaps(hole):
                taken = intersect(rest, [gap.span])
                holes += [Hole(span=span, reason=gap.reason, note=gap.note) for span in taken]
                rest = list(_minus(rest, [gap.span]))
        unseen = intersect(rest, sensor)
        holes += [Hole(span=span, reason=Reason.NOT_SEEN_BY_SENSOR) for span in unseen]
        holes += [_by_time(span, intervals or sensor, known) for span in _minus(rest, unseen)]
    return tuple(sorted(holes, key=lambda hole: (hole.span, hole.reason)))


def _by_time(span: Span, seen: Sequence[Span], known: Iterable[KnownGap]) -> Hole:
    spanless = next((gap for gap in known if gap.span is None), None)
    if spanless is not None:
        return Hole(span=span, reason=spanless.reason, note=spanless.note)
    if not seen:
        return Hole(span=span, reason=Reason.NOT_PROVIDED)
    inside = seen[0].start < span.start and span.end < seen[-1].end
    return Hole(span=span, reason=Reason.SILENCE if inside else Reason.OUTSIDE_SPAN)
