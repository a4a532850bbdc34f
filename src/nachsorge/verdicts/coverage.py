"""From what sources really saw to intervals and gaps per asset and telemetry.

First and last record do not prove the middle, so coverage is a set of intervals. Two silences are bridged, because a
log is not written every second: up to `SENSOR_SILENCE` on a network sensor, which hears many machines, and up to
`HOST_SILENCE` for one machine's own log or one machine's appearance at a sensor, which may be switched off at night.
Longer silences are gaps. A reader that can prove a silence complete reports it as seen (see evidence/continuity).
"""

from __future__ import annotations

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
    """A source saw this telemetry in these spans: of one asset, or (None) as a sensor of whoever passed by."""

    telemetry: Telemetry
    spans: tuple[Span, ...]
    asset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """An asset's own address appeared in a sensor's records in these spans."""

    asset: str
    telemetry: Telemetry
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGap:
    """A gap that a reader reported. Empty fields mean all assets, all telemetry, an unknown span."""

    reason: Reason
    note: str = ""
    asset: str | None = None
    telemetry: Telemetry | None = None
    span: Span | None = None

    def concerns(self, asset: str, telemetry: Telemetry) -> bool:
        """Tell whether it may explain a hole of this asset and telemetry."""
        return self.asset in (None, asset) and self.telemetry in (None, telemetry)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that coverage is computed from. No sighting is among it."""

    observations: tuple[Observation, ...] = ()
    appearances: tuple[Appearance, ...] = ()
    gaps: tuple[KnownGap, ...] = ()


def cover(asset: Asset, telemetry: Telemetry, facts: Facts, window: Span | None) -> Coverage:
    """Compute the intervals in which this telemetry of this asset was really seen, and the gaps within the window."""
    known = [gap for gap in facts.gaps if gap.concerns(asset.id, telemetry)]
    own = _spans(facts, telemetry, asset.id)
    sensor = union(_spans(facts, telemetry, None), SENSOR_SILENCE)
    lost = union(gap.span for gap in known if gap.span is not None and gap.asset is not None)
    lost_at_sensor = union(gap.span for gap in known if gap.span is not None and gap.asset is None)
    bridge = 0 if telemetry in SNAPSHOTS else HOST_SILENCE
    seen_by_sensor = _minus(_watched(asset, telemetry, facts, sensor), lost_at_sensor)
    intervals = union((*_minus(union(own, bridge), lost), *seen_by_sensor))
    holes = _holes(window, intervals, sensor, known) if window else ()
    return Coverage(asset=asset.id, telemetry=telemetry, intervals=intervals, gaps=holes)


def _spans(facts: Facts, telemetry: Telemetry, asset: str | None) -> list[Span]:
    return [s for o in facts.observations if o.telemetry is telemetry and o.asset == asset for s in o.spans]


def _watched(asset: Asset, telemetry: Telemetry, facts: Facts, sensor: Sequence[Span]) -> tuple[Span, ...]:
    """Give the part of a sensor's time that counts for the asset: all of it if declared, else where it appears."""
    if telemetry not in SENSOR:
        return ()
    if telemetry in asset.watched:
        return tuple(sensor)
    appeared = (s for a in facts.appearances if a.asset == asset.id and a.telemetry is telemetry for s in a.spans)
    return intersect(union(appeared, HOST_SILENCE), sensor)


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
