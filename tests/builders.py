"""Plain builders for packs, sightings and coverage: a test names only what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.assessment import Asset, Cell, Coverage, Sighting
from nachsorge.model.evidence import Reading, Seen
from nachsorge.model.pack import Claim, Indicator, Need, Option, Pack, Stage, Trace, Window
from nachsorge.model.times import HOUR, Instant, Span, parse_end, parse_instant
from nachsorge.model.words import IndicatorType, Rung, Status, Telemetry, Tlp, Weight
from nachsorge.verdicts.coverage import Facts, Observation, cover
from nachsorge.verdicts.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DNS, PROXY, PROCESS, FILES = (
    Telemetry.DNS_QUERY,
    Telemetry.PROXY,
    Telemetry.PROCESS_CREATION,
    Telemetry.FILESYSTEM,
)


def t(text: str) -> Instant:
    return parse_instant(text)


def span(start: str, end: str) -> Span:
    return Span(parse_instant(start), parse_end(end))


MARCH = span("2023-03-01", "2023-03-31")


def need(*options: Telemetry | tuple[Telemetry, ...], **more: object) -> Need:
    """Any of these; a tuple means all of its kinds together."""
    listed = tuple(Option(telemetry=one if isinstance(one, tuple) else (one,)) for one in options)
    return Need(any_of=listed, **more)  # type: ignore[arg-type]


def snapshot(telemetry: Telemetry, after: str) -> Need:
    return Need(any_of=(Option(telemetry=(telemetry,), snapshot_after=t(after)),))


def during(span: Span = MARCH, **more: object) -> Window:
    return Window(absolute=span, **more)  # type: ignore[arg-type]


def stage(id: str, rung: Rung = Rung.EXPOSED, *, needs: Iterable[Need] = (), **more: object) -> Stage:
    """Make a stage of March 2023 unless `windows` says otherwise."""
    values: dict[str, object] = {"title": id, "windows": (during(),), "needs": tuple(needs), **more}
    return Stage(id=id, rung=rung, **values)  # type: ignore[arg-type]


def pack(*stages: Stage, id: str = "incident", claims: Iterable[Claim] = (), **more: object) -> Pack:
    values: dict[str, object] = {"traces": (), "indicators": (), **more}
    return Pack(
        id=id,
        version="1",
        title=id,
        digest=f"digest of {id}",
        tlp=Tlp.CLEAR,
        stages=stages,
        claims=tuple(claims),
        **values,  # type: ignore[arg-type]
    )


def domain_pack(domain: str = "evil.example", *, window: Span | None = MARCH, weight: Weight = Weight.PROOF) -> Pack:
    """Make a pack that knows one domain; DNS over the window rules it out."""
    windows = () if window is None else (during(window),)
    contacted = stage("contacted", Rung.CONTACTED, needs=[need(DNS)], windows=windows)
    trace = Trace(id="c2", stage="contacted", weight=weight)
    return pack(
        contacted,
        traces=(trace,),
        indicators=(Indicator(type=IndicatorType.DOMAIN, value=domain, trace="c2"),),
    )


def asset(id: str = "pc1", **more: object) -> Asset:
    return Asset(id=id, **more)  # type: ignore[arg-type]


def sighting(stage: str, weight: Weight = Weight.PROOF, time: str | Instant | None = None, **more: object) -> Sighting:
    """Make a sighting; `indicator` and `locator` tell several apart."""
    values: dict[str, object] = {
        "id": f"s-{stage}-{more.get('locator', 1)}",
        "pack": "incident",
        "indicator": f"of {stage}",
        "type": "domain",
        "trace": f"trace of {stage}",
        "asset": "pc1",
        "source": "e1",
        "locator": "line 1",
        "telemetry": DNS,
        **more,
    }
    moment = t(time) if isinstance(time, str) else time
    return Sighting(stage=stage, weight=weight, time=moment, **values)  # type: ignore[arg-type]


def own(telemetry: Telemetry, *spans: Span, asset: str = "pc1") -> Observation:
    """Make what a host's own log saw."""
    return Observation(telemetry=telemetry, spans=spans, asset=asset)


def sensor(telemetry: Telemetry, name: str, *spans: Span) -> Observation:
    return Observation(telemetry=telemetry, spans=spans, sensor=name)


def covered(
    facts: Facts | Iterable[Observation] = (), one: Asset | None = None, window: Span | None = MARCH
) -> dict[Telemetry, Coverage]:
    """Compute all coverage of an asset."""
    known = facts if isinstance(facts, Facts) else Facts(observations=tuple(facts))
    return {telemetry: cover(one or asset(), telemetry, known, window) for telemetry in Telemetry}


def judged(
    incident: Pack,
    sightings: Iterable[Sighting] = (),
    facts: Facts | Iterable[Observation] = (),
    one: Asset | None = None,
) -> Mapping[str, Cell]:
    """Judge one asset; gives its cells by stage."""
    one = one or asset()
    return {cell.stage: cell for cell in judge(incident, one, sightings, covered(facts, one))}


def reading(path: str = "dns.log", **more: object) -> Reading:
    return Reading(path=path, **more)  # type: ignore[arg-type]


def dns_reading(path: str, *spans: Span, host: str | None = None, **more: object) -> Reading:
    """Make the account of a DNS log, of a sensor or of one host."""
    seen = Seen(telemetry=DNS, spans=spans, host=host, records=len(spans))
    ends = {"first": min(s.start for s in spans), "last": max(s.end for s in spans)} if spans else {}
    return reading(path, **({"reader": "zeek_tsv", "status": Status.READ, "records": 1, "seen": (seen,)} | ends | more))


def hourly(span: Span) -> tuple[Span, ...]:
    """Split a span into the hours a log would show."""
    return tuple(Span(at, at) for at in range(span.start, span.end + 1, HOUR))
