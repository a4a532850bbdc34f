"""From what workers saw to sightings of assets, and to the facts that coverage is computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.assets.sensors import sensor_of
from nachsorge.evidence.read import LOST
from nachsorge.matching.tests import CLEAN, CONTROL, Test
from nachsorge.model.assessment import Asset, CleanVersion, Hit, Sighting, Source
from nachsorge.model.pack import Exposure, Rule, Trace
from nachsorge.model.times import SECOND, Span, render
from nachsorge.model.words import SENSOR, Platform, Reason, Weight
from nachsorge.sweep.ecosystems import by_ecosystem
from nachsorge.sweep.watching import claim_of, claimed, renamed, sensors_of, strangers, unclear_watches, watches_of
from nachsorge.verdicts.coverage import Appearance, Facts, KnownGap, Observation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.assets.registry import Registry
    from nachsorge.model.evidence import Gap, Reading
    from nachsorge.sweep.outcome import Outcome


MOSTLY_READABLE = 0.05
"""A source of which a larger share is unreadable covers nothing: nobody knows what the rest was about."""

Windows: TypeAlias = Mapping[tuple[str, str], Span]
"""The hull of each stage's absolute windows, by (pack, stage); stages without any are not in it."""


@dataclass(frozen=True, slots=True)
class Attributed:
    """Everything with an owner."""

    sources: tuple[Source, ...]
    sightings: tuple[Sighting, ...]
    facts: Facts
    notes: tuple[str, ...] = ()
    clean: tuple[CleanVersion, ...] = ()


def attribute(outcomes: Sequence[Outcome], tests: Sequence[Test], registry: Registry, windows: Windows) -> Attributed:
    """Name sources and sightings, give each its asset, and turn readings into facts. Order of the input is kept."""
    observations: list[Observation] = []
    appearances: list[Appearance] = []
    gaps: list[KnownGap] = []
    sources: list[Source] = []
    for number, outcome in enumerate(outcomes, start=1):
        owners = _observe(outcome, registry, observations, appearances, gaps)
        sources.append(Source(id=f"e{number}", reading=_told(outcome.reading), assets=tuple(sorted(owners))))
    drafts = [
        draft
        for source, outcome in zip(sources, outcomes, strict=True)
        for hit in outcome.hits
        # Tests behind those of the packs are the planted ones of the positive control: anybody may write them in a log.
        if hit.test < len(tests)
        if (draft := _sighting(hit, tests[hit.test], source, registry, windows)) is not None
    ]
    clean = tuple(
        found
        for source, outcome in zip(sources, outcomes, strict=True)
        for hit in outcome.hits
        if hit.test < len(tests) and (found := _clean_version(hit, tests[hit.test], source, registry)) is not None
    )
    sightings = [replace(draft, id=f"s{number}") for number, draft in enumerate(drafts, start=1)]
    gaps += [KnownGap(reason=Reason.AMBIGUOUS, note=note, asset=one) for one, note in sorted(registry.doubts.items())]
    gaps += [
        KnownGap(reason=Reason.AMBIGUOUS, note=note, asset=one, span=span) for one, note, span in registry.maybes()
    ]
    watches, declared = watches_of(registry), sensors_of(registry)
    facts = Facts(tuple(observations), tuple(appearances), tuple(gaps), watches, declared)
    notes = (*registry.remarks, *registry.conflicts, *claimed(outcomes), *unclear_watches(registry, facts))
    told = (*_passed_over(outcomes, tests, windows), *notes, *renamed(outcomes), *strangers(outcomes, registry))
    return Attributed(tuple(sources), tuple(sightings), by_ecosystem(facts, tests, sources), told, clean)


def _told(reading: Reading) -> Reading:
    claim = claim_of(reading)
    return replace(reading, note="; ".join(filter(None, (reading.note, claim)))) if claim else reading


def _passed_over(outcomes: Sequence[Outcome], tests: Sequence[Test], windows: Windows) -> tuple[str, ...]:
    """Count the hits that are none because they lie outside the time that counts; they are not lost in silence."""
    passed = Counter(
        (_limit(hit, tests[hit.test]), _title(hit, tests[hit.test]) or tests[hit.test].value)
        for outcome in outcomes
        for hit in outcome.hits
        if hit.test < len(tests) and is_untimely(hit, tests[hit.test], windows)
    )
    return tuple(f"{count} {why} passed over: {name}" for (why, name), count in sorted(passed.items()))


def _limit(hit: Hit, test: Test) -> str:
    within = test.trace.within
    if _is_without(hit, test) and within is not None:
        return f"sightings outside {render(within.start)} to {render(within.end)}, which is all that counts,"
    return "hints outside the time of their stage"


def _is_without(hit: Hit, test: Test) -> bool:
    """Tell whether a hit lies outside the time to which the pack limits its trace."""
    within = test.trace.within
    return within is not None and hit.time is not None and not within.start <= hit.time <= within.end


def is_untimely(hit: Hit, test: Test, windows: Windows) -> bool:
    """Tell whether a hit is from a time that does not count: such a hit is no sighting.

    A trace may be limited to a time of its own; a mere hint counts within its stage's time only.
    """
    if _is_without(hit, test):
        return True
    window = windows.get((test.pack, test.trace.stage))
    if test.type == "yara":
        return False  # what a file holds has no time; the file's own is easily another
    if window is None or hit.time is None or test.trace.weight is not Weight.HINT or not test.accepts(hit.telemetry):
        return False
    return not window.start <= hit.time <= window.end


def _observe(
    outcome: Outcome,
    registry: Registry,
    observations: list[Observation],
    appearances: list[Appearance],
    gaps: list[KnownGap],
) -> set[str]:
    reading, owners = outcome.reading, set[str]()
    if not (reading.seen or reading.presence or reading.gaps):
        return owners  # nearly all files of a disk: they show what they are, and cover nothing
    sensor = sensor_of(reading.path, reading.reader)
    blind = _blind(outcome)
    for seen in reading.seen:
        host = seen.host or reading.asset
        owner = registry.host(host, reading.platform, reading.path) if host else None
        owners |= {owner} if owner else set()
        if blind:
            reason, note = blind
            gaps.append(KnownGap(reason=reason, note=note, asset=owner, telemetry=seen.telemetry))
        elif owner or seen.telemetry in SENSOR:
            at = "" if owner else sensor
            observations.append(Observation(telemetry=seen.telemetry, spans=seen.spans, asset=owner, sensor=at))
    for presence in reading.presence if not blind else ():
        for owner, span in registry.stretches(presence.address, presence.spans):
            owners.add(owner)
            appearances.append(Appearance(asset=owner, sensor=sensor, telemetry=presence.telemetry, spans=(span,)))
    gaps.extend(_gaps(reading, registry, sensor))
    return owners


def _blind(outcome: Outcome) -> tuple[Reason, str] | None:
    """Say why a source grants no coverage at all, if so: its control failed, or too much of it was unreadable."""
    reading = outcome.reading
    if outcome.control is False:
        return Reason.CONTROL_FAILED, f"the positive control of {reading.path} was not seen"
    if reading.unreadable > MOSTLY_READABLE * reading.records:
        return Reason.CORRUPT, f"{reading.unreadable} of {reading.records} records of {reading.path} were unreadable"
    return None


def _gaps(reading: Reading, registry: Registry, sensor: str) -> Iterator[KnownGap]:
    """Give a reading's gaps their asset. A gap of a source of unknown owner explains holes of its telemetry only."""
    for gap in reading.gaps:
        host = gap.host or reading.asset
        owner = registry.host(host, path=reading.path) if host else None
        telemetries = (gap.telemetry,) if gap.telemetry else reading.telemetry
        for telemetry in telemetries or ((None,) if owner else ()):
            at = "" if owner else sensor
            span = gap.span or _broken_off(reading, gap)
            yield KnownGap(reason=gap.reason, note=gap.note, asset=owner, telemetry=telemetry, span=span, sensor=at)


def _broken_off(reading: Reading, gap: Gap) -> Span | None:
    """Mark the point behind which a source was lost: a silence that begins with a known loss is not bridged."""
    if gap.reason not in LOST or reading.last is None:
        return None
    return Span(reading.last + 1, reading.last + SECOND)


def _sighting(hit: Hit, test: Test, source: Source, registry: Registry, windows: Windows) -> Sighting | None:
    if test.pack == CONTROL or test.type == CLEAN or is_untimely(hit, test, windows):
        return None
    owner = registry.attribute(hit.host or source.reading.asset, hit.addresses, hit.time, source.reading.path)
    weight, note = weigh(hit, test, registry.asset(owner))
    if weight is None:
        return None
    return Sighting(
        id="",
        pack=test.pack,
        indicator=test.value,
        type=test.type,
        stage=test.trace.stage,
        trace=test.trace.id,
        weight=weight,
        asset=owner,
        source=source.id,
        locator=hit.locator,
        telemetry=hit.telemetry,
        time=hit.time,
        fields=hit.fields,
        title=_title(hit, test),
        author=test.author,
        refutes=test.refutes,
        as_text=hit.as_text,
        note=note,
    )


def _clean_version(hit: Hit, test: Test, source: Source, registry: Registry) -> CleanVersion | None:
    """Give the date of a version that is clean on this asset's platform; where that is not known it is none."""
    if test.type != CLEAN:
        return None
    owner = registry.attribute(hit.host or source.reading.asset, hit.addresses, hit.time, source.reading.path)
    weight, _ = weigh(hit, test, registry.asset(owner))
    if weight is not Weight.PROOF:
        return None
    return CleanVersion(
        pack=test.pack,
        exposure=test.value,
        asset=owner,
        software=hit.software,
        source=source.id,
        locator=hit.locator,
        telemetry=hit.telemetry,
        time=hit.time,
    )


def _title(hit: Hit, test: Test) -> str:
    """Say in words what was met: the program at its version, the rule's title, the stored time itself."""
    match test.origin:
        case Exposure():
            return hit.software
        case Rule(title=title):
            return title
        case Trace():
            return ", ".join(f"{name} {hit.fields[name]}" for name in hit.matched if name in hit.fields)
        case _:
            return test.trace.title


def weigh(hit: Hit, test: Test, asset: Asset) -> tuple[Weight | None, str]:
    """Say what a hit is worth on this asset; None where it is no sighting at all.

    A version counts only on its own platform: 3CX 18.11.1213 is affected on macOS and clean on Windows. Where the
    platform is unknown it is a hint. In telemetry that the trace does not name, on a platform that the value is not
    published for, and outside the validity of an indicator, a hit is a hint as well.
    """
    if hit.weak:
        return Weight.HINT, hit.weak
    if not test.accepts(hit.telemetry):
        return Weight.HINT, f"met in {hit.telemetry}, which the pack does not name for this trace"
    platform: Platform | None = hit.platform or asset.platform
    if isinstance(test.origin, Exposure) and test.platform is not None:
        if platform is None:
            return Weight.HINT, f"affected on {test.platform} only; the platform of this asset is unknown"
        if platform is not test.platform:
            return None, ""
    elif test.platform is not None and platform not in (None, test.platform):
        return Weight.HINT, f"published for {test.platform}; this asset is {platform}"
    if hit.time is None and test.trace.within is not None:
        return Weight.HINT, "without a time, while only a certain time counts for this trace"
    if hit.time is not None and test.valid_until is not None and hit.time > test.valid_until:
        return Weight.HINT, "after the indicator's validity: later owners and researchers use the same values"
    if hit.time is not None and test.valid_from is not None and hit.time < test.valid_from:
        return Weight.HINT, "before the indicator's validity"
    return test.trace.weight, ""


def needs_unattributed(outcomes: Iterable[Outcome], declared: bool) -> bool:
    """Tell whether evidence without an owner needs a row of its own: nobody declared whom a sensor watches."""
    return not declared and any(
        seen.host is None and outcome.reading.asset is None for outcome in outcomes for seen in outcome.reading.seen
    )
